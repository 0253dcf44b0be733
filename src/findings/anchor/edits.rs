//! Where a file was changed, and what stood in the places of removals.

use std::borrow::Cow;

use bstr::ByteSlice as _;

use crate::change::{FileChange, Hunk, LineKind, Text};

use super::quote::{Quote, is_trivial};
use super::search::Squeezed;

/// The edits of a file, in order.
pub(super) struct Edits<'f> {
    hunks: &'f [Hunk],
    /// Numbers of added lines, ascending.
    added: Vec<u32>,
    /// Lines of the new text next to a removal that nothing replaced, ascending.
    beside: Vec<u32>,
}

/// One run of removed and added lines.
#[derive(Clone, Copy, Debug)]
struct Edit {
    /// The new line before it; 0 at the file's start.
    before: u32,
    /// The new line behind it, which may be past the end.
    behind: u32,
    first_added: Option<u32>,
}

impl<'f> Edits<'f> {
    pub(super) fn of(file: &'f FileChange) -> Self {
        let mut beside = Vec::new();
        for hunk in &file.hunks {
            for (edit, removed) in edits(hunk) {
                if removed && edit.first_added.is_none() {
                    beside.extend([edit.before, edit.behind]);
                }
            }
        }
        Self {
            hunks: &file.hunks,
            added: file.added_lines().collect(),
            beside,
        }
    }

    /// Whether a span of lines belongs to the change.
    pub(super) fn touch(&self, first: u32, last: u32) -> bool {
        [&self.added, &self.beside].into_iter().any(|lines| {
            let next = lines.partition_point(|line| *line < first);
            lines.get(next).is_some_and(|line| *line <= last)
        })
    }

    /// The line of the new text that stands for a quote of removed code; of several
    /// the one nearest to `line`.
    pub(super) fn neighbour_of(
        &self,
        quote: &Quote,
        line: Option<u32>,
        text: &Text,
    ) -> Option<u32> {
        let wanted: Vec<_> = quote
            .removed
            .iter()
            .chain(&quote.texts)
            .filter(|wanted| !is_trivial(wanted))
            .map(|wanted| Squeezed::of(wanted).text)
            .collect();
        self.hunks
            .iter()
            .flat_map(|hunk| removals(hunk, &wanted))
            .filter_map(|edit| edit.neighbour(text))
            .min_by_key(|at| (line.map_or(0, |line| line.abs_diff(*at)), *at))
    }
}

impl Edit {
    /// The line that stands for what was removed.
    fn neighbour(self, text: &Text) -> Option<u32> {
        let has_text = |number: &u32| {
            text.line(*number)
                .is_some_and(|line| !line.trim().is_empty())
        };
        let sides = [self.behind, self.before];
        self.first_added
            .or_else(|| sides.into_iter().find(has_text))
            .or_else(|| {
                sides
                    .into_iter()
                    .find(|number| text.line(*number).is_some())
            })
    }
}

/// Each run of a hunk, and whether it removes lines.
fn edits(hunk: &Hunk) -> Vec<(Edit, bool)> {
    let mut edits: Vec<(Edit, bool)> = Vec::new();
    // An empty side begins at the line before it.
    let mut next = hunk.new_start + u32::from(hunk.new_count == 0);
    let mut in_edit = false;
    for line in &hunk.lines {
        if line.kind == LineKind::Context {
            in_edit = false;
            next = line.number + 1;
            continue;
        }
        if !in_edit {
            in_edit = true;
            let edit = Edit {
                before: next.saturating_sub(1),
                behind: next,
                first_added: None,
            };
            edits.push((edit, false));
        }
        if let Some((edit, removed)) = edits.last_mut() {
            if line.kind == LineKind::Added {
                edit.first_added.get_or_insert(line.number);
                next = line.number + 1;
                edit.behind = next;
            } else {
                *removed = true;
            }
        }
    }
    edits
}

/// The edits of a hunk that removed any of the wanted texts (without white space).
fn removals(hunk: &Hunk, wanted: &[String]) -> Vec<Edit> {
    let edits = edits(hunk);
    if !edits.iter().any(|(_, removed)| *removed) {
        return Vec::new();
    }
    // The old side, with the edit that each of its lines went in.
    let mut old = String::new();
    let mut ends = Vec::new();
    let mut edit = 0;
    let mut in_edit = false;
    for line in &hunk.lines {
        let context = line.kind == LineKind::Context;
        if in_edit && context {
            edit += 1;
        }
        in_edit = !context;
        if line.kind != LineKind::Added {
            let text: Cow<'_, str> = line.text.to_str_lossy();
            old.extend(text.chars().filter(|ch| !ch.is_whitespace()));
            ends.push((old.len(), (!context).then_some(edit)));
        }
    }
    let hit = |text: &String| {
        old.match_indices(text.as_str()).find_map(|(start, _)| {
            let first = ends.partition_point(|(end, _)| *end <= start);
            let last = ends.partition_point(|(end, _)| *end < start + text.len());
            ends.get(first..=last)?.iter().find_map(|(_, edit)| *edit)
        })
    };
    wanted
        .iter()
        .filter_map(hit)
        .filter_map(|index| edits.get(index).map(|(edit, _)| *edit))
        .collect()
}
