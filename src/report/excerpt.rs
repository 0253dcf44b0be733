//! The source that a finding speaks of, with its span underlined.

use std::ops::Range;

use annotate_snippets::renderer::DEFAULT_TERM_WIDTH;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Style, clean, words};
use crate::change::FileChange;
use crate::findings::{Finding, Location, Severity};

/// Lines that the renderer is given; it shows the first and the last few.
const MAX_LINES: u32 = 200;
/// Blanks before a quote whose line is not known.
const MAX_INDENT: u32 = 1_000;

/// Title, place and source of a finding, ending without a line feed. Lines come
/// from the file's text; from the finding's own quote where the file is not known.
pub(super) fn render(finding: &Finding, file: Option<&FileChange>, style: Style) -> String {
    let location = &finding.location;
    let title = level(finding.severity)
        .with_name(finding.severity.as_str())
        .primary_title(words::title(finding))
        .id(clean::line(&finding.rule));
    let path = words::path(&location.path);
    let source = file
        .and_then(|file| Source::of_file(location, file, style.width))
        .or_else(|| Source::of_quote(finding, style.width));
    let group = match source {
        Some(source) => Group::with_title(title).element(
            Snippet::source(source.text)
                .line_start(source.first_line as usize)
                .path(path)
                .annotation(AnnotationKind::Primary.span(source.span)),
        ),
        None => Group::with_title(title).element(
            Origin::path(path)
                .line(location.start_line as usize)
                .char_column(location.start_column as usize),
        ),
    };
    renderer(style).render(&[group])
}

fn renderer(style: Style) -> Renderer {
    let renderer = if style.color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer.term_width(style.width.min(DEFAULT_TERM_WIDTH))
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Critical | Severity::High => Level::ERROR,
        Severity::Medium | Severity::Low => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

/// Consecutive lines and the bytes to underline in them.
struct Source {
    text: String,
    first_line: u32,
    span: Range<usize>,
}

impl Source {
    fn of_file(location: &Location, file: &FileChange, width: usize) -> Option<Self> {
        let last = location.end_line.max(location.start_line);
        let lines: Vec<String> = (location.start_line..=last)
            .take(MAX_LINES as usize)
            .map_while(|number| file.new.line(number).map(clean::exact))
            .collect();
        let start = location.start_column;
        let end = location.end_column;
        Self::new(&lines, location.start_line, start, end, last, width)
    }

    /// What stands before the quote is not known: blanks keep its columns.
    fn of_quote(finding: &Finding, width: usize) -> Option<Self> {
        let first = finding.location.start_line;
        let start = finding.location.start_column.clamp(1, MAX_INDENT);
        let indented = " ".repeat(start as usize - 1) + &finding.quote;
        let lines: Vec<String> = indented
            .lines()
            .take(MAX_LINES as usize)
            .map(clean::exact)
            .collect();
        let last = first.checked_add(u32::try_from(lines.len()).ok()?.checked_sub(1)?)?;
        Self::new(&lines, first, start, u32::MAX, last, width)
    }

    /// `lines` may end before `last`, the line of the span's end; the span then
    /// goes to the end of what is there.
    fn new(
        lines: &[String],
        first_line: u32,
        start_column: u32,
        end_column: u32,
        last: u32,
        width: usize,
    ) -> Option<Self> {
        let (head, tail) = (lines.first()?, lines.last()?);
        let text = lines.join("\n");
        let start = offset(head, start_column);
        let is_whole = last - first_line + 1 == u32::try_from(lines.len()).ok()?;
        let end = if is_whole {
            text.len() - tail.len() + offset(tail, end_column)
        } else {
            text.len()
        };
        let mut span = start..end.max(start);
        if lines.len() == 1 {
            // The renderer cuts long lines around the span, but never the span itself.
            let longest = offset(&head[start..], u32::try_from(width).unwrap_or(u32::MAX));
            span.end = span.end.min(start + longest);
        }
        Some(Self {
            text,
            first_line,
            span,
        })
    }
}

/// The byte at which a column (from 1, in characters) starts; the line's length past its end.
fn offset(line: &str, column: u32) -> usize {
    let before = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    line.char_indices()
        .nth(before)
        .map_or(line.len(), |(at, _)| at)
}
