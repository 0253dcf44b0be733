//! `llmux runs`: what the store knows of runs.

use std::fmt::Write as _;

use serde::Serialize;

use super::args::{Global, Runs, ShowFormat};
use super::error::Error;
use super::exit::Exit;
use super::runtime::Runtime;
use super::screen::{self, Screen};
use super::settings::{self, Place};
use super::{keep, store as stores};
use crate::config;
use crate::report::log_line;
use crate::store::{self, RunRow};
use crate::units::dollars;

/// Grows when a field goes or changes its meaning.
const SCHEMA_VERSION: u32 = 1;

pub(super) fn runs(args: &Runs, global: &Global, screen: &Screen) -> Result<Exit, Error> {
    let here = Place::find(global)?;
    let loaded = config::load(&settings::inputs(&here, global, Vec::new()))?;
    let project = stores::project(&here, &loaded.settings.store);
    let runtime = Runtime::start()?;
    let rows = runtime.wait(async {
        let store = stores::needed(&loaded.settings, screen).await?;
        let project = (!args.all_projects).then_some(project.as_str());
        let rows = store.runs(project, args.limit).await;
        store.close().await;
        rows.map_err(|error| Error::Store(error.to_string()))
    })?;
    let text = match args.format {
        ShowFormat::Json => json(&rows)?,
        ShowFormat::Terminal => terminal(&rows, args.all_projects),
    };
    screen::print(text.as_bytes())?;
    Ok(Exit::Passed)
}

/// One line a run; the widths are those of what stands there.
fn terminal(rows: &[RunRow], with_project: bool) -> String {
    if rows.is_empty() {
        return "no run is kept here\n".to_owned();
    }
    let mut text = String::new();
    for row in rows {
        let status = match (&row.verdict, row.status.as_str()) {
            (None, "running") if row.is_left(store::now()) => "interrupted".to_owned(),
            (Some(verdict), status) => format!("{status}, {verdict}"),
            (None, status) => status.to_owned(),
        };
        let taped = match row.taped {
            0 => String::new(),
            taped => format!(", {taped} from the tape"),
        };
        let project = if with_project {
            format!("  {}", log_line(&row.project))
        } else {
            String::new()
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}  {}  {:<22}  {} calls{taped}, ${:.4}  {} {}{project}",
            keep::short(&row.id),
            store::minute(row.started),
            status,
            row.calls,
            usd(row.nano_usd),
            log_line(&row.workflow),
            log_line(&row.title),
        );
    }
    text
}

#[derive(Serialize)]
struct Listing<'r> {
    schema_version: u32,
    runs: Vec<JsonRun<'r>>,
}

#[derive(Serialize)]
struct JsonRun<'r> {
    id: &'r str,
    project: &'r str,
    workflow: &'r str,
    team: Option<&'r str>,
    title: &'r str,
    started_ms: i64,
    ended_ms: Option<i64>,
    status: &'r str,
    verdict: Option<&'r str>,
    interrupted: bool,
    calls: i64,
    taped: i64,
    cost_usd: f64,
}

fn json(rows: &[RunRow]) -> Result<String, Error> {
    let now = store::now();
    let runs = rows.iter().map(|row| JsonRun {
        id: &row.id,
        project: &row.project,
        workflow: &row.workflow,
        team: Some(row.team.as_str()).filter(|team| !team.is_empty()),
        title: &row.title,
        started_ms: row.started,
        ended_ms: row.ended,
        status: &row.status,
        verdict: row.verdict.as_deref(),
        interrupted: row.ended.is_none() && row.is_left(now),
        calls: row.calls,
        taped: row.taped,
        cost_usd: usd(row.nano_usd),
    });
    let listing = Listing {
        schema_version: SCHEMA_VERSION,
        runs: runs.collect(),
    };
    let text = serde_json::to_string_pretty(&listing);
    let failed = |error: serde_json::Error| Error::Io("the list cannot be written", error.into());
    Ok(text.map_err(failed)? + "\n")
}

fn usd(nano: i64) -> f64 {
    dollars(u64::try_from(nano).unwrap_or(0))
}
