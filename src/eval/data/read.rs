//! Files of records, line by line.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

use super::{Answer, Data, Error, Flaw, Label, Record, Set};

/// A line of a data file as written: a finding, or whether a tool answered.
#[derive(Deserialize)]
struct Written {
    #[serde(deserialize_with = "name")]
    pr: String,
    #[serde(deserialize_with = "name")]
    tool: String,
    answered: Option<bool>,
    idx: Option<u64>,
    path: Option<String>,
    #[serde(default, deserialize_with = "line_number")]
    line: Option<u32>,
    #[serde(default, deserialize_with = "line_number")]
    end_line: Option<u32>,
    category: Option<String>,
    rule: Option<String>,
    quote: Option<String>,
    symbol: Option<String>,
    text: Option<String>,
    label: Option<WrittenLabel>,
    golden: Option<i64>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WrittenLabel {
    Tp,
    Fp,
}

#[derive(Deserialize)]
struct WrittenGolden {
    #[serde(deserialize_with = "name")]
    pr: String,
    golden: i64,
}

/// A name that reports can show as it is.
fn name<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    let name = String::deserialize(input)?;
    let hides = |ch: char| {
        ch.is_control()
            || matches!(ch, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    if name.trim().is_empty() {
        Err(D::Error::custom("an empty name: say which it is"))
    } else if name.chars().any(hides) {
        Err(D::Error::custom(
            "a name with characters that cannot be seen",
        ))
    } else {
        Ok(name)
    }
}

fn line_number<'de, D: Deserializer<'de>>(input: D) -> Result<Option<u32>, D::Error> {
    match Option::<u32>::deserialize(input)? {
        Some(0) => Err(D::Error::custom(
            "lines count from 1; null where none is known",
        )),
        line => Ok(line),
    }
}

/// Reads a file or a folder of files.
pub(super) fn data(path: &Path) -> Result<Data, Error> {
    let files = files(path)?;
    if files.is_empty() {
        return Err(Error::Empty {
            path: path.to_owned(),
        });
    }
    let mut flaws = Vec::new();
    let mut sets = Vec::new();
    for file in &files {
        let mut set = Set {
            name: file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            ..Set::default()
        };
        for (number, written) in lines::<Written>(file, &mut flaws)? {
            match meant(written) {
                Ok(Line::Finding(record)) => set.records.push(*record),
                Ok(Line::Answer(answer)) => set.answers.push(answer),
                Err(what) => flaws.push(Flaw {
                    path: file.clone(),
                    line: number,
                    column: 1,
                    what: what.to_owned(),
                }),
            }
        }
        sets.push(set);
    }
    if !flaws.is_empty() {
        flaws.sort_by(|left, right| (&left.path, left.line).cmp(&(&right.path, right.line)));
        return Err(Error::Malformed(flaws));
    }
    let data = Data::of(sets);
    if data.records.is_empty() {
        return Err(Error::Empty {
            path: path.to_owned(),
        });
    }
    Ok(data)
}

/// Reads a list of known issues: (pull request, number).
pub(super) fn goldens(path: &Path) -> Result<Vec<(String, i64)>, Error> {
    let lines = read_lines::<WrittenGolden>(path)?;
    if lines.is_empty() {
        return Err(Error::Empty {
            path: path.to_owned(),
        });
    }
    Ok(lines
        .into_iter()
        .map(|golden| (golden.pr, golden.golden))
        .collect())
}

/// A line of a data file.
enum Line {
    Finding(Box<Record>),
    Answer(Answer),
}

fn meant(written: Written) -> Result<Line, &'static str> {
    let Some(text) = written.text else {
        return match written.answered {
            Some(answered) => Ok(Line::Answer(Answer {
                pr: written.pr,
                tool: written.tool,
                answered,
            })),
            None => Err("no `text`: what was said; or `answered`, where nothing was"),
        };
    };
    if written.answered == Some(false) {
        return Err("`text` of a tool that has not answered: take one of them out");
    }
    if text.trim().is_empty() {
        return Err("`text` is empty: what was said?");
    }
    let label = written.label.map(|label| match label {
        WrittenLabel::Tp => Label::Real,
        WrittenLabel::Fp => Label::Wrong,
    });
    if label != Some(Label::Real) && written.golden.is_some() {
        return Err("`golden` without `label`: \"tp\": what matches a known issue is real");
    }
    // Some tools turn a range round.
    let (first, last) = match (written.line, written.end_line) {
        (Some(line), Some(end)) => (Some(line.min(end)), Some(line.max(end))),
        (line, end) => (line.or(end), line.or(end)),
    };
    Ok(Line::Finding(Box::new(Record {
        pr: written.pr,
        tool: written.tool,
        idx: written.idx.ok_or("no `idx`: the finding's number")?,
        path: written.path,
        line: first,
        end_line: last,
        category: written.category.unwrap_or_default(),
        rule: written.rule.unwrap_or_default(),
        quote: written.quote.unwrap_or_default(),
        symbol: written.symbol,
        text,
        label,
        golden: written.golden,
    })))
}

/// A value of each line of a file.
pub(in crate::eval) fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Error> {
    let mut flaws = Vec::new();
    let lines = lines(path, &mut flaws)?;
    if !flaws.is_empty() {
        return Err(Error::Malformed(flaws));
    }
    Ok(lines.into_iter().map(|(_, value)| value).collect())
}

/// A list that a file holds.
pub(in crate::eval) fn read_array<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Error> {
    serde_json::from_slice(&read(path)?)
        .map_err(|error| Error::Malformed(vec![flaw(path, error.line(), &error)]))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::Io {
        path: path.to_owned(),
        source,
    })
}

fn flaw(path: &Path, line: usize, error: &serde_json::Error) -> Flaw {
    let text = error.to_string();
    // Its place is told apart from it.
    let what = text
        .rsplit_once(" at line ")
        .map_or(&*text, |(what, _)| what);
    Flaw {
        path: path.to_owned(),
        line,
        column: error.column().max(1),
        what: what.to_owned(),
    }
}

/// The lines of a file that hold something, with their numbers.
fn lines<T: DeserializeOwned>(
    path: &Path,
    flaws: &mut Vec<Flaw>,
) -> Result<Vec<(usize, T)>, Error> {
    let bytes = read(path)?;
    let mut out = Vec::new();
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match serde_json::from_slice(line) {
            Ok(value) => out.push((number, value)),
            Err(error) => flaws.push(flaw(path, number, &error)),
        }
    }
    Ok(out)
}

/// The data files that a path names, sorted.
fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !is_folder(path)? {
        return Ok(vec![path.to_owned()]);
    }
    let mut files: Vec<PathBuf> = entries(path)?
        .into_iter()
        .filter(|entry| {
            let name = entry.file_name().unwrap_or_default().to_string_lossy();
            name.ends_with(".jsonl") && !name.ends_with(".goldens.jsonl") && entry.is_file()
        })
        .collect();
    files.sort();
    Ok(files)
}

/// The folders of cases at a path, sorted: those in it that hold a `change.diff`, or itself.
/// None where it holds files of records.
///
/// # Errors
/// The path cannot be read, or holds both.
pub fn case_folders(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !is_folder(path)? {
        return Ok(Vec::new());
    }
    let is_case = |folder: &Path| folder.join("change.diff").is_file();
    if is_case(path) {
        return Ok(vec![path.to_owned()]);
    }
    let mut cases: Vec<PathBuf> = entries(path)?
        .into_iter()
        .filter(|entry| is_case(entry))
        .collect();
    cases.sort();
    if !cases.is_empty() && !files(path)?.is_empty() {
        return Err(Error::Mixed {
            path: path.to_owned(),
        });
    }
    Ok(cases)
}

fn is_folder(path: &Path) -> Result<bool, Error> {
    match fs::metadata(path) {
        Ok(found) => Ok(found.is_dir()),
        Err(source) => Err(Error::Io {
            path: path.to_owned(),
            source,
        }),
    }
}

fn entries(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let at = |source| Error::Io {
        path: path.to_owned(),
        source,
    };
    fs::read_dir(path)
        .map_err(at)?
        .map(|entry| entry.map(|entry| entry.path()).map_err(at))
        .collect()
}
