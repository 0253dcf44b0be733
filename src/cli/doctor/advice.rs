//! What to do: one sentence for each thing that is not as it could be.

use super::ci::CiCheck;
use super::diagnosis::{Diagnosis, Verdict};
use super::git::GitCheck;
use crate::backends::BackendKind;

/// The most important first; `notices` are of the configuration.
pub(super) fn give(diagnosis: &Diagnosis, notices: Vec<String>) -> Vec<String> {
    let mut advice = Vec::new();
    for crew in &diagnosis.crews {
        if let Some(why) = &crew.why {
            let effect = if crew.required {
                "no verdict is possible"
            } else {
                "a plain summary will stand in its place"
            };
            advice.push(format!("step `{}`: {why}; {effect}", crew.step));
        }
    }
    let mut voters = diagnosis.crews.iter().flat_map(|crew| &crew.members);
    if !diagnosis.crews.is_empty() && voters.all(|member| member.authoritative) {
        advice.push(
            "no model reads, only the built-in rules: name models under [backends] in \
             .llmux/config.toml, install an agent CLI such as claude, codex or gemini, or set a \
             key such as OPENAI_API_KEY"
                .to_owned(),
        );
    }
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

fn git(git: &GitCheck) -> Option<String> {
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
            "`pull_request_target` has the repository's secrets: never check out the pull \
             request in this job, or pass `--config` with a file that is not of it"
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
