//! Programs: shell scripts that behave well and badly.

use std::path::Path;
use std::time::Duration;

use llmux::backends::{ErrorKind, Input, Settings};

use super::{ask, backend, build, environment, request};
use crate::support::Repo;

const TRANSIENT: ErrorKind = ErrorKind::Transient { retry_after: None };

fn shell(script: &str) -> Settings {
    Settings {
        command: Some("sh".to_owned()),
        args: vec!["-c".to_owned(), script.to_owned()],
        ..Settings::default()
    }
}

/// Whether a process of that group runs, or is a zombie that llmux left. Orphans' zombies
/// are for the system's first process to reap, whenever it does.
#[cfg(target_os = "linux")]
fn group_lives(group: &str) -> bool {
    let own = std::process::id().to_string();
    std::fs::read_dir("/proc").unwrap().any(|entry| {
        let stat = std::fs::read_to_string(entry.unwrap().path().join("stat"));
        // The name may hold spaces: fields count from its closing parenthesis.
        stat.is_ok_and(|stat| {
            let fields = stat.rsplit(')').next().unwrap_or_default();
            let fields: Vec<_> = fields.split_whitespace().collect();
            let [state, parent, its_group, ..] = fields[..] else {
                return false;
            };
            its_group == group && (state != "Z" || parent == own)
        })
    })
}

/// Waits for the file that a script writes its process id to.
#[cfg(target_os = "linux")]
async fn group_in(file: &Path) -> String {
    for _ in 0..1000 {
        match std::fs::read_to_string(file) {
            Ok(text) if text.ends_with('\n') => return text.trim().to_owned(),
            _ => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
    panic!("the script did not start");
}

#[cfg(target_os = "linux")]
async fn assert_gone(group: &str) {
    for _ in 0..1000 {
        if !group_lives(group) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a process of group {group} is left");
}

/// Starts a child and a grandchild that both ignore SIGTERM, and stays.
#[cfg(target_os = "linux")]
fn stubborn(file: &Path) -> Settings {
    shell(&format!(
        "trap '' TERM; (trap '' TERM; sleep 600) & sh -c 'sleep 600' & echo $$ > {}; wait; sleep 600",
        file.display()
    ))
}

#[tokio::test]
async fn prompt_goes_in_and_answer_comes_out_while_both_are_larger_than_a_pipe() {
    let long = "0123456789abcdef\n".repeat(100_000);
    let request = request(&long);
    let reply = ask(&shell("cat"), &request).await.unwrap();
    assert_eq!(reply.text, request.prompt.joined());
}

#[tokio::test]
async fn a_program_that_closes_its_input_early_is_heard() {
    let request = request(&"x".repeat(1 << 20));
    let reply = ask(&shell("exec 0<&-; echo answer"), &request).await;
    assert_eq!(reply.unwrap().text, "answer\n");
}

#[tokio::test]
async fn prompt_as_an_argument() {
    let mut settings = shell("printf '%s|%s' \"$1\" \"$2\"");
    settings.input = Input::Argument;
    settings.args.push("zero".to_owned());
    settings.args.push("{model}".to_owned());
    settings.model = Some("small".to_owned());
    let reply = ask(&settings, &request("task")).await.unwrap();
    assert_eq!(
        reply.text,
        "small|You review changes.\n\nThe packet.\n\ntask"
    );

    settings.args[3] = "--ask={prompt}".to_owned();
    settings.model = None;
    let reply = ask(&settings, &request("a {prompt} {model}"))
        .await
        .unwrap();
    assert_eq!(
        reply.text,
        "--ask=You review changes.\n\nThe packet.\n\na {prompt} {model}|"
    );
}

#[tokio::test]
async fn an_argument_that_the_system_would_refuse_is_refused_before_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("started");
    let mut settings = shell(&format!("touch {}", mark.display()));
    settings.input = Input::Argument;
    let error = ask(&settings, &request(&"x".repeat(130_000)))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooLong);
    assert!(error.message.contains("122880"), "{error}");
    assert!(error.message.contains("input = \"stdin\""), "{error}");
    let error = ask(&settings, &request("a\0b")).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooLong, "other prompts go in");
    assert!(error.message.contains("zero byte"), "{error}");
    assert!(!mark.exists());
}

#[tokio::test]
async fn folder_is_empty_and_environment_is_an_allow_list() {
    let seen = environment(&[
        ("HOME", "/home/someone"),
        ("LC_ALL", "C"),
        ("XDG_CACHE_HOME", "/cache"),
        ("https_proxy", "http://proxy:1"),
        ("MY_AGENT_KEY", "secret-of-the-agent"),
        ("NAMED", "named"),
        ("GITHUB_TOKEN", "ghs_never"),
        ("OPENAI_API_KEY", "sk-of-somebody-else"),
        ("LD_PRELOAD", ""),
    ]);
    let mut settings = shell("env; echo '--'; ls -A; echo '--'; pwd; touch left-over");
    settings.env = vec!["NAMED".to_owned()];
    settings.api_key = Some("${MY_AGENT_KEY}".to_owned());
    let backend = build("it", &settings, &seen).unwrap();
    let reply = backend.ask(&request("")).await.unwrap();
    let parts: Vec<_> = reply.text.split("--\n").collect();
    let mut names: Vec<_> = parts[0]
        .lines()
        .filter_map(|line| Some(line.split_once('=')?.0))
        // What the shell sets by itself.
        .filter(|name| !matches!(*name, "PWD" | "OLDPWD" | "SHLVL" | "_"))
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "HOME",
            "LC_ALL",
            "MY_AGENT_KEY",
            "NAMED",
            "PATH",
            // The call's own.
            "TMPDIR",
            "XDG_CACHE_HOME",
            "https_proxy"
        ]
    );
    assert_eq!(parts[1], "", "the folder is not empty");
    let folder = Path::new(parts[2].trim());
    assert!(
        folder.is_absolute() && !folder.exists(),
        "{folder:?} is left"
    );
    assert!(!format!("{backend:?} {}", backend.identity()).contains("secret"));
}

#[tokio::test]
async fn a_path_counts_from_the_folder_that_llmux_runs_in() {
    let program = std::env::current_dir().unwrap();
    let relative = "../".repeat(program.components().count()) + "bin/sh";
    let mut settings = shell("echo here");
    settings.command = Some(relative);
    assert_eq!(ask(&settings, &request("")).await.unwrap().text, "here\n");
}

#[tokio::test]
async fn a_missing_program_is_told_before_and_at_the_call() {
    let mut settings = shell("");
    settings.command = Some("no-such-program".to_owned());
    let missing = backend(&settings);
    assert!(
        missing
            .available()
            .unwrap_err()
            .contains("`no-such-program` is not installed")
    );
    let error = missing.ask(&request("")).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Permanent);

    settings.command = Some("./tests".to_owned());
    let folder = backend(&settings);
    assert!(
        folder
            .available()
            .unwrap_err()
            .contains("no program that can be run")
    );
}

#[test]
fn a_relative_folder_of_path_finds_nothing() {
    let here = std::env::current_dir().unwrap();
    let bin = "../".repeat(here.components().count()) + "bin";
    let environment = [("PATH", bin.as_str())].into_iter().collect();
    let backend = build("it", &shell(""), &environment).unwrap();
    assert!(backend.available().is_err());
}

#[tokio::test]
async fn exit_codes_and_empty_answers_are_errors() {
    let cases = [
        (
            "echo partial; echo 'it broke' >&2; exit 1",
            TRANSIENT,
            "it broke",
        ),
        ("echo 'only here'; exit 3", TRANSIENT, "only here"),
        ("exit 126", ErrorKind::Permanent, "126"),
        ("no-such-program-in-the-shell", ErrorKind::Permanent, "127"),
        ("kill -9 $$", TRANSIENT, "signal"),
        ("true", TRANSIENT, "no answer"),
        ("printf ' \\n'", TRANSIENT, "no answer"),
        ("echo why >&2", TRANSIENT, "why"),
    ];
    for (script, kind, words) in cases {
        let error = ask(&shell(script), &request("")).await.unwrap_err();
        assert_eq!(error.kind, kind, "{script}");
        assert!(error.message.contains(words), "{script}: {error}");
        assert!(error.message.starts_with("`sh` "), "{script}: {error}");
    }
}

#[tokio::test]
async fn messages_hold_neither_prompt_nor_key_nor_escapes() {
    let mut settings =
        shell("cat >&2; printf '\\033[31mkey %s\\a\\033[0m\\r\\n' $MY_KEY >&2; exit 1");
    settings.env = vec!["MY_KEY".to_owned()];
    let seen = environment(&[("MY_KEY", "sk-abcdefghijklmnop")]);
    let backend = build("it", &settings, &seen).unwrap();
    let error = backend.ask(&request("the private task")).await.unwrap_err();
    assert_eq!(error.message, "`sh` ended with exit code 1: key [key]");
}

/// Each line is compared with the whole prompt, and there may be millions.
#[tokio::test]
async fn of_a_long_output_the_end_alone_is_looked_at() {
    let said = |lines: usize| {
        shell(&format!(
            "cat > /dev/null; echo early words; yes 'The private task.' | head -n {lines}; exit 1"
        ))
    };
    let request = request("The private task.");
    let error = ask(&said(1000), &request).await.unwrap_err();
    assert!(error.message.ends_with("early words"), "{error}");
    let error = ask(&said(50_000), &request).await.unwrap_err();
    assert!(error.message.ends_with("it said nothing"), "{error}");
}

#[tokio::test]
async fn output_that_is_not_utf8_is_read_lossily() {
    let reply = ask(&shell("printf 'a\\377b'"), &request("")).await;
    assert_eq!(reply.unwrap().text, "a\u{fffd}b");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_flood_is_stopped_and_its_writer_killed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let mut request = request("");
    request.limits.max_reply_bytes = 100_000;
    let settings = shell(&format!("echo $$ > {}; yes & yes", file.display()));
    let error = ask(&settings, &request).await.unwrap_err();
    assert!(error.message.contains("more than 100000 bytes"), "{error}");
    assert_gone(&group_in(&file).await).await;

    request.limits.max_reply_bytes = 6;
    let reply = ask(&shell("printf 123456"), &request).await;
    assert_eq!(reply.unwrap().text, "123456", "the limit itself is allowed");
}

#[tokio::test]
async fn a_flood_on_standard_error_is_no_harm() {
    let script = "yes 2>/dev/null | head -c 3000000 >&2; echo last words >&2; exit 1";
    let error = ask(&shell(script), &request("")).await.unwrap_err();
    assert!(error.message.ends_with("y | y | last words"), "{error}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_program_that_hangs_is_killed_with_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let mut request = request("");
    request.limits.timeout = Duration::from_secs(2);
    let error = ask(&stubborn(&file), &request).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout);
    assert!(error.message.contains("no answer within 2s"), "{error}");
    assert_gone(&group_in(&file).await).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_cancelled_call_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let request = request("");
    let settings = stubborn(&file);
    let call = ask(&settings, &request);
    let cancel = async {
        let group = group_in(&file).await;
        assert!(group_lives(&group));
        request.cancel.cancel();
        group
    };
    let (reply, group) = tokio::join!(call, cancel);
    assert_eq!(reply.unwrap_err().kind, ErrorKind::Cancelled);
    assert_gone(&group).await;

    let error = ask(&settings, &request).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Cancelled, "a call after the end");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_dropped_call_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let settings = stubborn(&file);
    let request = request("");
    let group = tokio::select! {
        _ = ask(&settings, &request) => panic!("it does not end by itself"),
        group = group_in(&file) => group,
    };
    assert_gone(&group).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_child_that_keeps_the_output_open_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let script = format!("sleep 600 & echo $$ > {}; echo answer", file.display());
    let reply = ask(&shell(&script), &request("")).await.unwrap();
    assert_eq!(reply.text, "answer\n");
    assert_gone(&group_in(&file).await).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_child_that_goes_on_in_silence_is_killed_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let script = format!(
        "sleep 600 >/dev/null 2>&1 </dev/null & echo $$ > {}; echo answer",
        file.display()
    );
    ask(&shell(&script), &request("")).await.unwrap();
    assert_gone(&group_in(&file).await).await;
}

/// Agents read instructions in the folders above, up to the top of a checkout.
#[test]
fn a_checkout_around_the_folder_for_temporary_files_ends_before_the_call() {
    let repo = Repo::new();
    repo.commit("before");
    repo.write("a.py", "a = 1\n");
    repo.commit("after");
    let told = repo.outside("told");
    let script = "d=$PWD; while [ ! -e $d/.git ]; do d=$(dirname $d); done; \
                  echo $d $TMPDIR > $TOLD; : > $TMPDIR/left; echo '{\"findings\":[]}'";
    repo.config(&format!(
        "[backends.sh]\ncommand = \"sh\"\nargs = [\"-c\", {script:?}]\nenv = [\"TOLD\"]\n"
    ));
    let temporary = repo.dir().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    repo.llmux(&["diff", "HEAD~1", "--quiet"])
        .env("TMPDIR", &temporary)
        .env("TOLD", &told)
        .assert()
        .success();
    let told = std::fs::read_to_string(told).unwrap();
    let (top, own) = told.trim().split_once(' ').unwrap();
    assert!(top.contains("/tmp/llmux-"), "{told}");
    assert_eq!(own, format!("{top}/tmp"));
    assert_eq!(std::fs::read_dir(temporary).unwrap().count(), 0);
}
