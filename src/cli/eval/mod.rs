//! `llmux eval`: data → goldens → merged, voted, scored → reports.

use std::io::Write as _;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use super::args::{Eval, Global};
use super::error::Error;
use super::exit::Exit;
use super::priors;
use super::screen::{self, Screen};
use super::settings::{self, Place};
use crate::config;
use crate::eval::{self, Data, Evaluation, Format};
use crate::findings::MergeSettings;
use crate::findings::confidence::Records;

mod cases;

/// Where standard output is meant.
const STDOUT: &str = "-";

/// Evaluates data.
pub(super) fn eval(args: &Eval, global: &Global, screen: &Screen) -> Result<Exit, Error> {
    let outputs = outputs(args)?;
    let here = Place::find(global)?;
    let loaded = config::load(&settings::inputs(&here, global, Vec::new()))?;
    let merge = &loaded.settings.merge;
    let priors = priors::load(&here, &loaded.settings)?;
    let cases = eval::case_folders(&args.data)?;
    let (data, exit) = if cases.is_empty() {
        (Some(Data::read(&args.data)?), Exit::Passed)
    } else {
        cases::replay(&cases, global, screen)?
    };
    let Some(mut data) = data else {
        return Ok(exit);
    };
    for list in &args.goldens {
        data.add_goldens(list)?;
    }
    if !args.tools.is_empty() {
        data.restrict(&args.tools)?;
    }
    for note in &data.notes {
        screen.note("note", note);
    }
    if let Some(path) = &args.clusters {
        let mut lines = Vec::new();
        eval::write_clusters(&data, merge, &priors, &mut lines)
            .map_err(|error| Error::Io("the clusters cannot be written", error))?;
        put(path, &lines)?;
    }
    // Where nothing at all was said, that is the answer.
    if data.labelled() == 0 && !data.records.is_empty() {
        return without_answers(args, &data, merge, exit, screen);
    }
    let records = if args.common_record {
        Records::Common
    } else {
        Records::Each
    };
    let folds = NonZero::new(usize::from(args.folds)).unwrap_or(NonZero::<usize>::MIN);
    let evaluation = eval::evaluate(&data, merge, &priors, records, folds);
    if let Some(path) = &args.write_priors {
        write_priors(path, &evaluation)?;
    }
    for (format, path) in outputs {
        let mut text = Vec::new();
        eval::write(&evaluation, format, &mut text)
            .map_err(|error| Error::Io("the report cannot be written", error))?;
        put(&path, &text)?;
    }
    Ok(exit)
}

/// Data without answers can be merged, and not scored.
fn without_answers(
    args: &Eval,
    data: &Data,
    merge: &MergeSettings,
    exit: Exit,
    screen: &Screen,
) -> Result<Exit, Error> {
    if args.clusters.is_none() || !args.report.is_empty() || args.write_priors.is_some() {
        return Err(Error::Usage(format!(
            "{}: no record has an answer (`label`), so there is nothing to score; --clusters FILE \
             alone writes what was merged",
            args.data.display()
        )));
    }
    let (findings, shared) = eval::merged(data, merge);
    screen.note(
        "note",
        &format!(
            "no record has an answer: {} records became {findings} findings, {shared} of them with \
             two voters or more; nothing was scored",
            data.records.len()
        ),
    );
    Ok(exit)
}

/// What is written where; found wrong before anything is computed.
fn outputs(args: &Eval) -> Result<Vec<(Format, PathBuf)>, Error> {
    let mut outputs: Vec<(Format, PathBuf)> = Vec::new();
    for spec in &args.report {
        let (format, path) = match spec.split_once('=') {
            Some((_, "")) => {
                return Err(Error::Usage(format!(
                    "`{spec}` names no file: write `FORMAT=PATH`, or `FORMAT` for standard output"
                )));
            }
            Some((format, path)) => (format, path),
            None => (&**spec, STDOUT),
        };
        outputs.push((format.parse().map_err(Error::Usage)?, path.into()));
    }
    let files = || [&args.clusters, &args.write_priors].into_iter().flatten();
    if outputs.is_empty() && !files().any(|path| is_stdout(path)) {
        outputs.push((Format::Markdown, STDOUT.into()));
    }
    let paths: Vec<&Path> = outputs
        .iter()
        .map(|(_, path)| &**path)
        .chain(files().map(PathBuf::as_path))
        .collect();
    for (at, path) in paths.iter().enumerate() {
        if paths[..at].contains(path) {
            return Err(Error::Usage(format!(
                "two outputs would both go to {}: give each its own file",
                if is_stdout(path) {
                    "standard output".into()
                } else {
                    path.display().to_string()
                }
            )));
        }
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        if path.is_dir() || folder.is_some_and(|folder| !folder.is_dir()) {
            return Err(Error::Usage(format!(
                "{}: no file can be written there: name a file in a folder that exists",
                path.display()
            )));
        }
    }
    Ok(outputs)
}

/// What the data teach of the backends, in the form that `vote.priors` reads.
fn write_priors(path: &Path, evaluation: &Evaluation) -> Result<(), Error> {
    let recommendation = evaluation.recommendation.as_ref();
    let learned = recommendation.and_then(|recommendation| recommendation.priors.as_ref());
    let Some(learned) = learned else {
        return Err(Error::Usage(
            "--write-priors: nothing can be learned of the backends, which takes real findings \
             and wrong ones among those that were reported"
                .to_owned(),
        ));
    };
    put(path, learned.as_bytes())
}

fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == STDOUT
}

/// Writes a whole output.
fn put(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if is_stdout(path) {
        return screen::print(bytes);
    }
    crate::report::write_file(path, |file| file.write_all(bytes)).map_err(|error| Error::File {
        path: path.to_owned(),
        source: error,
    })
}
