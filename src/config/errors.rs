//! What is wrong with a configuration, all of it at once, shown as compilers do.

use std::fmt::{self, Write as _};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::mask;
use super::source::{Layer, Origin, Place, Source};

/// Problems that are shown in full; of more there is only the count.
const SHOWN: usize = 100;

/// Everything that is wrong, in the order of layers and lines; at least one problem.
#[derive(Clone, Debug)]
pub struct Errors {
    /// One entry for each problem.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The dotted key; empty where a whole file is meant.
    pub key: String,
    /// Where.
    pub origin: Origin,
    /// What is wrong, in one line, with the offending key or value (a key is never shown).
    pub message: String,
    /// What would be right.
    pub expected: Option<String>,
    /// What to do: the nearest name, the place of a contradiction.
    pub help: Option<String>,
    excerpt: Option<Excerpt>,
}

/// The line that a problem points to.
#[derive(Clone, Debug)]
struct Excerpt {
    text: String,
    start: usize,
    end: usize,
}

/// A problem on its way to [`Errors`].
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) key: String,
    pub(super) place: Place,
    pub(super) message: String,
    pub(super) expected: Option<String>,
    pub(super) help: Option<String>,
}

impl Draft {
    pub(super) fn new(key: impl Into<String>, place: Place, message: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            place,
            message: message.into(),
            expected: None,
            help: None,
        }
    }

    pub(super) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    pub(super) fn help(mut self, help: impl Into<Option<String>>) -> Self {
        self.help = help.into();
        self
    }

    fn finish(self, sources: &[Source], masked: &[String]) -> Option<Problem> {
        let source = sources.get(self.place.source)?;
        Some(Problem {
            key: self.key,
            origin: source.origin(self.place.start),
            message: self.message,
            expected: self.expected,
            help: self.help,
            excerpt: Excerpt::new(source, masked.get(self.place.source)?, self.place),
        })
    }
}

impl Excerpt {
    /// The first line of the place; `masked` is the source's text without keys, byte for byte.
    fn new(source: &Source, masked: &str, place: Place) -> Option<Self> {
        let (start, raw) = source.line_text(source.line(place.start));
        let text = masked.get(start..start + raw.len())?;
        let within = |at: usize| {
            let at = at.saturating_sub(start).min(text.len());
            (0..=at).rev().find(|at| text.is_char_boundary(*at))
        };
        Some(Self {
            text: mask::line(text),
            start: within(place.start)?,
            end: within(place.end.max(place.start))?,
        })
    }
}

impl Errors {
    /// Sorts the drafts by place; `failed` are files that could not be read.
    pub(super) fn new(drafts: Vec<Draft>, sources: &[Source], failed: Vec<Problem>) -> Self {
        let masked: Vec<_> = sources
            .iter()
            .map(|source| mask::source(&source.text))
            .collect();
        let mut drafts = drafts;
        drafts.sort_by_key(|draft| (draft.place.source, draft.place.start, draft.place.end));
        let placed = drafts
            .into_iter()
            .filter_map(|draft| draft.finish(sources, &masked));
        Self {
            problems: failed.into_iter().chain(placed).collect(),
        }
    }

    /// One entry for each problem, with its source line, and the count.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let mut text = String::new();
        for problem in self.problems.iter().take(SHOWN) {
            text.push_str(&problem.render(&renderer));
            text.push_str("\n\n");
        }
        let count = self.problems.len();
        let hidden = count.saturating_sub(SHOWN);
        let plural = if count == 1 { "" } else { "s" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{count} error{plural} in the configuration");
        if hidden > 0 {
            let _ = write!(text, "; the last {hidden} are not shown");
        }
        text
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Errors {}

impl Problem {
    /// A file that could not be read.
    pub(super) fn of_file(layer: Layer, name: String, message: String, help: &str) -> Self {
        Self {
            key: String::new(),
            origin: Origin {
                layer,
                name,
                line: 0,
                column: 0,
            },
            message,
            expected: None,
            help: Some(help.to_owned()),
            excerpt: None,
        }
    }

    fn render(&self, renderer: &Renderer) -> String {
        let name = mask::printable(&self.origin.name);
        let mut group =
            Level::ERROR
                .primary_title(&self.message)
                .elements(self.excerpt.as_ref().map(|excerpt| {
                    let label = self
                        .expected
                        .as_ref()
                        .map(|expected| format!("expected {expected}"));
                    let marked = AnnotationKind::Primary
                        .span(excerpt.start..excerpt.end)
                        .label(label);
                    let lines = self.origin.layer.has_lines();
                    Snippet::source(&*excerpt.text)
                        .line_start(self.origin.line)
                        .line_numbering(lines)
                        .path(lines.then_some(name))
                        .annotation(marked)
                }));
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help));
        }
        renderer.render(&[group])
    }
}
