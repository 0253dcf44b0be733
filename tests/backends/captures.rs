//! What the real agent CLIs printed, played back by scripts of their names.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use llmux::backends::{CallError, ErrorKind, Reply, Settings, Stop, Usage};

use super::agents::{named, on_path, programs};
use super::{build, request};

const ANSWER: &str =
    r#"{"findings":[{"path":"src/a.rs","line":3,"severity":"high","message":"stub finding"}]}"#;

/// A line of the table of captures.
struct Case {
    stem: &'static str,
    exit: i32,
    outcome: &'static str,
    rest: &'static str,
}

fn cases() -> Vec<Case> {
    include_str!("../fixtures/agents.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let mut parts = line.splitn(4, ' ');
            let mut next = || parts.next().unwrap();
            Case {
                stem: next(),
                exit: next().parse().unwrap(),
                outcome: next(),
                rest: next(),
            }
        })
        .collect()
}

impl Case {
    fn check(&self, read: Result<Reply, CallError>) {
        let stem = self.stem;
        let transient = ErrorKind::Transient { retry_after: None };
        match (self.outcome, read) {
            ("answer", Ok(reply)) => self.check_answer(&reply),
            ("length" | "refusal", Ok(reply)) => {
                let (tokens, words) = self.rest.split_once(' ').unwrap();
                let length = self.outcome == "length";
                let stop = if length { Stop::Length } else { Stop::Refusal };
                assert_eq!(reply.stop, stop, "{stem}");
                assert_eq!(reply.usage, usage(tokens), "{stem}");
                assert!(reply.text.contains(words), "{stem}: {}", reply.text);
            }
            (kind, Err(error)) => {
                let kind = match kind {
                    "transient" => transient,
                    "permanent" => ErrorKind::Permanent,
                    "denied" => ErrorKind::Denied,
                    "too-long" => ErrorKind::TooLong,
                    _ => panic!("{stem}: {error}"),
                };
                assert_eq!(error.kind, kind, "{stem}: {error}");
                assert!(error.message.contains(self.rest), "{stem}: {error}");
                assert!(!error.message.contains('\u{1b}'), "{stem}: {error}");
                assert!(error.message.len() < 600, "{stem}: {error}");
            }
            (_, read) => panic!("{stem}: {read:?}"),
        }
    }

    fn check_answer(&self, reply: &Reply) {
        let stem = self.stem;
        let [tokens, cost, model] = self.rest.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{stem}: {}", self.rest);
        };
        assert_eq!(reply.text.trim_end(), ANSWER, "{stem}");
        assert_eq!(reply.usage, usage(tokens), "{stem}");
        let dollars = reply.cost_usd.map(|cost| format!("{cost:.5}"));
        let expected = some(cost).map(|cost| format!("{:.5}", cost.parse::<f64>().unwrap()));
        assert_eq!(dollars, expected, "{stem}");
        assert_eq!(reply.model.as_deref(), some(model), "{stem}");
        assert_eq!(reply.stop, Stop::End, "{stem}");
    }
}

fn some(text: &str) -> Option<&str> {
    (text != "-").then_some(text)
}

fn usage(text: &str) -> Option<Usage> {
    let counts = some(text)?.split('/').map(|count| count.parse().unwrap());
    let [input, cached_input, output] = counts.collect::<Vec<_>>()[..] else {
        panic!("{text}");
    };
    Some(Usage {
        input,
        cached_input,
        output,
    })
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/agents")
}

/// A capture as the output of the program that it is named after, which reads its prompt first.
async fn played(programs: &Path, stem: &str, exit: i32) -> Result<Reply, CallError> {
    let base = fixtures().join(stem).display().to_string();
    let exit = exit.to_string();
    let seen = on_path(programs, &[("CASE", &base), ("EXIT", &exit)]);
    let mut settings: Settings = named(stem.split('-').next().unwrap());
    settings.env = vec!["CASE".to_owned(), "EXIT".to_owned()];
    if let Some(format) = ["-text-", "-streamjson-", "-stream-"]
        .into_iter()
        .find(|format| stem.contains(format))
    {
        let format = if format == "-text-" {
            "text"
        } else {
            "stream-json"
        };
        settings.args = vec!["--output-format".to_owned(), format.to_owned()];
    }
    let backend = build("it", &settings, &seen).unwrap();
    backend.ask(&request("the task")).await
}

const NAMES: &[&str] = &["claude", "codex", "gemini", "opencode", "copilot"];

const PLAYER: &str = r#"cat > /dev/null
[ ! -f "$CASE.out" ] || cat "$CASE.out"
[ ! -f "$CASE.err" ] || cat "$CASE.err" >&2
exit "$EXIT""#;

#[tokio::test]
async fn every_capture_is_read_as_what_it_is() {
    let folder = programs(NAMES, PLAYER);
    for case in cases() {
        case.check(played(folder.path(), case.stem, case.exit).await);
    }
}

/// An exit code of 0 makes no answer of a failure, and another one no success of an answer.
#[tokio::test]
async fn an_exit_code_alone_never_decides() {
    let folder = programs(NAMES, PLAYER);
    let cases = cases();
    for case in cases.iter().filter(|case| !case.stem.contains("-text-")) {
        let turned = i32::from(case.exit == 0);
        let read = played(folder.path(), case.stem, turned).await;
        match case.outcome {
            "length" | "refusal" => case.check(read),
            _ => assert!(read.is_err(), "{}: {read:?}", case.stem),
        }
    }
}

#[test]
fn no_capture_is_without_a_case() {
    let files: BTreeSet<String> = fs::read_dir(fixtures())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|file| file.rsplit_once('.').unwrap().0.to_owned())
        .filter(|stem| stem != "claude-hostile-repo")
        .collect();
    let cases = cases()
        .iter()
        .map(|case| case.stem.to_owned())
        .collect::<BTreeSet<_>>();
    assert_eq!(files, cases);
}

/// A table of what claude did in a hostile checkout, by its options: hooks that ran, servers
/// that started, the address that got the key. The preset's options are among the good ones.
#[test]
fn the_options_of_claude_held_against_a_hostile_checkout() {
    let table = fs::read_to_string(fixtures().join("claude-hostile-repo.txt")).unwrap();
    let held = |options: &str| {
        let line = table
            .lines()
            .find(|line| line.starts_with(options))
            .unwrap();
        !line.contains("evilbase") && line.contains("files= ") && line.contains("claude_md=0")
    };
    assert!(held("[--tools  --setting-sources ]"));
    assert!(!held("[--tools ]"), "the capture shows what it is about");
}
