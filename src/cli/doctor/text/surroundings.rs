//! Git, CI, files and network for people: a label and a value on each line.

use super::{ASIDE, DOUBTFUL, sentence, word};
use crate::cli::ci::CiCheck;
use crate::cli::doctor::configuration::FileState;
use crate::cli::doctor::diagnosis::Diagnosis;
use crate::cli::doctor::files::CacheCheck;
use crate::cli::doctor::git::GitCheck;
use crate::report::Page;

/// Columns of the labels.
const LABEL: usize = 15;

pub(super) fn write(page: &mut Page, diagnosis: &Diagnosis) {
    page.heading("Surroundings");
    git(page, &diagnosis.git);
    let ci = diagnosis.ci.as_ref();
    row(page, "CI", &ci.map_or_else(|| "none".to_owned(), ci_words));
    configuration(page, diagnosis);
    team(page, diagnosis);
    workflows(page, diagnosis);
    let rules = &diagnosis.rules;
    let own = match rules.own {
        Some(0) => String::new(),
        Some(count) => format!(", {count} of the project"),
        None => ", those of the project are wrong".to_owned(),
    };
    let off = match rules.disabled {
        0 => String::new(),
        count => format!(", {count} off"),
    };
    row(
        page,
        "rules",
        &format!("{} built in{own}{off}", rules.built_in),
    );
    row(page, "cache", &cache(&diagnosis.cache));
    let network = &diagnosis.network;
    if !network.proxies.is_empty() {
        row(page, "proxies", &network.proxies.join(", "));
    }
    for one in &network.certificates {
        row(
            page,
            "certificates",
            &format!("{}: {}", one.variable, one.path),
        );
    }
    page.blank();
}

fn row(page: &mut Page, label: &str, value: &str) {
    page.wrapped(&sentence(value), &format!("  {label:LABEL$}"), &indent());
}

fn warn(page: &mut Page, text: &str) {
    page.wrapped_in(DOUBTFUL, &sentence(text), &indent(), &indent());
}

fn indent() -> String {
    " ".repeat(LABEL + 2)
}

fn git(page: &mut Page, git: &GitCheck) {
    let short = |commit: &String| commit.chars().take(12).collect::<String>();
    match &git.root {
        Some(root) => {
            let branch = git.branch.as_deref().unwrap_or("no branch");
            let head = git.head.as_ref();
            let head = head.map_or_else(
                || " without a commit".to_owned(),
                |it| format!(" at {}", short(it)),
            );
            let shallow = if git.shallow { ", shallow" } else { "" };
            row(page, "git", &format!("{root}, {branch}{head}{shallow}"));
        }
        None => row(page, "git", "no repository"),
    }
    if let Some(range) = &git.range {
        let base = git
            .base
            .as_ref()
            .map(|base| format!(" (from {})", short(base)));
        row(
            page,
            "llmux diff",
            &format!("reviews {range}{}", base.unwrap_or_default()),
        );
    }
    if let Some(trouble) = &git.trouble {
        warn(page, trouble);
    }
}

fn ci_words(ci: &CiCheck) -> String {
    let runner = match ci.runner {
        "github" => "GitHub Actions",
        "gitlab" => "GitLab",
        "buildkite" => "Buildkite",
        _ => "some runner",
    };
    let mut parts = vec![runner.to_owned()];
    parts.extend(ci.event.clone());
    parts.extend(
        ci.pull_request
            .as_ref()
            .map(|number| format!("request {number}")),
    );
    parts.extend(ci.target.as_ref().map(|branch| format!("into {branch}")));
    parts.extend(ci.fork.map(|fork| {
        if fork {
            "from a fork"
        } else {
            "not from a fork"
        }
        .to_owned()
    }));
    parts.join(", ")
}

fn configuration(page: &mut Page, diagnosis: &Diagnosis) {
    let mut label = "configuration";
    for file in &diagnosis.configuration.files {
        let state = match file.state {
            FileState::Loaded => "",
            FileState::Absent => ", absent",
            FileState::Wrong => ", wrong and left out",
        };
        row(page, label, &format!("{} {}{state}", file.layer, file.path));
        label = "";
    }
    if !diagnosis.configuration.variables.is_empty() {
        row(page, label, &diagnosis.configuration.variables.join(", "));
    }
}

fn team(page: &mut Page, diagnosis: &Diagnosis) {
    let team = &diagnosis.team;
    let name = team.name.as_deref().unwrap_or("none");
    let verify = team
        .verify
        .as_ref()
        .map(|verify| format!(", verified by `{verify}`"));
    row(
        page,
        "team",
        &format!("{name}{}", verify.unwrap_or_default()),
    );
    let context = team.context.iter().filter(|file| file.present);
    let context: Vec<&str> = context.map(|file| file.path.as_str()).collect();
    if !context.is_empty() {
        let text = format!("reviewers read {}", context.join(", "));
        page.wrapped_in(ASIDE, &sentence(&text), &indent(), &indent());
    }
    if let Some(warning) = &team.warning {
        warn(page, warning);
    }
}

fn workflows(page: &mut Page, diagnosis: &Diagnosis) {
    let names = diagnosis.workflows.iter().map(|workflow| {
        let name = word(&workflow.name);
        match (&workflow.trouble, &workflow.path) {
            (Some(_), _) => format!("{name} (wrong)"),
            (None, Some(path)) => format!("{name} ({})", word(path)),
            (None, None) => format!("{name} (built in)"),
        }
    });
    row(page, "workflows", &names.collect::<Vec<_>>().join(", "));
    for workflow in &diagnosis.workflows {
        if let Some(trouble) = &workflow.trouble {
            warn(page, trouble);
        }
    }
}

fn cache(cache: &CacheCheck) -> String {
    let Some(path) = &cache.path else {
        return "no folder: set LLMUX_CACHE_DIR".to_owned();
    };
    let state = match (cache.exists, cache.writable) {
        (true, true) => "can be written",
        (true, false) => "cannot be written",
        (false, true) => "not there yet",
        (false, false) => "not there and cannot be made",
    };
    let size = cache
        .bytes
        .map(|bytes| format!(", {} KiB", bytes.div_ceil(1024)));
    format!("{path}, {state}{}", size.unwrap_or_default())
}
