use llmux::backends::Backend as _;
use llmux::backends::rules::Rules;

use super::{kinds, new_file, places, user};

const OWN: &str = r#"
[[rule]]
id = "no-sleep"
title = "Sleep in the request path"
message = "Use a timer."
rule = "blocking-in-async"
category = "concurrency"
severity = "medium"
languages = ["python"]
pattern = '\btime\.sleep\('
"#;

fn errors(text: &str) -> String {
    Rules::with_user_files(&[("own.toml".to_owned(), text.to_owned())], &[], kinds())
        .unwrap_err()
        .to_string()
}

#[test]
fn a_user_s_rule_works_beside_the_shipped_ones() {
    let rules = user(OWN);
    let found = rules.scan(&[new_file("a.py", "time.sleep(1)\nbreakpoint()\n")]);
    assert_eq!(places(&found), ["no-sleep:1", "python-breakpoint:2"]);
    assert_eq!(rules.ids().last(), Some("no-sleep"));
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let text = r#"
top = 1

[lists]
fine = ['a']
broken = ['b(']

[[rule]]
id = "Not Kebab"
titel = "A"
message = ""
rule = "sql-injection"
category = "securty"
severity = "hihg"
languages = ["pyhton"]
pattern = 'a(b'
not_pattern = ["x", '[z-a]']
paths = ["src/[a"]
scope = "all"
multiline = "yes"
confidence = 7
allow = ["@finee"]
entropy = { group = "secret", min = 3, max = 4 }

[[rule]]
id = "aws-access-key"
title = "A"
message = "B"
rule = "hardcoded-secret"
category = "security"
severity = "high"

[[rule]]
id = "once"
title = "A"
message = "B"
rule = "hardcoded-secret"
category = "security"
severity = "high"
pattern = "tab\t(unclosed"

[[rule]]
id = "once"
title = 5
message = "B"
rule = "hardcoded-secret"
category = "security"
severity = "high"
pattern = ['a', 2]
"#;
    super::assert_snapshot("mistakes", &errors(text));
}

#[test]
fn text_that_is_no_toml_is_told_with_its_place() {
    let found = errors("[[rule]\nid = \"a\"\n");
    assert!(found.starts_with("own.toml:1:"), "{found}");
    assert!(found.contains("not TOML"), "{found}");
    assert_eq!(
        errors("rule = 3\n"),
        "own.toml:1:8: `rule` wants tables: write `[[rule]]`"
    );
}

#[test]
fn a_user_s_rule_is_tried_on_its_examples() {
    let text = format!("{OWN}examples.bad = ['sleep(1)']\nexamples.good = ['time.sleep(1)']\n");
    assert_eq!(
        errors(&text),
        "own.toml:2:1: `no-sleep`: `bad` example 1 is not hit\n\
         own.toml:2:1: `no-sleep`: `good` example 1 is hit"
    );
}

#[test]
fn rules_can_be_left_out() {
    let disable = ["python-breakpoint".to_owned()];
    let rules = Rules::with_user_files(&[], &disable, kinds()).unwrap();
    let found = rules.scan(&[new_file("a.py", "breakpoint()\n")]);
    assert_eq!(places(&found), [""; 0]);
    assert!(!rules.ids().any(|id| id == "python-breakpoint"));

    let unknown = ["python-breakpiont".to_owned()];
    let error = Rules::with_user_files(&[], &unknown, kinds()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "disable: unknown rule `python-breakpiont`; did you mean `python-breakpoint`?"
    );
}

#[test]
fn identity_changes_with_the_rules_and_nothing_else() {
    let builtin = Rules::builtin().identity();
    assert_eq!(builtin, Rules::builtin().named("mine").identity());
    let none = Rules::with_user_files(&[], &[], kinds()).unwrap();
    assert_eq!(builtin, none.identity());
    let disabled = Rules::with_user_files(&[], &["rust-dbg".to_owned()], kinds()).unwrap();
    assert_ne!(builtin, disabled.identity());
    assert_ne!(builtin, user(OWN).identity());
    assert_eq!(user(OWN).identity(), user(OWN).identity());
}

#[test]
fn the_manual_s_example_is_a_rule_file() {
    let manual = include_str!("../../docs/rules.md");
    let examples: Vec<_> = manual
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(!examples.is_empty());
    for (number, example) in examples.iter().enumerate() {
        if example.contains("[[rule]]") {
            let files = [(format!("example {number}"), (*example).to_owned())];
            Rules::with_user_files(&files, &[], kinds()).unwrap();
        }
    }
}
