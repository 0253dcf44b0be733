//! The sequence of pushes to one pull request.

use serde_json::{Value, json};

use super::{Scene, claim};
use crate::support::github::{Note, OWN, State, Thread};

const BEFORE: &str =
    "def first(items):\n    return items[0]\n\n\ndef last(items):\n    return items[-1]\n";
const AFTER: &str =
    "def first(items):\n    return items[1]\n\n\ndef last(items):\n    return items[len(items)]\n";
/// The first is mended, the last is moved, a third is new.
const AGAIN: &str = "def first(items):\n    return items[0]\n\n\nLIMIT = 3\n\n\ndef last(items):\n    return items[len(items)]\n\n\ndef each(items):\n    while True:\n        yield items\n";

fn first() -> Value {
    claim("a.py", 2, "    return items[1]", "Wrong element")
}

fn last() -> Value {
    let mut last = claim(
        "a.py",
        6,
        "    return items[len(items)]",
        "Index past the end",
    );
    last["suggestion"] = json!("    return items[-1]");
    last
}

fn each() -> Value {
    claim("a.py", 13, "    while True:", "Loop without an end")
}

async fn scene() -> Scene {
    Scene::new(&[("a.py", BEFORE)], &[("a.py", AFTER)]).await
}

fn open(state: &State) -> Vec<&Thread> {
    state.threads.iter().filter(|it| !it.resolved).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_review_with_a_comment_on_its_line_and_one_summary() {
    let scene = scene().await;
    scene.finds(json!([last()]));
    let end = scene.review(&["7"]);
    assert_eq!(end.code, Some(14), "{}", end.err);
    let state = scene.hub.state();
    assert_eq!(state.reviews.len(), 1, "{}", end.err);
    let [thread] = &state.threads[..] else {
        panic!("{:?}", state.threads)
    };
    assert_eq!(
        (thread.path.as_str(), thread.start, thread.line),
        ("a.py", None, Some(6))
    );
    assert_eq!(thread.commit, state.head);
    let [summary] = state.summaries()[..] else {
        panic!("{:?}", state.notes)
    };
    assert!(summary.contains("blocked: 1 high"), "{summary}");
    assert!(
        end.err.contains("posted: https://example.org/c/0"),
        "{}",
        end.err
    );
    assert!(
        end.out.contains("Index past the end"),
        "the report is written too"
    );
    scene.snapshot("forge_comment", &thread.body);
    scene.snapshot("forge_summary", summary);
    scene.snapshot("forge_review", &state.reviews[0].body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_push_says_what_is_new_and_marks_what_is_fixed() {
    let scene = scene().await;
    scene.finds(json!([first(), last()]));
    assert_eq!(scene.review(&["7"]).code, Some(14));
    assert_eq!(scene.hub.state().threads.len(), 2);

    scene.push(&[("a.py", AGAIN)]);
    scene.finds(json!([last(), each()]));
    let end = scene.review(&["7"]);
    assert_eq!(end.code, Some(14), "{}", end.err);
    {
        let state = scene.hub.state();
        assert_eq!(state.threads.len(), 3, "no comment twice");
        let fixed = state
            .threads
            .iter()
            .find(|it| it.body.contains("Wrong element"))
            .unwrap();
        assert!(
            fixed.resolved && fixed.body.starts_with("**Fixed** as of"),
            "{}",
            fixed.body
        );
        assert_eq!(open(&state).len(), 2);
        let [summary] = state.summaries()[..] else {
            panic!("{:?}", state.notes)
        };
        assert!(
            summary.contains(": 1 new, 1 still there, 1 fixed"),
            "{summary}"
        );
        assert!(!state.reviews[0].minimized, "a comment of it is open");
        scene.snapshot("forge_comment_fixed", &fixed.body);
        scene.snapshot("forge_summary_second", summary);
    }

    scene.push(&[("a.py", BEFORE), ("b.py", "x = 1\n")]);
    scene.finds(json!([]));
    let end = scene.review(&["7"]);
    assert_eq!(end.code, Some(0), "{}", end.err);
    let writes;
    {
        let state = scene.hub.state();
        assert_eq!(state.threads.len(), 3);
        assert!(open(&state).is_empty());
        assert!(
            state.reviews.iter().all(|review| review.minimized),
            "{:?}",
            state.reviews
        );
        let [summary] = state.summaries()[..] else {
            panic!("{:?}", state.notes)
        };
        assert!(
            summary.contains(": 0 new, 0 still there, 2 fixed"),
            "{summary}"
        );
        assert!(summary.contains("passed"), "{summary}");
        writes = state.writes.len();
    }

    // The same once more changes what was said to have changed, and nothing else.
    assert_eq!(scene.review(&["7"]).code, Some(0));
    assert_eq!(scene.review(&["7"]).code, Some(0));
    let state = scene.hub.state();
    assert_eq!(state.writes.len(), writes + 1, "{:?}", state.writes);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_resolved_is_not_said_again_and_what_comes_back_is() {
    let scene = scene().await;
    scene.finds(json!([first(), last()]));
    scene.review(&["7"]);
    let first_at = |state: &State| {
        state
            .threads
            .iter()
            .position(|it| it.body.contains("Wrong element"))
            .unwrap()
    };
    {
        let mut state = scene.hub.state();
        let at = first_at(&state);
        state.threads[at].resolved = true;
    }
    scene.push(&[("b.py", "x = 1\n")]);
    scene.finds(json!([first()]));
    scene.review(&["7"]);
    {
        let state = scene.hub.state();
        assert_eq!(state.threads.len(), 2, "a person closed it");
        assert!(!state.threads[first_at(&state)].body.contains("**Fixed**"));
        assert!(open(&state).is_empty(), "the last is not found any more");
    }
    scene.push(&[("b.py", "x = 2\n")]);
    scene.finds(json!([first(), last()]));
    let end = scene.review(&["7"]);
    let state = scene.hub.state();
    assert_eq!(state.threads.len(), 3, "{}", end.err);
    assert!(open(&state)[0].body.contains("Index past the end"));
}

/// Another model quotes another line of it.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_rule_at_the_same_place_is_the_same_comment() {
    let scene = scene().await;
    scene.finds(json!([last()]));
    scene.review(&["7"]);
    scene.push(&[("b.py", "x = 1\n")]);
    scene.finds(json!([claim(
        "a.py",
        5,
        "def last(items):\n    return items[len(items)]",
        "Always raises"
    )]));
    scene.review(&["7"]);
    let state = scene.hub.state();
    assert_eq!(state.threads.len(), 1);
    assert!(!state.threads[0].resolved);
    assert!(state.summaries()[0].contains(": 0 new, 1 still there, 0 fixed"));
}

/// A failure is no fix.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_read_again_is_not_fixed() {
    let scene = scene().await;
    scene.finds(json!([last()]));
    scene.review(&["7"]);
    scene.push(&[("a.py", AGAIN)]);
    scene.finds(json!("this is no list"));
    let end = scene.review(&["7"]);
    assert_eq!(end.code, Some(3), "{}", end.err);
    {
        let state = scene.hub.state();
        assert_eq!(open(&state).len(), 1);
        let summary = state.summaries()[0];
        assert!(
            summary.contains("0 fixed, 1 not looked at again"),
            "{summary}"
        );
    }
    // It is remembered until somebody looks.
    scene.push(&[("b.py", "x = 1\n")]);
    scene.finds(json!([]));
    let end = scene.review(&["7"]);
    assert_eq!(end.code, Some(0), "{}", end.err);
    let state = scene.hub.state();
    assert!(open(&state).is_empty());
    assert!(
        state.summaries()[0].contains("1 fixed"),
        "{}",
        state.summaries()[0]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_not_resolve_marks_the_text_once() {
    let scene = scene().await;
    scene.hub.state().denied.extend(["Resolve", "Minimize"]);
    scene.finds(json!([first(), last()]));
    scene.review(&["7"]);
    for text in ["x = 1\n", "x = 2\n"] {
        scene.push(&[("a.py", BEFORE), ("b.py", text)]);
        scene.finds(json!([]));
        let end = scene.review(&["7"]);
        assert_eq!(end.code, Some(0), "{}", end.err);
        let state = scene.hub.state();
        let said = |thread: &Thread| thread.body.matches("**Fixed**").count();
        assert!(
            state.threads.iter().all(|it| !it.resolved && said(it) == 1),
            "{:?}",
            state.threads
        );
        let tries = state
            .writes
            .iter()
            .filter(|(_, what)| what.ends_with("Resolve"));
        assert_eq!(tries.count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn own_comments_are_found_among_hundreds_of_others() {
    let scene = scene().await;
    scene.finds(json!([last()]));
    {
        let mut state = scene.hub.state();
        let others = (0..230).map(|at| Note {
            author: format!("person-{at}"),
            body: "Looks good to me.".to_owned(),
        });
        state.notes.extend(others);
    }
    scene.review(&["7"]);
    scene.push(&[("b.py", "x = 1\n")]);
    let end = scene.review(&["7"]);
    assert_eq!(end.code, Some(14), "{}", end.err);
    let state = scene.hub.state();
    assert_eq!(state.summaries().len(), 1);
    assert_eq!(state.threads.len(), 1);
}

/// Whoever else writes such marks is not taken for llmux.
#[tokio::test(flavor = "multi_thread")]
async fn marks_in_comments_of_others_are_nothing() {
    let scene = scene().await;
    scene.finds(json!([last()]));
    scene.review(&["7"]);
    let (note, thread) = {
        let mut state = scene.hub.state();
        let mut note = state.notes.remove(0);
        let mut thread = state.threads.remove(0);
        note.author = "mallory".to_owned();
        thread.author = "mallory".to_owned();
        state.notes.push(note.clone());
        state.threads.push(thread.clone());
        (note, thread)
    };
    scene.push(&[("a.py", BEFORE), ("b.py", "x = 1\n")]);
    scene.finds(json!([]));
    scene.review(&["7"]);
    let state = scene.hub.state();
    assert_eq!(state.notes[0].body, note.body);
    assert_eq!(state.threads[0].body, thread.body);
    assert!(!state.threads[0].resolved);
    assert_eq!(state.notes.len(), 2);
    assert_eq!(state.notes[1].author, OWN);
    assert!(
        !state.notes[1].body.contains("Since"),
        "{}",
        state.notes[1].body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shard_alone_tells_nobody_what_is_fixed() {
    let scene = scene().await;
    scene.finds(json!([last()]));
    scene.review(&["7"]);
    let before = scene.hub.state().writes.len();
    let part = scene.repo.outside("part").display().to_string();
    for shard in ["1/2", "2/2"] {
        let end = scene.review(&["7", "--part", &part, "--shard", shard]);
        assert_eq!(end.code, Some(2), "{}", end.err);
        assert!(end.err.contains("--post none"), "{}", end.err);
    }
    assert_eq!(scene.hub.state().writes.len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_summary_alone_or_nothing() {
    let scene = scene().await;
    scene.finds(json!([last()]));
    let end = scene.review(&["7", "--post", "none"]);
    assert_eq!(end.code, Some(14), "{}", end.err);
    assert!(scene.hub.state().writes.is_empty());
    let end = scene.review(&["7", "--post", "summary"]);
    assert_eq!(end.code, Some(14), "{}", end.err);
    let state = scene.hub.state();
    assert!(state.threads.is_empty());
    let summary = state.summaries()[0];
    assert!(
        summary.contains("Index past the end, and why."),
        "the whole finding: {summary}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_request_that_goes_on_or_ends_in_the_meantime() {
    let scene = scene().await;
    scene.finds(json!([last()]));
    let head = scene.hub.state().head.clone();
    // The event's commits are reviewed, whatever was pushed since.
    let event = scene.repo.outside("event.json");
    let payload = json!({"pull_request": {"number": 7, "base": {"sha": scene.hub.state().base},
        "head": {"sha": head}}, "repository": {"full_name": "octo/shop"}});
    std::fs::write(&event, payload.to_string()).unwrap();
    let review = || {
        let mut command = scene.command(&[]);
        command
            .env("GITHUB_EVENT_NAME", "pull_request")
            .env("GITHUB_EVENT_PATH", &event);
        super::end(&mut command)
    };
    scene.push(&[("b.py", "x = 1\n")]);
    let end = review();
    assert_eq!(end.code, Some(14), "{}", end.err);
    {
        let state = scene.hub.state();
        assert_eq!(state.threads[0].commit, head);
        assert!(
            state.summaries()[0].contains("the pull request has gone on to"),
            "{}",
            state.summaries()[0]
        );
    }
    // A later run has told its own by now: an earlier one does not write over it.
    scene.review(&["7"]);
    let said = scene.hub.state().summaries()[0].to_owned();
    let end = review();
    assert_eq!(end.code, Some(14), "{}", end.err);
    assert!(end.err.contains("a later push"), "{}", end.err);
    assert_eq!(scene.hub.state().summaries()[0], said);

    scene.hub.state().closed = true;
    let writes = scene.hub.state().writes.len();
    let end = scene.review(&["7"]);
    assert_eq!(end.code, Some(14), "{}", end.err);
    assert!(end.err.contains("closed or merged"), "{}", end.err);
    assert_eq!(scene.hub.state().writes.len(), writes);
}
