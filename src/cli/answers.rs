//! Where a review's answers come from.

use std::sync::Arc;

use super::args::Review;
use super::crew::Backends;
use super::error::Error;
use super::recipe::Recipe;
use crate::backends::{self, Mode, Settings, Tape};

/// Where answers come from.
pub(super) enum Answers<'r> {
    /// From those that are asked.
    Live,
    /// The same with a folder: to it, or from it.
    Folder(Arc<Tape>, Mode),
    /// From a run that was: nobody is asked.
    Run(&'r Recipe),
    /// From parts of a run; of those that are here as they were there, also what no part has.
    Parts(&'r Recipe, &'r Backends),
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

    /// Backends that were there when the answers were given, as far as settings may not name them;
    /// none where those of this machine are asked.
    pub(super) fn known(&self) -> Result<Option<Vec<(String, Settings)>>, Error> {
        let names = match self {
            Self::Folder(tape, Mode::Replay) => on_tape(tape)?,
            Self::Run(recipe) | Self::Parts(recipe, _) => {
                let names = recipe.backends.iter().map(|one| one.name.clone());
                let settings = |name: &String| {
                    let mut found = recipe.found.iter();
                    found
                        .find(|(one, _)| one == name)
                        .map(|(_, one)| one.clone())
                };
                let known = names.map(|name| (settings(&name), name));
                let known = known.map(|(one, name)| (name, one.unwrap_or_default()));
                return Ok(Some(known.collect()));
            }
            Self::Folder(_, Mode::Record) | Self::Live => return Ok(None),
        };
        let backends = names.into_iter().map(|name| (name, Settings::default()));
        Ok(Some(backends.collect()))
    }

    /// Whether nobody is asked.
    pub(super) fn is_replay(&self) -> bool {
        matches!(
            self,
            Self::Folder(_, Mode::Replay) | Self::Run(_) | Self::Parts(..)
        )
    }

    /// The run whose answers they are.
    pub(super) fn recipe(&self) -> Option<&Recipe> {
        match self {
            Self::Run(recipe) | Self::Parts(recipe, _) => Some(recipe),
            Self::Live | Self::Folder(..) => None,
        }
    }
}

/// Names that a tape knows: they were found on the machine that recorded it, which may have others
/// than this one.
fn on_tape(tape: &Tape) -> Result<Vec<String>, Error> {
    let mut names = tape
        .backends()
        .map_err(|error| Error::Usage(error.to_string()))?;
    names.sort_by_key(|name| backends::detection_rank(name));
    Ok(names)
}
