//! The cells that are in use: found by what they count, and forgotten when they have nothing to remember.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher as _,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use uuid::Uuid;

use super::cell::Cell;

/// Maps behind locks of their own, so that requests seldom meet at one.
const SHARDS: usize = 16;
/// How many cells a map has before it looks for idle ones.
const FEW: usize = 64;

/// Whose counts a cell holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Whose {
    Key(String),
    Project(Uuid),
    EndUser(Uuid, String),
    Model(String),
}

/// All cells.
pub(super) struct Table {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
}

struct Shard {
    cells: HashMap<Whose, Arc<Cell>>,
    /// How many cells there are when idle ones are next looked for.
    sweep_at: usize,
}

impl Table {
    pub(super) fn new() -> Self {
        let shard = || Mutex::new(Shard { cells: HashMap::new(), sweep_at: FEW });
        Self { shards: std::array::from_fn(|_| shard()), hasher: RandomState::new() }
    }

    /// The cell that counts this; a new one where there is none. Each look-up costs the same on average: idle cells
    /// are dropped when the map has doubled since that was done last.
    pub(super) fn cell(&self, whose: Whose, now: Duration) -> Arc<Cell> {
        let at = usize::try_from(self.hasher.hash_one(&whose) % SHARDS as u64).expect("less than there are shards");
        let mut shard = self.shards[at].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = shard.cells.get(&whose) {
            return Arc::clone(cell);
        }
        if shard.cells.len() >= shard.sweep_at {
            // Whoever holds a cell got it under this lock, so one that nobody holds stays unheld while we look.
            shard.cells.retain(|_, cell| Arc::strong_count(cell) > 1 || !cell.lock().is_idle(now));
            shard.sweep_at = FEW.max(2 * shard.cells.len());
        }
        Arc::clone(shard.cells.entry(whose).or_default())
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap().cells.len()).sum()
    }
}
