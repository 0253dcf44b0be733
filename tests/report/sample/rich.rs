//! Everything at once: odd paths, hostile text, each severity, what failed and what was left out.

use std::collections::BTreeMap;
use std::sync::Arc;

use llmux::backends::Usage;
use llmux::change::{Change, Kind, LeftOut, Reason};
use llmux::engine::{
    BackendReport, Coverage, Dropped, FileCoverage, Learning, Reading, Run, Status,
};
use llmux::findings::confidence::{Learned, Lesson, Model};
use llmux::findings::remember::{Fate, Ignore, IgnoreState, Record, Remembered, SuppressionKind};
use llmux::findings::{
    Ballot, Finding, History, Opinion, Severity, Standing, Suppression, Taxonomy,
};

use super::{file, finding, location, path};

pub(in crate::report) const DB: &str = "src/db.rs";
pub(in crate::report) const QUOTED: &str = "src/it's a \"file\" #1.rs";
pub(in crate::report) const LATIN1: &[u8] = b"src/caf\xe9|`x`\t.c";
pub(in crate::report) const HOSTILE: &str = ":odd/::error::[a](b).sh";

const DB_TEXT: &str = "\
use crate::Pool;

pub(in crate::report) fn user(pool: &Pool, name: &str) -> Row {
    let q = format!(\"select * from users where name = '{name}'\");
    pool.query(&q)
}

pub(in crate::report) fn all(pool: &Pool) -> Vec<Row> {
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
pub(in crate::report) const HOSTILE_WORDS: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{0} \u{202e}txet\u{202c}\n\
    ::error file=x::pwned\n   ::stop-commands::t\n##[error]no ##vso[task.complete]\n\
    </details></blockquote><script>alert(1)</script><!-- hidden\n\
    @everyone &#64;team org/repo#12 #34 ]]> &amp; ![p](https://t.example/p.png?c=1)\n\
    [link](https://user:hunter2@evil.example/x) [bad](3) {0} {{1}}\n\
    ````\nunclosed fence | with \\| bars\u{fffe}\u{200b}\u{feff}";

fn unconfirmed(mut finding: Finding, backend: &str) -> Finding {
    finding.vote.voters = vec![backend.to_owned()];
    finding.vote.answered = vec!["claude".to_owned(), backend.to_owned()];
    finding.vote.silent = vec!["codex".to_owned()];
    finding.vote.is_open = true;
    finding.vote.weight = 1.0;
    finding.vote.standing = Standing::Unconfirmed;
    finding.claims.truncate(1);
    finding
}

fn ballot(critic: &str, opinion: Opinion, reason: &str) -> Ballot {
    Ballot {
        critic: critic.to_owned(),
        weight: 1.0,
        authoritative: false,
        opinion,
        quote: (opinion != Opinion::Silent).then(|| "let rows = all(db);".to_owned()),
        reason: reason.to_owned(),
    }
}

/// One that critics did away with, in hostile words.
fn refuted() -> Vec<Finding> {
    let mut finding = unconfirmed(
        finding(
            location(DB, (9, 1), (20, 9)),
            Severity::High,
            "empty-loop",
            HOSTILE_WORDS,
        ),
        "ollama",
    );
    finding.vote.silent = Vec::new();
    finding.vote.is_open = false;
    finding.ballots = vec![
        ballot("claude", Opinion::Refute, HOSTILE_WORDS),
        ballot("codex", Opinion::Refute, "The loop has a body."),
    ];
    vec![finding]
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
            "acme-sql-injection",
            "Statement built from input",
        )
    };
    let secret = finding(
        location(QUOTED, (2, 2), (2, 12)),
        Severity::High,
        "hardcoded-secret",
        "Key in the source",
    );
    let mut queries = finding(
        location(DB, (9, 1), (20, 9)),
        Severity::High,
        "acme-n-plus-one",
        "One query for each row",
    );
    queries.ballots = vec![
        ballot("ollama", Opinion::Unsure, "The caller is not shown."),
        ballot("codex", Opinion::Confirm, "Each row asks again."),
    ];
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

/// One backend is often right, the other was judged once.
fn learning() -> Learning {
    let lesson = |judged, real, factor| Lesson {
        judged,
        real,
        factor,
    };
    Learning {
        learned: Learned {
            model: Arc::clone(Model::builtin()),
            judgements: 14,
            backends: BTreeMap::from([
                ("claude".to_owned(), lesson(13, 12, 1.2)),
                ("codex".to_owned(), lesson(1, 0, 1.0)),
            ]),
        },
        priors: true,
    }
}

/// Everything at once.
pub(in crate::report) fn rich_run() -> Run {
    let change = change();
    Run {
        coverage: coverage(&change),
        change: Arc::new(change),
        workflow: "diff".to_owned(),
        team: Some("rust".to_owned()),
        taxonomy: Arc::clone(Taxonomy::builtin()),
        findings: findings(),
        refuted: refuted(),
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
        incomplete: Vec::new(),
        notices: vec![
            "ollama did not answer three times in a row and was not asked again".to_owned(),
            HOSTILE_WORDS.to_owned(),
        ],
        remembered: Remembered::default(),
        learning: Some(learning()),
        routing: None,
    }
}

fn record(name: &str, title: &str) -> Record {
    Record {
        path: name.to_owned(),
        ..Record::from(&finding(
            location(name, (3, 1), (3, 9)),
            Severity::High,
            "hardcoded-secret",
            title,
        ))
    }
}

/// The same on a second run, with a baseline and words in the code.
pub(in crate::report) fn remembering_run() -> Run {
    let mut run = rich_run();
    let suppression = |kind, reason: &str, added_by_change| Suppression {
        kind,
        reason: reason.to_owned(),
        author: (kind == SuppressionKind::Baseline).then(|| "Ada".to_owned()),
        place: format!("{DB}:9"),
        added_by_change,
    };
    run.findings[0].history = Some(History::Still);
    run.findings[1].history = Some(History::Known);
    run.findings[1].suppression = Some(suppression(
        SuppressionKind::Baseline,
        "A key of the test server.",
        false,
    ));
    run.findings[2].history = Some(History::New);
    run.findings[2].suppression = Some(suppression(SuppressionKind::Inline, HOSTILE_WORDS, true));
    for at in 3..run.findings.len() {
        run.findings[at].history = Some(History::New);
    }
    let ignore = |line, state, problem: Option<&str>| Ignore {
        path: path(HOSTILE),
        line,
        target: line,
        names: vec!["security".to_owned()],
        reason: HOSTILE_WORDS.to_owned(),
        problem: problem.map(str::to_owned),
        is_added: true,
        state,
    };
    run.remembered = Remembered {
        baseline: Some((".llmux/baseline.json at 111111111111".to_owned(), 3, 1)),
        gone: vec!["0123456789abcdef0123456789abcdef".to_owned()],
        before: Some(vec![
            (record("src/gone.rs", "Key in the source"), Fate::Gone),
            (record("src/other.rs", "Not looked at"), Fate::OutOfScope),
            (record(HOSTILE, HOSTILE_WORDS), Fate::NotReported),
        ]),
        ignores: vec![
            ignore(2, IgnoreState::Used, None),
            ignore(
                3,
                IgnoreState::Malformed,
                Some("it needs a reason behind the `]`"),
            ),
        ],
    };
    run
}
