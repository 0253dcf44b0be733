use std::collections::BTreeSet;

use llmux::findings::Severity;
use llmux::findings::taxonomy::{
    CATEGORIES, Taxonomy, normalize, security_severity, taxonomy_prompt,
};

#[test]
fn the_list_is_sound() {
    let rules = Taxonomy::builtin().rules();
    assert!((60..=80).contains(&rules.len()), "{}", rules.len());
    let slugs: BTreeSet<_> = rules.iter().map(|rule| &rule.slug).collect();
    assert_eq!(slugs.len(), rules.len(), "slugs are unique");
    for rule in rules {
        let slug = &rule.slug;
        assert!(
            slug.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
            "{slug}"
        );
        assert!(CATEGORIES.contains(&rule.category.as_str()), "{slug}");
        assert!(
            rule.min <= rule.severity && rule.severity <= rule.max,
            "{slug}"
        );
        assert!(rule.title.chars().count() <= 80, "{slug}");
        assert!(
            rule.description.chars().count() <= 1024 && rule.description.ends_with('.'),
            "{slug}"
        );
        assert!(rule.help.len() >= 40 && rule.help.ends_with('.'), "{slug}");
        assert_eq!(
            rule.category == "security",
            rule.cwe.is_some() && rule.category == "security",
            "{slug}"
        );
        let most = match rule.category.as_str() {
            "docs" | "style" => Severity::Low,
            "test" => Severity::Medium,
            _ => Severity::Critical,
        };
        assert!(rule.max <= most, "{slug}");
    }
    for category in CATEGORIES {
        let other = Taxonomy::builtin()
            .get(&format!("{category}-other"))
            .unwrap();
        assert!(other.category == category && other.is_other());
    }
}

#[test]
fn what_scanners_need_is_there() {
    for slug in [
        "hardcoded-secret",
        "merge-conflict-marker",
        "leftover-debug",
        "prompt-injection",
        "sql-injection",
        "command-injection",
        "path-traversal",
        "unsafe-deserialization",
        "weak-crypto",
        "eval-injection",
        "xss",
        "ssrf",
        "dangerous-call",
        "insecure-tls",
        "insecure-random",
        "insecure-temp-file",
        "open-permissions",
    ] {
        assert!(Taxonomy::builtin().get(slug).is_some(), "{slug}");
    }
}

#[test]
fn names_are_understood() {
    for (rule, category, expected) in [
        ("sql-injection", "bug", "sql-injection"),
        ("SQL_Injection", "", "sql-injection"),
        ("sql injection", "", "sql-injection"),
        ("sqlInjection", "", "sql-injection"),
        ("security/sql-injection", "", "sql-injection"),
        ("rule: ", "security", "security-other"),
        ("no-such-rule", "Security", "security-other"),
        ("no-such-rule", "Error_Handling", "error-handling-other"),
        ("no-such-rule", "correctness", "bug-other"),
        ("no-such-rule", "horoscope", "bug-other"),
        ("performance", "", "performance-other"),
        ("other", "tests", "test-other"),
        ("", "", "bug-other"),
    ] {
        assert_eq!(
            normalize(rule, category).slug,
            expected,
            "{rule} {category}"
        );
    }
}

#[test]
fn bounds_hold() {
    let style = normalize("leftover-debug", "");
    assert_eq!(style.bound(Some(Severity::Critical)), Severity::Low);
    let secret = normalize("hardcoded-secret", "");
    assert_eq!(secret.bound(Some(Severity::Note)), Severity::Medium);
    assert_eq!(secret.bound(None), Severity::High);
}

#[test]
fn the_prompt_is_short_and_whole() {
    let prompt = taxonomy_prompt();
    assert!(prompt.len() <= 1300, "{}", prompt.len());
    for rule in Taxonomy::builtin().rules() {
        assert!(
            rule.is_other() || prompt.contains(&format!(" {}", rule.slug)),
            "{}",
            rule.slug
        );
    }
}

#[test]
fn security_severity_falls_into_github_ranges() {
    let numbers = Severity::ALL.map(security_severity);
    assert_eq!(
        numbers.map(|number| number.to_string()),
        ["0.1", "2", "5.5", "8", "9.5"]
    );
}
