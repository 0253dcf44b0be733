//! Where a review's answers come from.

use std::sync::Arc;

use super::args::Review;
use super::error::Error;
use super::recipe::Recipe;
use crate::backends::{Mode, Tape};

/// Where answers come from.
pub(super) enum Answers<'r> {
    /// From those that are asked.
    Live,
    /// The same with a folder: to it, or from it.
    Folder(Arc<Tape>, Mode),
    /// From a run that the store knows.
    Run(&'r Recipe),
}

impl Answers<'_> {
    /// What the flags say.
    pub(super) fn of(review: &Review) -> Result<Self, Error> {
        let opened = match (&review.record, &review.replay) {
            (Some(dir), _) => Tape::record(dir).map(|tape| (tape, Mode::Record)),
            (_, Some(dir)) => Tape::replay(dir).map(|tape| (tape, Mode::Replay)),
            (None, None) => return Ok(Self::Live),
        };
        match opened {
            Ok((tape, mode)) => Ok(Self::Folder(Arc::new(tape), mode)),
            Err(error) => Err(Error::Usage(error.to_string())),
        }
    }

    /// Whether nobody is asked.
    pub(super) fn is_replay(&self) -> bool {
        matches!(self, Self::Folder(_, Mode::Replay) | Self::Run(_))
    }
}
