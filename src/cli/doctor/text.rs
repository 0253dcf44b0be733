//! The answer for people: backends, crews, surroundings, what to do, the verdict last.

use anstyle::{AnsiColor, Effects, Style as Paint};

use super::backends::{BackendCheck, Limits, Origin, State};
use super::crews::CrewCheck;
use super::diagnosis::{Diagnosis, Verdict};
use super::probe::ProbeResult;
use super::surroundings;
use crate::report::{Page, Style, log_line};

/// Characters of a name or a word of strangers.
const MAX_WORD: usize = 60;
/// Characters of a sentence of strangers.
const MAX_SENTENCE: usize = 600;
/// Models of a server that are named.
const MAX_MODELS: usize = 5;
/// Columns of the longest state.
const STATE: usize = 10;
/// Columns of a name that the others are aligned to.
const MAX_NAME: usize = 16;

pub(super) const GOOD: Paint = AnsiColor::Green.on_default();
pub(super) const BAD: Paint = AnsiColor::Red.on_default();
pub(super) const DOUBTFUL: Paint = AnsiColor::Yellow.on_default();
pub(super) const ASIDE: Paint = Paint::new().effects(Effects::DIMMED);

/// Text of servers, programs and files on one line of bounded length.
pub(super) fn word(text: &str) -> String {
    cut(text, MAX_WORD)
}

/// The same for what may be longer.
pub(super) fn sentence(text: &str) -> String {
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
    backends(&mut page, diagnosis);
    crews(&mut page, diagnosis);
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

fn backends(page: &mut Page, diagnosis: &Diagnosis) {
    page.heading("Backends");
    if let Some(formation) = &diagnosis.formation {
        page.wrapped(&sentence(formation), "  ", "  ");
    }
    let width = diagnosis.backends.iter();
    let width = width.map(|check| word(&check.name).chars().count());
    let width = width.max().unwrap_or_default().min(MAX_NAME);
    for check in &diagnosis.backends {
        backend(page, check, width);
    }
    page.blank();
}

fn backend(page: &mut Page, check: &BackendCheck, width: usize) {
    let paint = match check.state {
        State::Ready | State::Answered => GOOD,
        State::NotUsable | State::Failed | State::Broken => BAD,
        State::LeftOut | State::Unknown => DOUBTFUL,
    };
    let state = page.painted(&format!("{:STATE$}", check.state.words()), paint);
    let name = format!("{:width$}", word(&check.name));
    let lead = format!("  {state}  {name}  ");
    let rest = " ".repeat(STATE + width + 6);
    let mut lines = vec![(Paint::new(), head(check))];
    lines.extend(details(check).into_iter().map(|line| (ASIDE, line)));
    if let Some(probe) = &check.probe {
        lines.push((Paint::new(), probe_words(probe)));
    }
    if let Some(trouble) = &check.trouble {
        lines.push((paint, sentence(trouble)));
    }
    if let Some(hint) = &check.hint {
        lines.push((DOUBTFUL, sentence(hint)));
    }
    lines.retain(|(_, line)| !line.is_empty());
    if lines.is_empty() {
        page.line(lead.trim_end());
    }
    let mut lead = lead.as_str();
    for (paint, line) in lines {
        page.wrapped_in(paint, &line, lead, &rest);
        lead = &rest;
    }
}

/// What it is and where.
fn head(check: &BackendCheck) -> String {
    let parts = [
        check.place.as_deref().map(sentence),
        check.version.as_deref().map(word),
        (check.origin == Origin::Found).then(|| "found here".to_owned()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match (parts.is_empty(), check.kind) {
        (true, Some(crate::backends::BackendKind::Rules)) => "built in".to_owned(),
        _ => parts.join(", "),
    }
}

/// Model, keys and limits, each on a line.
fn details(check: &BackendCheck) -> Vec<String> {
    let keys = check.keys.iter().map(|key| {
        let state = if key.present { "set" } else { "not set" };
        format!("{} {state}", word(&key.variable))
    });
    let keys: Vec<String> = keys.collect();
    vec![models(check), keys.join(", "), limits(check)]
}

fn models(check: &BackendCheck) -> String {
    let model = check.model.as_deref().map(word);
    let Some(models) = &check.models else {
        return model.map_or_else(String::new, |model| format!("model {model}"));
    };
    let count = match models.len() {
        1 => "1 model".to_owned(),
        count => format!("{count} models"),
    };
    if let (Some(model), Some(true)) = (&model, check.model_listed) {
        return format!("model {model}, of {count}");
    }
    let mut names: Vec<String> = models.iter().take(MAX_MODELS).map(|it| word(it)).collect();
    if models.len() > MAX_MODELS {
        names.push(format!("and {} more", models.len() - MAX_MODELS));
    }
    let names = names.join(", ");
    match model {
        Some(model) => format!("model {model}, not among {count}: {names}"),
        None if models.is_empty() => "no model".to_owned(),
        None => format!("no model chosen, of {count}: {names}"),
    }
}

/// `5m a call, 8 at once, 60 a minute, weight 2`
fn limits(check: &BackendCheck) -> String {
    let Limits {
        timeout_seconds,
        max_concurrent,
        requests_per_minute,
        tokens_per_minute,
        ..
    } = check.limits;
    let seconds = |seconds: f64| {
        let whole = std::time::Duration::from_secs_f64(seconds);
        humantime::format_duration(whole).to_string()
    };
    let mut parts = Vec::new();
    parts.extend(timeout_seconds.map(|it| format!("{} a call", seconds(it))));
    parts.extend(max_concurrent.map(|count| format!("{count} at once")));
    parts.extend(requests_per_minute.map(|count| format!("{count} calls a minute")));
    parts.extend(tokens_per_minute.map(|count| format!("{count} tokens a minute")));
    if check.authoritative {
        parts.push("needs no quorum".to_owned());
    } else if (check.weight - 1.0).abs() > f64::EPSILON {
        parts.push(format!("weight {}", check.weight));
    }
    if check.local && !parts.is_empty() && !check.authoritative {
        parts.push("local".to_owned());
    }
    parts.join(", ")
}

fn probe_words(probe: &ProbeResult) -> String {
    if let Some(error) = &probe.error {
        return format!("asked: {} ({} ms)", sentence(error), probe.ms);
    }
    let mut parts = vec![format!("answered in {} ms", probe.ms)];
    parts.extend(probe.model.as_deref().map(|it| format!("as {}", word(it))));
    parts.extend(
        probe
            .tokens
            .map(|it| format!("{} tokens in, {} out", it.input, it.output)),
    );
    parts.extend(probe.cost_usd.map(|cost| format!("${cost:.6}")));
    parts.join(", ")
}

fn crews(page: &mut Page, diagnosis: &Diagnosis) {
    if diagnosis.crews.is_empty() {
        return;
    }
    page.heading(&format!("Crews of `{}`", word(&diagnosis.workflow)));
    // Steps that the same members do in the same way stand in one row.
    let mut rows: Vec<(Vec<&str>, &CrewCheck)> = Vec::new();
    for crew in &diagnosis.crews {
        match rows.iter_mut().find(|(_, other)| is_alike(crew, other)) {
            Some((names, _)) => names.push(&crew.step),
            None => rows.push((vec![&crew.step], crew)),
        }
    }
    for (names, crew) in rows {
        row(page, &names.join(", "), crew);
    }
    page.blank();
}

fn is_alike(one: &CrewCheck, other: &CrewCheck) -> bool {
    one.finds == other.finds
        && one.execution == other.execution
        && one.members == other.members
        && one.missing == other.missing
        && one.threshold == other.threshold
        && one.quorum == other.quorum
        && one.required == other.required
        && one.why == other.why
}

fn row(page: &mut Page, names: &str, crew: &CrewCheck) {
    use crate::workflow::Execution;
    let members = crew.members.iter().map(|member| {
        let name = word(&member.name);
        if member.state.works() {
            name
        } else {
            format!("{name} ({})", member.state.words())
        }
    });
    let members: Vec<String> = members.collect();
    let members = match (members.as_slice(), crew.execution) {
        ([], _) => "nobody".to_owned(),
        ([one], _) => one.clone(),
        (all, Execution::Parallel) => all.join(", "),
        (all, Execution::Fallback) => all.join(", else "),
        (all, Execution::First) => format!("{} alone, of {}", all[0], all.join(", ")),
    };
    page.wrapped(&format!("{}: {members}", word(names)), "  ", "      ");
    for missing in &crew.missing {
        let text = format!(
            "without {}: {}",
            word(&missing.name),
            sentence(&missing.why)
        );
        page.wrapped_in(ASIDE, &text, "      ", "        ");
    }
    let (paint, said) = match (&crew.why, crew.required) {
        (Some(why), true) => (BAD, format!("no quorum: {why}")),
        (Some(why), false) => (DOUBTFUL, format!("no text: {why}")),
        (None, _) if crew.finds => (GOOD, format!("quorum can be reached: {}", needs(crew))),
        (None, _) => (GOOD, "text can be written".to_owned()),
    };
    page.wrapped_in(paint, &said, "      ", "        ");
}

/// `2 of 3 must read, threshold auto`
fn needs(crew: &CrewCheck) -> String {
    let voters = crew.members.iter().filter(|member| !member.authoritative);
    match voters.count() {
        0 => "no model reads, and scanners need none".to_owned(),
        count => {
            let threshold = crate::units::ThresholdText::from(crew.threshold);
            let threshold = match threshold {
                crate::units::ThresholdText::Number(number) => number.to_string(),
                crate::units::ThresholdText::Text(text) => text,
            };
            format!(
                "{} of {count} must read, threshold {threshold}",
                crew.readers_needed
            )
        }
    }
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
