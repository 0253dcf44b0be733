use std::fs;

use llmux::backends::rules::Rules;
use llmux::findings::taxonomy::Taxonomy;

use super::{aws_key, hits, kinds};

#[test]
fn rules_do_what_their_examples_say() {
    let failures = Rules::builtin().check();
    let text: Vec<_> = failures.iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{}", text.join("\n"));
}

#[test]
fn every_rule_shows_both_what_it_hits_and_what_it_leaves() {
    for rule in Rules::builtin().rules() {
        assert!(
            !rule.examples.bad.is_empty(),
            "{} has no bad example",
            rule.id
        );
        assert!(
            !rule.examples.good.is_empty(),
            "{} has no good example",
            rule.id
        );
    }
}

#[test]
fn every_rule_fits_the_taxonomy() {
    let severity = |word: &str| {
        llmux::findings::Severity::ALL
            .into_iter()
            .find(|one| one.as_str() == word)
            .unwrap()
    };
    for rule in Rules::builtin().rules() {
        let kind = Taxonomy::builtin()
            .get(&rule.rule)
            .unwrap_or_else(|| panic!("{}: `{}` is not in the taxonomy", rule.id, rule.rule));
        assert_eq!(kind.category, rule.category, "{}", rule.id);
        let own = severity(rule.severity.as_str());
        assert!(
            (kind.min..=kind.max).contains(&own),
            "{}: {own} is outside {} to {}",
            rule.id,
            kind.min,
            kind.max
        );
    }
}

#[test]
fn titles_are_short() {
    for rule in Rules::builtin().rules() {
        assert!(rule.title.chars().count() <= 80, "{}", rule.id);
        assert!(!rule.title.ends_with('.'), "{}", rule.id);
        assert!(rule.message.ends_with('.'), "{}", rule.id);
    }
}

/// The shipped files are read without checking their expressions; here they are
/// read as a user's are, so that the only mistake left is that they are there twice.
#[test]
fn every_expression_compiles() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        // Data of other kinds.
        if ["taxonomy.toml", "priors.toml", "prices.toml"].contains(&name.as_str()) {
            continue;
        }
        count += 1;
        let text = fs::read_to_string(&path).unwrap();
        let errors = Rules::with_user_files(&[(name, text)], &[], kinds()).unwrap_err();
        for error in errors.0 {
            assert!(error.message.contains("is there already"), "{error}");
        }
    }
    assert_eq!(
        count, 17,
        "a rule file is not embedded, or this number is old"
    );
}

#[test]
fn a_planted_key_is_critical_and_the_documentation_s_is_nothing() {
    let key = aws_key();
    let found = super::scan(super::new_file("src/s3.py", &format!("KEY = \"{key}\"\n")));
    assert_eq!(found.len(), 1);
    let rule = &found[0].rule;
    assert_eq!(rule.severity.as_str(), "critical");
    assert!(!rule.title.contains(&key) && !rule.message.contains(&key));
    assert_eq!(
        hits("src/s3.py", "KEY = \"AKIAIOSFODNN7EXAMPLE\"\n"),
        [""; 0]
    );
}

#[test]
fn placeholders_are_no_secrets() {
    let values = [
        "changeme-changeme-123",
        "your-api-key-goes-here-1",
        "xxxxxxxxxxxxxxxxxxxxxxxx1",
        "0000000000000000000000a0",
        "${API_KEY_FROM_VAULT_1}",
        "{{ secrets.api_key_1 }}",
        "<the-token-you-got-4>",
        "process.env.API_KEY_1",
        "os.environ['API_KEY_1']",
        "vault:secret/data/app#key1",
        "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "sha256:9f86d081884c7d659a2feaa0c55ad015",
        "integration-test-token-42",
        "https://auth.shop.io/token/v2",
        "./config/secrets/app1.json",
        "some.dotted.config.name.v2",
        "UPPER_CASE_CONSTANT_2",
        "1234567890123456789012",
        "justlettersandnothingelse",
        "aaaaaaaabbbbbbbbccccccc1",
    ];
    for value in values {
        let line = format!("api_key = \"{value}\"\n");
        assert_eq!(hits("src/a.py", &line), [""; 0], "{value}");
    }
    let real = ["k7Qz9rTb2Lw8", "Xn4Vc6Ym1Ps3"].concat();
    let line = format!("api_key = \"{real}\"\n");
    assert_eq!(hits("src/a.py", &line), ["generic-secret:1"]);
}

#[test]
fn the_special_rule_speaks_for_the_general_one() {
    let key = aws_key();
    // A name that says secret and a value of a known form: one report, the worse.
    let line = format!("secret_token = \"{key}\"\n");
    assert_eq!(hits("src/a.py", &line), ["aws-access-key:1"]);
}
