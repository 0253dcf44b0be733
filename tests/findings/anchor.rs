use std::fmt::Write as _;
use std::sync::Arc;

use llmux::change::{FileChange, Fragment, RepoPath, Text};
use llmux::findings::{Claim, DropReason, Scope, Severity, Taxonomy, anchor};
use proptest::prelude::*;

use super::{added, file, file_with_ends, raw, text_at};

const CODE: &str = "\
fn pay(user: &User, amount: u64) -> Result<(), Error> {
    let account = user.account()?;
    if account.balance < amount {
        return Err(Error::Balance);
    }
    account.withdraw(amount);
    log::info!(\"paid {amount} by {}\", user.name);
    Ok(())
}
";

fn at(claim: &Claim) -> (u32, u32, u32, u32) {
    let place = &claim.location;
    (
        place.start_line,
        place.start_column,
        place.end_line,
        place.end_column,
    )
}

fn find(
    file: &Arc<FileChange>,
    line: impl Into<Option<u32>>,
    quote: &str,
) -> Result<Claim, DropReason> {
    let path = file.path.to_string();
    let found = anchor(
        &raw(&path, line, quote),
        "b",
        "reviewer",
        std::slice::from_ref(file),
        Scope::Files,
        Taxonomy::builtin(),
    );
    if let Ok(claim) = &found {
        assert_eq!(
            claim.quote.replace("\r\n", "\n"),
            text_at(file, &claim.location),
            "{quote}"
        );
    }
    found
}

/// Start line and column, end line and column.
type Columns = (u32, u32, u32, u32);

/// What is said of the quote, the quote, and its place in [`CODE`].
const FOUND: &[(&str, &str, Columns)] = &[
    ("whole line", "    account.withdraw(amount);", (6, 5, 6, 30)),
    ("part of a line", "user.account()", (2, 19, 2, 33)),
    (
        "line end at the end",
        "account.withdraw(amount);\n",
        (6, 5, 6, 30),
    ),
    (
        "several lines",
        "    if account.balance < amount {\n        return Err(Error::Balance);\n    }",
        (3, 5, 5, 6),
    ),
    (
        "CRLF in the quote",
        "if account.balance < amount {\r\n        return Err(Error::Balance);\r\n",
        (3, 5, 4, 36),
    ),
    (
        "other indentation",
        "if account.balance < amount {\n\treturn Err(Error::Balance);",
        (3, 5, 4, 36),
    ),
    ("other spaces", "if account.balance<amount{", (3, 5, 3, 34)),
    (
        "joined lines",
        "if account.balance < amount { return Err(Error::Balance); }",
        (3, 5, 5, 6),
    ),
    ("backticks", "`account.withdraw(amount);`", (6, 5, 6, 30)),
    (
        "fence",
        "```rust\n    account.withdraw(amount);\n```",
        (6, 5, 6, 30),
    ),
    (
        "plus markers",
        "+    account.withdraw(amount);\n+    log::info!(",
        (6, 5, 7, 16),
    ),
    (
        "one plus marker",
        "+account.withdraw(amount);",
        (6, 5, 6, 30),
    ),
    (
        "both sides of a diff",
        "     }\n-    account.draw(amount);\n+    account.withdraw(amount);",
        (5, 5, 6, 30),
    ),
    (
        "line numbers",
        "6 |     account.withdraw(amount);",
        (6, 5, 6, 30),
    ),
    (
        "line numbers of several lines",
        "3: if account.balance < amount {\n4:     return Err(Error::Balance);",
        (3, 5, 4, 36),
    ),
    (
        "numbers and markers",
        "6 +    account.withdraw(amount);\n7 +    log::info!(",
        (6, 5, 7, 16),
    ),
    (
        "markers and numbers",
        "+ 6 |     account.withdraw(amount);\n+ 7 |     log::info!(",
        (6, 5, 7, 16),
    ),
    (
        "ellipsis between lines",
        "fn pay(user: &User\n    ...\n    account.withdraw(amount);",
        (1, 1, 6, 30),
    ),
    (
        "ellipsis in a comment",
        "let account = user.account()?;\n// …\naccount.withdraw(amount);",
        (2, 5, 6, 30),
    ),
    (
        "ellipsis in a line",
        "log::info!(\"paid … user.name);",
        (7, 5, 7, 50),
    ),
    (
        "ellipsis at the end",
        "fn pay(user: &User, amount: u64)...",
        (1, 1, 1, 33),
    ),
    (
        "escaped twice",
        "log::info!(\\\"paid {amount} by {}\\\", user.name);",
        (7, 5, 7, 50),
    ),
    (
        "lost semicolon and mark",
        "let account = user.account();",
        (2, 5, 2, 35),
    ),
    (
        "one letter wrong",
        "    acount.withdraw(amount);",
        (6, 5, 6, 30),
    ),
    (
        "a line left out",
        "let account = user.account()?;\nif account.balance < amount {\naccount.withdraw(amount);",
        (2, 5, 6, 30),
    ),
];

#[test]
fn quotes_are_found_again() {
    let file = added("src/pay.rs", CODE);
    for (name, quote, place) in FOUND {
        let found = find(&file, None, quote);
        assert_eq!(found.as_ref().map(at), Ok(*place), "{name}");
    }
}

#[test]
fn invented_quotes_are_dropped() {
    let file = added("src/pay.rs", CODE);
    for quote in [
        "account.deposit(amount);",
        "let account = user.profile()?;",
        "if account.balance > amount {",
        "if account.balance <= amount {",
        "if !account.balance < amount {",
        "log::info!(\"paid {user} by {}\", amount.name);",
        "if account.balance < limit {",
        "fn pay(user: &User, amount: u64) -> Result<(), Failure> {",
        "log::info!(\"paid {amount} to {}\", user.name);",
        "log::info!(\"paid {amount} by {}\", user.password);",
        "account.withdraw(user, amount, balance);",
        "let account = user.account()?;\n    if account.balance > limit {",
        "let account = user.account()?;\n    account.lock();\n    if account.balance < amount {",
        "return Err(Error::Balance);\n    account.withdraw(amount);\n    let account = user.account()?;",
        "fn pay(user: &User\n...\n    account.deposit(amount);",
        "account.withdraw(amount);\n...\nfn pay(user: &User",
        "password = \"hunter2\"",
        "balance amount account user",
        "unsafe { transmute(account) }",
        "…",
    ] {
        assert_eq!(
            find(&file, 6, quote),
            Err(DropReason::QuoteNotFound),
            "{quote}"
        );
    }
}

#[test]
fn the_line_breaks_ties_alone() {
    let text = "save(a);\nlog(a);\nsave(a);\nlog(a);\nsave(a);\n";
    let file = added("a.py", text);
    for (line, found) in [(1, 1), (3, 3), (5, 5), (4, 3), (99, 5)] {
        assert_eq!(
            find(&file, line, "save(a);").map(|claim| at(&claim).0),
            Ok(found),
            "{line}"
        );
    }
    assert_eq!(
        find(&file, None, "save(a);").map(|claim| at(&claim).0),
        Ok(1)
    );
    assert_eq!(
        find(&file, 4, "log(a);\nsave(a);").map(|claim| at(&claim).0),
        Ok(4)
    );
    // A wrong number moves nothing.
    let file = added("src/pay.rs", CODE);
    assert_eq!(
        find(&file, 1, "account.withdraw(amount);").map(|claim| at(&claim).0),
        Ok(6)
    );
}

#[test]
fn whole_words_go_first() {
    let file = added("a.c", "int account_id = 1;\nint account = 2;\n");
    assert_eq!(
        find(&file, 1, "int account").map(|claim| at(&claim)),
        Ok((2, 1, 2, 12))
    );
}

#[test]
fn columns_count_characters() {
    let file = added("a.py", "\tname = \"Zoë 😀\"; print(name)\n");
    assert_eq!(
        find(&file, None, "print(name)").map(|claim| at(&claim)),
        Ok((1, 18, 1, 29))
    );
    let file = file_with_ends("a.py", "", "+ä = 1\n+print(ä, 'ß')\n", "", "\r\n");
    let claim = find(&file, None, "ä = 1\nprint(ä, 'ß')").unwrap();
    assert_eq!(at(&claim), (1, 1, 2, 14));
    assert_eq!(claim.quote, "ä = 1\r\nprint(ä, 'ß')");
}

#[test]
fn short_quotes_need_their_line() {
    let file = added("src/pay.rs", CODE);
    assert_eq!(
        find(&file, 5, "}").map(|claim| at(&claim)),
        Ok((5, 5, 5, 6))
    );
    assert_eq!(
        find(&file, 9, "    }").map(|claim| at(&claim)),
        Ok((9, 1, 9, 2))
    );
    assert_eq!(find(&file, 4, "}"), Err(DropReason::QuoteNotFound));
    assert_eq!(find(&file, None, "}"), Err(DropReason::QuoteNotFound));
    // Without a quote there is nothing to find, whatever the line and the words.
    let mut claim = raw("src/pay.rs", 6, "");
    claim.message = "`withdraw` is not atomic".to_owned();
    assert_eq!(
        anchor(
            &claim,
            "b",
            "r",
            std::slice::from_ref(&file),
            Scope::Files,
            Taxonomy::builtin()
        ),
        Err(DropReason::QuoteNotFound)
    );
}

#[test]
fn scope_of_a_change() {
    let file = file(
        "a.py",
        "import os\nimport sys\n",
        " def f(a):\n-    check(a)\n     base = a\n-    c = old(base)\n+    c = new(base)\n     return c\n",
        "\ndef g(a):\n    return a\n",
    );
    let find = |line: Option<u32>, quote: &str| {
        let claim = raw("a.py", line, quote);
        anchor(
            &claim,
            "b",
            "reviewer",
            std::slice::from_ref(&file),
            Scope::Diff,
            Taxonomy::builtin(),
        )
        .map(|claim| (at(&claim).0, claim.quote))
    };
    let ok = |line: u32, quote: &str| Ok((line, quote.to_owned()));
    assert_eq!(find(None, "c = new(base)"), ok(5, "c = new(base)"));
    assert_eq!(
        find(None, "base = a\n    c = new(base)\n    return c"),
        ok(4, "base = a\n    c = new(base)\n    return c")
    );
    assert_eq!(find(None, "import sys"), Err(DropReason::OutsideChange));
    assert_eq!(find(None, "def g(a):"), Err(DropReason::OutsideChange));
    assert_eq!(
        find(None, "return c"),
        Err(DropReason::OutsideChange),
        "next to an added line"
    );
    // Next to a removal that nothing replaced.
    assert_eq!(find(None, "def f(a):"), ok(3, "def f(a):"));
    assert_eq!(find(None, "base = a"), ok(4, "base = a"));
    // Removed code stands on the line that took its place.
    assert_eq!(find(None, "    check(a)"), ok(4, "base = a"));
    assert_eq!(find(None, "-    check(a)"), ok(4, "base = a"));
    assert_eq!(find(None, "c = old(base)"), ok(5, "c = new(base)"));
    assert_eq!(
        find(None, " def f(a):\n-    check(a)\n     base = a"),
        ok(3, "def f(a):\n    base = a")
    );
    assert_eq!(find(None, "check(b)"), Err(DropReason::QuoteNotFound));
}

#[test]
fn equal_lines_in_and_out_of_the_change() {
    let file = file(
        "a.py",
        "save(item)\nsave(item)\n",
        " x = 1\n+save(item)\n",
        "save(item)\n",
    );
    let find = |line: Option<u32>| {
        let claim = raw("a.py", line, "save(item)");
        anchor(
            &claim,
            "b",
            "reviewer",
            std::slice::from_ref(&file),
            Scope::Diff,
            Taxonomy::builtin(),
        )
        .map(|claim| at(&claim).0)
    };
    assert_eq!(find(None), Ok(4));
    assert_eq!(find(Some(9)), Ok(4), "a number that fits nowhere");
    assert_eq!(
        find(Some(1)),
        Err(DropReason::OutsideChange),
        "a number that fits exactly"
    );
}

#[test]
fn moved_code_is_at_its_new_place() {
    let file = file(
        "a.py",
        "",
        "-check(user)\n load(user)\n save(user)\n+check(user)\n",
        "",
    );
    let claim = anchor(
        &raw("a.py", 1, "check(user)"),
        "b",
        "r",
        std::slice::from_ref(&file),
        Scope::Diff,
        Taxonomy::builtin(),
    )
    .unwrap();
    assert_eq!(at(&claim), (3, 1, 3, 12));
}

#[test]
fn a_removal_beside_equal_code() {
    // The text is still elsewhere, but it is the removal that belongs to the change.
    let file = file(
        "a.py",
        "check(user)\n\n\n\n\n\n",
        " load(user)\n-check(user)\n save(user)\n",
        "",
    );
    let claim = anchor(
        &raw("a.py", 8, "check(user)"),
        "b",
        "r",
        std::slice::from_ref(&file),
        Scope::Diff,
        Taxonomy::builtin(),
    )
    .unwrap();
    assert_eq!((at(&claim).0, claim.quote.as_str()), (8, "save(user)"));
}

#[test]
fn a_deleted_file_has_no_place() {
    let file = file("a.py", "", "-check(user)\n-save(user)\n", "");
    assert_eq!(
        find(&file, 1, "check(user)"),
        Err(DropReason::QuoteNotFound)
    );
}

#[test]
fn files_by_other_names() {
    let files = [
        added(
            "crates/one/src/mod.rs",
            "fn one_alone() {}\nfn both_have_it() {}\n",
        ),
        added(
            "crates/two/src/mod.rs",
            "fn two_alone() {}\nfn both_have_it() {}\n",
        ),
        added("web/app.ts", "const token = load();\n"),
    ];
    let find = |name: &str, quote: &str| {
        anchor(
            &raw(name, None, quote),
            "b",
            "r",
            &files,
            Scope::Diff,
            Taxonomy::builtin(),
        )
        .map(|claim| claim.location.path.to_string())
    };
    let ok = |path: &str| Ok(path.to_owned());
    for name in [
        "web/app.ts",
        "a/web/app.ts",
        "b/web/app.ts",
        "./web/app.ts",
        "/web/app.ts",
        "app.ts",
        "web\\app.ts",
        "/home/me/repo/web/app.ts",
    ] {
        assert_eq!(find(name, "const token"), ok("web/app.ts"), "{name}");
    }
    assert_eq!(find("mod.rs", "fn two_alone"), ok("crates/two/src/mod.rs"));
    assert_eq!(
        find("mod.rs", "fn both_have_it"),
        Err(DropReason::UnknownFile)
    );
    assert_eq!(find("gone.ts", "const token = load();"), ok("web/app.ts"));
    assert_eq!(
        find("gone.ts", "const token = store();"),
        Err(DropReason::UnknownFile)
    );
    assert_eq!(
        find("gone.ts", "fn both_have_it"),
        Err(DropReason::UnknownFile)
    );
    assert_eq!(
        find("p.ts", "nothing of it"),
        Err(DropReason::UnknownFile),
        "half a file name"
    );
    assert_eq!(
        find("web/app.ts", "fn two_alone"),
        Err(DropReason::QuoteNotFound),
        "in another file"
    );
    let mut moved = (*files[2]).clone();
    moved.old_path = Some(RepoPath::new("web/main.ts"));
    let moved = anchor(
        &raw("web/main.ts", None, "const token"),
        "b",
        "r",
        &[Arc::new(moved)],
        Scope::Files,
        Taxonomy::builtin(),
    );
    assert!(moved.is_ok(), "the old name of a renamed file");
}

/// As in an answer: through the parser, which takes lines and white space off a name.
fn find_written(name: &str, files: &[Arc<FileChange>], quote: &str) -> Result<String, DropReason> {
    let answer = serde_json::json!({"findings": [
        {"file": name, "line": 1, "quote": quote, "title": "t", "message": "m"}
    ]});
    let claims = llmux::findings::parse(&answer.to_string(), &[]).unwrap();
    anchor(
        &claims[0],
        "b",
        "r",
        files,
        Scope::Files,
        Taxonomy::builtin(),
    )
    .map(|claim| claim.location.path.to_string())
}

#[test]
fn no_name_hides_a_file() {
    for name in [
        "a.rs ",
        "\u{a0}a.rs",
        "\ta.rs",
        "a.rs:12",
        "a.rs:L1:2",
        "a.rs#L3",
        "a.rs :1",
        "`a.rs`",
        "\"a.rs'",
        "dir\\a.rs",
        "\\a.rs",
        "a\nb.rs",
        "\u{1b}[1ma.rs",
    ] {
        let evil = added(name, "eval(x)");
        let alone = [evil.clone(), added("z.rs", "run(y)")];
        let found = find_written(name, &alone, "eval(x)");
        assert_eq!(found.as_deref(), Ok(name), "alone");
        let shown: String = name.escape_default().collect();
        if name.contains(['\n', '\u{1b}']) {
            assert_eq!(find_written(&shown, &alone, "eval(x)").as_deref(), Ok(name));
        }
        let decoys = ["a.rs", "dir/a.rs", "a/nb.rs"].map(|path| added(path, "fine(1)"));
        let mut files = decoys.to_vec();
        files.push(evil);
        for _ in 0..2 {
            let found = find_written(name, &files, "eval(x)");
            assert_eq!(found.as_deref(), Ok(name), "beside decoys");
            files.reverse();
        }
    }
}

#[test]
fn text_of_a_patch_has_gaps() {
    let mut file = (*added("a.py", "x = 1\n")).clone();
    file.new = Text::from_fragments(vec![
        Fragment::new(10, b"first = 1\nsecond = 2\n"),
        Fragment::new(50, b"third = 3\n"),
    ]);
    let file = Arc::new(file);
    assert_eq!(
        find(&file, None, "third = 3").map(|claim| at(&claim)),
        Ok((50, 1, 50, 10))
    );
    assert_eq!(
        find(&file, None, "second = 2").map(|claim| at(&claim)),
        Ok((11, 1, 11, 11))
    );
    assert_eq!(
        find(&file, None, "second = 2\nthird = 3"),
        Err(DropReason::QuoteNotFound)
    );
}

#[test]
fn the_taxonomy_bounds_what_is_claimed() {
    let file = added("src/pay.rs", CODE);
    let mut claim = raw("src/pay.rs", None, "account.withdraw(amount);");
    claim.rule = "Confusing_Code".to_owned();
    claim.category = "security".to_owned();
    claim.severity = Some(Severity::Critical);
    claim.suggestion = Some("```rust\n    account.try_withdraw(amount)?;\n```".to_owned());
    let files = [file];
    let found = anchor(
        &claim,
        "b",
        "reviewer",
        &files,
        Scope::Diff,
        Taxonomy::builtin(),
    )
    .unwrap();
    assert_eq!(
        (found.rule.as_str(), found.category.as_str()),
        ("confusing-code", "style")
    );
    assert_eq!(
        (found.severity, found.role.as_str()),
        (Severity::Low, "reviewer")
    );
    assert_eq!(
        found.suggestion.as_deref(),
        Some("account.try_withdraw(amount)?;")
    );
    claim.role = Some("security".to_owned());
    claim.suggestion = Some("account.withdraw(amount);".to_owned());
    let found = anchor(
        &claim,
        "b",
        "reviewer",
        &files,
        Scope::Diff,
        Taxonomy::builtin(),
    )
    .unwrap();
    assert_eq!((found.role.as_str(), found.suggestion), ("security", None));
}

#[test]
fn big_files_are_searched_in_one_pass() {
    let mut text = String::new();
    for number in 0..20_000 {
        writeln!(
            text,
            "    let value_{number} = compute(value_{}, other);",
            number / 2
        )
        .unwrap();
    }
    let file = added("big.rs", &text);
    for quote in [
        "let value_19999 = compute(value_9999, other)?;",
        "let value_70000 = compute(value_1, other);",
        "}\n}\n…\nlet value_5",
    ] {
        let _ = find(&file, None, quote);
    }
    assert!(
        find(
            &file,
            None,
            "let value_19999 = compute(value_9999,  other);"
        )
        .is_ok()
    );
    let same = added("same.rs", &"same();\n".repeat(100_000));
    assert_eq!(
        find(&same, 77_777, "same();").map(|claim| at(&claim).0),
        Ok(77_777)
    );
    assert!(find(&same, 5, &"same();\n".repeat(2_000)).is_ok());
    assert!(find(&same, 5, &"other();\n".repeat(2_000)).is_err());
    assert!(find(&same, 5, "same();\n…\nsame();\n…\nsame();").is_ok());
}

fn line() -> impl Strategy<Value = String> {
    "[ \\t]{0,4}(let|if|x|yy|foo_bar|ä|😀|\\.\\.\\.|[(){};=+\\-`\"]| ){0,8}"
}

proptest! {
    /// Whatever is quoted, what comes out is the file's text at that place.
    #[test]
    fn the_quote_is_the_text_there(
        above in prop::collection::vec(line(), 0..5),
        diff in prop::collection::vec(("[ +-]", line()), 1..12),
        below in prop::collection::vec(line(), 0..5),
        quote in prop::collection::vec(line(), 0..4),
        claimed in prop::option::of(0_u32..24),
        crlf in any::<bool>(),
        whole in any::<bool>(),
    ) {
        let diff: String = diff.iter().fold(String::new(), |mut diff, (marker, line)| {
            writeln!(diff, "{marker}{line}").unwrap();
            diff
        });
        let end = if crlf { "\r\n" } else { "\n" };
        let file = file_with_ends("a.rs", &above.join("\n"), &diff, &below.join("\n"), end);
        let scope = if whole { Scope::Files } else { Scope::Diff };
        let claim = raw("a.rs", claimed, &quote.join("\n"));
        if let Ok(claim) = anchor(&claim, "b", "r", std::slice::from_ref(&file), scope, Taxonomy::builtin()) {
            prop_assert_eq!(claim.quote.replace("\r\n", "\n"), text_at(&file, &claim.location));
            prop_assert!(claim.location.start_line >= 1 && claim.location.start_column >= 1);
        }
    }

    /// A line of the file is found, and on a line with that text.
    #[test]
    fn what_is_there_is_found(lines in prop::collection::vec("[a-z]{3,6} = [a-z]{1,4}\\(\\);", 1..20), at in any::<prop::sample::Index>()) {
        let file = added("a.rs", &lines.join("\n"));
        let wanted = at.get(&lines);
        let number = u32::try_from(at.index(lines.len())).unwrap() + 1;
        let claim = find(&file, number, wanted);
        prop_assert_eq!(claim.map(|claim| (claim.location.start_line, claim.quote)), Ok((number, wanted.clone())));
    }
}
