//! Statistics for people: totals, then aligned tables.

use std::io::{self, Write};

use anstyle::{AnsiColor, Effects, Style as Paint};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::cells::Cell;
use super::tables::{Table, tables};
use super::{By, EMPTY, scope, summary};
use crate::report::{Page, Style};
use crate::store::Stats;

/// Stands before every line of a table.
const INDENT: usize = 2;
/// Between two columns.
const GAP: usize = 2;
/// A name is not cut to less.
const MIN_NAME: usize = 8;

/// Writes the statistics, grouped by each of `by`.
///
/// # Errors
/// Those of the output.
pub fn write(stats: &Stats, by: &[By], style: Style, out: &mut impl Write) -> io::Result<()> {
    let mut page = Page::new(style);
    page.heading(&format!("Statistics of {}", scope(stats)));
    if stats.is_empty() {
        page.wrapped(EMPTY, "  ", "  ");
        if let Some(line) = super::unsettled(stats) {
            page.wrapped(&line, "  ", "  ");
        }
        return out.write_all(page.finish().as_bytes());
    }
    for line in summary(stats) {
        page.wrapped(&line, "  ", "  ");
    }
    for table in by.iter().flat_map(|by| tables(stats, *by)) {
        page.blank();
        write_table(&mut page, &table);
    }
    page.blank();
    page.wrapped(LEGEND, "", "");
    out.write_all(page.finish().as_bytes())
}

const LEGEND: &str = "\
Calls: those that were made; In and Out are tokens; Cost with a +: some calls are of unknown price; \
Median and p95 are times of calls with a reply. \
A finding counts once however many runs saw it, for everybody who reported it, and on the first \
day it was seen. Real, Dismissed: as people say; Precision: the share of Real among both.";

fn write_table(page: &mut Page, table: &Table) {
    page.heading(&table.title);
    let texts: Vec<Vec<String>> = table
        .rows
        .iter()
        .map(|row| row.iter().map(Cell::brief).collect())
        .collect();
    let mut widths: Vec<usize> = table.head.iter().map(|text| text.width()).collect();
    for row in &texts {
        for (width, text) in widths.iter_mut().zip(row) {
            *width = (*width).max(text.width());
        }
    }
    // The numbers are needed whole, so the name gives way.
    let numbers: usize = widths.iter().skip(1).map(|width| width + GAP).sum();
    if let Some(width) = widths.first_mut() {
        let room = page.style().width.saturating_sub(INDENT + numbers);
        *width = (*width).min(room.max(MIN_NAME));
    }
    let head: Vec<String> = table.head.iter().map(ToString::to_string).collect();
    let line = line(page, &head, &[], &widths);
    page.line(&page.painted(&line, Paint::new().effects(Effects::DIMMED)));
    for (cells, row) in table.rows.iter().zip(&texts) {
        let line = self::line(page, row, cells, &widths);
        page.line(&line);
    }
}

/// A row: its name to the left, numbers to the right.
fn line(page: &Page, texts: &[String], cells: &[Cell], widths: &[usize]) -> String {
    let mut out = " ".repeat(INDENT);
    for (at, (text, width)) in texts.iter().zip(widths).enumerate() {
        let text = cut(text, *width);
        let blank = " ".repeat(width.saturating_sub(text.width()));
        let paint = match cells.get(at) {
            Some(Cell::Bad(1..)) => AnsiColor::Yellow.on_default(),
            _ => Paint::new(),
        };
        let text = page.painted(&text, paint);
        if at == 0 {
            out.extend([text, blank]);
        } else {
            out.extend([" ".repeat(GAP), blank, text]);
        }
    }
    out
}

/// As much of a text as `width` columns hold.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 1;
    let kept = text.chars().take_while(|character| {
        used += character.width().unwrap_or(0);
        used <= width
    });
    kept.chain(['…']).collect()
}
