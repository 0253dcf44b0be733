//! The change is the enemy's: in CI on a pull request, nothing that the change can edit says how
//! it is reviewed.

use std::fs;

use assert_cmd::Command;
use serde_json::json;

use crate::support::Repo;

/// What the built-in rules call high.
const SHELL: &str = "import subprocess\n\n\ndef run(name):\n    subprocess.run(\"tar czf out.tgz %s\" % name, shell=True, check=True)\n";

/// A project whose owners let nothing high pass, and a branch that says otherwise: in its
/// configuration, its workflow, its rules and its team.
fn asked_to_merge() -> (Repo, String) {
    let repo = Repo::new();
    repo.write("run.py", "");
    repo.config("[gate]\nfail_on = \"high\"\n[rules]\nfiles = [\"rules/*.toml\"]\n");
    repo.write(
        "rules/own.toml",
        "[[rule]]\nid = \"own\"\ntitle = \"Own\"\nmessage = \"Own\"\nrule = \"hardcoded-secret\"\n\
         category = \"security\"\nseverity = \"low\"\nlanguages = \"python\"\n\
         patterns = ['forbidden_word']\nexamples.bad = ['forbidden_word']\n\
         examples.good = ['allowed_word']\n",
    );
    repo.commit("the owners' word");
    let base = repo.git(&["rev-parse", "HEAD"]).trim().to_owned();
    repo.git(&["switch", "-q", "-c", "theirs"]);
    repo.write("run.py", SHELL);
    repo.config("[gate]\nfail_on = \"never\"\n[rules]\ndisable = [\"python-shell-command\"]\n");
    repo.write("rules/own.toml", "this is no rule file");
    repo.write(".llmux/workflows/diff.toml", "this is no workflow");
    repo.write("Cargo.toml", "");
    repo.commit("theirs");
    (repo, base)
}

/// A command as a job on a pull request runs it.
fn on_pull_request(repo: &Repo, base: &str, args: &[&str]) -> Command {
    let event = repo.outside("event.json");
    let payload = json!({"pull_request": {
        "number": 5, "base": {"sha": base, "repo": {"full_name": "us/x"}},
        "head": {"repo": {"full_name": "them/x"}},
    }});
    fs::write(&event, payload.to_string()).unwrap();
    let mut command = repo.llmux(args);
    command
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_EVENT_NAME", "pull_request")
        .env("GITHUB_EVENT_PATH", &event);
    command
}

fn said(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn a_pull_request_cannot_set_how_it_is_reviewed() {
    let (repo, base) = asked_to_merge();
    let range = format!("{base}...HEAD");
    let (code, out, err) = said(&mut on_pull_request(&repo, &base, &["diff", &range]));
    assert_eq!(code, Some(14), "{err}");
    assert!(out.contains("command-injection"), "{out}");
    // Outside of CI the work tree counts, and there its workflow is broken.
    let (code, _, err) = said(&mut repo.llmux(&["diff", &range]));
    assert_eq!(code, Some(2), "{err}");
}

#[test]
fn every_part_of_the_project_comes_from_the_base() {
    let (repo, base) = asked_to_merge();
    repo.write("run.py", "forbidden_word = 1\n");
    repo.commit("breaks a rule of the base");
    let range = format!("{base}...HEAD");
    let (code, out, err) = said(&mut on_pull_request(&repo, &base, &["diff", &range]));
    // The base's rule file, and not the broken one.
    assert!(out.contains("Own"), "{code:?} {out} {err}");
    // Its marker file forms no team of the change.
    assert!(!err.contains("`rust`"), "{err}");
    let show = &["config", "show", "--origin"];
    let (_, out, _) = said(&mut on_pull_request(&repo, &base, show));
    let short = &base[..12];
    assert!(
        out.contains(&format!(".llmux/config.toml at {short}")),
        "{out}"
    );
}

#[test]
fn a_relative_file_is_the_base_s_too() {
    let (repo, base) = asked_to_merge();
    let range = format!("{base}...HEAD");
    let args = ["diff", &range, "--config", ".llmux/config.toml"];
    let (code, _, err) = said(&mut on_pull_request(&repo, &base, &args));
    assert_eq!(code, Some(14), "{err}");
    let args = ["run", ".llmux/workflows/diff.toml", &range];
    let (code, _, err) = said(&mut on_pull_request(&repo, &base, &args));
    // The base has no such file.
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains(".llmux/workflows/diff.toml at"), "{err}");
    let mine = repo.outside("mine.toml");
    fs::write(&mine, "[gate]\nfail_on = \"critical\"\n").unwrap();
    let mine = mine.display().to_string();
    let args = ["diff", &range, "--config", &mine];
    let (code, _, err) = said(&mut on_pull_request(&repo, &base, &args));
    assert_eq!(code, Some(0), "{err}");
}

#[test]
fn a_base_that_was_not_cloned_is_an_error() {
    let (repo, _) = asked_to_merge();
    let missing = "0123456789abcdef0123456789abcdef01234567";
    let (code, _, err) = said(&mut on_pull_request(&repo, missing, &["diff", "HEAD~1"]));
    assert_eq!(code, Some(2), "{err}");
    assert!(
        err.contains("fetch-depth: 0") && err.contains(missing),
        "{err}"
    );
    let mine = repo.outside("mine.toml");
    fs::write(&mine, "").unwrap();
    let args = ["diff", "HEAD~1", "--config", &mine.display().to_string()];
    let (code, _, err) = said(&mut on_pull_request(&repo, missing, &args));
    assert_eq!(code, Some(14), "{err}");
}

#[test]
fn parts_are_joined_where_nothing_was_cloned() {
    let (repo, base) = asked_to_merge();
    let part = repo.outside("llmux.part").display().to_string();
    let args = ["diff", &format!("{base}...HEAD"), "--part", &part];
    let (code, _, err) = said(&mut on_pull_request(&repo, &base, &args));
    assert_eq!(code, Some(14), "{err}");
    let empty = repo.outside("empty");
    fs::create_dir(&empty).unwrap();
    let mut command = on_pull_request(&repo, &base, &["merge", &part]);
    let (code, out, err) = said(command.current_dir(&empty));
    assert_eq!(code, Some(14), "{err}");
    assert!(out.contains("command-injection"), "{out}");
}

#[test]
fn events_that_run_for_strangers_take_the_default_branch_s() {
    let (repo, base) = asked_to_merge();
    let range = format!("{base}...HEAD");
    for event in ["pull_request_target", "issue_comment", "workflow_run"] {
        let mut command = on_pull_request(&repo, "not this one", &["diff", &range]);
        command
            .env("GITHUB_EVENT_NAME", event)
            .env("GITHUB_SHA", &base);
        let (code, _, err) = said(&mut command);
        assert_eq!(code, Some(14), "{event}: {err}");
    }
    let event = repo.outside("queue.json");
    fs::write(
        &event,
        json!({"merge_group": {"base_sha": base}}).to_string(),
    )
    .unwrap();
    let mut command = on_pull_request(&repo, "not this one", &["diff", &range]);
    command
        .env("GITHUB_EVENT_NAME", "merge_group")
        .env("GITHUB_EVENT_PATH", &event);
    let (code, _, err) = said(&mut command);
    assert_eq!(code, Some(14), "merge_group: {err}");
    let mut command = repo.llmux(&["diff", &range]);
    command
        .env("GITLAB_CI", "true")
        .env("CI_PIPELINE_SOURCE", "merge_request_event")
        .env("CI_MERGE_REQUEST_IID", "5")
        .env("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "")
        .env("CI_MERGE_REQUEST_DIFF_BASE_SHA", &base);
    let (code, _, err) = said(&mut command);
    assert_eq!(code, Some(14), "{err}");
    // A push is the owners' own.
    let mut command = on_pull_request(&repo, &base, &["diff", &range]);
    command
        .env("GITHUB_EVENT_NAME", "push")
        .env("GITHUB_EVENT_PATH", "/dev/null");
    let (code, _, err) = said(&mut command);
    assert_eq!(code, Some(2), "{err}");
}

#[test]
fn a_link_in_the_base_leads_nowhere() {
    let repo = Repo::new();
    let outside = repo.outside("theirs.toml");
    fs::write(&outside, "[gate]\nfail_on = \"never\"\n").unwrap();
    repo.write("run.py", "");
    fs::create_dir(repo.dir().join(".llmux")).unwrap();
    std::os::unix::fs::symlink(&outside, repo.dir().join(".llmux/config.toml")).unwrap();
    repo.commit("a link");
    let base = repo.git(&["rev-parse", "HEAD"]).trim().to_owned();
    repo.write("run.py", SHELL);
    repo.commit("theirs");
    let (code, _, err) = said(&mut on_pull_request(&repo, &base, &["diff", "HEAD~1"]));
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("a folder or a link"), "{err}");
}
