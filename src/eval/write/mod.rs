//! Reports of an evaluation.

use std::fmt;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::str::FromStr;

use super::result::Evaluation;
use super::tally::Measure;

mod html;
mod markdown;
mod picture;

/// What an evaluation can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For programs: everything.
    Json,
    /// For people at a terminal or in a summary.
    Markdown,
    /// A page that needs nothing else, with a picture.
    Html,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "json" => Ok(Self::Json),
            "markdown" => Ok(Self::Markdown),
            "html" => Ok(Self::Html),
            _ => Err(format!(
                "`{word}` is no report format of eval: use json, markdown or html"
            )),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Html => "html",
        })
    }
}

/// Writes a report.
///
/// # Errors
/// Those of the output.
pub fn write(evaluation: &Evaluation, format: Format, out: &mut impl Write) -> io::Result<()> {
    match format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, evaluation)?;
            out.write_all(b"\n")
        }
        Format::Markdown => out.write_all(markdown::page(evaluation).as_bytes()),
        Format::Html => out.write_all(html::page(evaluation).as_bytes()),
    }
}

/// A table: what both formats for people show.
struct Table {
    title: &'static str,
    /// A sentence under the title; may be empty.
    about: String,
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

/// The tables of an evaluation, in the order in which they are read.
fn tables(evaluation: &Evaluation) -> Vec<Table> {
    vec![
        merging(evaluation),
        backends(evaluation),
        thresholds(evaluation),
        panels(evaluation),
        calibration(evaluation),
    ]
}

/// What the data hold, as one sentence.
fn summary(evaluation: &Evaluation) -> String {
    let counted = &evaluation.counted;
    let listed = if counted.known_issues_listed {
        "from the list"
    } else {
        "those that some record matches: without a list of all, recall flatters"
    };
    format!(
        "{} records of {} pull requests: {} real, {} not, {} without an answer; {} known issues ({listed}).",
        counted.records,
        counted.pull_requests,
        counted.real,
        counted.wrong,
        counted.without_answer,
        counted.known_issues
    )
}

/// What a vote gains, as one sentence.
fn gain(evaluation: &Evaluation) -> Option<String> {
    let gain = evaluation.gain.as_ref()?;
    Some(format!(
        "Two votes of {}: F1 {:.3}; the best alone, {}: {:.3}; a factor of {}; where repeated \
         issues count as real, {}.",
        evaluation.backends.len(),
        gain.two_votes_f1,
        gain.best_alone,
        gain.best_alone_f1,
        measured(&gain.factor),
        measured(&gain.factor_with_repeats)
    ))
}

fn merging(evaluation: &Evaluation) -> Table {
    let merging = &evaluation.merging;
    let row = |name: &str, score: &super::result::PairScore| {
        vec![
            name.to_owned(),
            format!("{:.0}", score.equal),
            format!("{:.0}", score.merged),
            measured(&score.precision),
            measured(&score.recall),
            measured(&score.f1),
        ]
    };
    let mut about = format!(
        "{} findings, {} of them with records of different answers or issues.",
        merging.findings, merging.mixed
    );
    if merging.neighbours > 0.0 {
        let _ = write!(
            about,
            " Neighbours that are two issues: {:.0} pairs, share merged {}.",
            merging.neighbours,
            measured(&merging.neighbours_merged)
        );
    }
    Table {
        title: "Merging",
        about,
        head: vec![
            "Pairs of different backends",
            "Equal",
            "Merged",
            "Precision",
            "Recall",
            "F1",
        ],
        rows: vec![
            row("one of them real at least", &merging.pairs),
            row("both real", &merging.real_pairs),
        ],
    }
}

fn scored(score: &super::result::Score) -> [String; 6] {
    [
        format!("{:.0}", score.reported),
        format!("{:.0}", score.found),
        format!("{:.0}", score.duplicates),
        measured(&score.precision),
        measured(&score.recall),
        measured(&score.f1),
    ]
}

const SCORED: [&str; 6] = [
    "Findings",
    "Issues",
    "Repeated",
    "Precision",
    "Recall",
    "F1",
];

fn backends(evaluation: &Evaluation) -> Table {
    Table {
        title: "Backends alone",
        about: "Each finding as it was reported; only those of samples are merged.".to_owned(),
        head: [&["Backend"], &SCORED[..]].concat(),
        rows: evaluation
            .backends
            .iter()
            .map(|backend| [vec![backend.name.clone()], scored(&backend.score).into()].concat())
            .collect(),
    }
}

fn thresholds(evaluation: &Evaluation) -> Table {
    Table {
        title: "All backends, by threshold",
        about: "Probabilities are those of a model that has not seen the pull request.".to_owned(),
        head: [&["Threshold"], &SCORED[..]].concat(),
        rows: evaluation
            .thresholds
            .iter()
            .map(|at| [vec![threshold(&at.threshold)], scored(&at.score).into()].concat())
            .collect(),
    }
}

/// Of each size the number of votes and the probability that are best on the mean.
fn panels(evaluation: &Evaluation) -> Table {
    let mut rows = Vec::new();
    let sizes = evaluation.panels.last().map_or(0, |panel| panel.size);
    for size in 1..=sizes {
        for is_votes in [true, false] {
            let of_kind = evaluation
                .panels
                .iter()
                .rev()
                .filter(|panel| panel.size == size && panel.threshold.is_str() != is_votes);
            let best = of_kind.max_by(|one, other| one.f1.total_cmp(&other.f1));
            rows.extend(best.map(|panel| {
                vec![
                    size.to_string(),
                    threshold(&panel.threshold),
                    panel.panels.to_string(),
                    format!("{:.3}", panel.precision),
                    format!("{:.3}", panel.recall),
                    format!("{:.3}", panel.f1),
                    format!("{:.3}", panel.best_f1),
                    panel.best.join(", "),
                ]
            }));
        }
    }
    Table {
        title: "Panels, by size",
        about: "Of each size, the number of votes and the probability whose mean F1 over the \
                panels is highest. The best panel is the best on this data, which flatters it."
            .to_owned(),
        head: vec![
            "Size",
            "Threshold",
            "Panels",
            "Precision",
            "Recall",
            "F1",
            "Best F1",
            "Best panel",
        ],
        rows,
    }
}

fn calibration(evaluation: &Evaluation) -> Table {
    let all = [
        ("shipped", &evaluation.calibration.shipped),
        ("vote.priors", &evaluation.calibration.configured),
        (
            "learned here, cross-validated",
            &evaluation.calibration.learned,
        ),
    ];
    Table {
        title: "Probabilities",
        about: "How far `p` can be believed: 0 is best.".to_owned(),
        head: vec![
            "Numbers",
            "Findings",
            "Brier score",
            "Of the mean alone",
            "Calibration error",
        ],
        rows: all
            .into_iter()
            .filter_map(|(name, found)| {
                let found = found.as_ref()?;
                Some(vec![
                    name.to_owned(),
                    found.examples.to_string(),
                    format!("{:.3}", found.brier),
                    format!("{:.3}", found.uninformed),
                    format!("{:.3}", found.error),
                ])
            })
            .collect(),
    }
}

/// `2`, `p>=0.5`.
fn threshold(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Float(number) => number.to_string(),
        other => other.to_string(),
    }
}

/// `0.512 (0.443–0.581)`
fn measured(measure: &Measure) -> String {
    format!(
        "{:.3} ({:.3}–{:.3})",
        measure.value, measure.low, measure.high
    )
}
