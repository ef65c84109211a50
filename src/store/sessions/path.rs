//! The way from a leaf to the root, as runs of branches.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::Store;
use crate::{
    error::Error,
    store::entity::{messages, session_branches},
};

/// The messages from the root to a leaf.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// Runs from the root on; each is a branch and its first and last depth on this way. Depths count from 1 and
    /// have no gaps.
    pub(super) runs: Vec<Run>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) branch: Uuid,
    pub(super) first: i32,
    pub(super) last: i32,
}

impl Path {
    /// The number of messages on it.
    pub fn length(&self) -> u32 {
        self.runs.last().map_or(0, |run| run.last.unsigned_abs())
    }
}

impl Store {
    /// The way to a message; `None` where the session has no such message. Costs as much as the session has branches,
    /// however many messages they hold.
    pub async fn path(&self, session_id: Uuid, leaf: Uuid) -> Result<Option<Path>, Error> {
        let leaf = messages::Entity::find_by_id((session_id, leaf)).one(&self.0.readers).await.map_err(Error::books)?;
        let Some(leaf) = leaf else { return Ok(None) };
        let branches = session_branches::Entity::find()
            .filter(session_branches::Column::SessionId.eq(session_id))
            .all(&self.0.readers)
            .await
            .map_err(Error::books)?;
        Ok(Some(Path { runs: trace(&branches, leaf.branch_id, leaf.depth) }))
    }
}

/// The runs from the root to that depth of a branch.
fn trace(branches: &[session_branches::Model], leaf: Uuid, depth: i32) -> Vec<Run> {
    let branches: HashMap<_, _> = branches.iter().map(|branch| (branch.id, branch)).collect();
    let (mut runs, mut next, mut last) = (Vec::new(), Some(leaf), depth);
    while let Some(branch) = next.and_then(|id| branches.get(&id)) {
        runs.push(Run { branch: branch.id, first: branch.fork_depth + 1, last });
        (next, last) = (branch.parent_id, branch.fork_depth);
    }
    runs.reverse();
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_cut_where_branches_fork() {
        let [session_id, a, b, c] = [(); 4].map(|()| Uuid::now_v7());
        let branch = |id, parent_id, fork_depth, tip_depth| session_branches::Model {
            id,
            session_id,
            parent_id,
            fork_depth,
            tip_depth,
        };
        // c forks from b at 7, b from a at 4.
        let branches = [branch(a, None, 0, 10), branch(b, Some(a), 4, 9), branch(c, Some(b), 7, 8)];
        let run = |branch, first, last| Run { branch, first, last };
        assert_eq!(trace(&branches, c, 8), [run(a, 1, 4), run(b, 5, 7), run(c, 8, 8)]);
        assert_eq!(trace(&branches, b, 6), [run(a, 1, 4), run(b, 5, 6)]);
        assert_eq!(trace(&branches, a, 2), [run(a, 1, 2)]);
    }
}
