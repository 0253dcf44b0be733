//! `llmux baseline`: from a run's report to the file of what a project lives with.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::args::{Baseline as Command, FromReport, Global, ShowFormat};
use super::error::Error;
use super::exit::Exit;
use super::memory;
use super::screen::{self, Screen};
use super::settings::{self, Place};
use crate::findings::remember::{Baseline, Note, ReportFindings, read_report};
use crate::{config, report};

/// Does what the subcommand says.
pub(super) fn baseline(args: &Command, global: &Global, screen: &Screen) -> Result<Exit, Error> {
    match args {
        Command::Create { from, force } => create(from, *force, global, screen),
        Command::Update { from } => update(from, global, screen),
        Command::Show { file, format } => show(file.as_deref(), *format, global),
    }
}

fn create(from: &FromReport, force: bool, global: &Global, screen: &Screen) -> Result<Exit, Error> {
    let file = place(from.file.as_deref(), global)?;
    if file.exists() && !force {
        return Err(Error::Usage(format!(
            "{} is there already: `llmux baseline update` brings it up to a run and keeps its \
             reasons; --force writes it anew",
            file.display()
        )));
    }
    let baseline = Baseline::create(findings(from)?, &note(from));
    write(&file, &baseline)?;
    let count = baseline.entries.len();
    let counted = format!("{}: {}", file.display(), entries(count));
    screen.note("baseline", &counted);
    Ok(Exit::Passed)
}

fn update(from: &FromReport, global: &Global, screen: &Screen) -> Result<Exit, Error> {
    let file = place(from.file.as_deref(), global)?;
    let mut baseline = memory::baseline_file(&file)?;
    let done = baseline.update(findings(from)?, &note(from));
    write(&file, &baseline)?;
    let sentence = format!(
        "{}: {} kept, {} added, {} dropped",
        file.display(),
        done.kept,
        done.added,
        done.dropped
    );
    screen.note("baseline", &sentence);
    Ok(Exit::Passed)
}

fn show(file: Option<&Path>, format: ShowFormat, global: &Global) -> Result<Exit, Error> {
    let file = place(file, global)?;
    let baseline = memory::baseline_file(&file)?;
    let text = match format {
        ShowFormat::Json => json(&baseline)?,
        ShowFormat::Terminal => list(&file, &baseline),
    };
    screen::print(text.as_bytes())?;
    Ok(Exit::Passed)
}

fn entries(count: usize) -> String {
    match count {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    }
}

/// The entries for people.
fn list(file: &Path, baseline: &Baseline) -> String {
    let mut text = format!("{}: {}\n", file.display(), entries(baseline.entries.len()));
    let mut path = None;
    for entry in &baseline.entries {
        let record = &entry.record;
        if path != Some(&record.path) {
            // Writing to a string cannot fail, here and below.
            let _ = writeln!(text, "\n{}", report::log_line(&record.path));
            path = Some(&record.path);
        }
        let title = report::log_line(&record.title);
        let rule = report::log_line(&record.rule);
        let _ = writeln!(text, "  {}: {title} [{rule}]", record.severity);
        let name = record.fingerprint.get(..12).unwrap_or(&record.fingerprint);
        let reason = match (entry.reason.as_str(), &entry.author) {
            ("", None) => "no reason given".to_owned(),
            (reason, None) => reason.to_owned(),
            ("", Some(author)) => format!("by {author}, who gives no reason"),
            (reason, Some(author)) => format!("{reason} ({author})"),
        };
        let (name, reason) = (report::log_line(name), report::log_line(&reason));
        let _ = writeln!(text, "    {name}  {reason}");
    }
    text
}

/// The baseline that is meant: the named one, else the configured one in the work tree.
fn place(file: Option<&Path>, global: &Global) -> Result<PathBuf, Error> {
    if let Some(file) = file {
        return Ok(file.to_owned());
    }
    let here = Place::find(global)?;
    let loaded = config::load(&settings::inputs(&here, global, Vec::new()))?;
    Ok(here.folder().join(&loaded.settings.baseline.file))
}

fn findings(from: &FromReport) -> Result<ReportFindings, Error> {
    let text = memory::read(&from.report)?;
    let name = if from.report == Path::new("-") {
        "standard input".to_owned()
    } else {
        from.report.display().to_string()
    };
    read_report(&text).map_err(|problem| Error::Usage(format!("{name}:{problem}")))
}

fn note(from: &FromReport) -> Note<'_> {
    Note {
        reason: &from.reason,
        author: from.author.as_deref(),
        unconfirmed: from.unconfirmed,
    }
}

fn json(baseline: &Baseline) -> Result<String, Error> {
    let text = baseline.to_json();
    text.map_err(|error| Error::Io("the baseline cannot be written", error.into()))
}

/// Whole or not at all; its folder is made.
fn write(file: &Path, baseline: &Baseline) -> Result<(), Error> {
    let text = json(baseline)?;
    if let Some(folder) = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder)
            .map_err(|error| Error::Io("the baseline's folder cannot be made", error))?;
    }
    report::write_file(file, |out| std::io::Write::write_all(out, text.as_bytes()))
        .map_err(|error| Error::Io("the baseline cannot be written", error))
}
