//! What GitHub does not take, or not yet, and tokens that may not.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Scene, claim, end};
use crate::support::github::{Odd, TOKEN};

/// A finding in each of so many files.
async fn many(count: usize) -> Scene {
    let files: Vec<(String, String)> = (0..count)
        .map(|at| {
            (
                format!("f{at:03}.py"),
                format!("value_{at} = items[{at}]\n"),
            )
        })
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let scene = Scene::new(&[("README.md", "# x\n")], &files).await;
    let claims = (0..count).map(|at| {
        claim(
            &format!("f{at:03}.py"),
            1,
            &format!("value_{at} = items[{at}]"),
            &format!("Wrong number {at}"),
        )
    });
    scene.finds(Value::Array(claims.collect()));
    scene
}

fn odd(status: u16, headers: &'static str, message: &str) -> Odd {
    Odd {
        status,
        headers,
        body: json!({ "message": message }),
        done: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_comments_come_in_reviews_of_thirty() {
    for count in [31, 100] {
        let scene = many(count).await;
        let end = scene.review(&["7"]);
        assert_eq!(end.code, Some(14), "{}", end.err);
        let state = scene.hub.state();
        assert_eq!(state.threads.len(), count, "{}", end.err);
        assert_eq!(state.reviews.len(), count.div_ceil(30));
        assert!(state.reviews.iter().all(|review| review.comments <= 30));
        assert!(
            !state.summaries()[0].contains("and why."),
            "they stand beside their lines"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_refused_comment_loses_no_other() {
    // Far from each other, so that no two are taken for one.
    let lines: Vec<String> = (1..=240)
        .map(|at| format!("value_{at} = items[{at}]\n"))
        .collect();
    let text = lines.concat();
    let scene = Scene::new(&[("README.md", "# x\n")], &[("a.py", &text)]).await;
    let lines = [1, 41, 81, 121, 161, 201];
    let claims = lines.map(|at| {
        claim(
            "a.py",
            at,
            &format!("value_{at} = items[{at}]"),
            &format!("Wrong number {at}"),
        )
    });
    scene.finds(json!(claims));
    scene.hub.state().spoiled.insert(81);
    let end = scene.review(&["7"]);
    assert_eq!(end.code, Some(14), "{}", end.err);
    let state = scene.hub.state();
    let mut posted: Vec<_> = state.threads.iter().filter_map(|it| it.line).collect();
    posted.sort_unstable();
    assert_eq!(posted, [1, 41, 121, 161, 201]);
    let summary = state.summaries()[0];
    assert!(summary.contains("Wrong number 81, and why."), "{summary}");
    assert!(!summary.contains("Wrong number 41, and why."), "{summary}");
    assert!(
        summary.contains("1 of the comments on lines could not be posted"),
        "{summary}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn all_refused_is_not_tried_one_by_one() {
    let scene = many(30).await;
    scene.hub.state().spoiled.insert(1);
    let end = scene.review(&["7"]);
    assert_eq!(end.code, Some(14), "{}", end.err);
    let state = scene.hub.state();
    let tries = state
        .writes
        .iter()
        .filter(|(_, what)| what.contains("reviews"))
        .count();
    assert!(tries < 20, "{tries}");
    assert!(state.threads.is_empty());
    assert!(state.summaries()[0].contains("30 of the comments on lines could not be posted"));
    assert!(state.summaries()[0].contains("Wrong number 29, and why."));
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_waited_for() {
    let scene = many(1).await;
    let secondary = "You have exceeded a secondary rate limit. Please wait a few minutes.";
    scene.hub.state().odd.extend([
        odd(403, "retry-after: 1\r\n", secondary),
        odd(429, "retry-after: 1\r\n", "slow down"),
        odd(
            403,
            "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: 1\r\n",
            "API rate limit exceeded",
        ),
    ]);
    let end = scene.review(&["7"]);
    assert_eq!(end.code, Some(14), "{}", end.err);
    let state = scene.hub.state();
    assert_eq!(
        (state.threads.len(), state.notes.len()),
        (1, 1),
        "{}",
        end.err
    );
    let times: Vec<_> = state.writes.iter().map(|(at, _)| *at).collect();
    for pair in times.windows(2).take(3) {
        assert!(pair[1] - pair[0] >= Duration::from_secs(1), "{times:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_without_an_end_in_sight_fails_and_keeps_reports_and_verdict() {
    let scene = many(1).await;
    let report = scene.repo.outside("report.json").display().to_string();
    let report = format!("json={report}");
    let day = || odd(403, "retry-after: 86400\r\n", "secondary rate limit");
    scene.hub.state().odd.extend([day(), day()]);
    let end = scene.review(&["7", "--report", &report]);
    assert_eq!(end.code, Some(14), "blocked stays blocked: {}", end.err);
    assert!(
        end.err.contains("error: the review is not posted"),
        "{}",
        end.err
    );
    let written = fs::read_to_string(scene.repo.outside("report.json")).unwrap();
    assert!(written.contains("Wrong number 0"));

    scene.finds(json!([]));
    scene.hub.state().odd = [day()].into();
    scene.push(&[("b.py", "x = 1\n")]);
    let end = scene.review(&["7"]);
    assert_eq!(
        end.code,
        Some(1),
        "a pass that nobody was told is none: {}",
        end.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_keep_their_distance() {
    let scene = many(31).await;
    let mut command = scene.command(&["7"]);
    command.env("LLMUX_FORGE_PAUSE_MS", "300");
    let end = end(&mut command);
    assert_eq!(end.code, Some(14), "{}", end.err);
    let state = scene.hub.state();
    assert_eq!(state.writes.len(), 3, "{:?}", state.writes);
    for pair in state.writes.windows(2) {
        assert!(
            pair[1].0 - pair[0].0 >= Duration::from_millis(290),
            "{:?}",
            state.writes
        );
    }
}

/// The answer is lost, and what was asked is done.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_makes_no_second_comment() {
    let scene = many(31).await;
    let lost = || Odd {
        done: true,
        ..odd(502, "", "bad gateway")
    };
    scene.hub.state().odd.extend([lost(), lost(), lost()]);
    let end = scene.review(&["7"]);
    assert_eq!(end.code, Some(14), "{}", end.err);
    let state = scene.hub.state();
    assert_eq!(
        (state.threads.len(), state.notes.len()),
        (31, 1),
        "{}",
        end.err
    );
    assert!(!state.summaries()[0].contains("and why."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_for_a_while_is_asked_again() {
    let scene = many(1).await;
    scene
        .hub
        .state()
        .odd
        .extend([odd(500, "", "oops"), odd(503, "", "oops")]);
    let end = scene.review(&["7"]);
    assert_eq!(end.code, Some(14), "{}", end.err);
    let state = scene.hub.state();
    assert_eq!(
        (state.threads.len(), state.notes.len()),
        (1, 1),
        "{}",
        end.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_not_write_leaves_the_review_in_the_steps_summary() {
    for token in [Some(TOKEN), Some("another-token-of-somebody"), None] {
        let scene = many(2).await;
        scene.hub.state().denied.insert("write");
        let event = scene.repo.outside("event.json");
        let payload = {
            let state = scene.hub.state();
            json!({"pull_request": {"number": 7, "base": {"sha": state.base}, "head": {"sha": state.head}}})
        };
        fs::write(&event, payload.to_string()).unwrap();
        let summary = scene.repo.outside("summary.md");
        fs::write(&summary, "of an earlier command\n").unwrap();
        let run = |fail_on: &str| {
            let mut command = scene.command(&["--fail-on", fail_on]);
            command
                .env("GITHUB_EVENT_NAME", "pull_request")
                .env("GITHUB_EVENT_PATH", &event)
                .env("GITHUB_STEP_SUMMARY", &summary);
            match token {
                Some(token) => command.env("GITHUB_TOKEN", token),
                None => command.env_remove("GITHUB_TOKEN"),
            };
            end(&mut command)
        };
        let end = run("high");
        assert_eq!(end.code, Some(14), "{}", end.err);
        assert!(
            end.err.contains("warning: the review is not posted"),
            "{}",
            end.err
        );
        assert!(
            end.err.contains("the step's summary has it instead"),
            "{}",
            end.err
        );
        assert_eq!(run("never").code, Some(0), "the exit code is the verdict's");
        let written = fs::read_to_string(&summary).unwrap();
        assert!(written.starts_with("of an earlier command\n"));
        assert_eq!(
            written.matches("Wrong number 1, and why.").count(),
            2,
            "{written}"
        );
        assert!(scene.hub.state().notes.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_stands_in_no_message_and_goes_to_no_other_server() {
    let scene = many(1).await;
    let said = format!("the token {TOKEN} is not to be said");
    scene
        .hub
        .state()
        .odd
        .extend([odd(400, "", &said), odd(400, "", &said)]);
    let end = scene.review(&["7", "-vv"]);
    assert!(end.err.contains("is not to be said"), "{}", end.err);
    assert!(
        !end.err.contains(TOKEN) && !end.out.contains(TOKEN),
        "{}",
        end.err
    );

    let other = crate::support::raw::Raw::new(|_| Vec::new());
    let place = Box::leak(format!("location: {}/x\r\n", other.uri()).into_boxed_str());
    scene
        .hub
        .state()
        .odd
        .extend([odd(307, place, ""), odd(307, place, "")]);
    let end = scene.review(&["7"]);
    assert_eq!(end.code, Some(14), "{}", end.err);
    assert!(end.err.contains("the token is not sent"), "{}", end.err);
    assert_eq!(other.count(), 0);
}
