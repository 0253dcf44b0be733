//! What to do: one sentence for each thing that is not as it could be.

use super::backends::{BackendCheck, Origin, State};
use super::crews::CrewCheck;
use super::diagnosis::{Diagnosis, Verdict};
use super::git::GitCheck;
use crate::backends::BackendKind;
use crate::cli::ci::CiCheck;

/// The most important first; `notices` are of the configuration, and `is_chosen` says
/// whether `--backend` named the backends.
pub(super) fn give(diagnosis: &Diagnosis, is_chosen: bool, notices: Vec<String>) -> Vec<String> {
    let mut advice = Vec::new();
    // What an interrupted look did not see lacks nothing.
    if !diagnosis.interrupted {
        advice.extend(steps(diagnosis));
        advice.extend(readers(diagnosis, is_chosen));
    }
    advice.extend(fixes(diagnosis));
    advice.extend(git(&diagnosis.git));
    if let Some(ci) = &diagnosis.ci {
        advice.extend(pull_request(ci, &diagnosis.git));
    }
    for one in &diagnosis.network.certificates {
        if !one.readable {
            let (variable, path) = (one.variable, &one.path);
            advice.push(format!(
                "{variable}: {path} cannot be read; correct or unset it"
            ));
        }
    }
    if !diagnosis.cache.writable {
        advice.push(
            "the cache folder cannot be written: set LLMUX_CACHE_DIR to one that can".to_owned(),
        );
    }
    advice.extend(notices);
    let untried = diagnosis.backends.iter();
    let mut untried = untried.filter(|check| check.kind != Some(BackendKind::Rules));
    if diagnosis.verdict == Verdict::Ready
        && !diagnosis.probed
        && untried.any(|check| check.state.works())
    {
        advice.push("`llmux doctor --probe` asks each backend one question".to_owned());
    }
    advice
}

/// Steps that cannot do their part; those with the same trouble stand together.
fn steps(diagnosis: &Diagnosis) -> Vec<String> {
    let lacking = diagnosis.crews.iter().filter_map(|crew| {
        let effect = if crew.required {
            "no verdict is possible"
        } else {
            "a plain summary will stand in its place"
        };
        Some((format!("{}; {effect}", crew.why.as_ref()?), &*crew.step))
    });
    together("step", lacking)
}

/// What to do about each backend that cannot be asked.
fn fixes(diagnosis: &Diagnosis) -> Vec<String> {
    let troubled = diagnosis.backends.iter().filter_map(|check| {
        let probe = check.probe.as_ref();
        let error = probe.and_then(|probe| probe.error.as_ref());
        let why = match check.state {
            State::Failed => error.or(check.trouble.as_ref()),
            State::NotUsable | State::Broken => check.trouble.as_ref(),
            _ => None,
        };
        Some((why?.clone(), &*check.name))
    });
    let mut fixes = together("backend", troubled);
    let left_out = diagnosis.backends.iter();
    let left_out = left_out.filter(|check| check.state == State::LeftOut);
    let mut models = diagnosis.backends.iter().filter(|check| is_model(check));
    if !models.any(|check| check.state.works()) || !diagnosis.crews.iter().all(CrewCheck::is_sound)
    {
        let why = "drop --offline, or mark what needs no network with `local = true`";
        let left_out = left_out.map(|check| (why.to_owned(), &*check.name));
        fixes.extend(together("backend", left_out));
    }
    fixes
}

/// One sentence for all names of which the same is said, in the order of the first.
fn together<'a>(what: &str, said: impl Iterator<Item = (String, &'a str)>) -> Vec<String> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for (text, name) in said {
        let name = format!("`{name}`");
        match groups.iter_mut().find(|(known, _)| *known == text) {
            Some((_, names)) => names.push(name),
            None => groups.push((text, vec![name])),
        }
    }
    let sentence = |(text, names): (String, Vec<String>)| {
        let plural = if names.len() == 1 { "" } else { "s" };
        format!("{what}{plural} {}: {text}", names.join(", "))
    };
    groups.into_iter().map(sentence).collect()
}

/// Where no model reads the change.
fn readers(diagnosis: &Diagnosis, is_chosen: bool) -> Option<String> {
    // What a layer that was left out configures is not known.
    if diagnosis.crews.is_empty() || diagnosis.configuration.errors.is_some() {
        return None;
    }
    let mut members = diagnosis.crews.iter().flat_map(|crew| &crew.members);
    let mut models = diagnosis.backends.iter().filter(|check| is_model(check));
    let is_any = models.clone().next().is_some();
    let advice = if is_any && !models.any(|check| check.state.works()) {
        let found = models_were_found(diagnosis);
        let origin = if found {
            "that were found"
        } else {
            "that are configured"
        };
        format!("none of the models {origin} can be asked: no model reads the change")
    } else if !members.all(|member| member.authoritative) {
        return None;
    } else if is_any || is_chosen {
        "no model reads: no crew has one; name models in `backends` of the roles or with --backend"
            .to_owned()
    } else {
        "no model reads, only the built-in rules: name models under [backends] in \
         .llmux/config.toml, install an agent CLI such as claude, codex or gemini, or set a \
         key such as OPENAI_API_KEY"
            .to_owned()
    };
    Some(advice)
}

fn is_model(check: &BackendCheck) -> bool {
    check.kind != Some(BackendKind::Rules) && !check.authoritative
}

fn models_were_found(diagnosis: &Diagnosis) -> bool {
    let mut backends = diagnosis.backends.iter();
    backends.any(|check| check.origin == Origin::Found)
}

fn git(git: &GitCheck) -> Option<String> {
    if git.root.is_none() {
        return Some(
            "no git repository here: `llmux diff` needs one, or --patch with a file".to_owned(),
        );
    }
    // Where it already hurts, the trouble says so.
    (git.shallow && git.trouble.is_none()).then(|| {
        "this clone is shallow: where the merge base was not cloned, a review fails; fetch the \
         whole history (`fetch-depth: 0` for actions/checkout, `GIT_DEPTH: 0` in GitLab, or \
         `git fetch --unshallow`)"
            .to_owned()
    })
}

fn pull_request(ci: &CiCheck, git: &GitCheck) -> Vec<String> {
    let mut advice = Vec::new();
    let event = ci.event.as_deref().unwrap_or_default();
    if event == "pull_request_target" {
        advice.push(
            "`pull_request_target` has the repository's secrets: llmux takes its configuration from \
             the base branch, but no step of this job may run code of the pull request"
                .to_owned(),
        );
    } else if ci.runner == "github" && ci.fork == Some(true) {
        advice.push(
            "this pull request comes from a fork, so that no secret and no key is here: only \
             backends without a key can be asked"
                .to_owned(),
        );
    }
    if let (Some(target), Some(default)) = (&ci.target, &git.default_branch)
        && default.strip_prefix("origin/").unwrap_or(default) != target
    {
        advice.push(if is_plain(target) {
            format!(
                "the request is to be merged into `{target}`, and `llmux diff` compares with \
                 `{default}`: run `llmux diff origin/{target}...HEAD`"
            )
        } else {
            format!("the request is not to be merged into `{default}`: name the range")
        });
    }
    advice
}

/// Whether a branch's name may stand in a command that is copied into a shell.
fn is_plain(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-');
    !name.starts_with('-') && name.chars().all(allowed)
}
