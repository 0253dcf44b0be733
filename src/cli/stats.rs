//! `llmux stats`: period → sums of the store → tables, JSON, page, counters.

use std::path::Path;

use super::args::{Global, Stats as Args, StatsFormat};
use super::error::Error;
use super::exit::Exit;
use super::runtime::Runtime;
use super::screen::{self, Screen};
use super::settings::{self, Place};
use super::store;
use crate::config;
use crate::report::{self, Style, stats as write};
use crate::store::{Period, Stats, Store, start_of_day};

/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// Tells what the store knows of a period.
pub(super) fn stats(args: &Args, global: &Global, screen: &Screen) -> Result<Exit, Error> {
    let now = crate::store::now();
    let mut period = period(args, now)?;
    check_files(args)?;
    let here = Place::find(global)?;
    let loaded = config::load(&settings::inputs(&here, global, Vec::new()))?;
    let settings = &loaded.settings;
    if !args.all_projects {
        let named = args.project.clone();
        period.project = named.or_else(|| Some(store::project(&here, &settings.store)));
    }
    let wants_page = args.format.is_some() || args.output.is_some() || args.prometheus.is_none();
    let work = async {
        let store = store::needed(settings, screen).await?;
        let read = read(
            &store,
            wants_page.then_some(period),
            args.prometheus.is_some(),
        )
        .await;
        store.close().await;
        read
    };
    let runtime = Runtime::start()?;
    let (read, interrupted) =
        runtime.until_signal(async |cancel| cancel.run_until_cancelled(work).await.transpose());
    let Some((page, counters)) = read? else {
        return Ok(interrupted.unwrap_or(Exit::Failed));
    };
    if let (Some(path), Some(counters)) = (&args.prometheus, counters) {
        into_file(path, |out| write::prometheus::write(&counters, out))?;
    }
    if let Some(page) = page {
        print(args, &page)?;
    }
    Ok(interrupted.unwrap_or(Exit::Passed))
}

/// What was asked for, and the whole store for counters.
async fn read(
    store: &Store,
    period: Option<Period>,
    wants_counters: bool,
) -> Result<(Option<Stats>, Option<Stats>), Error> {
    let stats = async |period| {
        let stats = store.stats(period).await;
        stats.map_err(|error| Error::Store(format!("the store cannot be read: {error}")))
    };
    let page = match period {
        Some(period) => Some(stats(period).await?),
        None => None,
    };
    let counters = if wants_counters {
        Some(stats(Period::default()).await?)
    } else {
        None
    };
    Ok((page, counters))
}

fn print(args: &Args, stats: &Stats) -> Result<(), Error> {
    let by: Vec<write::By> = if args.by.is_empty() {
        write::By::ALL.to_vec()
    } else {
        let all = write::By::ALL.into_iter();
        all.filter(|by| args.by.iter().any(|wanted| write::By::from(*wanted) == *by))
            .collect()
    };
    let style = match args.output {
        Some(_) => Style::default(),
        None => screen::style(),
    };
    let mut text = Vec::new();
    let written = match args.format.unwrap_or(StatsFormat::Terminal) {
        StatsFormat::Terminal => write::terminal::write(stats, &by, style, &mut text),
        StatsFormat::Json => write::json::write(stats, &by, &mut text),
        StatsFormat::Html => write::html::write(stats, &by, &mut text),
    };
    written.map_err(|error| Error::Io("the statistics cannot be written", error))?;
    match &args.output {
        Some(path) => into_file(path, |out| std::io::Write::write_all(out, &text)),
        None => screen::print(&text),
    }
}

fn into_file(
    path: &Path,
    write: impl FnOnce(&mut std::io::BufWriter<&mut std::fs::File>) -> std::io::Result<()>,
) -> Result<(), Error> {
    report::write_file(path, write).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}

/// Two things in one file, and folders that are not there, are found before a store is opened.
fn check_files(args: &Args) -> Result<(), Error> {
    let files = [&args.output, &args.prometheus].into_iter().flatten();
    for path in files {
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        if folder.is_some_and(|folder| !folder.is_dir()) || path.is_dir() {
            return Err(Error::Usage(format!(
                "{}: there is no such folder, or this is one: name a file in a folder that is there",
                path.display()
            )));
        }
    }
    if args.output.is_some() && args.output == args.prometheus {
        let why = "--output and --prometheus would both be written to one file";
        return Err(Error::Usage(format!("{why}: give each its own")));
    }
    Ok(())
}

fn period(args: &Args, now: i64) -> Result<Period, Error> {
    let since = instant("--since", &args.since, now, 0)?;
    let until = args.until.as_deref();
    let until = until.map(|text| instant("--until", text, now, DAY));
    let until = until.transpose()?;
    if until.is_some_and(|until| until <= since) {
        let why = "--until is not after --since: there is no time between them";
        return Err(Error::Usage(why.to_owned()));
    }
    Ok(Period {
        since: Some(since),
        until,
        project: None,
    })
}

/// A day in UTC, `of_day` milliseconds after its beginning, or a span back from now; one of a day
/// or more goes back to midnight, so that no day is counted in part.
fn instant(flag: &str, text: &str, now: i64, of_day: i64) -> Result<i64, Error> {
    if let Some(start) = start_of_day(text) {
        return Ok(start + of_day);
    }
    let span = humantime::parse_duration(text).map_err(|_| {
        Error::Usage(format!(
            "{flag}: `{text}` is neither a span of time such as 30d nor a day such as 2026-11-01"
        ))
    })?;
    let span = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    let at = now.saturating_sub(span);
    Ok(if span < DAY {
        at
    } else {
        at - at.rem_euclid(DAY)
    })
}
