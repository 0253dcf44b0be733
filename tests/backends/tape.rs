//! Recorded replies.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use llmux::backends::{
    Backend, BoxFuture, CallError, ErrorKind, Mode, Reply, Request, Stop, Tape, TapeError, Taped,
    Usage,
};
use serde_json::json;

use super::request;

/// Answers with its own words and counts.
#[derive(Debug)]
struct Stub {
    name: &'static str,
    identity: &'static str,
    stop: Stop,
    asked: AtomicUsize,
}

impl Stub {
    fn new(name: &'static str, identity: &'static str) -> Arc<Self> {
        Arc::new(Self {
            name,
            identity,
            stop: Stop::End,
            asked: AtomicUsize::new(0),
        })
    }
}

impl Backend for Stub {
    fn name(&self) -> &str {
        self.name
    }

    fn available(&self) -> Result<(), String> {
        Err("no key".to_owned())
    }

    fn identity(&self) -> String {
        self.identity.to_owned()
    }

    fn ask<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Reply, CallError>> {
        Box::pin(async move {
            let count = self.asked.fetch_add(1, Ordering::Relaxed);
            if request.prompt.task == "fail" {
                return Err(CallError::transient("down"));
            }
            Ok(Reply {
                text: format!("answer {count}\r\n\u{1f980}\u{0}"),
                model: Some("m".to_owned()),
                usage: Some(Usage {
                    input: 3,
                    cached_input: 1,
                    output: 2,
                }),
                cost_usd: Some(0.1 + 0.2),
                latency: Duration::from_secs(5),
                stop: self.stop,
            })
        })
    }
}

fn recording(stub: &Arc<Stub>, folder: &std::path::Path) -> Taped {
    let tape = Arc::new(Tape::record(folder).unwrap());
    Taped::new(stub.clone(), tape, Mode::Record)
}

fn replaying(stub: &Arc<Stub>, folder: &std::path::Path) -> Taped {
    let tape = Arc::new(Tape::replay(folder).unwrap());
    Taped::new(stub.clone(), tape, Mode::Replay)
}

fn files(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn what_was_recorded_is_replayed_without_asking() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("deep/tape");
    let stub = Stub::new("one", "model=m");
    let recorded = recording(&stub, &folder).ask(&request("a")).await.unwrap();
    assert_eq!(recorded.latency, Duration::from_secs(5));
    let bytes = fs::read(&files(&folder)[0]).unwrap();

    let player = replaying(&stub, &folder);
    assert_eq!(player.name(), "one");
    player.available().unwrap();
    for _ in 0..2 {
        let replayed = player.ask(&request("a")).await.unwrap();
        assert_eq!(replayed.latency, Duration::ZERO);
        let latency = recorded.latency;
        assert_eq!(
            Reply {
                latency,
                ..replayed
            },
            recorded
        );
    }
    assert_eq!(stub.asked.load(Ordering::Relaxed), 1);

    // The same answer, recorded elsewhere, is the same file.
    let other = tempfile::tempdir().unwrap();
    recording(&Stub::new("one", "model=m"), other.path())
        .ask(&request("a"))
        .await
        .unwrap();
    assert_eq!(fs::read(&files(other.path())[0]).unwrap(), bytes);
    assert_eq!(
        files(other.path())[0].file_name(),
        files(&folder)[0].file_name()
    );
}

#[tokio::test]
async fn everything_that_changes_the_answer_is_another_call() {
    let folder = tempfile::tempdir().unwrap();
    let stub = Stub::new("one", "model=m");
    recording(&stub, folder.path())
        .ask(&request("a"))
        .await
        .unwrap();
    let missing = async |stub: &Arc<Stub>, change: fn(&mut Request)| {
        let mut request = request("a");
        change(&mut request);
        let reply = replaying(stub, folder.path()).ask(&request).await;
        reply.err().map(|error| {
            assert_eq!(error.kind, for_good());
            error.message
        })
    };
    let changes: [fn(&mut Request); 6] = [
        |r| r.prompt.task = "b".to_owned(),
        |r| r.prompt.packet = "b".into(),
        |r| r.prompt.fixed = "b".into(),
        |r| r.schema = Some(Arc::new(json!({}))),
        |r| r.limits.temperature = Some(0.0),
        |r| r.limits.max_output_tokens = Some(1),
    ];
    for change in changes {
        let message = missing(&stub, change).await.unwrap();
        assert!(message.contains("not on the tape"), "{message}");
        assert!(message.contains("record it with --record"), "{message}");
    }
    // Text that moves from one part to the next is not the same prompt.
    assert!(
        missing(&stub, |r| {
            r.prompt.packet = "The packet".into();
            r.prompt.task = ".a".to_owned();
        })
        .await
        .is_some()
    );
    assert!(
        missing(&Stub::new("two", "model=m"), |_| {})
            .await
            .is_some()
    );
    assert!(
        missing(&Stub::new("one", "model=n"), |_| {})
            .await
            .is_some()
    );
    let same: [fn(&mut Request); 3] = [
        |_| {},
        |r| r.roles = vec!["critic".to_owned()],
        |r| r.limits.timeout = Duration::from_secs(1),
    ];
    for change in same {
        assert_eq!(missing(&stub, change).await, None);
    }
}

#[tokio::test]
async fn failures_and_refusals_are_replayed_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let stub = Arc::new(Stub {
        stop: Stop::Refusal,
        ..Arc::into_inner(Stub::new("one", "")).unwrap()
    });
    let taped = recording(&stub, folder.path());
    assert_eq!(taped.ask(&request("a")).await.unwrap().stop, Stop::Refusal);
    let failure = taped.ask(&request("fail")).await.unwrap_err();
    assert_eq!(
        taped.available(),
        Err("no key".to_owned()),
        "recording asks"
    );
    let player = replaying(&stub, folder.path());
    player.available().unwrap();
    assert_eq!(player.ask(&request("a")).await.unwrap().stop, Stop::Refusal);
    let replayed = player.ask(&request("fail")).await.unwrap_err();
    assert_eq!(replayed.message, failure.message);
    assert_eq!(replayed.kind, for_good());

    let other = replaying(&Stub::new("two", ""), folder.path());
    let message = other.available().unwrap_err();
    assert!(message.contains("holds no reply of `two`"), "{message}");
}

/// Of no use to ask again, and no sign that the backend's other calls are missing.
fn for_good() -> ErrorKind {
    ErrorKind::Transient {
        retry_after: Some(Duration::MAX),
    }
}

#[tokio::test]
async fn a_tape_alone_says_who_is_on_it_and_plays_them() {
    let folder = tempfile::tempdir().unwrap();
    for (name, identity) in [("zeta", "a"), ("alpha", "a"), ("alpha", "b")] {
        let stub = Stub::new(name, identity);
        recording(&stub, folder.path())
            .ask(&request("a"))
            .await
            .unwrap();
    }
    fs::write(folder.path().join("README.md"), "what this is").unwrap();
    let tape = Arc::new(Tape::replay(folder.path()).unwrap());
    assert_eq!(tape.backends().unwrap(), ["alpha", "zeta"]);
    let zeta = Taped::player("zeta", tape.clone()).unwrap();
    zeta.available().unwrap();
    assert!(
        zeta.ask(&request("a"))
            .await
            .unwrap()
            .text
            .starts_with("answer 0")
    );
    let error = Taped::player("alpha", tape.clone()).unwrap_err();
    assert!(
        error.to_string().contains("under 2 configurations"),
        "{error}"
    );
    let nobody = Taped::player("nobody", tape).unwrap();
    assert!(nobody.available().is_err());
}

#[tokio::test]
async fn a_file_that_is_no_entry_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let stub = Stub::new("one", "");
    recording(&stub, folder.path())
        .ask(&request("a"))
        .await
        .unwrap();
    let file = files(folder.path()).remove(0);
    let whole = fs::read_to_string(&file).unwrap();
    let half = &whole[..whole.len() / 2];
    let newer = whole.replace("\"llmux_tape\": 1", "\"llmux_tape\": 2");
    let more = whole.replacen('{', "{\"extra\": 1,", 1);
    for (text, words) in [
        (half, "no entry of a tape"),
        ("", "no entry of a tape"),
        ("{\"name\": \"package\"}", "no entry of a tape"),
        (newer.as_str(), "its version is 2"),
        (more.as_str(), "unknown field"),
    ] {
        fs::write(&file, text).unwrap();
        let player = replaying(&stub, folder.path());
        let error = player.ask(&request("a")).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Permanent);
        for message in [error.message, player.available().unwrap_err()] {
            assert!(message.contains(words), "{message}");
            assert!(message.contains(&file.display().to_string()), "{message}");
        }
    }
    // Another call's entry under this name.
    fs::write(&file, &whole).unwrap();
    let copy = folder.path().join("copy.json");
    fs::copy(&file, &copy).unwrap();
    let error = Tape::replay(folder.path()).unwrap().backends().unwrap_err();
    assert!(error.to_string().contains("copy.json"), "{error}");
}

#[test]
fn folders_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let error = Tape::replay(&missing).unwrap_err();
    assert!(matches!(error, TapeError::Missing(path) if path == missing));
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Tape::record(&file).unwrap_err();
    assert!(error.to_string().contains("cannot write"), "{error}");
    assert!(Tape::replay(&file).is_err());
}

/// Each sample of a question has an entry of its own; the first is the question without samples.
#[tokio::test]
async fn samples_are_apart() {
    let folder = tempfile::tempdir().unwrap();
    let stub = Stub::new("a", "x");
    let recorder = recording(&stub, folder.path());
    let sample = |number| Request {
        sample: number,
        ..request("look")
    };
    for number in 1..=3 {
        recorder.ask(&sample(number)).await.unwrap();
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    let player = replaying(&stub, folder.path());
    for number in [2, 3, 1] {
        let reply = player.ask(&sample(number)).await.unwrap();
        assert!(
            reply.text.starts_with(&format!("answer {}", number - 1)),
            "{}",
            reply.text
        );
    }
    assert!(player.ask(&sample(4)).await.is_err());
}

/// A replay that has only the tape asks as the recording did.
#[tokio::test]
async fn a_player_knows_whether_a_temperature_has_an_effect() {
    for takes in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let tape = Arc::new(Tape::record(folder.path()).unwrap());
        let cold = Arc::new(Cold { takes });
        let recorder = Taped::new(cold, Arc::clone(&tape), Mode::Record);
        for sample in 1..=2 {
            let request = Request {
                sample,
                ..request("look")
            };
            recorder.ask(&request).await.unwrap();
        }
        let player = Taped::player("cold", tape).unwrap();
        assert_eq!(player.takes_temperature(), takes);
    }
}

#[derive(Debug)]
struct Cold {
    takes: bool,
}

impl Backend for Cold {
    fn name(&self) -> &'static str {
        "cold"
    }

    fn available(&self) -> Result<(), String> {
        Ok(())
    }

    fn identity(&self) -> String {
        "cold".to_owned()
    }

    fn takes_temperature(&self) -> bool {
        self.takes
    }

    fn ask<'a>(&'a self, _: &'a Request) -> BoxFuture<'a, Result<Reply, CallError>> {
        Box::pin(async { Ok(Reply::default()) })
    }
}
