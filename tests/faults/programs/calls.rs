//! Single calls, as the library makes them, through the binary as a guard.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use llmux::backends::rules::Rules;
use llmux::backends::{
    Backend, CallError, Environment, ErrorKind, Limits, Prompt, Reply, Request, Settings,
};
use tokio_util::sync::CancellationToken;

use super::scene::{MARK, Scene};

const TRANSIENT: ErrorKind = ErrorKind::Transient { retry_after: None };

fn request(task: &str) -> Request {
    Request {
        roles: vec!["analyzer".to_owned()],
        prompt: Prompt {
            task: task.to_owned(),
            ..Prompt::default()
        },
        schema: None,
        model: None,
        sample: 1,
        files: Vec::new(),
        limits: Limits {
            timeout: Duration::from_mins(1),
            idle_timeout: None,
            max_output_tokens: None,
            temperature: None,
            max_reply_bytes: 4 << 20,
        },
        cancel: CancellationToken::new(),
    }
}

fn backend(scene: &Scene, command: &str, args: &[&str]) -> Arc<dyn Backend> {
    let settings = Settings {
        command: Some(command.to_owned()),
        args: args.iter().map(ToString::to_string).collect(),
        env: vec![MARK.to_owned()],
        ..Settings::default()
    };
    let path = std::env::var("PATH").unwrap();
    let environment: Environment = [("PATH", path.as_str()), (MARK, scene.mark())]
        .into_iter()
        .collect();
    let environment = environment.guarded_by(env!("CARGO_BIN_EXE_llmux"));
    llmux::backends::build("it", &settings, &environment, &Rules::builtin()).unwrap()
}

async fn ask(script: &str, request: &Request) -> Result<Reply, CallError> {
    let scene = Scene::new("");
    let reply = backend(&scene, "sh", &["-c", script]).ask(request).await;
    scene.assert_nothing_left();
    reply
}

#[tokio::test]
async fn kinds_of_failures_are_those_without_a_guard() {
    let cases = [
        (
            "echo 'it broke' >&2; exit 1",
            TRANSIENT,
            "exit code 1: it broke",
        ),
        ("exit 126", ErrorKind::Permanent, "126"),
        ("exit 127", ErrorKind::Permanent, "127"),
        ("exit 145", TRANSIENT, "exit code 145"),
        ("kill -KILL $$", TRANSIENT, "signal: 9 (SIGKILL)"),
        ("kill -TERM $$", TRANSIENT, "signal: 15 (SIGTERM)"),
        ("kill -SEGV $$", TRANSIENT, "signal: 11 (SIGSEGV)"),
        ("kill -PIPE $$", TRANSIENT, "signal: 13 (SIGPIPE)"),
        ("true", TRANSIENT, "no answer"),
    ];
    for (script, kind, words) in cases {
        let error = ask(script, &request("")).await.unwrap_err();
        assert_eq!(error.kind, kind, "{script}: {error}");
        assert!(error.message.contains(words), "{script}: {error}");
    }
}

#[tokio::test]
async fn a_program_that_cannot_be_started_says_so() {
    use std::os::unix::fs::PermissionsExt as _;

    let scene = Scene::new("");
    let file = scene.outside("no-program");
    fs::write(&file, "neither a script nor a binary\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let error = backend(&scene, file.to_str().unwrap(), &[])
        .ask(&request(""))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Permanent);
    assert!(
        error
            .message
            .contains("cannot be started: Exec format error"),
        "{error}"
    );

    // Its interpreter is missing.
    fs::write(&file, "#!/no/such/interpreter\n").unwrap();
    let error = backend(&scene, file.to_str().unwrap(), &[])
        .ask(&request(""))
        .await
        .unwrap_err();
    assert!(
        error.message.contains("cannot be started: No such file"),
        "{error}"
    );

    // It is being written just now.
    fs::copy("/bin/true", &file).unwrap();
    let writer = fs::File::options().append(true).open(&file).unwrap();
    let busy = backend(&scene, file.to_str().unwrap(), &[]);
    let error = busy.ask(&request("")).await.unwrap_err();
    drop(writer);
    assert_eq!(error.kind, TRANSIENT, "{error}");
    assert!(
        error.message.contains("cannot be started: Text file busy"),
        "{error}"
    );
    scene.assert_nothing_left();
}

#[tokio::test]
async fn a_program_gets_pipes_and_nothing_else() {
    let list = "ls -l /proc/self/fd | sed 's/.* \\([0-9]* -> \\)/\\1/'";
    let open = |text: &str| -> BTreeMap<u32, String> {
        let lines = text.lines().filter_map(|line| line.split_once(" -> "));
        lines
            .map(|(number, file)| (number.parse().unwrap(), file.to_owned()))
            .filter(|(_, file): &(_, String)| !file.starts_with("/proc/"))
            .collect()
    };
    let mut own = open(&ask(list, &request("")).await.unwrap().text);
    for number in 0..3 {
        assert!(own.remove(&number).unwrap().starts_with("pipe:"));
    }
    // What whoever runs the tests left open is there as well.
    let foreign = open(&without_llmux(list));
    own.retain(|number, file| foreign.get(number) != Some(file));
    assert!(own.is_empty(), "{own:?}");

    let reply = ask("env", &request("")).await.unwrap();
    let mut names: Vec<_> = reply
        .text
        .lines()
        .filter_map(|line| Some(line.split_once('=')?.0))
        // What the shell sets by itself.
        .filter(|name| !matches!(*name, "PWD" | "OLDPWD" | "SHLVL" | "_"))
        .collect();
    names.sort_unstable();
    // A folder of its own for temporary files, which goes with the call.
    assert_eq!(names, [MARK, "PATH", "TMPDIR"]);

    // No terminal to ask questions on.
    let reply = ask(
        "(: </dev/tty) 2>/dev/null && echo yes || echo no",
        &request(""),
    )
    .await;
    assert_eq!(reply.unwrap().text, "no\n");

    // Nor a signal that it would be deaf to, unless who runs the tests is.
    let deaf = "grep -E 'Sig(Ign|Blk)' /proc/self/status";
    let reply = ask(deaf, &request("")).await.unwrap();
    assert_eq!(reply.text, without_llmux(deaf));
}

/// What a script says that the tests start themselves.
fn without_llmux(script: &str) -> String {
    let output = std::process::Command::new("sh")
        .args(["-c", script])
        .output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}

#[tokio::test]
async fn a_large_prompt_and_a_large_answer_pass_each_other() {
    let long = "0123456789abcdef\n".repeat(100_000);
    let reply = ask("cat", &request(&long)).await.unwrap();
    assert_eq!(reply.text, long);
}

#[tokio::test]
async fn a_program_that_closes_its_input_early_is_heard_at_once() {
    let request = request(&"x".repeat(3 << 20));
    for script in [
        "exec 0<&-; echo answer",
        "exec 0<&-; sleep 1; echo answer",
        "head -c 10 >/dev/null; echo answer",
    ] {
        let reply = ask(script, &request).await;
        assert_eq!(reply.unwrap().text, "answer\n", "{script}");
    }
}

#[tokio::test]
async fn a_flood_of_words_that_hides_an_answer_is_bounded() {
    let mut request = request("");
    request.limits.max_reply_bytes = 100_000;
    let error = ask("echo answer; exec yes >&2", &request)
        .await
        .unwrap_err();
    assert_eq!(error.kind, TRANSIENT);
    assert!(
        error
            .message
            .contains("more than 100000 bytes to standard error"),
        "{error}"
    );
    let error = ask("yes >&2 & exec yes", &request).await.unwrap_err();
    assert!(
        error.message.contains("more than 100000 bytes to standard"),
        "{error}"
    );
}

#[tokio::test]
async fn bytes_that_are_no_text_are_bounded_as_text() {
    let mut request = request("");
    request.limits.max_reply_bytes = 100_000;
    let script = "head -c 60000 /dev/zero | tr '\\0' '\\377'";
    let error = ask(script, &request).await.unwrap_err();
    assert!(error.message.contains("more than 100000 bytes"), "{error}");
}

#[tokio::test]
async fn a_cancelled_call_leaves_nothing() {
    let scene = Scene::new("");
    let started = scene.outside("started");
    let script = format!(
        "trap '' TERM; setsid sleep 600 & echo $$ > {}; while :; do sleep 1; done",
        started.display()
    );
    let backend = backend(&scene, "sh", &["-c", &script]);
    let request = request("");
    let cancel = async {
        while !fs::read_to_string(&started).is_ok_and(|text| text.ends_with('\n')) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        request.cancel.cancel();
    };
    let (reply, ()) = tokio::join!(backend.ask(&request), cancel);
    assert_eq!(reply.unwrap_err().kind, ErrorKind::Cancelled);
    assert!(
        scene.processes().is_empty(),
        "at once: {:#?}",
        scene.processes()
    );

    // A call whose future is dropped has a guard that goes on.
    fs::remove_file(&started).unwrap();
    let fresh = self::request("");
    let wait = async {
        while !fs::read_to_string(&started).is_ok_and(|text| text.ends_with('\n')) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        _ = backend.ask(&fresh) => panic!("it does not end by itself"),
        () = wait => {}
    }
    scene.assert_nothing_left();
}

/// Counts its own process alone, since the tests of one program share theirs.
#[test]
fn many_calls_leave_neither_zombies_nor_descriptors() {
    let scene = Scene::new("echo prose");
    for number in 0..150 {
        scene.repo.write(
            &format!("f{number}.py"),
            &format!("y = {number}\n").repeat(150),
        );
    }
    scene.repo.commit("many");
    scene.configure("max_concurrent = 4\n[packets]\nmax_tokens = 600\n");
    let mut child = scene.review().spawn().unwrap();
    let own = child.id();
    let (mut descriptors, mut children) = (0, 0);
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        let open = fs::read_dir(format!("/proc/{own}/fd")).map_or(0, Iterator::count);
        descriptors = descriptors.max(open);
        children = children.max(children_of(own));
        assert!(started.elapsed() < Duration::from_mins(2));
        // The report is larger than a pipe holds.
        let stdout = child.stdout.take();
        if let Some(mut stdout) = stdout {
            std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(child.wait().unwrap().code(), Some(3));
    // Four calls with three pipes and a process each, their folders, and what a runtime has:
    // one that a call left behind would make them more than the calls.
    assert!((1..120).contains(&descriptors), "{descriptors} descriptors");
    assert!((1..=12).contains(&children), "{children} children");
    scene.assert_nothing_left();
}

fn children_of(parent: u32) -> usize {
    let parent = parent.to_string();
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let stats = entries.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    stats
        .filter(|stat| {
            let fields = stat.rsplit(')').next().unwrap_or_default();
            fields.split_whitespace().nth(1) == Some(&parent)
        })
        .count()
}
