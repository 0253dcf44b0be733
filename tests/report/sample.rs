//! One outcome that holds everything a report must bear.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use llmux::backends::Usage;
use llmux::change::{
    Change, FileChange, Hunk, Kind, LeftOut, Line, LineKind, Mode, Reason, RepoPath, Text,
};
use llmux::engine::{BackendReport, Coverage, Dropped, FileCoverage, Reading, Run, Status};
use llmux::findings::{Claim, Finding, Location, Severity, Standing, Vote};
use llmux::gate::{FailOn, Outcome, Settings, judge};

pub(super) const DB: &str = "src/db.rs";
pub(super) const QUOTED: &str = "src/it's a \"file\" #1.rs";
pub(super) const LATIN1: &[u8] = b"src/caf\xe9|`x`\t.c";
pub(super) const HOSTILE: &str = ":odd/::error::[a](b).sh";

const DB_TEXT: &str = "\
use crate::Pool;

pub(super) fn user(pool: &Pool, name: &str) -> Row {
    let q = format!(\"select * from users where name = '{name}'\");
    pool.query(&q)
}

pub(super) fn all(pool: &Pool) -> Vec<Row> {
    let mut rows = Vec::new();
    for id in 0..pool.count() {
        let row = pool.query(&format!(\"select * from users where id = {id}\"));
        if row.is_deleted() {
            continue;
        }
        if row.is_hidden() {
            continue;
        }
        rows.push(row);
    }

    rows
}
";

const QUOTED_TEXT: &str =
    "fn main() {\r\n\tlet \u{1f600} = \"日本\";\tprintln!(\"{0}\", x); // tab\r\n}\r\n";

const HOSTILE_TEXT: &str = "#!/bin/sh\n\
    ::set-output name=x::y\n\
    echo '\u{1b}[31mred\u{1b}[0m' '\u{202e}evil\u{202c}' '##[add-mask]x' '\u{9b}2J' \u{0}\n\
    ```\n</details><!-- @everyone\n";

/// Text that every format must make harmless.
pub(super) const HOSTILE_WORDS: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{0} \u{202e}txet\u{202c}\n\
    ::error file=x::pwned\n   ::stop-commands::t\n##[error]no ##vso[task.complete]\n\
    </details></blockquote><script>alert(1)</script><!-- hidden\n\
    @everyone &#64;team org/repo#12 #34 ]]> &amp; ![p](https://t.example/p.png?c=1)\n\
    [link](https://user:hunter2@evil.example/x) [bad](3) {0} {{1}}\n\
    ````\nunclosed fence | with \\| bars\u{fffe}\u{200b}\u{feff}";

pub(super) fn path(path: impl AsRef<[u8]>) -> RepoPath {
    RepoPath::new(path.as_ref())
}

/// A file whose given lines are added; the others stand in one hunk's context.
pub(super) fn file(
    name: impl AsRef<[u8]>,
    kind: Kind,
    text: &str,
    added: &[RangeInclusive<u32>],
) -> Arc<FileChange> {
    let lines: Vec<Line> = text
        .split_inclusive('\n')
        .zip(1..)
        .map(|(line, number)| Line {
            kind: if kind == Kind::Added || added.iter().any(|range| range.contains(&number)) {
                LineKind::Added
            } else {
                LineKind::Context
            },
            number,
            text: line.trim_end_matches('\n').into(),
            no_newline: !line.ends_with('\n'),
        })
        .collect();
    let count = u32::try_from(lines.len()).unwrap();
    Arc::new(FileChange {
        path: path(name),
        old_path: None,
        kind,
        old_mode: (kind != Kind::Added).then_some(Mode::Regular),
        new_mode: Some(Mode::Regular),
        new: Text::whole(text.as_bytes()),
        hunks: vec![Hunk {
            old_start: 1,
            old_count: count,
            new_start: 1,
            new_count: count,
            lines,
        }],
    })
}

pub(super) fn location(name: impl AsRef<[u8]>, start: (u32, u32), end: (u32, u32)) -> Location {
    Location {
        path: path(name),
        start_line: start.0,
        start_column: start.1,
        end_line: end.0,
        end_column: end.1,
    }
}

/// A confirmed finding by two of three backends.
pub(super) fn finding(location: Location, severity: Severity, rule: &str, title: &str) -> Finding {
    let category = if rule.contains("secret") || rule.contains("injection") {
        "security"
    } else {
        "bug"
    };
    let claim = |backend: &str| Claim {
        backend: backend.to_owned(),
        role: "reviewer".to_owned(),
        location: location.clone(),
        quote: "the quoted text".to_owned(),
        severity,
        category: category.to_owned(),
        rule: rule.to_owned(),
        title: title.to_owned(),
        message: format!("{backend} says so."),
        suggestion: None,
        confidence: Some(0.8),
    };
    Finding {
        fingerprint: format!("{:016x}", title.len() * 7919 + location.start_line as usize),
        quote: "the quoted text".to_owned(),
        severity,
        category: category.to_owned(),
        rule: rule.to_owned(),
        title: title.to_owned(),
        message: "What is wrong, why, and when it shows.".to_owned(),
        suggestion: None,
        vote: Vote {
            voters: vec!["claude".to_owned(), "codex".to_owned()],
            answered: vec!["claude".to_owned(), "codex".to_owned(), "ollama".to_owned()],
            weight: 2.0,
            threshold: 2.0,
            standing: Standing::Confirmed,
        },
        claims: vec![claim("claude"), claim("codex")],
        location,
    }
}

fn unconfirmed(mut finding: Finding, backend: &str) -> Finding {
    finding.vote.voters = vec![backend.to_owned()];
    finding.vote.weight = 1.0;
    finding.vote.standing = Standing::Unconfirmed;
    finding.claims.truncate(1);
    finding
}

fn findings() -> Vec<Finding> {
    let injection = Finding {
        message: "The name goes into the statement as it is, so a caller who controls `name` \
            reads or changes any row.\n\nBind it: `query(\"… where name = ?\", name)`."
            .to_owned(),
        suggestion: Some("let q = \"select * from users where name = ?\";".to_owned()),
        quote: "format!(\"select * from users where name = '{name}'\")".to_owned(),
        ..finding(
            location(DB, (4, 13), (4, 64)),
            Severity::Critical,
            "sql-injection",
            "Statement built from input",
        )
    };
    let secret = finding(
        location(QUOTED, (2, 2), (2, 12)),
        Severity::High,
        "hardcoded-secret",
        "Key in the source",
    );
    let queries = finding(
        location(DB, (9, 1), (20, 9)),
        Severity::High,
        "n-plus-one-query",
        "One query for each row",
    );
    let hostile = Finding {
        title: HOSTILE_WORDS.to_owned(),
        message: HOSTILE_WORDS.to_owned(),
        suggestion: Some(HOSTILE_WORDS.to_owned()),
        quote: HOSTILE_TEXT.to_owned(),
        ..finding(
            location(HOSTILE, (2, 1), (5, 25)),
            Severity::Medium,
            "shell-other",
            "",
        )
    };
    let latin1 = finding(
        location(LATIN1, (1, 1), (1, 11)),
        Severity::Medium,
        "hardcoded-secret",
        "Missing include",
    );
    let low = |line| {
        finding(
            location(DB, (line, 1), (line, 1)),
            Severity::Low,
            "empty-line",
            "Nothing here",
        )
    };
    let note = finding(
        location("gone/unknown.rs", (7, 3), (8, 4)),
        Severity::Note,
        "unknown-file",
        "A file that the change does not hold",
    );
    vec![
        injection,
        secret,
        queries,
        hostile,
        latin1,
        low(2),
        low(2),
        note,
        unconfirmed(
            finding(
                location(DB, (5, 5), (5, 19)),
                Severity::Critical,
                "unchecked-error",
                "Error of the query is lost",
            ),
            "ollama",
        ),
        unconfirmed(
            finding(
                location(HOSTILE, (3, 1), (3, 5)),
                Severity::Note,
                "shell-other",
                HOSTILE_WORDS,
            ),
            "\u{1b}[1mcodex",
        ),
    ]
}

fn change() -> Change {
    let left_out = |name: &str, reason| LeftOut {
        path: path(name),
        reason,
    };
    Change {
        title: "main...HEAD".to_owned(),
        base: Some("1111111111111111111111111111111111111111".to_owned()),
        head: Some("2222222222222222222222222222222222222222".to_owned()),
        root: None,
        files: vec![
            file(HOSTILE, Kind::Added, HOSTILE_TEXT, &[]),
            file("docs/ok.md", Kind::Added, "Fine.\n", &[]),
            file(LATIN1, Kind::Added, "int main() {}\n", &[]),
            // Lines 9 and 15 stand outside the added runs.
            file(DB, Kind::Modified, DB_TEXT, &[2..=6, 10..=14, 16..=21]),
            file(QUOTED, Kind::Added, QUOTED_TEXT, &[]),
            file("src/unread.py", Kind::Added, "pass\n", &[]),
        ],
        left_out: vec![
            left_out("Cargo.lock", Reason::LockFile),
            left_out("a|b`c`.min.js", Reason::Minified),
            left_out("logo.png", Reason::Binary),
            left_out("package-lock.json", Reason::LockFile),
            left_out(
                "big.sql",
                Reason::TooLarge {
                    bytes: 2_000_000,
                    limit: 1_000_000,
                },
            ),
            left_out("vendor/x.c", Reason::Excluded("vendor/**".to_owned())),
        ],
    }
}

fn coverage(change: &Change) -> Coverage {
    let files = change.files.iter().map(|file| {
        let unread = file.path == path("src/unread.py");
        let mut readings = BTreeMap::from([
            ("claude".to_owned(), Reading::Read),
            ("codex".to_owned(), Reading::Read),
            (
                "ollama".to_owned(),
                Reading::Skipped("breaker open".to_owned()),
            ),
        ]);
        if unread {
            let why = "timed out after 90s\n::error::x".to_owned();
            readings.insert("claude".to_owned(), Reading::Failed(why));
            let why = "answered prose".to_owned();
            readings.insert("codex".to_owned(), Reading::Abstained(why));
        }
        FileCoverage {
            path: file.path.clone(),
            readings,
            covered: !unread,
        }
    });
    Coverage {
        files: files.collect(),
    }
}

/// A run with nothing found in one file that was read.
pub(super) fn clean_run() -> Run {
    let file = file("src/main.rs", Kind::Added, "fn main() {}\n", &[]);
    let coverage = FileCoverage {
        path: file.path.clone(),
        readings: BTreeMap::from([("rules".to_owned(), Reading::Read)]),
        covered: true,
    };
    Run {
        change: Arc::new(Change {
            title: "HEAD~1".to_owned(),
            files: vec![file],
            ..Change::default()
        }),
        workflow: "diff".to_owned(),
        team: None,
        findings: Vec::new(),
        dropped: Dropped::default(),
        coverage: Coverage {
            files: vec![coverage],
        },
        backends: Vec::new(),
        texts: Vec::new(),
        status: Status::Success,
        notices: Vec::new(),
    }
}

/// Everything at once.
pub(super) fn rich_run() -> Run {
    let change = change();
    Run {
        coverage: coverage(&change),
        change: Arc::new(change),
        workflow: "diff".to_owned(),
        team: Some("rust".to_owned()),
        findings: findings(),
        dropped: Dropped {
            quote_not_found: 3,
            outside_change: 1,
            unknown_file: 0,
        },
        backends: vec![
            BackendReport {
                name: "claude".to_owned(),
                model: Some("claude-x 4".to_owned()),
                answered: 12,
                taped: 3,
                failed: 1,
                usage: Usage {
                    input: 34_567,
                    cached_input: 10_000,
                    output: 1_234,
                },
                cost_usd: Some(0.031_25),
                error: Some("timed out after 90s".to_owned()),
                ..BackendReport::default()
            },
            BackendReport {
                name: "codex".to_owned(),
                answered: 11,
                abstained: 1,
                usage: Usage {
                    input: 999,
                    cached_input: 0,
                    output: 10,
                },
                ..BackendReport::default()
            },
            BackendReport {
                name: "ollama".to_owned(),
                failed: 3,
                error: Some("connection refused (http://localhost:11434)".to_owned()),
                ..BackendReport::default()
            },
        ],
        texts: vec![(
            "synthesizer".to_owned(),
            format!(
                "Two things matter: **the statement** and `Vec<Row>`.\n\n- one\n- two\n\n{HOSTILE_WORDS}"
            ),
        )],
        status: Status::Degraded,
        notices: vec![
            "ollama did not answer three times in a row and was not asked again".to_owned(),
            HOSTILE_WORDS.to_owned(),
        ],
    }
}

/// Judges with `fail_on = medium`.
pub(super) fn judged(run: Run) -> Outcome {
    let policy = Settings {
        fail_on: FailOn::Medium,
        allow_incomplete: false,
    };
    judge(run, policy)
}

pub(super) fn rich() -> Outcome {
    judged(rich_run())
}

pub(super) fn clean() -> Outcome {
    judged(clean_run())
}

/// Nothing found, and a file that nobody read.
pub(super) fn incomplete() -> Outcome {
    let mut run = rich_run();
    run.findings.clear();
    run.status = Status::Timeout;
    judged(run)
}
