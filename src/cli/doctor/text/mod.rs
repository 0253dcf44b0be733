//! The answer for people: backends, crews, surroundings, what to do, the verdict last.

mod backends;
mod crews;
mod surroundings;

use anstyle::{AnsiColor, Effects, Style as Paint};

use super::diagnosis::{Diagnosis, Verdict};
use crate::report::{Page, Style, log_line, log_text};

/// Characters of a name or a word of strangers.
const MAX_WORD: usize = 60;
/// Characters of a sentence of strangers.
const MAX_SENTENCE: usize = 600;

const GOOD: Paint = AnsiColor::Green.on_default();
const BAD: Paint = AnsiColor::Red.on_default();
const DOUBTFUL: Paint = AnsiColor::Yellow.on_default();
const ASIDE: Paint = Paint::new().effects(Effects::DIMMED);

/// Text of servers, programs and files on one line of bounded length.
fn word(text: &str) -> String {
    cut(text, MAX_WORD)
}

/// The same for what may be longer.
fn sentence(text: &str) -> String {
    cut(text, MAX_SENTENCE)
}

fn cut(text: &str, most: usize) -> String {
    let line = log_line(text);
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

pub(super) fn render(diagnosis: &Diagnosis, style: Style) -> String {
    let mut page = Page::new(style);
    wrong(&mut page, diagnosis);
    backends::write(&mut page, diagnosis);
    crews::write(&mut page, diagnosis);
    surroundings::write(&mut page, diagnosis);
    if !diagnosis.advice.is_empty() {
        page.heading("What to do");
        for advice in &diagnosis.advice {
            page.wrapped(&sentence(advice), "  - ", "    ");
        }
        page.blank();
    }
    verdict(&mut page, diagnosis);
    page.finish()
}

/// First, since all that follows leaves it out.
fn wrong(page: &mut Page, diagnosis: &Diagnosis) {
    if diagnosis.problems.is_empty() {
        return;
    }
    page.heading("Wrong");
    let errors = diagnosis.configuration.errors.as_ref();
    if let Some(errors) = errors {
        // As it is: its marks point to columns.
        for line in log_text(&errors.render(false)).lines() {
            let is_title = line.starts_with("error");
            let paint = if is_title { BAD } else { Paint::new() };
            let line = format!("  {}", page.painted(line, paint));
            page.line(line.trim_end());
        }
        page.wrapped("what is wrong was left out of all that follows", "  ", "  ");
    }
    let shown = errors.map_or(0, |errors| errors.problems.len());
    for problem in diagnosis.problems.iter().skip(shown) {
        let help = problem.help.as_ref().map(|help| format!("; {help}"));
        let help = help.unwrap_or_default();
        let text = format!("{}: {}{help}", problem.place, problem.message);
        page.wrapped_in(BAD, &sentence(&text), "  ", "    ");
    }
    page.blank();
}

fn verdict(page: &mut Page, diagnosis: &Diagnosis) {
    let workflow = word(&diagnosis.workflow);
    let failing = diagnosis.crews.iter().filter(|crew| !crew.is_sound());
    let failing: Vec<&str> = failing.map(|crew| crew.step.as_str()).collect();
    let (paint, text) = match diagnosis.verdict {
        _ if diagnosis.interrupted => (
            DOUBTFUL,
            "interrupted: what was not known by then is left open".to_owned(),
        ),
        Verdict::Ready => (
            GOOD,
            format!("ready: every crew of `{workflow}` that a verdict needs can do its part"),
        ),
        Verdict::NotReady => (
            DOUBTFUL,
            format!(
                "not ready: no quorum for {} of `{workflow}`",
                word(&failing.join(", "))
            ),
        ),
        Verdict::Misconfigured => (
            BAD,
            "misconfigured: correct what is wrong, then ask again".to_owned(),
        ),
    };
    page.wrapped_in(paint.effects(Effects::BOLD), &text, "", "");
}
