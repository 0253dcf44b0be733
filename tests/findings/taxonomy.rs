use std::collections::{BTreeMap, BTreeSet};

use llmux::findings::Severity;
use llmux::findings::taxonomy::{
    CATEGORIES, MAX_DESCRIPTION, MAX_HELP, MAX_TITLE, Rule, SlugSettings, Taxonomy,
    canonical_category, is_slug, kebab, security_severity,
};
use proptest::prelude::*;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/taxonomy.md");

fn rules() -> &'static [Rule] {
    Taxonomy::builtin().rules()
}

#[test]
fn the_list_is_sound() {
    assert!((75..=95).contains(&rules().len()), "{}", rules().len());
    let slugs: BTreeSet<_> = rules().iter().map(|rule| &rule.slug).collect();
    assert_eq!(slugs.len(), rules().len(), "slugs are unique");
    let titles: BTreeSet<_> = rules().iter().map(|rule| &rule.title).collect();
    assert_eq!(titles.len(), rules().len(), "titles are unique");
    for rule in rules() {
        let slug = &rule.slug;
        assert!(is_slug(slug), "{slug}");
        assert!(CATEGORIES.contains(&rule.category.as_str()), "{slug}");
        assert!(
            rule.min <= rule.severity && rule.severity <= rule.max,
            "{slug}"
        );
        assert!(!rule.title.ends_with('.'), "{slug}");
        assert!(rule.title.chars().count() <= MAX_TITLE, "{slug}");
        assert!(
            rule.description.chars().count() <= MAX_DESCRIPTION,
            "{slug}"
        );
        assert!(rule.description.ends_with('.'), "{slug}");
        assert!((40..=MAX_HELP).contains(&rule.help.len()), "{slug}");
        let most = match rule.category.as_str() {
            "docs" | "style" => Severity::Low,
            "test" => Severity::Medium,
            _ => Severity::Critical,
        };
        assert!(rule.max <= most, "{slug}");
    }
}

#[test]
fn every_category_ends_with_its_other() {
    let mut order = Vec::new();
    for rule in rules() {
        if order.last() != Some(&rule.category.as_str()) {
            order.push(&rule.category);
        }
    }
    assert_eq!(order, CATEGORIES, "categories stand together, in order");
    for category in CATEGORIES {
        let mut own = rules().iter().filter(|rule| rule.category == category);
        let last = own.next_back().unwrap();
        assert_eq!(last.slug, format!("{category}-other"));
        assert!(last.is_other());
    }
    let others = rules().iter().filter(|rule| rule.is_other()).count();
    assert_eq!(others, CATEGORIES.len());
}

/// Two to five sentences, with an example in a fence that ends.
#[test]
fn help_says_why_and_what_to_do() {
    for rule in rules() {
        let (slug, help) = (&rule.slug, &rule.help);
        assert_eq!(help.matches("```").count() % 2, 0, "{slug}");
        assert!(help.ends_with(['.', '`']), "{slug}");
        let prose = help.split("```").step_by(2).collect::<String>();
        let ends = prose.matches(". ").count() + prose.matches(".\n").count() + 1;
        let least = if rule.is_other() || rule.max <= Severity::Medium {
            1
        } else {
            2
        };
        assert!((least..=5).contains(&ends), "{slug}: {ends} sentences");
        for named in help.split('`').skip(1).step_by(2) {
            let looks_like_one = named.contains('-') && is_slug(named);
            assert!(
                !looks_like_one || Taxonomy::builtin().get(named).is_some(),
                "{slug} names {named}"
            );
        }
    }
}

#[test]
fn security_rules_have_a_weakness_and_a_number_for_github() {
    for rule in rules() {
        let slug = &rule.slug;
        let is_security = rule.category == "security";
        assert!(!is_security || rule.cwe.is_some(), "{slug}");
        assert_eq!(is_security, rule.security_severity.is_some(), "{slug}");
        if let Some(own) = rule.security_severity {
            let shown = security_severity(rule.security_severity, rule.severity);
            assert!((shown - own).abs() < 1e-9, "{slug}: {own} becomes {shown}");
        }
    }
    let numbers: BTreeSet<_> = rules()
        .iter()
        .filter_map(|rule| Some(format!("{:.1}", rule.security_severity?)))
        .collect();
    assert!(numbers.len() > 10, "they order the rules: {numbers:?}");
}

/// What GitHub makes of a number.
fn word(number: f64) -> Severity {
    match number {
        ..0.95 => Severity::Note,
        ..3.95 => Severity::Low,
        ..6.95 => Severity::Medium,
        ..9.05 => Severity::High,
        _ => Severity::Critical,
    }
}

proptest! {
    #[test]
    fn the_number_shows_the_word(base in prop::option::of(1_u8..=100), other in 1_u8..=100) {
        let number = |tenths: u8| f64::from(tenths) / 10.0;
        let (base, other) = (base.map(number), number(other));
        for severity in Severity::ALL {
            let shown = security_severity(base, severity);
            prop_assert_eq!(word(shown), severity, "{}", shown);
            prop_assert!((0.1..=10.0).contains(&shown));
        }
        // Of two rules whose own numbers have one word, the worse stays the worse.
        if let Some(base) = base {
            let (low, high) = if base < other { (base, other) } else { (other, base) };
            prop_assume!(word(low) == word(high));
            for severity in Severity::ALL {
                let (low, high) = (Some(low), Some(high));
                prop_assert!(security_severity(low, severity) <= security_severity(high, severity));
            }
        }
    }

    /// Nothing but a slug can reach a prompt or a rule's id.
    #[test]
    fn slugs_are_plain(word in ".*") {
        let plain = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '-';
        prop_assert!(!is_slug(&word) || word.chars().all(plain) && word.len() <= 40);
        prop_assert!(!is_slug(&word) || kebab(&word) == word);
    }

    /// Whatever is set, within what the configuration takes, bounds go together.
    #[test]
    fn what_is_not_set_gives_way(
        slug in prop::sample::select(vec!["tenant-leak", "missing-test", "sql-injection", "wrong-doc"]),
        category in prop::sample::select(CATEGORIES.to_vec()),
        set in prop::array::uniform3(prop::option::of(prop::sample::select(Severity::ALL.to_vec()))),
    ) {
        let [min, severity, max] = set;
        let mut order: Vec<_> = set.into_iter().flatten().collect();
        let given = order.clone();
        order.sort();
        prop_assume!(order == given);
        let own = SlugSettings { category: Some(category.to_owned()), severity, min, max, ..SlugSettings::default() };
        let taxonomy = Taxonomy::with(&BTreeMap::from([(slug.to_owned(), own)]));
        let rule = taxonomy.get(slug).unwrap();
        prop_assert!(rule.min <= rule.severity && rule.severity <= rule.max);
        prop_assert!(min.is_none_or(|min| rule.min == min));
        prop_assert!(max.is_none_or(|max| rule.max == max));
        prop_assert!(severity.is_none_or(|severity| rule.severity == severity));
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
        "supply-chain",
    ] {
        assert!(Taxonomy::builtin().get(slug).is_some(), "{slug}");
    }
}

#[test]
fn other_names_mean_one_rule() {
    let mut seen = BTreeMap::new();
    for rule in rules() {
        for alias in &rule.aliases {
            assert!(is_slug(alias) && kebab(alias) == *alias, "{alias}");
            assert!(
                Taxonomy::builtin().get(alias).is_none(),
                "{alias} is a slug"
            );
            assert!(!CATEGORIES.contains(&alias.as_str()), "{alias}");
            let before = seen.insert(alias, &rule.slug);
            assert!(before.is_none(), "{alias} is {} and {before:?}", rule.slug);
            // A word for a whole category must not become one rule of another.
            let category = canonical_category(alias);
            assert!(category.is_none_or(|one| one == rule.category), "{alias}");
        }
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
        ("IDOR", "security", "missing-authorization"),
        ("Time of check", "bug", "bug-other"),
        ("Time-of-check time-of-use", "bug", "toctou"),
        ("memory leak", "performance", "resource-leak"),
        ("CWE-89", "security", "sql-injection"),
        ("cwe-918", "", "ssrf"),
        ("CWE-99999", "security", "security-other"),
        ("N+1", "performance", "n-plus-one"),
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
            Taxonomy::builtin().normalize(rule, category).slug,
            expected,
            "{rule} {category}"
        );
    }
}

#[test]
fn bounds_hold() {
    let style = Taxonomy::builtin().get("leftover-debug").unwrap();
    assert_eq!(style.bound(Some(Severity::Critical)), Severity::Low);
    let secret = Taxonomy::builtin().get("hardcoded-secret").unwrap();
    assert_eq!(secret.bound(Some(Severity::Note)), Severity::Medium);
    assert_eq!(secret.bound(None), Severity::High);
}

#[test]
fn the_prompt_is_short_and_whole() {
    let prompt = Taxonomy::builtin().prompt();
    assert!(prompt.len() <= 1_350, "{}", prompt.len());
    for rule in rules() {
        assert!(
            rule.is_other() || prompt.contains(&format!(" {}", rule.slug)),
            "{}",
            rule.slug
        );
    }
}

fn own(tables: &str) -> std::sync::Arc<Taxonomy> {
    Taxonomy::with(&toml::from_str(tables).unwrap())
}

#[test]
fn a_user_s_slug_has_what_its_category_has() {
    let taxonomy = own(
        "[tenant-leak]\ncategory = \"security\"\ncwe = 639\n[house-style]\ncategory = \"style\"",
    );
    let rule = taxonomy.get("tenant-leak").unwrap();
    assert_eq!(rule.title, "Tenant leak");
    assert_eq!(rule.description, "Tenant leak. Category: security.");
    assert!(rule.help.starts_with(&rule.description));
    assert_eq!((rule.cwe, rule.is_other()), (Some(639), false));
    assert_eq!(
        (rule.severity, rule.min, rule.max),
        (Severity::Medium, Severity::Note, Severity::Critical)
    );
    // A remark on style stays one.
    let style = taxonomy.get("house-style").unwrap();
    assert_eq!(style.bound(Some(Severity::Critical)), Severity::Low);
    let prompt = taxonomy.prompt();
    assert!(prompt.contains(" redos tenant-leak\n"), "{prompt}");
    assert!(prompt.contains(" confusing-code house-style\n"), "{prompt}");
    assert_eq!(taxonomy.normalize("Tenant_Leak", "bug").slug, "tenant-leak");
}

#[test]
fn a_user_s_slug_wins_over_another_name_of_a_built_in_one() {
    assert_eq!(
        Taxonomy::builtin().normalize("idor", "").slug,
        "missing-authorization"
    );
    let taxonomy = own("[idor]\ncategory = \"security\"");
    assert_eq!(taxonomy.normalize("IDOR", "").slug, "idor");
}

#[test]
fn a_built_in_slug_can_be_bounded() {
    let taxonomy = own("[missing-test]\nmax = \"high\"\nhelp = \"Ours.\"\n[xss]\nmax = \"low\"");
    let test = taxonomy.get("missing-test").unwrap();
    assert_eq!(test.bound(Some(Severity::Critical)), Severity::High);
    assert_eq!(
        (test.help.as_str(), test.title.as_str()),
        ("Ours.", "Changed behaviour without a test")
    );
    let xss = taxonomy.get("xss").unwrap();
    assert_eq!(xss.bound(None), Severity::Low);
    assert_eq!(taxonomy.rules().len(), rules().len());
}

/// As the document says.
#[test]
fn a_number_keeps_its_place_among_those_of_a_word() {
    let base = Taxonomy::builtin().get("xss").unwrap().security_severity;
    let shown = Severity::ALL.map(|severity| security_severity(base, severity).to_string());
    assert_eq!(shown, ["0.3", "1.6", "4.6", "7.4", "9.3"]);
    let middle = Severity::ALL.map(|severity| security_severity(None, severity).to_string());
    assert_eq!(middle, ["0.5", "2.5", "5.5", "8", "9.6"]);
}

/// The table of all rules, as `docs/taxonomy.md` has it.
fn table() -> String {
    let mut table = vec![
        "| slug | category | CWE | severity | bounds | GitHub | what it is |".to_owned(),
        "|---|---|---|---|---|---|---|".to_owned(),
    ];
    for rule in rules() {
        let cwe = rule.cwe.map_or_else(String::new, |cwe| {
            format!("[{cwe}](https://cwe.mitre.org/data/definitions/{cwe}.html)")
        });
        let number = rule
            .security_severity
            .map_or_else(String::new, |number| format!("{number:.1}"));
        table.push(format!(
            "| `{}` | {} | {cwe} | {} | {} to {} | {number} | {} |",
            rule.slug, rule.category, rule.severity, rule.min, rule.max, rule.title
        ));
    }
    table.join("\n") + "\n"
}

/// `LLMUX_BLESS=1 cargo test the_document_lists` writes it anew.
#[test]
fn the_document_lists_every_rule() {
    let document = std::fs::read_to_string(DOCUMENT).unwrap();
    let (before, rest) = document.split_once("<!-- rules -->\n\n").unwrap();
    let (written, after) = rest.split_once("\n<!-- end of the rules -->").unwrap();
    if std::env::var_os("LLMUX_BLESS").is_some() {
        let whole = format!(
            "{before}<!-- rules -->\n\n{}\n<!-- end of the rules -->{after}",
            table()
        );
        std::fs::write(DOCUMENT, whole).unwrap();
        return;
    }
    assert_eq!(written, table(), "LLMUX_BLESS=1 writes it anew");
}
