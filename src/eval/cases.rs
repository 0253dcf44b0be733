//! Cases: what a review that was really run said, against what it should have found.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::data::{Answer, Data, Error, Label, Record, Set, read_array, read_lines};
use crate::findings::Claim;

/// What should be found in one place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The file.
    path: String,
    /// First line in the new file, from 1.
    line: u32,
    /// Last line; the first where absent.
    end_line: Option<u32>,
    /// Slugs of the taxonomy that fit; any where absent.
    #[serde(default)]
    rules: Vec<String>,
    /// Categories of the taxonomy that fit; any where absent.
    #[serde(default)]
    categories: Vec<String>,
    /// What is wrong, for people.
    #[serde(default)]
    pub text: String,
}

impl Expected {
    /// Lines between the claim and the place, where the claim fits: those that overlap 0.
    fn distance(&self, claim: &Claim) -> Option<u32> {
        let fits = |list: &[String], word: &str| list.is_empty() || list.iter().any(|w| w == word);
        let (first, last) = (self.line, self.end_line.unwrap_or(self.line));
        let location = &claim.location;
        let apart = location
            .start_line
            .saturating_sub(last)
            .max(first.saturating_sub(location.end_line));
        (location.path.as_bstr() == self.path.as_bytes()
            && fits(&self.rules, &claim.rule)
            && fits(&self.categories, &claim.category)
            && apart <= NEAR)
            .then_some(apart)
    }
}

/// Lines beside the expected place that still count as it.
const NEAR: u32 = 2;

/// Reads what a case expects: `expected.jsonl`, one finding a line, or `expected.json`, a
/// list. Nothing at all may be expected: an empty file or list.
///
/// # Errors
/// Neither file is there, or what it holds is no expectation.
pub fn read_expected(folder: &Path) -> Result<Vec<Expected>, Error> {
    let lines = folder.join("expected.jsonl");
    if lines.is_file() {
        read_lines(&lines)
    } else {
        read_array(&folder.join("expected.json"))
    }
}

/// A review that was run.
#[derive(Clone, Debug)]
pub struct Case {
    name: String,
    answers: BTreeMap<String, bool>,
    records: Vec<Record>,
    goldens: usize,
}

impl Case {
    /// What each backend said in a case: a claim is real where it stands at most two lines
    /// from an expected place (the nearest, of equals the first) and its rule and category
    /// fit; else it is not. `answers`: whether each backend that was asked gave whole answers.
    pub fn new<'c>(
        name: String,
        answers: BTreeMap<String, bool>,
        claims: impl Iterator<Item = &'c Claim>,
        expected: &[Expected],
    ) -> Self {
        let mut records: Vec<Record> = claims
            .map(|claim| {
                let nearest = expected
                    .iter()
                    .zip(0..)
                    .filter_map(|(place, number)| Some((place.distance(claim)?, number)))
                    .min();
                Record {
                    pr: name.clone(),
                    tool: claim.backend.clone(),
                    idx: 0,
                    path: Some(claim.location.path.to_string()),
                    line: Some(claim.location.start_line),
                    end_line: Some(claim.location.end_line),
                    category: claim.category.clone(),
                    rule: claim.rule.clone(),
                    quote: claim.quote.clone(),
                    symbol: None,
                    text: format!("{} {}", claim.title, claim.message),
                    label: Some(nearest.map_or(Label::Wrong, |_| Label::Real)),
                    golden: nearest.map(|(_, number)| number),
                }
            })
            .collect();
        // By who said it and where, whatever findings they were in.
        records.sort_by(|one, other| {
            (&one.tool, &one.path, one.line, &one.text).cmp(&(
                &other.tool,
                &other.path,
                other.line,
                &other.text,
            ))
        });
        let mut next: BTreeMap<String, u64> = BTreeMap::new();
        for record in &mut records {
            let number = next.entry(record.tool.clone()).or_default();
            record.idx = *number;
            *number += 1;
        }
        Self {
            name,
            answers,
            records,
            goldens: expected.len(),
        }
    }
}

impl Data {
    /// Makes data of cases: each is a pull request of its own, and what it expects are its
    /// known issues. What a backend said without having answered whole does not count.
    pub fn of_cases(cases: Vec<Case>) -> Self {
        let mut goldens = Vec::new();
        let sets = cases
            .into_iter()
            .map(|case| {
                goldens.push(case.goldens);
                let answered = |tool: &str| case.answers.get(tool).copied().unwrap_or(true);
                let records = case.records.into_iter();
                Set {
                    name: String::new(),
                    records: records.filter(|record| answered(&record.tool)).collect(),
                    answers: case
                        .answers
                        .iter()
                        .map(|(tool, answered)| Answer {
                            pr: case.name.clone(),
                            tool: tool.clone(),
                            answered: *answered,
                        })
                        .collect(),
                }
            })
            .collect();
        let mut data = Self::of(sets);
        for (unit, goldens) in data.units.iter_mut().zip(goldens) {
            unit.goldens
                .extend(0..i64::try_from(goldens).unwrap_or(i64::MAX));
        }
        data.has_goldens = true;
        data
    }
}
