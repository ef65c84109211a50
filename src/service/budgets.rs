//! Budgets on the way of a request: which ones bind it, what it holds of them, and what they say.
//!
//! Which budgets there are is kept in memory, so that a request that falls under none costs a look and no SQL. What is
//! spent of them stands in the database alone, where it is exact for any number of processes.

mod lease;
mod words;

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use uuid::Uuid;

pub(super) use self::lease::{Lease, Wish};
use super::{Caller, Gateway, Key, clock::now_ms};
use crate::{
    config::Unpriced,
    error::Error,
    pb::{self, BudgetScope},
    store::budgets::{BudgetRecord, Period, Spending, end_user_as_kept},
};

/// The budgets of all projects, as they were a moment ago.
#[derive(Default)]
pub struct Budgets {
    current: ArcSwap<Snapshot>,
}

#[derive(Default)]
struct Snapshot {
    /// What the database was marked with before this was read.
    mark: (i64, i64),
    projects: HashMap<Uuid, OfProject>,
}

/// The budgets of one project.
#[derive(Default)]
struct OfProject {
    /// Those that bind all its requests.
    all: Vec<Arc<BudgetRecord>>,
    /// Those that each end user has alone.
    each_end_user: Vec<Arc<BudgetRecord>>,
    of_key: HashMap<String, Vec<Arc<BudgetRecord>>>,
    of_end_user: HashMap<String, Vec<Arc<BudgetRecord>>>,
}

impl Budgets {
    /// The budgets that bind a request of this key in the name of this end user, who may be nobody.
    pub fn binding(&self, key: &Key, end_user: &str) -> Vec<Arc<BudgetRecord>> {
        let snapshot = self.current.load();
        let Some(project) = snapshot.projects.get(&key.project_id) else { return Vec::new() };
        let mut binding = project.all.clone();
        binding.extend(project.of_key.get(&key.id).into_iter().flatten().cloned());
        if !end_user.is_empty() {
            binding.extend(project.each_end_user.iter().cloned());
            binding.extend(project.of_end_user.get(&*end_user_as_kept(end_user)).into_iter().flatten().cloned());
        }
        binding
    }
}

impl Snapshot {
    fn of(mark: (i64, i64), budgets: Vec<BudgetRecord>) -> Self {
        let mut projects: HashMap<Uuid, OfProject> = HashMap::new();
        for budget in budgets {
            let project = projects.entry(budget.project_id).or_default();
            let place = match budget.scope {
                BudgetScope::Key => project.of_key.entry(budget.key_id.clone()).or_default(),
                BudgetScope::EndUser if budget.end_user.is_empty() => &mut project.each_end_user,
                BudgetScope::EndUser => project.of_end_user.entry(budget.end_user.clone()).or_default(),
                // One whose scope a later version knows binds all rather than nobody.
                BudgetScope::Project | BudgetScope::Unspecified => &mut project.all,
            };
            place.push(Arc::new(budget));
        }
        Self { mark, projects }
    }
}

impl Gateway {
    /// Takes over the budgets of the database.
    pub async fn load_budgets(&self) -> Result<(), Error> {
        // The mark first: what changes in between is then taken over the next time.
        let mark = self.store.budgets_mark().await?;
        let budgets = self.store.all_budgets().await?;
        self.budgets.current.store(Arc::new(Snapshot::of(mark, budgets)));
        Ok(())
    }

    /// Sees to it that what other processes do to budgets counts here too, until the gateway stops.
    pub async fn keep_budgets_fresh(self) {
        self.keep_fresh("budgets", || self.refresh_budgets()).await;
    }

    async fn refresh_budgets(&self) -> Result<(), Error> {
        if self.store.budgets_mark().await? == self.budgets.current.load().mark {
            return Ok(());
        }
        self.load_budgets().await
    }

    /// The budgets that bind a caller, and what is gone of their windows now.
    pub(super) async fn standing_budgets(
        &self,
        caller: &Caller,
        end_user: &str,
    ) -> Result<Vec<(Arc<BudgetRecord>, Spending)>, Error> {
        let (binding, now) = (self.budgets.binding(&caller.key, end_user), now_ms());
        let periods: Vec<Uuid> = binding.iter().map(|budget| Period::of(budget, end_user, now).id).collect();
        let spending = self.store.periods_spending(&periods).await?;
        let gone = |period: &Uuid| spending.get(period).copied().unwrap_or_default();
        Ok(binding.into_iter().zip(periods.iter().map(gone)).collect())
    }

    /// What each budget would say to a request that reserves so much; `None` is unknown.
    pub(super) async fn budget_verdicts(
        &self,
        caller: &Caller,
        end_user: &str,
        reserve_nano_usd: Option<i64>,
    ) -> Result<Vec<pb::Verdict>, Error> {
        let now = now_ms();
        let standing = self.standing_budgets(caller, end_user).await?;
        let unpriced = reserve_nano_usd.is_none() && self.config.routing.unpriced != Unpriced::Allow;
        let verdict = |(budget, gone): &(Arc<BudgetRecord>, Spending)| {
            words::verdict(budget, *gone, reserve_nano_usd.unwrap_or(0), unpriced, now)
        };
        Ok(standing.iter().map(verdict).collect())
    }
}
