//! Each format through the binary: complete, equal every time, harmless.

use std::fs;

use super::{TEXTS, lines, record, sample};
use crate::support::Repo;

/// Data whose merging no method gets wrong, so that its scores stay.
fn plain() -> Repo {
    let repo = Repo::new();
    let mut records = Vec::new();
    for pr in ["one", "two", "three", "four"] {
        records.extend([
            record(pr, "a", 0, TEXTS[0], Some(0)),
            record(pr, "b", 0, TEXTS[0], Some(0)),
            record(pr, "a", 1, TEXTS[1], None),
            record(pr, "c", 2, TEXTS[2], Some(1)),
        ]);
    }
    records.push(record("four", "c", 3, TEXTS[3], None));
    repo.write("data.jsonl", &lines(&records));
    repo
}

fn snapshot(name: &str, text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn the_markdown_report() {
    let output = plain().llmux(&["eval", "data.jsonl"]).output().unwrap();
    assert!(output.status.success());
    snapshot("eval_markdown", &output.stdout);
}

#[test]
fn the_json_report() {
    let output = plain()
        .llmux(&["eval", "data.jsonl", "--report", "json", "--tools", "a,b"])
        .output()
        .unwrap();
    assert!(output.status.success());
    snapshot("eval_json", &output.stdout);
}

#[test]
fn all_formats_at_once_are_equal_every_time() {
    let repo = Repo::new();
    let mut seen = Vec::new();
    for round in ["one", "two"] {
        fs::create_dir(repo.outside(round)).unwrap();
        let at = |name: &str| repo.outside(round).join(name).display().to_string();
        let specs = [
            format!("json={}", at("r.json")),
            format!("markdown={}", at("r.md")),
            format!("html={}", at("r.html")),
        ];
        let mut args = vec!["eval".to_owned(), sample("findings.jsonl")];
        for spec in specs {
            args.extend(["--report".to_owned(), spec]);
        }
        args.extend(["--clusters".to_owned(), at("clusters.jsonl")]);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        repo.llmux(&args).assert().code(0).stdout("");
        let read = |name: &str| fs::read(repo.outside(round).join(name)).unwrap();
        seen.push(["r.json", "r.md", "r.html", "clusters.jsonl"].map(read));
    }
    assert!(seen[0].iter().all(|file| file.len() > 500));
    assert_eq!(seen[0], seen[1]);
}

/// A page that needs nothing else, and in which a tool's name is text.
#[test]
fn the_html_report_is_self_contained_and_escaped() {
    let repo = Repo::new();
    let name = "<script>alert('x')</script>&\"";
    let records = [
        record("p", name, 0, TEXTS[0], Some(0)),
        record("p", "b", 0, TEXTS[0], Some(0)),
        record("p", "b", 1, TEXTS[1], None),
    ];
    repo.write("data.jsonl", &lines(&records));
    let output = repo
        .llmux(&["eval", "data.jsonl", "--report", "html"])
        .output()
        .unwrap();
    assert!(output.status.success());
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    assert!(page.contains("<svg ") && page.contains("</svg>"));
    assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;"));
    for forbidden in [
        "<script", "http://", "https://", "src=", "href=", "url(", "NaN", "inf",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    // Every element that is opened is closed, in order: nothing of the data is markup.
    let mut open = Vec::new();
    for part in page.split('<').skip(1) {
        let tag = part.split('>').next().unwrap();
        let word = tag.split([' ', '\n']).next().unwrap();
        if let Some(closed) = word.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "{part}");
        } else if !tag.ends_with('/') && !["!DOCTYPE", "meta"].contains(&word) {
            open.push(word);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn names_do_not_become_markdown() {
    let repo = Repo::new();
    let name = "a|b <img> @team";
    let records = [
        record("p", name, 0, TEXTS[0], Some(0)),
        record("p", "b", 1, TEXTS[1], None),
    ];
    repo.write("data.jsonl", &lines(&records));
    let output = repo.llmux(&["eval", "data.jsonl"]).output().unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.contains("a\\|b \\<img> @\u{200b}team"), "{page}");
    let rows = page.lines().filter(|line| line.contains("a\\|b"));
    for row in rows.filter(|row| row.starts_with('|')) {
        let cells = row.replace("\\|", "").matches('|').count();
        assert!([8, 9].contains(&cells), "{row}");
    }
}
