//! Which functions, types and sections enclose a line.
//!
//! Found by indentation, which people and formatters keep in every language, with
//! the lines taken out that break it: a parenthesis or brace that goes on with the
//! heading above, labels, the C preprocessor. A wrong guess costs some lines of
//! context and never a changed one.

use std::ops::Range;

use crate::change::Fragment;

use super::languages::Language;

/// Attributes and decorators that are shown with their function.
const MAX_ATTRIBUTES: usize = 6;
const NONE: usize = usize::MAX;

/// The structure of consecutive lines.
#[derive(Debug)]
pub(super) struct Outline<'a> {
    text: &'a Fragment,
    language: Language,
    /// Nearest line above that encloses, for each line; `NONE` at the top.
    parent: Vec<usize>,
    /// Line after the last one that each line encloses.
    end: Vec<usize>,
}

impl<'a> Outline<'a> {
    pub(super) fn new(text: &'a Fragment, language: Language) -> Self {
        let mut outline = Self {
            text,
            language,
            parent: Vec::with_capacity(text.len()),
            end: (1..=text.len()).collect(),
        };
        match language {
            Language::Code(_) => outline.read_indentation(),
            Language::Markdown | Language::Sections => outline.read_sections(),
            Language::Prose => outline.parent.resize(text.len(), NONE),
        }
        outline
    }

    /// The text that was read.
    pub(super) fn text(&self) -> &'a Fragment {
        self.text
    }

    /// Headings that enclose the line, the innermost first.
    pub(super) fn headings(&self, line: u32) -> impl Iterator<Item = u32> {
        self.chain(self.index(line)).skip(1).map(|at| self.line(at))
    }

    /// Lines of the innermost function, type or section that the line is in or opens.
    pub(super) fn block(&self, line: u32) -> Option<Range<u32>> {
        let mut start = self
            .chain(self.index(line))
            .find(|at| self.end[*at] > at + 1 && self.language.is_heading(self.line_text(*at)))?;
        let end = self.end[start];
        for _ in 0..MAX_ATTRIBUTES {
            let above = start.checked_sub(1).map(|at| self.line_text(at).trim());
            if !above.is_some_and(|above| above.starts_with('@') || above.starts_with("#[")) {
                break;
            }
            start -= 1;
        }
        Some(self.line(start)..self.line(end))
    }

    /// The line, then the headings above it, the innermost first.
    fn chain(&self, from: Option<usize>) -> impl Iterator<Item = usize> {
        let parent = |at: &usize| self.parent.get(*at).copied().filter(|at| *at != NONE);
        from.into_iter().chain(
            std::iter::successors(from.and_then(move |at| parent(&at)), parent)
                .filter(|at| self.language.is_heading(self.line_text(*at))),
        )
    }

    fn index(&self, line: u32) -> Option<usize> {
        let index = line.checked_sub(self.text.first_line)? as usize;
        (index < self.text.len()).then_some(index)
    }

    fn line(&self, index: usize) -> u32 {
        self.text
            .first_line
            .saturating_add(u32::try_from(index).unwrap_or(u32::MAX))
    }

    fn line_text(&self, index: usize) -> &'a str {
        self.text.line(self.line(index)).unwrap_or("")
    }

    fn read_indentation(&mut self) {
        // Open lines, ever deeper: (indentation, index).
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mut last = 0;
        for index in 0..self.text.len() {
            let line = self.line_text(index);
            let trimmed = line.trim_start();
            let mut parent = open.last().map_or(NONE, |top| top.1);
            if !trimmed.is_empty() && !goes_on(trimmed) {
                let indent = indentation(line);
                while let Some((_, at)) = open.pop_if(|top| top.0 > indent) {
                    self.end[at] = last + 1;
                }
                if let Some((_, at)) = open.pop_if(|top| top.0 == indent) {
                    let closes = closes(trimmed);
                    self.end[at] = if closes { index + 1 } else { last + 1 };
                    parent = if closes { at } else { NONE };
                } else {
                    parent = NONE;
                }
                if parent == NONE {
                    parent = open.last().map_or(NONE, |top| top.1);
                }
                open.push((indent, index));
            }
            // An empty line is where the line after it is.
            if !trimmed.is_empty() {
                self.parent.resize(index, parent);
                last = index;
                self.parent.push(parent);
            }
        }
        self.parent.resize(self.text.len(), NONE);
        for (_, at) in open {
            self.end[at] = last + 1;
        }
    }

    fn read_sections(&mut self) {
        // Open sections, ever deeper: (level, index).
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mut code = None;
        for index in 0..self.text.len() {
            let line = self.line_text(index);
            let level = match self.language {
                Language::Markdown => markdown_level(line, &mut code),
                _ => usize::from(line.starts_with('[') && line.trim_end().ends_with(']')),
            };
            if level > 0 {
                while let Some((_, at)) = open.pop_if(|top| top.0 >= level) {
                    self.end[at] = index;
                }
            }
            self.parent.push(open.last().map_or(NONE, |top| top.1));
            if level > 0 {
                open.push((level, index));
            }
        }
        for (_, at) in open {
            self.end[at] = self.text.len();
        }
    }
}

/// Columns before the first character; a tab goes to the next multiple of 8.
fn indentation(line: &str) -> usize {
    line.bytes()
        .take_while(u8::is_ascii_whitespace)
        .fold(0, |columns, byte| match byte {
            b'\t' => (columns / 8 + 1) * 8,
            _ => columns + 1,
        })
}

/// Whether a line says nothing about structure where it stands: `) -> u32 {`, `{`,
/// `where`, `#ifdef`, `public:`, `out:`.
fn goes_on(trimmed: &str) -> bool {
    let label = || {
        let name = trimmed.trim_end().strip_suffix(':');
        name.is_some_and(|name| {
            [
                "public",
                "private",
                "protected",
                "signals",
                "out",
                "err",
                "error",
                "fail",
                "done",
            ]
            .contains(&name)
        })
    };
    trimmed.starts_with([')', '{'])
        || trimmed.split_whitespace().next() == Some("where")
        || ["#if", "#el", "#endif", "#define", "#undef", "#pragma"]
            .iter()
            .any(|word| trimmed.starts_with(word))
        || label()
}

/// Whether a line closes the block that was opened at its indentation.
fn closes(trimmed: &str) -> bool {
    trimmed.starts_with(['}', ']'])
        || trimmed.starts_with("</")
        || ["end", "fi", "done", "esac"].contains(
            &trimmed
                .split(|c: char| !c.is_alphanumeric())
                .next()
                .unwrap_or(""),
        )
}

/// 1 to 6 for a heading, else 0; `code` is the fence of the code block that is open.
fn markdown_level<'a>(line: &'a str, code: &mut Option<&'a str>) -> usize {
    let trimmed = line.trim_start();
    for fence in ["```", "~~~"] {
        if trimmed.starts_with(fence) {
            match code {
                Some(open) if *open == fence => *code = None,
                Some(_) => {}
                None => *code = Some(&trimmed[..3]),
            }
            return 0;
        }
    }
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let heading = code.is_none() && (1..=6).contains(&level) && line[level..].starts_with(' ');
    if heading { level } else { 0 }
}
