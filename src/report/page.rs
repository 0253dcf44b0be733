//! A page for people: lines that are wrapped and painted as the terminal wants them.

use anstyle::Effects;
use unicode_width::UnicodeWidthStr as _;

use super::{Style, clean};

/// Prose narrower than this cannot be read.
const MIN_WIDTH: usize = 40;

/// Text that grows line by line. What strangers wrote is cleaned before it comes here.
#[derive(Debug)]
pub struct Page {
    text: String,
    style: Style,
}

impl Page {
    /// An empty one.
    pub fn new(style: Style) -> Self {
        Self {
            text: String::new(),
            style: Style {
                width: style.width.max(MIN_WIDTH),
                ..style
            },
        }
    }

    /// How it looks.
    pub fn style(&self) -> Style {
        self.style
    }

    /// The whole text: the one place through which every line goes, so that none is a
    /// command to CI, wherever it was wrapped.
    pub fn finish(&self) -> String {
        clean::commands(&self.text).into_owned()
    }

    /// A line that stands out.
    pub fn heading(&mut self, text: &str) {
        let text = self.painted(text, anstyle::Style::new().effects(Effects::BOLD));
        self.line(&text);
    }

    /// The text in a style, where the page has colours.
    pub fn painted(&self, text: &str, style: anstyle::Style) -> String {
        if self.style.color && !style.is_plain() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// A line as it is; nobody has cleaned it.
    pub fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// An empty line.
    pub fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Prose, wrapped: `first` stands before its first line, `rest` before the others.
    pub fn wrapped(&mut self, text: &str, first: &str, rest: &str) {
        self.wrapped_in(anstyle::Style::new(), text, first, rest);
    }

    /// The same in a style, which is not that of what stands before the lines.
    pub fn wrapped_in(&mut self, style: anstyle::Style, text: &str, first: &str, rest: &str) {
        let mut lead = first;
        for paragraph in text.lines() {
            for line in wrap(paragraph, self.style.width.saturating_sub(rest.width())) {
                let line = format!("{lead}{}", self.painted(&line, style));
                self.line(line.trim_end());
                lead = rest;
            }
        }
    }
}

/// One line as several of at most `width` columns, broken at spaces; indentation
/// is kept on each. A word that is longer stays whole, so that it can be copied.
fn wrap(line: &str, width: usize) -> Vec<String> {
    let line = line.replace('\t', "    ");
    let content = line.trim_start();
    let indent = &line[..line.len() - content.len()];
    if line.width() <= width {
        return vec![line];
    }
    let mut lines = Vec::new();
    let mut current = indent.to_owned();
    let mut has_word = false;
    for word in content.split(' ') {
        if has_word && current.width() + 1 + word.width() > width {
            lines.push(std::mem::replace(&mut current, indent.to_owned()));
            has_word = false;
        }
        if has_word {
            current.push(' ');
        }
        current.push_str(word);
        has_word = true;
    }
    lines.push(current);
    lines
}
