//! Who does each step, and whether that is enough.

use super::{BAD, DOUBTFUL, GOOD, sentence, word};
use crate::cli::doctor::backends::BackendCheck;
use crate::cli::doctor::crews::{CrewCheck, Member, Missing};
use crate::cli::doctor::critics::CriticsCheck;
use crate::cli::doctor::diagnosis::Diagnosis;
use crate::report::Page;
use crate::workflow::Execution;

pub(super) fn write(page: &mut Page, diagnosis: &Diagnosis) {
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
        row(page, &names.join(", "), crew, &diagnosis.backends);
    }
    if let Some(critics) = &diagnosis.critics {
        judges(page, critics);
    }
    page.blank();
}

/// Who judges findings that have too few votes.
fn judges(page: &mut Page, critics: &CriticsCheck) {
    if !critics.wanted {
        page.wrapped(
            "critics: not asked (vote.refute, gate.fail_on)",
            "  ",
            "      ",
        );
        return;
    }
    let members: Vec<String> = critics.members.iter().map(named).collect();
    let members = match members.as_slice() {
        [] => "nobody".to_owned(),
        all => all.join(", then "),
    };
    page.wrapped(&format!("critics: {members}"), "  ", "      ");
    let (paint, said) = match &critics.why {
        Some(why) => (DOUBTFUL, format!("doubtful findings stay unjudged: {why}")),
        None => (GOOD, "doubtful findings can be judged".to_owned()),
    };
    page.wrapped_in(paint, &said, "      ", "        ");
}

fn named(member: &Member) -> String {
    let name = match &member.model {
        Some(model) => format!("{} with {}", word(&member.name), word(model)),
        None => word(&member.name),
    };
    let name = match member.samples {
        0 | 1 => name,
        samples => format!("{name} ({samples} samples)"),
    };
    if member.state.works() {
        name
    } else {
        format!("{name} ({})", member.state.words())
    }
}

fn is_alike(one: &CrewCheck, other: &CrewCheck) -> bool {
    one.finds == other.finds
        && one.execution == other.execution
        && one.members == other.members
        && one.missing == other.missing
        && one.threshold == other.threshold
        && one.thresholds == other.thresholds
        && one.quorum == other.quorum
        && one.required == other.required
        && one.why == other.why
}

fn row(page: &mut Page, names: &str, crew: &CrewCheck, backends: &[BackendCheck]) {
    let members = crew.members.iter().map(named);
    let members: Vec<String> = members.collect();
    let members = match (members.as_slice(), crew.execution) {
        ([], _) => "nobody".to_owned(),
        ([one], _) => one.clone(),
        (all, Execution::Parallel) => all.join(", "),
        (all, Execution::Fallback) => all.join(", else "),
        (all, Execution::First) => format!("{} alone, of {}", all[0], all.join(", ")),
    };
    page.wrapped(&format!("{}: {members}", word(names)), "  ", "      ");
    // Why is said above, except of what is no backend at all.
    let is_listed = |missing: &&Missing| backends.iter().any(|it| it.name == missing.name);
    let (listed, unknown): (Vec<&Missing>, Vec<_>) = crew.missing.iter().partition(is_listed);
    let listed: Vec<String> = listed.iter().map(|it| word(&it.name)).collect();
    if !listed.is_empty() {
        let text = format!("without {}", listed.join(", "));
        page.wrapped_in(DOUBTFUL, &text, "      ", "        ");
    }
    for missing in unknown {
        let text = format!(
            "without {}: {}",
            word(&missing.name),
            sentence(&missing.why)
        );
        page.wrapped_in(DOUBTFUL, &text, "      ", "        ");
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
            let special = crew.thresholds.iter();
            let special = special.map(|(name, own)| format!(", {own} for {name}"));
            let special: String = special.collect();
            format!(
                "{} of {count} must read, threshold {}{special}",
                crew.readers_needed, crew.threshold
            )
        }
    }
}
