//! What generations hold of the windows of budgets: taken where it fits, all of a request's or nothing.
//!
//! Over a batch, what is wanted of a window is summed. Where a sum does not fit, those who want some of that window are
//! asked one by one, in order of arrival.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Batch, Hold, desk::Desk};
use crate::store::budgets::Period;

/// What became of a request to hold something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// It holds all that it asked for.
    All {
        /// Budgets that only warn, and whose limit this went beyond.
        over: Vec<Uuid>,
    },
    /// It holds nothing more: that window has not enough left.
    Short(Short),
    /// The generation does not run any more, so that it may hold nothing.
    Ended,
}

/// The window that refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Short {
    /// Its budget.
    pub budget_id: Uuid,
    /// What is left of it, in nano-USD; below zero where more was spent than reserved.
    pub left_nano_usd: i64,
}

impl Held {
    /// It asked for nothing.
    pub const NONE: Self = Self::All { over: Vec::new() };

    /// It holds what it asked for.
    pub(super) fn is_all(&self) -> bool {
        matches!(self, Self::All { .. })
    }
}

/// One that wants to hold something.
pub(super) struct Want<'a> {
    pub generation_id: Uuid,
    pub holds: &'a [Hold],
    /// It was admitted before, and must not have ended since.
    pub runs: bool,
}

/// Those of a batch: its admissions, then its steps.
pub(super) fn wants(batch: &Batch) -> Vec<Want<'_>> {
    let begin = batch.admissions.iter().map(|admission| Want {
        generation_id: admission.id,
        holds: &admission.holds,
        runs: false,
    });
    let go_on = batch.steps.iter().map(|step| Want { generation_id: step.id, holds: &step.holds, runs: true });
    begin.chain(go_on).collect()
}

/// How much is wanted of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub period_id: Uuid,
    pub amount_nano_usd: i64,
    /// Only if it fits.
    pub hard: bool,
}

impl Hold {
    fn wanted(&self) -> Wanted {
        Wanted { period_id: self.period.id, amount_nano_usd: self.amount_nano_usd, hard: self.hard }
    }

    fn given_back(&self) -> Wanted {
        Wanted { amount_nano_usd: -self.amount_nano_usd, hard: false, ..self.wanted() }
    }
}

/// Takes what is wanted; tells of each what became of it. `ending` are the generations that end in the same
/// transaction, of which those in `holding` hold something.
pub(super) async fn take<D: Desk>(
    desk: &D,
    wants: &[Want<'_>],
    ending: &[Uuid],
    holding: &[Uuid],
) -> Result<Vec<Held>, D::Error> {
    let mut held = vec![Held::NONE; wants.len()];
    if holding.is_empty() && wants.iter().all(|want| want.holds.is_empty() && !want.runs) {
        return Ok(held);
    }
    // Generations before windows: so does recovery.
    let going_on = wants.iter().filter(|want| want.runs).map(|want| want.generation_id);
    let looked_at: BTreeSet<Uuid> = going_on.chain(ending.iter().copied()).collect();
    let running: BTreeSet<Uuid> = desk.running(&Vec::from_iter(looked_at)).await?.into_iter().collect();
    for (want, held) in wants.iter().zip(&mut held) {
        if want.runs && !running.contains(&want.generation_id) {
            *held = Held::Ended;
        }
    }

    let mut sums = BTreeMap::new();
    let mut periods: BTreeMap<Uuid, &Period> = BTreeMap::new();
    for hold in standing(wants, &held).flat_map(|(_, want)| want.holds) {
        periods.insert(hold.period.id, &hold.period);
        let sum = sums.entry(hold.period.id).or_insert_with(|| Wanted { amount_nano_usd: 0, ..hold.wanted() });
        sum.amount_nano_usd += hold.amount_nano_usd;
        sum.hard |= hold.hard;
    }
    desk.open(&Vec::from_iter(periods.into_values()), holding).await?;
    let fitting: BTreeSet<Uuid> = desk.hold(&Vec::from_iter(sums.values().copied())).await?.into_iter().collect();
    let tight: Vec<Uuid> = sums.keys().copied().filter(|id| !fitting.contains(id)).collect();
    if !tight.is_empty() {
        // A window that is still not there has lost its budget: nobody is bound by it.
        let tight: BTreeSet<Uuid> = desk.left(&tight).await?.into_iter().map(|(id, _)| id).collect();
        take_one_by_one(desk, wants, &mut held, &fitting, &tight).await?;
    }
    let soft: Vec<Uuid> = sums.values().filter(|sum| !sum.hard).map(|sum| sum.period_id).collect();
    if !soft.is_empty() {
        for (period_id, left) in desk.left(&soft).await? {
            note_overruns(wants, &mut held, period_id, left);
        }
    }
    Ok(held)
}

fn standing<'a, 'b>(wants: &'a [Want<'b>], held: &[Held]) -> impl Iterator<Item = (usize, &'a Want<'b>)> {
    let stands: Vec<bool> = held.iter().map(Held::is_all).collect();
    wants.iter().enumerate().filter(move |(at, _)| stands[*at])
}

async fn take_one_by_one<D: Desk>(
    desk: &D,
    wants: &[Want<'_>],
    held: &mut [Held],
    fitting: &BTreeSet<Uuid>,
    tight: &BTreeSet<Uuid>,
) -> Result<(), D::Error> {
    for (at, want) in standing(wants, held).collect::<Vec<_>>() {
        let scarce = |hold: &&Hold| tight.contains(&hold.period.id);
        let mut asked: Vec<Wanted> = want.holds.iter().filter(scarce).map(Hold::wanted).collect();
        asked.sort_unstable_by_key(|wanted| wanted.period_id);
        if asked.is_empty() {
            continue;
        }
        let got: BTreeSet<Uuid> = desk.hold(&asked).await?.into_iter().collect();
        let Some(short) = want.holds.iter().filter(scarce).find(|hold| !got.contains(&hold.period.id)) else {
            continue;
        };
        let has = |hold: &&Hold| fitting.contains(&hold.period.id) || got.contains(&hold.period.id);
        let mut back: Vec<Wanted> = want.holds.iter().filter(has).map(Hold::given_back).collect();
        back.sort_unstable_by_key(|wanted| wanted.period_id);
        desk.hold(&back).await?;
        let left = desk.left(&[short.period.id]).await?;
        let left_nano_usd = left.first().map_or(0, |(_, left)| *left);
        held[at] = Held::Short(Short { budget_id: short.period.budget_id, left_nano_usd });
    }
    Ok(())
}

/// Tells those who went beyond the limit of a window that only warns. `left` is what all of them left.
fn note_overruns(wants: &[Want<'_>], held: &mut [Held], period_id: Uuid, left: i64) {
    let mut left = left;
    for (want, held) in wants.iter().zip(held).rev() {
        let Held::All { over } = held else { continue };
        for hold in want.holds.iter().filter(|hold| hold.period.id == period_id) {
            if left < 0 {
                over.push(hold.period.budget_id);
            }
            left += hold.amount_nano_usd;
        }
    }
}
