//! Finds the quoted code again (DESIGN §3.6): what is not there is not reported.

use std::sync::Arc;

use crate::change::{FileChange, Fragment, Text};

use super::{Claim, DropReason, Location, RawClaim, Scope, Taxonomy};

mod close;
mod edits;
mod files;
mod quote;
mod search;

use edits::Edits;
use quote::Quote;

/// Turns a raw claim into one that stands in the code, or says why it goes.
///
/// The quote is searched in the new text: exactly, then with white space folded, then
/// with parts left out (`…`), then among the lines that the change removed, then close
/// enough (see `close`). The span found keeps its exact columns and has no white space
/// at its ends. The model's line decides among equal places alone: the nearest of those
/// in the change, unless it names a place outside exactly.
///
/// A quote of removed code stands on the line that took its place: the first added line
/// of the same edit, else the line behind the removal, else the one before it. Its
/// [`Claim::quote`] is that line's text, since the removed one is not there.
///
/// A quote without three word characters says nothing about its place: it must stand on
/// the line that the model names. Without any quote there is nothing to find, and the
/// claim goes.
///
/// With [`Scope::Diff`] the span must touch an added line, or a line next to one or more
/// lines that were removed with nothing put in their place. The span is not clamped.
///
/// Severity, category and rule come out within `taxonomy`; `default_role` is taken
/// where the claim names none.
///
/// # Errors
/// The reason to count.
pub fn anchor(
    raw: &RawClaim,
    backend: &str,
    default_role: &str,
    files: &[Arc<FileChange>],
    scope: Scope,
    taxonomy: &Taxonomy,
) -> Result<Claim, DropReason> {
    let quote = Quote::new(&raw.quote);
    let file = files::find(&raw.file, &quote, files).ok_or(DropReason::UnknownFile)?;
    let edits = Edits::of(file);
    let found = locate(raw, &quote, file, &edits, scope).ok_or(DropReason::QuoteNotFound)?;
    let (location, text) = found
        .place
        .location(file)
        .ok_or(DropReason::QuoteNotFound)?;
    if scope == Scope::Diff && !edits.touch(location.start_line, location.end_line) {
        return Err(DropReason::OutsideChange);
    }
    let rule = taxonomy.normalize(&raw.rule, &raw.category);
    let suggestion = raw
        .suggestion
        .as_deref()
        .filter(|_| found.whole)
        .map(quote::replacement)
        .filter(|suggestion| !suggestion.is_empty() && suggestion != text);
    Ok(Claim {
        backend: backend.to_owned(),
        role: raw.role.clone().unwrap_or_else(|| default_role.to_owned()),
        quote: text.to_owned(),
        location,
        severity: rule.bound(raw.severity),
        category: rule.category.clone(),
        rule: rule.slug.clone(),
        title: raw.title.clone(),
        message: raw.message.clone(),
        suggestion,
        confidence: raw.confidence,
    })
}

/// The code that a quote stands for, searched in each of `files` as a claim's quote is, in
/// the change and around it; the exact text of the file there. None where it is in none of
/// them, or says nothing about its place.
pub fn find_quote(written: &str, files: &[Arc<FileChange>]) -> Option<String> {
    let quote = Quote::new(written);
    let place_in = |file: &&Arc<FileChange>| {
        let raw = RawClaim::default();
        let found = locate(&raw, &quote, file, &Edits::of(file), Scope::Files)?;
        let (_, text) = found.place.location(file)?;
        Some(text.to_owned())
    };
    // To the letter first: what is close enough in one file may be exact in the next.
    let exact = |file: &&&Arc<FileChange>| !search::exact(&file.new, &quote).is_empty();
    let mut to_the_letter = files.iter().filter(|file| exact(&file));
    to_the_letter
        .find_map(|file| place_in(&file))
        .or_else(|| files.iter().find_map(|file| place_in(&file)))
}

/// Whether lines of the file's new text are touched by its hunks, as [`Scope::Diff`] has it.
pub(super) fn touches(file: &FileChange, first: u32, last: u32) -> bool {
    Edits::of(file).touch(first, last)
}

/// A span of a file's new text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// Index into [`Text::fragments`].
    fragment: usize,
    /// First byte in the fragment's text.
    start: usize,
    /// Byte behind the last one.
    end: usize,
    /// Line of `start`, from 1.
    first_line: u32,
    /// Line of the last byte, from 1.
    last_line: u32,
}

impl Place {
    fn new(index: usize, fragment: &Fragment, start: usize, end: usize) -> Self {
        Self {
            fragment: index,
            start,
            end,
            first_line: fragment.line_at(start).0,
            last_line: fragment.line_at(end.max(start + 1) - 1).0,
        }
    }

    /// The line's text without white space around it.
    fn of_line(text: &Text, number: u32) -> Option<Self> {
        text.fragments()
            .iter()
            .enumerate()
            .find_map(|(index, fragment)| {
                let line = fragment.line(number)?;
                let offset = line.as_ptr() as usize - fragment.text.as_ptr() as usize;
                let trimmed = line.trim();
                let start = offset + (line.len() - line.trim_start().len());
                Some(if trimmed.is_empty() {
                    Self {
                        fragment: index,
                        start: offset,
                        end: offset,
                        first_line: number,
                        last_line: number,
                    }
                } else {
                    Self::new(index, fragment, start, start + trimmed.len())
                })
            })
    }

    /// The location with its columns, and the text there.
    fn location<'f>(&self, file: &'f FileChange) -> Option<(Location, &'f str)> {
        let fragment = file.new.fragments().get(self.fragment)?;
        let text = fragment.text.get(self.start..self.end)?;
        let column = |offset: usize, within: usize| {
            let (_, line) = fragment.line_at(within);
            let before = fragment.text.get(line..offset)?.chars().count();
            u32::try_from(before + 1).ok()
        };
        let location = Location {
            path: file.path.clone(),
            start_line: self.first_line,
            start_column: column(self.start, self.start)?,
            end_line: self.last_line,
            end_column: column(self.end, self.end.max(self.start + 1) - 1)?,
        };
        Some((location, text))
    }
}

/// A way to find a quote in a text: all equal places.
type Search = fn(&Text, &Quote) -> Vec<Place>;

/// A place, and whether all of the quote is there.
struct Found {
    place: Place,
    /// Whether a suggestion for the quote can replace the text at the place.
    whole: bool,
}

fn locate(
    raw: &RawClaim,
    quote: &Quote,
    file: &FileChange,
    edits: &Edits<'_>,
    scope: Scope,
) -> Option<Found> {
    let text = &file.new;
    if quote.is_empty() {
        return None;
    }
    if quote.is_trivial() {
        let line = raw.line?;
        let places = search::exact(text, quote);
        let place = places.into_iter().find(|place| place.first_line == line)?;
        return Some(Found { place, whole: true });
    }
    let choose = |places: Vec<Place>| choose(places, raw.line, edits, scope);
    let removed = || {
        let line = edits.neighbour_of(quote, raw.line, text)?;
        Some(Found {
            place: Place::of_line(text, line)?,
            whole: false,
        })
    };
    let searches: [(Search, bool); 3] = [
        (search::exact, true),
        (search::folded, true),
        (search::elided, false),
    ];
    for (search, whole) in searches {
        if let Some(place) = choose(search(text, quote)) {
            // The same text was removed elsewhere: that is what the claim is about.
            let outside = scope == Scope::Diff && !edits.touch(place.first_line, place.last_line);
            let moved = if outside { removed() } else { None };
            return Some(moved.unwrap_or(Found { place, whole }));
        }
    }
    removed()
        .or_else(|| choose(close::search(text, quote)).map(|place| Found { place, whole: true }))
}

/// The place that a claim means among equal ones.
fn choose(places: Vec<Place>, line: Option<u32>, edits: &Edits<'_>, scope: Scope) -> Option<Place> {
    let distance = |place: &Place| match line {
        None => 0,
        Some(line) if line < place.first_line => place.first_line - line,
        Some(line) => line.saturating_sub(place.last_line),
    };
    let named = |place: &Place| line == Some(place.first_line);
    places.into_iter().min_by_key(|place| {
        let outside = scope == Scope::Diff
            && !named(place)
            && !edits.touch(place.first_line, place.last_line);
        (outside, distance(place), place.fragment, place.start)
    })
}
