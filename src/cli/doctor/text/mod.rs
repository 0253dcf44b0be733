//! The answer for people: backends, crews, surroundings, what to do, the verdict last.

mod backends;
mod crews;
mod surroundings;

use anstyle::{AnsiColor, Effects, Style as Paint};

use super::diagnosis::{Diagnosis, Verdict};
use crate::report::{Page, Style, log_line};

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
    backends::write(&mut page, diagnosis);
    crews::write(&mut page, diagnosis);
    surroundings::write(&mut page, diagnosis);
    if !diagnosis.problems.is_empty() {
        page.heading("Wrong");
        for problem in &diagnosis.problems {
            let help = problem.help.as_ref().map(|help| format!("; {help}"));
            let help = help.unwrap_or_default();
            let text = format!("{}: {}{help}", problem.place, problem.message);
            page.wrapped_in(BAD, &sentence(&text), "  ", "    ");
        }
        page.blank();
    }
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

fn verdict(page: &mut Page, diagnosis: &Diagnosis) {
    let workflow = word(&diagnosis.workflow);
    let failing = diagnosis.crews.iter().filter(|crew| !crew.is_sound());
    let failing: Vec<&str> = failing.map(|crew| crew.step.as_str()).collect();
    let (paint, text) = match diagnosis.verdict {
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
