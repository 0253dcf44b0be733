//! Which finding an alert is about. GitHub's list tells no fingerprints, so rule, file, line and
//! words must do.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use percent_encoding::percent_decode_str;

use super::alerts::{Alert, Says};
use crate::report;
use crate::store::{self, Feedback, Known};

/// How far a finding may have moved and still be known by its rule and file alone.
const MAX_MOVED: i64 = 20;

/// Alerts by what becomes of them.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    /// To record, one for each finding.
    pub(super) words: Vec<Feedback>,
    /// How many alerts say nothing, and why.
    left_out: BTreeMap<Says, usize>,
    /// Alerts that no finding fits, and why.
    unmatched: Vec<String>,
}

/// Finds the findings of alerts among those that runs reported.
pub(super) fn sort(alerts: &[Alert], known: &[Known], fixed_is_real: bool) -> Sorted {
    let mut sorted = Sorted::default();
    let mut words: BTreeMap<&str, Feedback> = BTreeMap::new();
    for alert in alerts {
        let is_real = match alert.says(fixed_is_real) {
            Says::Real => true,
            Says::Unreal => false,
            nothing => {
                *sorted.left_out.entry(nothing).or_default() += 1;
                continue;
            }
        };
        let finding = match find(alert, known) {
            Ok(finding) => finding,
            Err(why) => {
                let (path, line) = alert.place();
                let (number, rule) = (alert.number, alert.rule());
                let text = format!("alert {number}: {path}:{line} [{rule}]: {why}");
                sorted.unmatched.push(text);
                continue;
            }
        };
        let word = Feedback {
            fingerprint: finding.fingerprint.clone(),
            is_real,
            reason: alert.reason().to_owned(),
            source: "github".to_owned(),
            author: alert.author().to_owned(),
            at: alert.at().unwrap_or_else(store::now),
        };
        let newest = words.get(finding.fingerprint.as_str());
        if newest.is_none_or(|other| other.at <= word.at) {
            words.insert(&finding.fingerprint, word);
        }
    }
    sorted.words = words.into_values().collect();
    sorted
}

/// The one finding of the alert's rule in its file that stands on its line; of several the one
/// whose title the alert's message begins with. Where none stands there, the only one of that rule
/// in the file (of that title, where any has it), if it stands near.
fn find<'k>(alert: &Alert, known: &'k [Known]) -> Result<&'k Known, String> {
    let (path, line) = alert.place();
    // SARIF's paths are URIs.
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let of_file: Vec<&Known> = known
        .iter()
        .filter(|known| known.rule == alert.rule())
        .filter(|known| known.path == path || Cow::Borrowed(known.path.as_str()) == decoded)
        .collect();
    let said = alert.message().map(letters);
    let is_said = |known: &&&Known| {
        let title = letters(&known.title);
        !title.is_empty() && said.as_ref().is_some_and(|said| said.starts_with(&title))
    };
    let by_words = |known: &[&'k Known]| -> Vec<&'k Known> {
        let said: Vec<_> = known.iter().filter(is_said).copied().collect();
        if said.is_empty() {
            known.to_vec()
        } else {
            said
        }
    };
    let there: Vec<&Known> = of_file
        .iter()
        .filter(|known| known.line == line)
        .copied()
        .collect();
    if !there.is_empty() {
        return match by_words(&there).as_slice() {
            [one] => Ok(one),
            several => Err(format!("{} findings stand there", several.len())),
        };
    }
    match by_words(&of_file).as_slice() {
        [] => Err("no run in this store reported it".to_owned()),
        [one] if (one.line - line).abs() <= MAX_MOVED => Ok(one),
        [one] => Err(format!(
            "the one of this rule in this file stands on line {}, which is more than {MAX_MOVED} \
             lines away",
            one.line
        )),
        several => Err(format!(
            "none stands on this line, and {} of this rule stand in this file",
            several.len()
        )),
    }
}

/// What is left of words that pass through several formats.
fn letters(text: &str) -> String {
    let letters = text.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

impl Sorted {
    /// What became of the alerts, for people; `changed` of the words were news to the store.
    pub(super) fn text(&self, changed: u64) -> String {
        let real = self.words.iter().filter(|word| word.is_real).count();
        let older = self.words.len() - usize::try_from(changed).unwrap_or(0);
        let mut text = format!(
            "recorded: {real} real, {} not real\n",
            self.words.len() - real
        );
        if older > 0 {
            // Writing to a string cannot fail, here and below.
            let _ = writeln!(
                text,
                "of these {older} changed nothing: a later word is known"
            );
        }
        for (says, count) in &self.left_out {
            let why = match says {
                Says::OtherTool => "of other tools",
                Says::Open => "neither dismissed nor fixed",
                Says::Fixed => "fixed, which is no word on them: --fixed-is-real takes it for one",
                Says::UsedInTests => "used in tests, which does not say whether they are right",
                Says::NoReason => "dismissed without a reason that is known",
                Says::Real | Says::Unreal => continue,
            };
            let _ = writeln!(text, "left out: {count} {why}");
        }
        if !self.unmatched.is_empty() {
            let _ = writeln!(text, "unmatched: {}", self.unmatched.len());
        }
        for alert in &self.unmatched {
            let _ = writeln!(text, "  {}", report::log_line(alert));
        }
        text
    }
}
