//! The schema for editors and the checks of llmux say the same; the reference for people too.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use llmux::config::DEFAULTS;
use llmux::config::keys::{Kind, ROOT};
use proptest::prelude::*;

pub(super) use crate::support::schema::agree;
use crate::support::schema::{complaints, loads};

/// One key with its value as a file; a name of the user's is `a-name`.
fn file(path: &[&str], value: &str) -> String {
    let (last, tables) = path.split_last().unwrap();
    format!("[{}]\n{last} = {value}\n", tables.join("."))
}

fn accepted(text: &str) -> bool {
    complaints(text).is_empty()
}

/// What all kinds are told to be.
fn forms(kind: &Kind, found: &mut BTreeSet<String>) {
    found.insert(kind.expected());
    match kind {
        Kind::Table(keys) => keys.iter().for_each(|key| forms(&key.kind, found)),
        Kind::Named(inner) | Kind::List(inner) => forms(inner, found),
        _ => {}
    }
}

static FORMS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut found = BTreeSet::new();
    forms(&ROOT, &mut found);
    found
});

/// Whether llmux refuses it for a key's name or the form of a value, and not for what stands
/// beside it.
fn is_about_form(text: &str) -> bool {
    loads(text).is_err_and(|errors| {
        errors.problems.iter().any(|problem| {
            let expected = problem.expected.as_ref();
            problem.message.starts_with("unknown ")
                || expected.is_some_and(|it| FORMS.contains(it) || it.starts_with("a name without"))
        })
    })
}

#[test]
fn the_schema_takes_the_defaults() {
    assert_eq!(complaints(DEFAULTS), [""; 0]);
}

fn misfits(kind: &Kind) -> &'static [&'static str] {
    match kind {
        Kind::Table(_) | Kind::Named(_) => &["1", "true", "[]", "\"x\""],
        Kind::List(_) => &["\"x\"", "1", "[[]]", "[true]", "{}"],
        Kind::Flag => &["\"true\"", "1", "[]"],
        Kind::Whole(..) => &["-1", "\"1\"", "1.5", "true"],
        Kind::Number(..) => &["-1", "\"1\"", "1e9", "true"],
        Kind::Word(_) => &["\"no-such-word\"", "1", "\"\"", "\"High\""],
        Kind::Duration => &[
            "0",
            "-1",
            "\"0s\"",
            "\"\"",
            "\"5 parsecs\"",
            "true",
            "\"5\"",
            "1.5",
        ],
        Kind::Size => &["0", "-1", "\"0\"", "\"\"", "\"5 parsecs\"", "true", "1.5"],
        Kind::Threshold => &["0", "-1", "\"all\"", "\"p>0.5\"", "\"-5%\"", "true"],
        Kind::Text | Kind::Glob => &["1", "true", "[]"],
        Kind::ProjectPath => &[
            "\"/etc/x\"",
            "\"../x\"",
            "\"a/../x\"",
            "'C:\\x'",
            "\"\"",
            "1",
        ],
        Kind::Url => &[
            "\"ftp://x\"",
            "\"x\"",
            "\"https://\"",
            "\"https://me:it@x\"",
            "1",
        ],
        Kind::Variable => &["\"A B\"", "\"\"", "\"1A\"", "\"A=b\"", "1"],
        Kind::KeyReference => &["\"sk-1234\"", "\"$A\"", "\"${}\"", "\"${A}x\"", "1"],
        Kind::StoreUrl => &["\"mysql://x\"", "\"postgres://me:it@x/y\"", "\"${A\"", "1"],
        Kind::Output => &["\"pdf\"", "\"json=/etc/x\"", "\"json=../x\"", "1"],
    }
}

/// Each misfit must be refused by both.
fn walk(path: &mut Vec<&'static str>, kind: &'static Kind, seen: &mut usize) {
    let refused = |text: &str| {
        assert!(is_about_form(text), "llmux takes\n{text}");
        assert!(!accepted(text), "the schema takes\n{text}");
    };
    if path.len() > 1 {
        for value in misfits(kind) {
            refused(&file(path, value));
            *seen += 1;
        }
    }
    match kind {
        Kind::Table(keys) => {
            path.push("no_such_key");
            if path.len() > 1 {
                refused(&file(path, "1"));
            }
            path.pop();
            for key in *keys {
                path.push(key.name);
                walk(path, &key.kind, seen);
                path.pop();
            }
        }
        Kind::Named(inner) => {
            path.push("a-name");
            walk(path, inner, seen);
            path.pop();
        }
        Kind::List(item) => {
            for value in misfits(item) {
                refused(&file(path, &format!("[{value}]")));
                *seen += 1;
            }
        }
        _ => {}
    }
}

#[test]
fn what_llmux_refuses_for_its_form_the_schema_refuses() {
    for top in [
        "no_such_section = 1",
        "[no_such_section]",
        "gate = 1",
        "[backends.\"\"]",
    ] {
        assert!(is_about_form(top), "{top}");
        assert!(!accepted(top), "{top}");
    }
    let mut seen = 0;
    walk(&mut Vec::new(), &ROOT, &mut seen);
    assert!(seen > 300, "only {seen} values were compared");
}

/// Text of which about half has the form that one of the kinds wants.
fn near_text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "0",
        "1",
        "5",
        "30",
        "00",
        ".",
        ".5",
        " ",
        "\t",
        "s",
        "m",
        "h",
        "min",
        "days",
        "ms",
        "µs",
        "M",
        "y",
        "w",
        "K",
        "kB",
        "MB",
        "GiB",
        "b",
        "p",
        ">=",
        ">",
        "%",
        "auto",
        "+",
        "-",
        "e3",
        "E",
        "inf",
        "NaN",
        "/",
        "\\",
        "..",
        ":",
        "C",
        "a",
        "@",
        "?",
        "#",
        "http",
        "HTTPS",
        "://",
        "x.example",
        "postgres",
        "postgresql",
        "password=",
        "${A}",
        "$",
        "{",
        "}",
        "A_1",
        "=",
        "json",
        "sarif",
        "terminal",
        "é",
        "\n",
    ]);
    prop_oneof![
        prop::collection::vec(pieces, 0..6).prop_map(|pieces| pieces.concat()),
        "[0-9]{1,3}[.]?[0-9]{0,2} ?(s|m|h|ms|min|days|weeks) ?([0-9]{1,2}(s|ms|m))?",
        "[0-9]{1,3}[.]?[0-9]{0,2} ?(B|k|kB|KiB|mb|MiB|G|gib|T|PB|eib)",
        "p ?>= ?[0-1]?[.]?[0-9]{0,2}",
        "[0-9]{1,3}([.][0-9])? ?%",
        "(https?|ftp)://[a-z.:@/?#]{0,12}",
        "postgres(ql)?://[a-z:@/?=]{0,14}",
        "(json|sarif|junit|pdf)(=[a-z./\\\\]{0,10})?",
        "[.]{0,2}[/\\\\]?[a-zA-Z:]{0,3}[/\\\\]?[.]{0,3}[/\\\\]?[a-z]{0,3}",
    ]
}

/// Keys whose values nothing else is said about, one of each kind that has a form.
const FORMED: [(&str, bool); 8] = [
    ("run.timeout", false),
    ("store.max_size", false),
    ("vote.threshold", false),
    ("baseline.file", false),
    ("store.url", false),
    ("backends.rules.base_url", false),
    ("backends.rules.api_key", false),
    ("report.outputs", true),
];

/// Values beyond what the pattern can say: zero in other words, numbers that are too large.
fn is_out_of_reach(key: &str, text: &str) -> bool {
    let digits: usize = text.chars().filter(char::is_ascii_digit).count();
    let over = text.replace('%', "").trim().parse::<f64>();
    match key {
        "run.timeout" => digits > 9 || text.contains('.'),
        "store.max_size" => text.contains('.') || digits > 9,
        "vote.threshold" => {
            let probability = text.contains('p') && text.contains('=');
            over.is_ok_and(|number| number == 0.0 || number > 100.0) || probability
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn values_that_have_a_form_are_judged_alike(text in near_text()) {
        for (key, is_list) in FORMED {
            let (table, name) = key.rsplit_once('.').unwrap();
            let value = toml::Value::String(text.clone()).to_string();
            let value = if is_list { format!("[{value}]") } else { value };
            let document = format!("[{table}]\n{name} = {value}\n");
            let refused = is_about_form(&document);
            let valid = accepted(&document);
            // Never an editor that complains without a reason.
            prop_assert!(valid || refused, "{key}: the schema refuses {text:?}");
            if !is_out_of_reach(key, &text) {
                prop_assert!(!valid || !refused, "{key}: the schema takes {text:?}");
            }
        }
    }

    #[test]
    fn numbers_are_judged_alike(number in prop_oneof![-3i64..3, any::<i64>(), 90i64..110]) {
        for key in [
            "run.max_in_flight", "run.retries", "run.timeout", "store.max_size", "vote.threshold",
            "merge.threshold", "budget.run", "change.max_file_size", "packets.context_lines",
            "backends.rules.samples",
        ] {
            let (table, name) = key.rsplit_once('.').unwrap();
            let document = format!("[{table}]\n{name} = {number}\n");
            prop_assert_eq!(!is_about_form(&document), accepted(&document), "{}", document);
        }
    }
}

/// Examples in the documents: what llmux takes an editor takes, and what it refuses for its form
/// an editor underlines.
#[test]
fn the_schema_and_llmux_agree_on_the_documents() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents = vec![root.join("README.md")];
    for entry in std::fs::read_dir(root.join("docs")).unwrap() {
        documents.push(entry.unwrap().path());
    }
    let mut taken = 0;
    for document in documents {
        let text = std::fs::read_to_string(&document).unwrap_or_default();
        for block in text.split("```toml\n").skip(1) {
            let example = block.split("```").next().unwrap();
            // Some are workflows, rules or parts.
            let Ok(_) = example.parse::<toml::Table>() else {
                continue;
            };
            if loads(example).is_ok() {
                taken += 1;
                assert_eq!(
                    complaints(example),
                    [""; 0],
                    "{}: {example}",
                    document.display()
                );
            } else if is_about_form(example) {
                assert!(!accepted(example), "{}: {example}", document.display());
            }
        }
    }
    assert!(taken > 10, "only {taken} examples");
}
