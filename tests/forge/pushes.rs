//! The sequence of pushes to one pull request.

use serde_json::json;

use super::{Scene, claim};
use crate::support::github::OWN;

const BEFORE: &str =
    "def first(items):\n    return items[0]\n\n\ndef last(items):\n    return items[-1]\n";
const AFTER: &str =
    "def first(items):\n    return items[1]\n\n\ndef last(items):\n    return items[len(items)]\n";
const FIXED: &str = "def first(items):\n    return items[0]\n\n\ndef last(items):\n    return items[len(items)]\n\n\ndef third(items):\n    return items[3]\n";

#[tokio::test(flavor = "multi_thread")]
async fn one_review_with_a_comment_on_its_line_and_one_summary() {
    let scene = Scene::new(&[("a.py", BEFORE)], &[("a.py", AFTER)]).await;
    let mut last = claim(
        "a.py",
        6,
        "    return items[len(items)]",
        "Index past the end",
    );
    last["suggestion"] = json!("    return items[-1]");
    scene.finds(json!([last]));
    let end = scene.review(&["7"]);
    assert_eq!(end.code, Some(14), "{}", end.err);
    let state = scene.hub.state();
    assert_eq!(state.reviews.len(), 1, "{}", end.err);
    assert_eq!(state.threads.len(), 1);
    let thread = &state.threads[0];
    assert_eq!(
        (thread.path.as_str(), thread.start, thread.line),
        ("a.py", None, Some(6))
    );
    assert_eq!(thread.commit, state.head);
    assert!(
        thread
            .body
            .contains("```suggestion\n    return items[-1]\n```"),
        "{}",
        thread.body
    );
    let [summary] = state.summaries()[..] else {
        panic!("{:?}", state.notes)
    };
    assert!(summary.contains("blocked: 1 high"), "{summary}");
    assert!(
        end.err.contains("posted: https://example.org/c/0"),
        "{}",
        end.err
    );
}
