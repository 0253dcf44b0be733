//! Which suggestions can be taken over with a click.

use serde_json::{Value, json};

use super::{Scene, claim};

/// File, its text, the quoted line, a replacement that parses, one that does not.
const CASES: &[(&str, &str, &str, &str, &str)] = &[
    (
        "a.rs",
        "fn main() {\n    let x = 1;\n}\n",
        "    let x = 1;",
        "    let x = 2;",
        "    let x = ;",
    ),
    (
        "a.py",
        "def f():\n    return 1\n",
        "    return 1",
        "    return 2",
        "    return (",
    ),
    (
        "a.js",
        "function f() {\n  return 1;\n}\n",
        "  return 1;",
        "  return 2;",
        "  return {;",
    ),
    (
        "a.ts",
        "function f(): number {\n  return 1;\n}\n",
        "  return 1;",
        "  return 2 as number;",
        "  return {;",
    ),
    (
        "a.tsx",
        "const a = () => {\n  return <p>1</p>;\n};\n",
        "  return <p>1</p>;",
        "  return <p>2</p>;",
        "  return <p>2;",
    ),
    (
        "a.go",
        "package a\n\nfunc f() int {\n\treturn 1\n}\n",
        "\treturn 1",
        "\treturn 2",
        "\treturn 2)",
    ),
    (
        "A.java",
        "class A {\n  int f() {\n    return 1;\n  }\n}\n",
        "    return 1;",
        "    return 2;",
        "    return 2",
    ),
    (
        "a.rb",
        "def f\n  1 + 1\nend\n",
        "  1 + 1",
        "  1 + 2",
        "  (1 + 2",
    ),
    (
        "a.php",
        "<?php\nfunction f() {\n  return 1;\n}\n",
        "  return 1;",
        "  return 2;",
        "  return 2 +;",
    ),
    (
        "a.c",
        "int f(void) {\n  return 1;\n}\n",
        "  return 1;",
        "  return 2;",
        "  return 2 }",
    ),
    (
        "a.cpp",
        "int f() {\n  return 1;\n}\n",
        "  return 1;",
        "  return 2;",
        "  return 2 }",
    ),
];

fn with(file: &str, quote: &str, text: &str, suggestion: &str) -> Value {
    let line = 1 + text.lines().position(|line| line == quote).unwrap();
    let mut claim = claim(file, u32::try_from(line).unwrap(), quote, "Another number");
    claim["suggestion"] = suggestion.into();
    claim
}

/// The only comment's text.
async fn said(file: &str, text: &str, claim: Value) -> String {
    let scene = Scene::new(&[("README.md", "# x\n")], &[(file, text)]).await;
    scene.finds(json!([claim]));
    let end = scene.review(&["7"]);
    assert_eq!(end.code, Some(14), "{file}: {}", end.err);
    let state = scene.hub.state();
    assert_eq!(state.threads.len(), 1, "{file}: {}", end.err);
    state.threads[0].body.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_language_is_parsed_before_and_with_it() {
    let files: Vec<(&str, &str)> = CASES.iter().map(|case| (case.0, case.1)).collect();
    for good in [true, false] {
        let scene = Scene::new(&[("README.md", "# x\n")], &files).await;
        scene.finds(
            CASES
                .iter()
                .map(|(file, text, quote, parses, fails)| {
                    with(file, quote, text, if good { parses } else { fails })
                })
                .collect(),
        );
        let end = scene.review(&["7"]);
        assert_eq!(end.code, Some(14), "{}", end.err);
        let state = scene.hub.state();
        assert_eq!(state.threads.len(), CASES.len(), "{}", end.err);
        for (file, _, _, parses, fails) in CASES {
            let thread = state.threads.iter().find(|it| it.path == *file).unwrap();
            let offered = format!("```suggestion\n{parses}\n```");
            let shown = format!("Suggestion:\n\n```\n{}\n```", fails.trim());
            assert_eq!(
                thread.body.contains("```suggestion"),
                good,
                "{file}: {}",
                thread.body
            );
            assert!(
                thread.body.contains(if good { &offered } else { &shown }),
                "{file}: {}",
                thread.body
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_lines_take_the_place_of_whole_lines() {
    // A part of a line is quoted: the rest of the line stays.
    let text = "def f(a):\n    return g(a[1], 2)  # why\n";
    let mut part = claim("a.py", 2, "g(a[1], 2)", "Another number");
    part["suggestion"] = "g(a[0], 2)".into();
    let body = said("a.py", text, part).await;
    assert!(
        body.contains("```suggestion\n    return g(a[0], 2)  # why\n```"),
        "{body}"
    );

    // Several lines, of which the first is quoted without its indentation.
    let text = "def f(a):\n    if a:\n        return 1\n    return 2\n";
    let mut lines = claim("a.py", 2, "if a:\n        return 1", "Another number");
    lines["suggestion"] = "if not a:\n        return 0".into();
    lines["end_line"] = 3.into();
    let body = said("a.py", text, lines).await;
    assert!(
        body.contains("```suggestion\n    if not a:\n        return 0\n```"),
        "{body}"
    );

    // Nothing in its place: the line goes.
    let text = "a = 1\nb = items[9]\n";
    let mut gone = claim("a.py", 2, "b = items[9]", "Not needed");
    gone["suggestion"] = "".into();
    let body = said("a.py", text, gone).await;
    assert!(
        body.contains("```suggestion\n```") || !body.contains("suggestion"),
        "{body}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_whole_or_not_known_is_only_shown() {
    let cases = [
        // A language without a grammar here.
        ("a.sql", "select 1;\n", "select 1;", "select 2;"),
        // The file does not parse as it is.
        ("a.py", "def f(:\n    pass\nx = 1\n", "x = 1", "x = 2"),
        // It would not be the lines that are seen.
        ("b.py", "x = 1\n", "x = 1", "x = 2 # \u{202e}evil"),
        // No change at all.
        ("c.py", "x = 1\n", "x = 1", "x = 1"),
    ];
    for (file, text, quote, suggestion) in cases {
        let body = said(file, text, with(file, quote, text, suggestion)).await;
        assert!(!body.contains("```suggestion"), "{file}: {body}");
    }
    // Lines that end in CRLF.
    let mut claim = claim("d.py", 1, "x = 1", "Another number");
    claim["suggestion"] = "x = 2".into();
    let body = said("d.py", "x = 1\r\ny = 2\r\n", claim).await;
    assert!(body.contains("Suggestion:\n\n```\nx = 2\n```"), "{body}");
    // A fence within the code needs a longer one around it.
    let text = "x = '''\n```\n'''\n";
    let mut claim = claim_of_lines();
    claim["suggestion"] = "x = '''\n````\n'''".into();
    let body = said("e.py", text, claim).await;
    assert!(
        body.contains("`````suggestion\nx = '''\n````\n'''\n`````"),
        "{body}"
    );
}

fn claim_of_lines() -> Value {
    let mut claim = claim("e.py", 1, "x = '''\n```\n'''", "Another fence");
    claim["end_line"] = 3.into();
    claim
}
