//! What makes a packet risky.

use std::sync::LazyLock;

use regex::bytes::RegexSet;
use serde::{Deserialize, Serialize};

use super::rules::Rules;
use crate::change::{FileChange, Hunk, Kind, LineKind};
use crate::context::{Packet, Slice};

/// A reason why a packet is risky.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risk {
    /// What kind of reason.
    pub kind: RiskKind,
    /// The file; none for the packet's size.
    pub path: Option<String>,
    /// For people: `6200 tokens`, `touches src/auth/`, `cryptography in line 12`.
    pub detail: String,
}

/// A kind of reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskKind {
    /// Many tokens.
    Size,
    /// A file that `routing.risk.paths` names.
    Path,
    /// A changed line that looks relevant to security.
    Security,
}

impl RiskKind {
    /// For summaries.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Path => "touched path",
            Self::Security => "security",
        }
    }
}

/// What changed lines are looked through for, each with what it is called. Broad on purpose: a
/// line too many costs a few calls.
const WORDS: [(&str, &str); 7] = [
    (
        "authentication",
        r"(?i)authenti|authori[sz]|\boauth|\bsaml\b|\bjwt\b|\blog_?in\b|\bcsrf|\bsession|\bpermission|\bprivilege|\bis_?admin|access[_-]?control|\bacl\b",
    ),
    (
        "secrets",
        r"(?i)passw(or)?d|passphrase|secret|credential|api[_-]?key|private[_-]?key|access[_-]?token|bearer",
    ),
    (
        "cryptography",
        r"(?i)crypt|cipher|\b(hmac|sha1|sha256|md5|aes|rsa|ecdsa|ed25519|argon2|scrypt|nonce)\b|signature|verify_?(cert|ssl|tls|peer)|certificate",
    ),
    (
        "SQL",
        r"(?i)\bselect\b.+\bfrom\b|\binsert\s+into\b|\bupdate\b.+\bset\b|\bdelete\s+from\b|\b(drop|alter|create)\s+table\b|\b(raw_?sql|execute_?sql|find_by_sql|query_?raw)",
    ),
    (
        "execution",
        r"(?i)\b(exec[lv]?[ep]?|execute|system|popen|eval|spawn|check_output|shell_exec|proc_open)\s*\(|subprocess|child_process|processbuilder|command::new|exec\.command|shell\s*=\s*true|/bin/(ba)?sh",
    ),
    (
        "deserialization",
        r"(?i)pickle|unserialize|deseriali[sz]|readobject|yaml\.(unsafe_)?load|marshal\.load|objectinputstream|binaryformatter",
    ),
    (
        "unsafe code",
        r"(?i)\bunsafe\b|\bsetuid\b|\bsudo\b|\bchmod\b|innerhtml|html_safe|transmute|\b(strcpy|sprintf|gets)\s*\(",
    ),
];

static SET: LazyLock<Option<RegexSet>> =
    LazyLock::new(|| RegexSet::new(WORDS.iter().map(|(_, pattern)| pattern)).ok());

/// Why a packet is risky, in the order of its files; nothing where it is ordinary.
pub(super) fn of(packet: &Packet, rules: &Rules) -> Vec<Risk> {
    let mut risks = Vec::new();
    if packet.tokens >= rules.settings.risk.tokens {
        risks.push(Risk {
            kind: RiskKind::Size,
            path: None,
            detail: format!("{} tokens", packet.tokens),
        });
    }
    for slice in &packet.slices {
        let path = || Some(slice.file.path.to_string());
        if let Some(glob) = rules.risky_glob(&slice.file) {
            risks.push(Risk {
                kind: RiskKind::Path,
                path: path(),
                detail: format!("matches {glob}"),
            });
        }
        if rules.settings.risk.security
            && let Some((line, what)) = first_telling_line(slice)
        {
            risks.push(Risk {
                kind: RiskKind::Security,
                path: path(),
                detail: format!("{what} in line {line}"),
            });
        }
    }
    risks
}

/// The first changed line that the packet shows and that looks relevant to security: where it
/// stands (a removed one: where it stood) in the new file, and what it is about.
fn first_telling_line(slice: &Slice) -> Option<(u32, &'static str)> {
    let set = SET.as_ref()?;
    let hunks = slice.file.hunks.iter();
    hunks
        .flat_map(|hunk| changed(hunk, slice))
        .find_map(|(at, text)| {
            let first = set.matches(text).into_iter().next()?;
            Some((at, WORDS[first].0))
        })
}

/// The hunk's changed lines that the packet shows, each with its place in the new file.
fn changed<'s>(hunk: &'s Hunk, slice: &'s Slice) -> impl Iterator<Item = (u32, &'s [u8])> {
    let mut next = hunk.new_start;
    hunk.lines.iter().filter_map(move |line| {
        let at = next;
        if line.kind == LineKind::Removed {
            // It stands between two lines, of which one may be in another packet.
            let near = shows(slice, at) || shows(slice, at.saturating_sub(1));
            return near.then_some((at, line.text.as_slice()));
        }
        next = line.number + 1;
        let is_wanted = line.kind == LineKind::Added && shows(slice, line.number);
        is_wanted.then_some((line.number, line.text.as_slice()))
    })
}

fn shows(slice: &Slice, line: u32) -> bool {
    let is_gone = |file: &FileChange| file.kind == Kind::Deleted;
    is_gone(&slice.file) || slice.shown.iter().any(|shown| shown.contains(&line))
}
