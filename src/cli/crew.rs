//! Which backends there are, and which of them do each step.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::answers::Answers;
use super::args::Choice;
use super::error::Error;
use super::prices;
use super::roles::Roles;
use super::rule_files;
use super::settings::{self, Place};
use crate::backends::rules::Rules;
use crate::backends::{
    self, Backend, BackendKind, Environment, Limits, Mode, Recorded, Settings as BackendSettings,
    Taped,
};
use crate::config::Settings;
use crate::engine::{self, Seat};
use crate::workflow::{Crew, Produces, Step, TeamSettings, Workflow};

/// Tokens that a model may write where its backend does not say: its thoughts are among them.
const OUTPUT_TOKENS: u32 = 16_000;
/// Calls in flight where the backend does not say.
const MAX_CONCURRENT: usize = 8;
/// The role that judges doubtful findings.
pub(super) const CRITIC: &str = "critic";
/// Bytes of a reply; a review of one packet is far below.
const MAX_REPLY: usize = 64 << 20;

/// Every backend that is configured or was found, built.
pub(super) struct Backends {
    /// Names in the order of the configuration.
    pub(super) order: Vec<String>,
    pub(super) built: BTreeMap<String, (Arc<dyn Backend>, BackendSettings)>,
    /// Those that their settings cannot make, and why.
    broken: BTreeMap<String, (String, BackendSettings)>,
    /// Names of those that nobody configured and nobody asked for.
    pub(super) found: Vec<String>,
    /// Whether `--backend` names the crew of every role.
    is_chosen: bool,
    /// Whether answers come from a tape.
    is_replay: bool,
}

impl Backends {
    /// Those of the configuration; where it names none but the rules, also those that this
    /// machine offers. With `--backend` those alone.
    pub(super) fn gather(
        here: &Place,
        settings: &Settings,
        choice: &Choice,
        answers: &Answers<'_>,
    ) -> Result<Self, Error> {
        let rules = rule_files::load(here, settings)?;
        let backends = Self::with_broken(settings, choice, answers, &rules)?;
        let mut broken = backends.order.iter();
        match broken.find_map(|name| backends.broken.get(name)) {
            Some((why, _)) => Err(Error::Usage(why.clone())),
            None => Ok(backends),
        }
    }

    /// The same, where one that cannot be made does not hide the others.
    pub(super) fn with_broken(
        settings: &Settings,
        choice: &Choice,
        answers: &Answers<'_>,
        rules: &Rules,
    ) -> Result<Self, Error> {
        let environment = settings::environment();
        let mut named: Vec<(String, BackendSettings)> = settings
            .backend_order
            .iter()
            .filter_map(|name| Some((name.clone(), settings.backends.get(name)?.clone())))
            .collect();
        let mut gathered = Self {
            order: Vec::new(),
            built: BTreeMap::new(),
            broken: BTreeMap::new(),
            found: Vec::new(),
            is_chosen: !choice.backend.is_empty(),
            is_replay: answers.is_replay(),
        };
        let only_rules = named.iter().all(|(_, one)| is_rules(one));
        if only_rules || gathered.is_chosen {
            let mut found = match answers.known()? {
                Some(known) => known,
                None => backends::detect(&|name| environment.text(name)),
            };
            found.retain(|(name, _)| {
                let is_known = named.iter().any(|(known, _)| known == name);
                !is_known && (only_rules || choice.backend.contains(name))
            });
            if matches!(answers, Answers::Live) && !gathered.is_chosen {
                gathered.found = found.iter().map(|(name, _)| name.clone()).collect();
            }
            // The rules come last, as they do behind what is configured.
            named.splice(0..0, found);
        }
        let known: Vec<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
        for wanted in &choice.backend {
            if !known.contains(&wanted.as_str()) {
                return Err(unknown(wanted, &known));
            }
        }
        if gathered.is_chosen {
            named.retain(|(name, _)| choice.backend.contains(name));
        }
        for (name, one) in named {
            gathered.order.push(name.clone());
            // What is known from the tape alone is there and not on this machine.
            let full = if gathered.is_replay && !settings.backends.contains_key(&name) {
                Ok(one.clone())
            } else {
                backends::complete(&name, &one, &environment).map_err(|error| error.to_string())
            };
            let built = full.and_then(|full| {
                let backend = build(&name, &full, &environment, rules, answers)?;
                Ok((backend, full))
            });
            match built {
                Ok(built) => drop(gathered.built.insert(name, built)),
                Err(why) => drop(gathered.broken.insert(name, (why, one))),
            }
        }
        Ok(gathered)
    }

    /// The backend that an earlier run asked, where it is here as it was there.
    fn the_same(&self, known: &Recorded) -> Option<Arc<dyn Backend>> {
        self.available(&known.name, false).ok()?;
        let (backend, _) = self.built.get(&known.name)?;
        let is_same = backends::configuration_of(&**backend) == known.configuration;
        is_same.then(|| Arc::clone(backend))
    }

    /// Settings of those that stand in no file of the settings.
    pub(super) fn found(&self, settings: &Settings) -> Vec<(String, BackendSettings)> {
        let found = self
            .order
            .iter()
            .filter(|name| !settings.backends.contains_key(*name));
        let found = found.filter_map(|name| Some((name.clone(), self.built.get(name)?.1.clone())));
        found.collect()
    }

    /// One that could be built, with its settings.
    pub(super) fn get(&self, name: &str) -> Option<&(Arc<dyn Backend>, BackendSettings)> {
        self.built.get(name)
    }

    /// Why one could not be built, with its settings.
    pub(super) fn broken(&self, name: &str) -> Option<&(String, BackendSettings)> {
        self.broken.get(name)
    }

    /// Whether it was found, because none is configured.
    pub(super) fn is_found(&self, name: &str) -> bool {
        self.found.iter().any(|found| found == name)
    }

    /// Whether a backend can be asked at all.
    pub(super) fn available(&self, name: &str, offline: bool) -> Result<(), String> {
        if let Some((why, _)) = self.broken.get(name) {
            return Err(why.clone());
        }
        let Some((backend, _)) = self.built.get(name) else {
            return Err("it is not configured".to_owned());
        };
        if self.is_left_out(name, offline) {
            return Err("--offline, and it is not marked `local = true`".to_owned());
        }
        backend.available()
    }

    /// Whether `--offline` forbids it.
    pub(super) fn is_left_out(&self, name: &str, offline: bool) -> bool {
        offline
            && self
                .built
                .get(name)
                .is_some_and(|(_, settings)| !is_local(settings))
    }

    /// Names of those that `--offline` forbids.
    pub(super) fn left_out(&self, offline: bool) -> Vec<&str> {
        let names = self.order.iter().map(String::as_str);
        names
            .filter(|name| self.is_left_out(name, offline))
            .collect()
    }

    /// Those that are on this machine.
    pub(super) fn locals(&self) -> BTreeSet<String> {
        let built = self.built.iter();
        let locals = built.filter(|(_, (_, settings))| is_local(settings));
        locals.map(|(name, _)| name.clone()).collect()
    }

    /// Whether there is any backend beside scanners, whether it can be asked or not.
    pub(super) fn has_models(&self) -> bool {
        self.built
            .values()
            .any(|(backend, _)| backend.writes_text())
    }

    /// What a backend reads at most, where its settings say so.
    pub(super) fn context_tokens(&self, name: &str) -> Option<usize> {
        self.built.get(name)?.1.context_tokens
    }

    /// All of them, for a replay.
    pub(super) fn recorded(&self, offline: bool) -> Vec<Recorded> {
        let built = self.order.iter().filter_map(|name| self.built.get(name));
        built
            .map(|(backend, _)| {
                let unavailable = self.available(backend.name(), offline).err();
                Recorded::of(&**backend, unavailable)
            })
            .collect()
    }

    /// What the engine needs to know of a backend.
    pub(super) fn seat(&self, name: &str, run: &engine::Settings) -> Option<Seat> {
        let (backend, settings) = self.built.get(name)?;
        let retries = settings.retries.unwrap_or(run.retries);
        Some(Seat {
            backend: Arc::clone(backend),
            weight: settings.weight.unwrap_or(1.0),
            factor: 1.0,
            samples: settings.samples.unwrap_or(1),
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
            prices: prices::prices(settings),
            counter: prices::counter(settings),
        })
    }

    /// The seats of all crews, sorted by name.
    pub(super) fn seats<'c>(
        &self,
        crews: impl IntoIterator<Item = &'c Crew>,
        run: &engine::Settings,
    ) -> Vec<Seat> {
        let crews = crews.into_iter();
        let names: BTreeSet<&String> = crews.flat_map(|crew| &crew.backends).collect();
        let seats = names.iter().filter_map(|name| self.seat(name, run));
        seats.collect()
    }

    /// What is known of each role.
    fn roles<'a>(
        &'a self,
        settings: &Settings,
        team: Option<&(String, TeamSettings)>,
        offline: bool,
    ) -> Roles<'a> {
        Roles::new(self, self.is_chosen, settings, team, offline)
    }

    /// The crew of each step, by the step's index.
    pub(super) fn crews(
        &self,
        workflow: &Workflow,
        settings: &Settings,
        team: Option<&(String, TeamSettings)>,
        offline: bool,
    ) -> Vec<Crew> {
        let roles = self.roles(settings, team, offline);
        let crew_of = |step: &Step| roles.crew(&step.role, step.produces == Produces::Findings);
        workflow.steps.iter().map(crew_of).collect()
    }

    /// Who does a role whose members judge what others said: models alone.
    pub(super) fn judges(
        &self,
        role: &str,
        settings: &Settings,
        team: Option<&(String, TeamSettings)>,
        offline: bool,
    ) -> Crew {
        self.roles(settings, team, offline).crew(role, false)
    }
}

fn build(
    name: &str,
    settings: &BackendSettings,
    environment: &Environment,
    rules: &Rules,
    answers: &Answers<'_>,
) -> Result<Arc<dyn Backend>, String> {
    let built =
        || backends::build(name, settings, environment, rules).map_err(|error| error.to_string());
    Ok(match answers {
        Answers::Run(recipe) | Answers::Parts(recipe, _) if !is_rules(settings) => {
            let mut known = recipe.backends.iter();
            let known = known.find(|known| known.name == name);
            let known = known.ok_or_else(|| format!("the run did not know of `{name}`"))?;
            match answers {
                Answers::Parts(_, here) => here.the_same(known),
                _ => None,
            }
            .unwrap_or_else(|| Arc::new(known.clone()))
        }
        Answers::Folder(tape, Mode::Replay) if backends::kind_of(settings).is_none() => {
            Arc::new(Taped::player(name, Arc::clone(tape)).map_err(|error| error.to_string())?)
        }
        // The rules are no call; what they say is worth no tape.
        Answers::Folder(tape, mode) if !is_rules(settings) => {
            Arc::new(Taped::new(built()?, Arc::clone(tape), *mode))
        }
        _ => built()?,
    })
}

/// Whether a backend of that name is configured, or is one that this or another machine may
/// offer where that is looked for.
pub(super) fn may_have(name: &str, settings: &Settings, choice: &Choice) -> bool {
    let is_detected = choice.backend.iter().any(|wanted| wanted == name)
        || settings.backends.values().all(is_rules);
    settings.backends.contains_key(name)
        || (is_detected && backends::detection_rank(name) < usize::MAX)
}

fn is_rules(settings: &BackendSettings) -> bool {
    backends::kind_of(settings) == Some(BackendKind::Rules)
}

/// Marked so, or needs no network by its nature: rules, a server on this machine.
pub(super) fn is_local(settings: &BackendSettings) -> bool {
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
