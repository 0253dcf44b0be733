//! A command's manual page.

use std::io;

use clap::Command;
use clap_mangen::roff::{Roff, roman};

/// A page's file name and text.
pub(super) fn of(command: &Command) -> io::Result<(String, String)> {
    let page = clap_mangen::Man::new(command.clone());
    let mut text = Vec::new();
    page.render(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    let name = page.get_filename();
    let title = title(name.trim_end_matches(".1"));
    // Last there are what stands under the help, which is written below, and the version, with
    // which every release would change the page.
    let is_last = |line: &str| [".SH EXTRA", ".SH VERSION"].contains(&line);
    let lines = text.lines().take_while(|line| !is_last(line));
    let lines = lines.map(|line| match line.strip_prefix(".TH ") {
        Some(_) => title.as_str(),
        None => line.trim_end(),
    });
    let mut page: String = lines.flat_map(|line| [line, "\n"]).collect();
    if let Some(notes) = command.get_after_help() {
        page.push_str(&notes_section(&notes.to_string()));
    }
    Ok((name, page))
}

/// With no date: `clap_mangen` leaves an empty one out, and readers take what follows for it.
fn title(name: &str) -> String {
    format!(".TH {} 1 \"\" llmux \"llmux manual\"", name.to_uppercase())
}

/// What stands under the help. `clap_mangen` would fill its lines into a paragraph, and tables of
/// exit codes are no paragraphs.
fn notes_section(notes: &str) -> String {
    let mut roff = Roff::new();
    roff.control("SH", ["NOTES"]);
    roff.control("nf", []);
    for line in notes.lines() {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    roff.to_roff()
}
