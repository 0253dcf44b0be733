//! Which backends there are, and which of them do each step.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Review;
use super::error::Error;
use super::settings::{self, Place};
use crate::backends::rules::Rules;
use crate::backends::{
    self, Backend, BackendKind, Limits, Mode, Settings as BackendSettings, Tape, Taped,
};
use crate::config::{RulesSettings, Settings};
use crate::engine::{self, Seat};
use crate::workflow::{Crew, Produces, TeamSettings, Workflow, resolve_crew};

/// Tokens that a model may write where its backend does not say.
const OUTPUT_TOKENS: u32 = 8_000;
/// Calls in flight where the backend does not say.
const MAX_CONCURRENT: usize = 8;
/// Bytes of a reply; a review of one packet is far below.
const MAX_REPLY: usize = 64 << 20;

/// Every backend that is configured or was found, built.
pub(super) struct Backends {
    /// Names in the order of the configuration.
    order: Vec<String>,
    built: BTreeMap<String, (Arc<dyn Backend>, BackendSettings)>,
    /// Whether answers come from a tape.
    is_replay: bool,
}

impl Backends {
    /// Those of the configuration; where it names none but the rules, also those that this
    /// machine offers. With `--backend` those alone.
    pub(super) fn gather(
        here: &Place,
        settings: &Settings,
        review: &Review,
    ) -> Result<Self, Error> {
        let environment = settings::environment();
        let mut named: Vec<(String, BackendSettings)> = settings
            .backend_order
            .iter()
            .filter_map(|name| Some((name.clone(), settings.backends.get(name)?.clone())))
            .collect();
        let tape = tape(review)?;
        let only_rules = named.iter().all(|(_, one)| is_rules(one));
        if only_rules || !review.backend.is_empty() {
            let found = match &tape {
                Some((tape, Mode::Replay)) => on_tape(tape)?,
                _ => backends::detect(&|name| environment.text(name)),
            };
            for found in found {
                let is_known = named.iter().any(|(name, _)| *name == found.0);
                if !is_known && (only_rules || review.backend.contains(&found.0)) {
                    named.push(found);
                }
            }
        }
        let known: Vec<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
        for wanted in &review.backend {
            if !known.contains(&wanted.as_str()) {
                return Err(unknown(wanted, &known));
            }
        }
        if !review.backend.is_empty() {
            named.retain(|(name, _)| review.backend.contains(name));
        }
        let mut gathered = Self {
            order: named.iter().map(|(name, _)| name.clone()).collect(),
            built: BTreeMap::new(),
            is_replay: review.replay.is_some(),
        };
        let rules = rules(here, &settings.rules)?;
        for (name, one) in named {
            let replayed = matches!(&tape, Some((_, Mode::Replay)));
            let one = if replayed && !settings.backends.contains_key(&name) {
                // Known from the tape alone: what it was is there and not on this machine.
                one
            } else {
                backends::complete(&name, &one, &environment)
                    .map_err(|error| Error::Usage(error.to_string()))?
            };
            let built = || {
                backends::build(&name, &one, &environment, &rules)
                    .map_err(|error| Error::Usage(error.to_string()))
            };
            let backend: Arc<dyn Backend> = match &tape {
                Some((tape, Mode::Replay)) if backends::kind_of(&one).is_none() => Arc::new(
                    Taped::player(&name, Arc::clone(tape))
                        .map_err(|error| Error::Usage(error.to_string()))?,
                ),
                // The rules are no call; what they say is worth no tape.
                Some((tape, mode)) if !is_rules(&one) => {
                    Arc::new(Taped::new(built()?, Arc::clone(tape), *mode))
                }
                _ => built()?,
            };
            gathered.built.insert(name, (backend, one));
        }
        Ok(gathered)
    }

    /// Whether a backend can be asked at all.
    fn available(&self, name: &str, offline: bool) -> Result<(), String> {
        let Some((backend, _)) = self.built.get(name) else {
            return Err("it is not configured".to_owned());
        };
        if self.is_left_out(name, offline) {
            return Err("--offline, and it is not marked `local = true`".to_owned());
        }
        backend.available()
    }

    /// Whether `--offline` forbids it.
    fn is_left_out(&self, name: &str, offline: bool) -> bool {
        offline
            && self
                .built
                .get(name)
                .is_some_and(|(_, settings)| !is_local(settings))
    }

    /// What a backend reads at most, where its settings say so.
    pub(super) fn context_tokens(&self, name: &str) -> Option<usize> {
        self.built.get(name)?.1.context_tokens
    }

    /// What the engine needs to know of a backend.
    pub(super) fn seat(&self, name: &str, run: &engine::Settings) -> Option<Seat> {
        let (backend, settings) = self.built.get(name)?;
        let retries = settings.retries.unwrap_or(run.retries);
        Some(Seat {
            backend: Arc::clone(backend),
            weight: settings.weight.unwrap_or(1.0),
            authoritative: settings.authoritative.unwrap_or(is_rules(settings)),
            models: settings
                .models
                .iter()
                .map(|model| Arc::from(model.as_str()))
                .collect(),
            max_concurrent: settings.max_concurrent.unwrap_or(MAX_CONCURRENT),
            // A tape needs no rest.
            requests_per_minute: settings.requests_per_minute.filter(|_| !self.is_replay),
            tokens_per_minute: settings.tokens_per_minute.filter(|_| !self.is_replay),
            retries: usize::try_from(retries).unwrap_or(usize::MAX),
            limits: Limits {
                timeout: settings.timeout.unwrap_or(run.call_timeout),
                idle_timeout: Some(settings.idle_timeout.unwrap_or(run.idle_timeout)),
                max_output_tokens: Some(settings.max_output_tokens.unwrap_or(OUTPUT_TOKENS)),
                temperature: settings.temperature,
                max_reply_bytes: MAX_REPLY,
            },
            price: settings.price,
        })
    }
}

/// Whether a backend of that name is configured, or is one that this or another machine may
/// offer where that is looked for.
pub(super) fn may_have(name: &str, settings: &Settings, review: &Review) -> bool {
    let is_detected = review.backend.iter().any(|wanted| wanted == name)
        || settings.backends.values().all(is_rules);
    settings.backends.contains_key(name)
        || (is_detected && backends::detection_rank(name) < usize::MAX)
}

/// The crew of each step, by the step's index.
pub(super) fn crews(
    workflow: &Workflow,
    settings: &Settings,
    team: Option<&(String, TeamSettings)>,
    backends: &Backends,
    review: &Review,
) -> Vec<Crew> {
    // A replay needs no network, whoever is replayed.
    let offline = review.offline && review.replay.is_none();
    let mut roles = settings.roles.clone();
    let mut team = team.map(|(_, team)| team.clone());
    if !review.backend.is_empty() {
        // The flag names the crew of every role.
        for role in roles.values_mut() {
            role.backends = None;
        }
        if let Some(team) = &mut team {
            team.roles.clear();
        }
    }
    workflow
        .steps
        .iter()
        .map(|step| {
            let mut crew = resolve_crew(
                &step.role,
                &roles,
                team.as_ref(),
                &backends.order,
                &|name| backends.available(name, offline),
            );
            if offline {
                // Who was left out on purpose is missed by nobody.
                crew.unavailable
                    .retain(|(name, _)| !backends.is_left_out(name, offline));
            }
            if step.produces != Produces::Findings {
                // What only scans code is no candidate for prose, and nothing to report.
                crew.backends.retain(|name| {
                    backends
                        .built
                        .get(name)
                        .is_some_and(|(backend, _)| backend.writes_text())
                });
            }
            crew
        })
        .collect()
}

fn is_rules(settings: &BackendSettings) -> bool {
    backends::kind_of(settings) == Some(BackendKind::Rules)
}

/// Marked so, or needs no network by its nature: rules, a server on this machine.
fn is_local(settings: &BackendSettings) -> bool {
    settings
        .local
        .unwrap_or_else(|| backends::needs_no_network(settings))
}

fn unknown(wanted: &str, known: &[&str]) -> Error {
    let nearest = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(wanted, name), name))
        .filter(|(distance, name)| *distance <= name.len() / 2)
        .min();
    let help = match nearest {
        Some((_, name)) => format!("did you mean `{name}`?"),
        None => format!("there are {}", known.join(", ")),
    };
    Error::Usage(format!(
        "--backend {wanted}: no backend of this name is configured or was found; {help}"
    ))
}

/// Backends that a tape knows beside the configured ones: they were found on the machine
/// that recorded it, which may have others than this one.
fn on_tape(tape: &Tape) -> Result<Vec<(String, BackendSettings)>, Error> {
    let mut names = tape
        .backends()
        .map_err(|error| Error::Usage(error.to_string()))?;
    names.sort_by_key(|name| backends::detection_rank(name));
    Ok(names
        .into_iter()
        .map(|name| (name, BackendSettings::default()))
        .collect())
}

fn tape(review: &Review) -> Result<Option<(Arc<Tape>, Mode)>, Error> {
    let opened = match (&review.record, &review.replay) {
        (Some(dir), _) => Tape::record(dir).map(|tape| (tape, Mode::Record)),
        (_, Some(dir)) => Tape::replay(dir).map(|tape| (tape, Mode::Replay)),
        (None, None) => return Ok(None),
    };
    match opened {
        Ok((tape, mode)) => Ok(Some((Arc::new(tape), mode))),
        Err(error) => Err(Error::Usage(error.to_string())),
    }
}

/// The shipped rules and those of the project's rule files.
fn rules(here: &Place, settings: &RulesSettings) -> Result<Rules, Error> {
    let project = here.project();
    let mut files = Vec::new();
    for path in rule_files(&project, &settings.files)? {
        let name = path
            .strip_prefix(&project)
            .unwrap_or(&path)
            .display()
            .to_string();
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Error::Usage(format!("{name} cannot be read: {error}")))?;
        files.push((name, text));
    }
    if files.is_empty() && settings.disable.is_empty() {
        return Ok(Rules::builtin());
    }
    Rules::with_user_files(&files, &settings.disable)
        .map_err(|errors| Error::Usage(errors.to_string()))
}

/// Files that the globs name, sorted. A glob that names one file must find it: rules that
/// are not applied find nothing.
fn rule_files(project: &Path, globs: &[String]) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for glob in globs {
        let matcher = globset::GlobBuilder::new(glob.strip_prefix("./").unwrap_or(glob))
            .literal_separator(true)
            .build()
            .map_err(|error| Error::Usage(format!("rules.files: {error}")))?
            .compile_matcher();
        let Some(wild) = glob.find(['*', '?', '[', '{', '\\']) else {
            if !project.join(glob).is_file() {
                return Err(Error::Usage(format!(
                    "rules.files: there is no file {glob}; create it, or take it off the list"
                )));
            }
            files.push(project.join(glob));
            continue;
        };
        let folder = glob[..wild]
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        let mut found = Vec::new();
        files_below(&project.join(folder), &mut found).map_err(|error| {
            Error::Usage(format!("rules.files: {glob} cannot be searched: {error}"))
        })?;
        files.extend(found.into_iter().filter(|path| {
            path.strip_prefix(project)
                .is_ok_and(|path| matcher.is_match(path))
        }));
    }
    files.sort();
    files.dedup();
    Ok(files)
}

/// All files in a folder and the folders in it, links to folders not followed. A folder
/// that is not there has none; one that cannot be read may have rules, which must not be missed.
fn files_below(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files_below(&entry.path(), files)?;
        } else if entry.path().is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}
