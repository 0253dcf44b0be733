//! What llmux knows its own comments by: a hidden line at their end.
//!
//! Code that a comment quotes may hold such lines too, so that only the last line counts, and a
//! comment that somebody else wrote is none of llmux' own whatever it holds. What is read is a
//! text from the network: it is bounded, and nothing but hashes and slugs is taken from it.

use crate::findings::Finding;
use crate::findings::taxonomy::is_slug;

/// Findings that a summary names at most.
const MAX_FINDINGS: usize = 500;
/// Characters of a fingerprint.
const FINGERPRINT: usize = 32;

/// What a comment on a finding is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The finding's fingerprint.
    pub fingerprint: String,
    /// Its rule, a slug.
    pub rule: String,
    /// Whether the comment says already that it is not there any more.
    pub over: bool,
}

/// What a summary knows of the run that wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The commit that was reviewed, hexadecimal.
    pub commit: String,
    /// Fingerprints of the findings that counted.
    pub findings: Vec<String>,
}

/// The last line of a review's own text.
pub const REVIEW: &str = "<!-- llmux:review v1 -->";

impl Mark {
    /// That of a finding which is there.
    pub fn of(finding: &Finding) -> Self {
        let rule = if is_slug(&finding.rule) {
            &finding.rule
        } else {
            "other"
        };
        Self {
            fingerprint: finding.fingerprint.clone(),
            rule: rule.to_owned(),
            over: false,
        }
    }

    /// The last line of the comment.
    pub fn line(&self) -> String {
        let over = if self.over { " over" } else { "" };
        format!(
            "<!-- llmux:finding v1 {} {}{over} -->",
            self.fingerprint, self.rule
        )
    }

    /// From a comment's text.
    pub fn read(body: &str) -> Option<Self> {
        let mut words = words(body, "llmux:finding")?;
        let (fingerprint, rule) = (words.next()?, words.next()?);
        let over = match words.next() {
            None => false,
            Some("over") => true,
            Some(_) => return None,
        };
        (is_fingerprint(fingerprint) && is_slug(rule) && words.next().is_none()).then(|| Self {
            fingerprint: fingerprint.to_owned(),
            rule: rule.to_owned(),
            over,
        })
    }
}

impl State {
    /// The last line of the summary.
    pub fn line(&self) -> String {
        let mut line = format!("<!-- llmux:summary v1 {}", self.commit);
        for fingerprint in self.findings.iter().take(MAX_FINDINGS) {
            line.push(' ');
            line.push_str(fingerprint);
        }
        line.push_str(" -->");
        line
    }

    /// From a comment's text.
    pub fn read(body: &str) -> Option<Self> {
        let mut words = words(body, "llmux:summary")?;
        let commit = words.next().filter(|commit| is_commit(commit))?;
        let findings: Option<Vec<_>> = words
            .take(MAX_FINDINGS)
            .map(|word| is_fingerprint(word).then(|| word.to_owned()))
            .collect();
        Some(Self {
            commit: commit.to_owned(),
            findings: findings?,
        })
    }
}

/// Whether a review's own text is llmux'.
pub fn is_review(body: &str) -> bool {
    last_line(body) == REVIEW
}

/// What stands in the last line behind the name and the version.
fn words<'b>(body: &'b str, name: &str) -> Option<impl Iterator<Item = &'b str>> {
    let line = last_line(body)
        .strip_prefix("<!-- ")?
        .strip_suffix(" -->")?;
    let mut words = line.split(' ');
    let (named, version) = (words.next()?, words.next()?);
    (named == name && version == "v1").then_some(words)
}

fn last_line(body: &str) -> &str {
    let last = body.trim_end().rsplit(['\n', '\r']).next();
    last.unwrap_or_default()
}

fn is_fingerprint(word: &str) -> bool {
    word.len() == FINGERPRINT && is_hex(word)
}

/// A commit's hash, whole: SHA-1 or SHA-256.
pub(super) fn is_commit(word: &str) -> bool {
    matches!(word.len(), 40 | 64) && is_hex(word)
}

fn is_hex(word: &str) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    word.bytes().all(digit)
}
