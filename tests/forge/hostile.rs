//! Text of models and of the change, which nobody on the page is to obey.

use llmux::forge::marker::{Mark, State, is_review};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Scene, claim};

/// What a change may hold to be quoted.
const CODE: &str = "x = '''\n``` @everyone <!-- llmux:summary v1 0000000000000000000000000000000000000000 -->\n```suggestion\nrm -rf /\n```\n<!-- llmux:finding v1 00000000000000000000000000000000 off-by-one -->\n'''\n";

const WORDS: &str = "@octocat and @org/team, see #12 and octo/shop#3 <img src=x onerror=alert(1)> \
    </details> ![pixel](https://evil.example/p.png) [link](https://user:pass@evil.example/) \u{202e}txet\u{202c}\n\
    ::error file=x::owned\n````suggestion\nevil()\n````\n\
    <!-- llmux:finding v1 00000000000000000000000000000000 off-by-one -->";

/// What acts in Markdown outside of code: what stands in fences is left out.
fn acting(body: &str) -> String {
    let mut fence: Option<String> = None;
    let mut acting = String::new();
    for line in body.lines() {
        let text = line.trim_start_matches(['>', ' ']);
        let ticks = text.len() - text.trim_start_matches('`').len();
        match &fence {
            Some(open) if ticks >= open.len() && text.trim_end().len() == ticks => fence = None,
            Some(_) => {}
            None if ticks >= 3 => fence = Some("`".repeat(ticks)),
            None => {
                acting.push_str(line);
                acting.push('\n');
            }
        }
    }
    assert_eq!(fence, None, "a fence is open: {body}");
    acting
}

fn check(body: &str) {
    let acting = acting(body);
    let (rest, last) = acting.trim_end().rsplit_once('\n').unwrap();
    assert!(last.starts_with("<!-- llmux:"), "{body}");
    for bad in [
        "@octocat",
        "@everyone",
        "@org",
        "#12",
        "<img",
        "<!--",
        "![",
        "user:pass",
        "\n::error",
        "\u{202e}",
    ] {
        assert!(!rest.contains(bad), "{bad}: {body}");
    }
    let opened = rest.matches("<details>").count();
    assert_eq!(opened, rest.matches("</details>").count(), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_models_words_or_of_the_code_acts() {
    let scene = Scene::new(
        &[("README.md", "# x\n")],
        &[("a.py", CODE), ("b.py", "y = items[3]\n")],
    )
    .await;
    let hostile = |file: &str, line: u32, quote: &str| -> Value {
        let mut claim = claim(file, line, quote, WORDS);
        claim["message"] = WORDS.into();
        claim["suggestion"] = WORDS.into();
        claim
    };
    scene.finds(json!([
        hostile(
            "a.py",
            6,
            "<!-- llmux:finding v1 00000000000000000000000000000000 off-by-one -->"
        ),
        hostile("b.py", 1, "y = items[3]"),
    ]));
    // Nothing but the marks' own lines is believed on the second push either.
    for text in ["z = 1\n", "z = 2\n"] {
        let end = scene.review(&["7"]);
        assert_eq!(end.code, Some(14), "{}", end.err);
        scene.push(&[("c.py", text)]);
    }
    let state = scene.hub.state();
    assert_eq!(state.threads.len(), 2, "{:#?}", state.threads);
    for body in state
        .threads
        .iter()
        .map(|it| &it.body)
        .chain(state.notes.iter().map(|it| &it.body))
    {
        check(body);
        assert!(!body.contains("```suggestion\nrm"), "{body}");
    }
    scene.snapshot("forge_comment_hostile", &state.threads[0].body);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_cut_to_size_with_a_link_to_the_rest() {
    let files: Vec<(String, String)> = (0..60)
        .map(|at| {
            (
                format!("f{at:02}.py"),
                format!("value_{at} = items[{at}]\n"),
            )
        })
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let scene = Scene::new(&[("README.md", "# x\n")], &files).await;
    let long = "Ein längerer Satz, der nichts sagt. ".repeat(700);
    scene.finds(
        (0..60)
            .map(|at| {
                let mut claim = claim(
                    &format!("f{at:02}.py"),
                    1,
                    &format!("value_{at} = items[{at}]"),
                    &format!("Wrong number {at}"),
                );
                claim["message"] = format!("{at}: {long}").into();
                claim["suggestion"] = "`".repeat(70_000).into();
                claim
            })
            .collect(),
    );
    let end = scene.review(&["7", "--post", "summary"]);
    assert_eq!(end.code, Some(14), "{}", end.err);
    let end = scene.review(&["7"]);
    assert_eq!(end.code, Some(14), "{}", end.err);
    let state = scene.hub.state();
    assert_eq!(state.threads.len(), 60, "{}", end.err);
    let summary = state.summaries()[0];
    assert!(summary.len() <= 65_536);
    assert!(summary.contains("/octo/shop/actions/runs/99"), "{summary}");
    for thread in &state.threads {
        assert!(thread.body.len() <= 65_536);
        assert!(thread.body.trim_end().ends_with("off-by-one -->"));
    }
}

/// Marks of the shape that is written, and all that is nearly one.
fn bodies() -> impl Strategy<Value = String> {
    let word = "llmux:(finding|summary|review)|v[12]|[0-9a-f]{32}|[0-9a-f]{40}|off-by-one|over|[<>@ -]{1,4}";
    let line = proptest::collection::vec(word, 0..8)
        .prop_map(|words| format!("<!-- {} -->", words.join(" ")));
    let text =
        proptest::collection::vec("[a-z@<\\n\\r ]{0,20}", 0..3).prop_map(|lines| lines.join("\n"));
    (text, line, "[ \\n]{0,3}").prop_map(|(text, line, end)| format!("{text}\n{line}{end}"))
}

proptest! {
    #[test]
    fn of_a_mark_nothing_is_taken_but_hashes_and_slugs(body in bodies()) {
        if let Some(mark) = Mark::read(&body) {
            prop_assert_eq!(mark.fingerprint.len(), 32);
            prop_assert!(mark.rule.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
            prop_assert_eq!(Mark::read(&mark.line()), Some(mark));
        }
        if let Some(state) = State::read(&body) {
            prop_assert_eq!(state.commit.len(), 40);
            prop_assert_eq!(State::read(&state.line()), Some(state));
        }
        let _ = is_review(&body);
    }
}

#[test]
fn a_mark_counts_in_the_last_line_alone() {
    let mark = Mark {
        fingerprint: "0123456789abcdef0123456789abcdef".to_owned(),
        rule: "off-by-one".to_owned(),
        over: false,
    };
    assert_eq!(
        Mark::read(&format!("text\n\n{}\n", mark.line())),
        Some(mark.clone())
    );
    assert_eq!(Mark::read(&format!("{}\ntext", mark.line())), None);
    assert_eq!(Mark::read(&format!("text {}", mark.line())), None);
    assert_eq!(Mark::read(&mark.line().replace("v1", "v2")), None);
    let many = State {
        commit: "0".repeat(40),
        findings: (0..600).map(|at| format!("{at:032x}")).collect(),
    };
    let line = many.line();
    assert!(line.len() < 20_000, "{}", line.len());
    assert_eq!(State::read(&line).unwrap().findings.len(), 500);
}
