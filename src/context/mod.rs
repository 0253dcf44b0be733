//! Packets: pieces of a change, with what surrounds them, that fit a model.

use std::ops::RangeInclusive;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::change::FileChange;

/// `[packets]`: how a change is cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Tokens that a packet may have at most, whatever the crew could read: attention falls with length.
    pub max_tokens: usize,
    /// Unchanged lines shown before and after a hunk where no enclosing function is found.
    pub context_lines: u32,
    /// Lines of an enclosing function or section shown at most around a hunk.
    pub max_enclosing_lines: u32,
}

/// A piece of a change with its context: the unit of one call.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Stable name made from the content; the same piece has the same id in every run.
    pub id: String,
    /// The files and lines in it, in the order of the change.
    pub slices: Vec<Slice>,
    /// What a model reads, fenced: see `context::render`.
    pub text: Arc<str>,
    /// Estimated tokens of `text`.
    pub tokens: usize,
}

/// The part of one file that a packet holds.
#[derive(Clone, Debug)]
pub struct Slice {
    /// The file.
    pub file: Arc<FileChange>,
    /// Lines of the new text that the packet shows, from 1, ascending, apart.
    pub shown: Vec<RangeInclusive<u32>>,
}
