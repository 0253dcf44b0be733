//! Words of models and users made words of the taxonomy.

use super::CATEGORIES;

/// The category of [`CATEGORIES`] that a word stands for, however it is spelled.
pub fn canonical_category(word: &str) -> Option<&'static str> {
    let word = kebab(word);
    let canonical = match word.as_str() {
        "correctness" | "logic" | "defect" | "functional" | "functionality" | "bugs"
        | "possible-bug" | "potential-bug" | "reliability" => "bug",
        "vulnerability" | "sec" | "privacy" | "auth" | "crypto" => "security",
        "race" | "threading" | "thread-safety" | "async" | "parallelism" => "concurrency",
        "perf" | "efficiency" | "optimization" | "scalability" | "memory" => "performance",
        "errors"
        | "error"
        | "exception"
        | "exceptions"
        | "exception-handling"
        | "robustness"
        | "resource"
        | "resources"
        | "resource-management" => "error-handling",
        "interface" | "compatibility" | "breaking" | "contract" | "api-design" => "api",
        "database" | "db" | "data-integrity" | "migration" | "schema" | "encoding" => "data",
        "tests" | "testing" | "coverage" | "test-coverage" => "test",
        "doc" | "documentation" | "comment" | "comments" => "docs",
        "maintainability" | "readability" | "naming" | "formatting" | "lint" | "convention"
        | "conventions" | "cleanup" | "complexity" | "code-quality" | "quality" | "code-smell"
        | "design" | "best-practice" | "best-practices" | "nit" => "style",
        other => other,
    };
    CATEGORIES
        .into_iter()
        .find(|category| *category == canonical)
}

/// `SQL_Injection`, `sqlInjection`, `sql injection`, `security/sql-injection` → `sql-injection`.
pub fn kebab(word: &str) -> String {
    let word = word.trim();
    let word = word.rsplit(['/', ':']).next().unwrap_or(word);
    let mut out = String::with_capacity(word.len() + 4);
    let mut before = ' ';
    for ch in word.chars() {
        if ch.is_alphanumeric() {
            if ch.is_uppercase() && before.is_lowercase() {
                out.push('-');
            }
            out.extend(ch.to_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        before = ch;
    }
    out.truncate(out.trim_end_matches('-').len());
    out
}

/// Whether a word can be a slug: lower-case letters and digits of ASCII with single `-`
/// between, a letter first, at most [`super::MAX_SLUG`] characters. Nothing else may reach a
/// prompt or a rule's id.
pub fn is_slug(word: &str) -> bool {
    let plain = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit();
    word.len() <= super::MAX_SLUG
        && word.starts_with(|ch: char| ch.is_ascii_lowercase())
        && word
            .split('-')
            .all(|part| !part.is_empty() && part.chars().all(plain))
}

/// `sql-injection` as `Sql injection`; `Finding` where no letter is left.
pub fn sentence(slug: &str) -> String {
    let words: Vec<_> = slug
        .split(|ch: char| !ch.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let joined = words.join(" ");
    let mut chars = joined.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => "Finding".to_owned(),
    }
}
