//! Each backend: its state and its name, and beside them what is known of it.

use anstyle::Style as Paint;

use super::{ASIDE, BAD, DOUBTFUL, GOOD, sentence, word};
use crate::backends::BackendKind;
use crate::cli::doctor::backends::{BackendCheck, Limits, Origin, State};
use crate::cli::doctor::diagnosis::Diagnosis;
use crate::cli::doctor::probe::ProbeResult;
use crate::report::Page;

/// Models of a server that are named.
const MAX_MODELS: usize = 5;
/// Milliseconds from which a look is called slow.
const SLOW: u64 = 1_000;
/// Columns of the longest state.
const STATE: usize = 10;
/// Columns of a name that the others are aligned to.
const MAX_NAME: usize = 16;

pub(super) fn write(page: &mut Page, diagnosis: &Diagnosis) {
    let usable = diagnosis.backends.iter();
    let usable = usable.filter(|check| check.state.works()).count();
    let all = diagnosis.backends.len();
    page.heading(&format!("Backends: {usable} of {all} can be asked"));
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
        if probe.error.is_none() {
            for one in &probe.passed_over {
                let text = format!("{} gave no answer: {}", one.model, one.error);
                lines.push((DOUBTFUL, sentence(&text)));
            }
        }
        let paint = probe.error.as_ref().map_or(Paint::new(), |_| BAD);
        lines.push((paint, probe_words(probe)));
    }
    // What an answer has disproved is no news.
    if check.state != State::Answered {
        if let Some(trouble) = check.trouble.as_ref().filter(|it| !is_told(it, check)) {
            lines.push((paint, sentence(trouble)));
        }
        if let Some(hint) = check.hint.as_ref().filter(|it| !is_told(it, check)) {
            lines.push((DOUBTFUL, sentence(hint)));
        }
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

/// Whether the probe's error says it already.
fn is_told(text: &str, check: &BackendCheck) -> bool {
    let probe = check.probe.as_ref();
    let error = probe.and_then(|probe| probe.error.as_ref());
    error.is_some_and(|error| error.contains(text))
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
        (true, Some(BackendKind::Rules)) => "built in".to_owned(),
        _ => parts.join(", "),
    }
}

/// Model, keys, limits and a look that took long, each on a line.
fn details(check: &BackendCheck) -> Vec<String> {
    let keys = check.keys.iter().map(|key| {
        let state = if key.present { "set" } else { "not set" };
        format!("{} {state}", word(&key.variable))
    });
    let keys: Vec<String> = keys.collect();
    let slow = check.look_ms.filter(|time| *time >= SLOW);
    let slow = slow.map(|time| format!("looked at for {} s", time / 1000));
    vec![
        models(check),
        cascade(check),
        keys.join(", "),
        limits(check),
        slow.unwrap_or_default(),
    ]
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

/// `asked one after another: a (not listed), b`
fn cascade(check: &BackendCheck) -> String {
    let each = check.cascade.iter().map(|one| match one.listed {
        Some(false) => format!("{} (not listed)", word(&one.model)),
        _ => word(&one.model),
    });
    let each: Vec<String> = each.collect();
    if each.is_empty() {
        return String::new();
    }
    format!("asked one after another: {}", each.join(", "))
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
