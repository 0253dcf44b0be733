//! `llmux feedback list`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::super::args::ShowFormat;
use super::super::error::Error;
use super::line;
use crate::report;
use crate::store::{self, Feedback, Known};

#[derive(Serialize)]
struct List<'l> {
    schema_version: u32,
    project: &'l str,
    feedback: Vec<Entry<'l>>,
}

#[derive(Serialize)]
struct Entry<'l> {
    fingerprint: &'l str,
    real: bool,
    reason: &'l str,
    source: &'l str,
    author: &'l str,
    at: String,
    finding: Option<Finding<'l>>,
}

#[derive(Serialize)]
struct Finding<'l> {
    path: &'l str,
    line: i64,
    rule: &'l str,
    title: &'l str,
}

/// What was recorded, in the order of `words`; `known` are the findings that runs reported.
pub(super) fn write(
    project: &str,
    words: &[Feedback],
    known: &[Known],
    format: ShowFormat,
) -> Result<String, Error> {
    let known: BTreeMap<&str, &Known> = known
        .iter()
        .map(|known| (known.fingerprint.as_str(), known))
        .collect();
    match format {
        ShowFormat::Terminal => Ok(terminal(project, words, &known)),
        ShowFormat::Json => json(project, words, &known),
    }
}

fn terminal(project: &str, words: &[Feedback], known: &BTreeMap<&str, &Known>) -> String {
    let counted = match words.len() {
        1 => "1 judgement".to_owned(),
        count => format!("{count} judgements"),
    };
    let mut text = format!("{}: {counted}\n", report::log_line(project));
    for word in words {
        let standing = if word.is_real { "real" } else { "not real" };
        let finding = match known.get(word.fingerprint.as_str()) {
            Some(known) => line(known),
            None => format!(
                "{}  no run in this store reported it",
                report::log_line(&word.fingerprint)
            ),
        };
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "{standing:<8}  {finding}");
        let said = [word.source.as_str(), word.author.as_str()];
        let said: Vec<&str> = said.into_iter().filter(|part| !part.is_empty()).collect();
        let reason = match word.reason.as_str() {
            "" => String::new(),
            reason => format!(": {reason}"),
        };
        let reason = format!("{}, {}{reason}", store::minute(word.at), said.join(" "));
        let _ = writeln!(text, "          {}", report::log_line(&reason));
    }
    text
}

fn json(
    project: &str,
    words: &[Feedback],
    known: &BTreeMap<&str, &Known>,
) -> Result<String, Error> {
    let entry = |word| {
        let &Feedback {
            ref fingerprint,
            is_real,
            ref reason,
            ref source,
            ref author,
            at,
        } = word;
        let finding = known.get(fingerprint.as_str()).map(|known| Finding {
            path: &known.path,
            line: known.line,
            rule: &known.rule,
            title: &known.title,
        });
        Entry {
            fingerprint,
            real: is_real,
            reason,
            source,
            author,
            at: store::instant(at),
            finding,
        }
    };
    let list = List {
        schema_version: 1,
        project,
        feedback: words.iter().map(entry).collect(),
    };
    let mut text = Vec::new();
    report::write_json(&list, &mut text)
        .map_err(|error| Error::Io("the list cannot be written", error))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
