//! `docs/doctor.md` says what the binary says.

use regex::Regex;
use serde_json::Value;

use super::{Answer, at, doctor, ok, repository, server};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/doctor.md");
const WORKFLOW: &str = "name = \"quick\"\n[[steps]]\nname = \"bugs\"\nrole = \"analyzer\"\nparallel = true\n\
    produces = \"findings\"\nprompt = \"Find bugs.\"\n";

/// What differs from machine to machine, made the same.
fn settled(text: &str, replacements: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (one, other) in replacements {
        text = text.replace(one, other);
    }
    let patterns = [
        (r#""(look_ms|ms)": \d+"#, r#""$1": 12"#),
        (r"127\.0\.0\.1:\d+", "127.0.0.1:8080"),
        (r#""version": "\d+\.\d+\.\d+""#, r#""version": "0.1.0""#),
        (r#""built_in": \d+"#, r#""built_in": 193"#),
    ];
    for (pattern, other) in patterns {
        let pattern = Regex::new(pattern).unwrap();
        text = pattern.replace_all(&text, other).into_owned();
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_is_what_the_binary_writes() {
    let repo = repository();
    let alpha = server(&["alpha-1", "alpha-2"], ok()).await;
    repo.write(".llmux/workflows/quick.toml", WORKFLOW);
    repo.config(&format!(
        "{}api_key = \"${{ALPHA_KEY}}\"\n[backends.beta]\ncommand = \"no-such-program\"\n",
        at("alpha", &alpha)
    ));
    let output = doctor(
        &repo,
        &["--workflow", "quick", "--probe", "--format", "json"],
    )
    .env("ALPHA_KEY", "k".repeat(20))
    .output()
    .unwrap();
    assert_eq!(Answer::of(&output).code, Some(0));
    let project = repo.dir().display().to_string();
    let home = repo.outside("home").display().to_string();
    let made = settled(
        &String::from_utf8(output.stdout).unwrap(),
        &[(&project, "/home/me/project"), (&home, "/home/me")],
    );

    let document = std::fs::read_to_string(DOCUMENT).unwrap();
    let (before, rest) = document.split_once("```json\n").unwrap();
    let (written, after) = rest.split_once("```\n").unwrap();
    if std::env::var_os("LLMUX_BLESS").is_some() {
        std::fs::write(DOCUMENT, format!("{before}```json\n{made}```\n{after}")).unwrap();
        return;
    }
    assert_eq!(
        written, made,
        "run it with LLMUX_BLESS=1 to write docs/doctor.md anew"
    );
}

/// A field that nobody documents helps nobody.
#[test]
fn every_field_is_documented() {
    let document = std::fs::read_to_string(DOCUMENT).unwrap();
    let (tables, example) = document.split_once("```json\n").unwrap();
    let (example, _) = example.split_once("```\n").unwrap();
    let example: Value = serde_json::from_str(example).unwrap();
    let mut names = Vec::new();
    collect(&example, &mut names);
    assert!(names.len() > 50, "only {} fields", names.len());
    for name in names {
        assert!(
            tables.contains(&format!("`{name}`")),
            "`{name}` is not documented"
        );
    }
}

fn collect(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                names.push(name.clone());
                collect(member, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        _ => {}
    }
}
