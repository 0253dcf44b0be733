//! Configuration: layers that merge key by key, every value with the place it comes from.
//!
//! `default.toml` is the first layer and the reference of all keys. Over it stand the user's
//! file, the project's file, the environment and flags. [`load`] reports everything that is
//! wrong at once. A stage owns its settings; this room composes them.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::change::Project;
use crate::findings::confidence::FeedbackSettings;
use crate::findings::remember::{BaselineSettings, SuppressSettings};
use crate::findings::taxonomy::SlugSettings;
use crate::findings::{AnchorSettings, MergeSettings, VoteSettings};
use crate::workflow::{RoleSettings, TeamSettings};
use crate::{backends, change, context, engine, gate, store};

mod check;
mod cross;
mod errors;
pub mod keys;
mod manual;
mod mask;
mod near;
mod overrides;
mod parse;
mod routing;
mod show;
mod slugs;
mod source;
pub mod teams;
mod values;

pub use errors::{Errors, Problem};
pub use manual::{markdown_text, reference, schema};
pub use overrides::RESERVED;
pub use source::{Layer, Origin};

use errors::Draft;
use source::{Node, Place, Source, Value};

/// The first layer, which is the reference of all keys.
pub const DEFAULTS: &str = include_str!("default.toml");

/// The project's file, below the top folder.
pub const PROJECT_FILE: &str = ".llmux/config.toml";

/// What a run is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `[backends.NAME]`.
    pub backends: BTreeMap<String, backends::Settings>,
    /// The names under `backends` in the order of writing: layer by layer, the built-in ones last.
    #[serde(skip)]
    pub backend_order: Vec<String>,
    /// `[roles.NAME]`.
    pub roles: BTreeMap<String, RoleSettings>,
    /// `[teams.NAME]`.
    pub teams: BTreeMap<String, TeamSettings>,
    /// `[change]`.
    pub change: change::Settings,
    /// `[packets]`.
    pub packets: context::Settings,
    /// `[anchor]`.
    pub anchor: AnchorSettings,
    /// `[merge]`.
    pub merge: MergeSettings,
    /// `[vote]`.
    pub vote: VoteSettings,
    /// `[feedback]`.
    pub feedback: FeedbackSettings,
    /// `[taxonomy.SLUG]`.
    pub taxonomy: BTreeMap<String, SlugSettings>,
    /// `[baseline]`.
    pub baseline: BaselineSettings,
    /// `[suppress]`.
    pub suppress: SuppressSettings,
    /// `[gate]`.
    pub gate: gate::Settings,
    /// `[run]`.
    pub run: engine::Settings,
    /// `[store]`.
    pub store: store::Settings,
    /// `[budget]`.
    pub budget: engine::BudgetSettings,
    /// `[routing]`.
    pub routing: engine::routing::Settings,
    /// `[rules]`.
    pub rules: RulesSettings,
    /// `[report]`.
    pub report: ReportSettings,
}

/// `[rules]`: the built-in rules and the user's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesSettings {
    /// Globs of rule files, relative to the project's top folder.
    pub files: Vec<String>,
    /// Ids of rules that are not applied.
    pub disable: Vec<String>,
}

/// `[report]`: what is written where no flag says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportSettings {
    /// `FORMAT` (standard output) or `FORMAT=PATH`; empty means the terminal's format.
    pub outputs: Vec<String>,
}

/// Where configuration is looked for.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The project; its `.llmux/config.toml` is read if it is there.
    pub project: Project,
    /// A file in place of the project's; it must be there. A relative one is read from the commit
    /// where the project is one.
    pub config_file: Option<PathBuf>,
    /// llmux's folder among the user's settings ([`user_dir`]); its `config.toml` is read if it is there.
    pub user_dir: Option<PathBuf>,
    /// The environment; what does not start with `LLMUX_` is ignored.
    pub env: Vec<(String, String)>,
    /// Flags of the command line; of two for the same key the later counts.
    pub flags: Vec<Flag>,
}

/// A flag of the command line that sets a key.
#[derive(Clone, Debug)]
pub struct Flag {
    /// The key, its names joined with dots: `gate.fail_on`.
    pub key: String,
    /// Its value.
    pub value: toml::Value,
    /// The flag as it is typed: `--fail-on`.
    pub name: String,
}

/// A configuration without errors.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What the stages read.
    pub settings: Settings,
    root: Node,
    sources: Vec<Source>,
}

/// llmux's folder among the user's settings: `$XDG_CONFIG_HOME/llmux`, else `~/.config/llmux`
/// (on Windows in the roaming application data). None where the user has no home.
pub fn user_dir() -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.config_dir().join("llmux"))
}

/// llmux's folder for what can be made again: `$LLMUX_CACHE_DIR`, else `$XDG_CACHE_HOME/llmux`,
/// else `~/.cache/llmux` (on Windows in the local application data).
pub fn cache_dir() -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    let named = std::env::var_os("LLMUX_CACHE_DIR").filter(|dir| !dir.is_empty());
    named.map(PathBuf::from).or_else(|| {
        let strategy = etcetera::choose_base_strategy().ok()?;
        Some(strategy.cache_dir().join("llmux"))
    })
}

/// Reads, checks and merges all layers.
///
/// # Errors
/// Everything that is wrong in any layer.
pub fn load(inputs: &Inputs) -> Result<Loaded, Errors> {
    let mut loader = Loader::new();
    loader.files(inputs);
    let below = &loader.root;
    let (sources, drafts) = (&mut loader.sources, &mut loader.drafts);
    let environment = overrides::environment(&inputs.env, below, loader.complete, sources, drafts);
    let flags = overrides::flags(&inputs.flags, sources);
    for node in environment {
        loader.put(Layer::Environment, node);
    }
    for node in flags {
        loader.put(Layer::Flag, node);
    }
    loader.finish()
}

struct Loader {
    root: Node,
    sources: Vec<Source>,
    drafts: Vec<Draft>,
    failed: Vec<Problem>,
    /// Whether every file could be read to its end.
    complete: bool,
    /// Names under `backends`, those of `default.toml` apart.
    order: Vec<String>,
}

impl Loader {
    fn new() -> Self {
        let mut loader = Self {
            root: Node::table(Place::new(0, 0..0)),
            sources: Vec::new(),
            drafts: Vec::new(),
            failed: Vec::new(),
            complete: true,
            order: Vec::new(),
        };
        loader.text(
            Layer::Default,
            "default.toml".to_owned(),
            DEFAULTS.to_owned(),
        );
        loader.order.clear();
        loader
    }

    fn files(&mut self, inputs: &Inputs) {
        if let Some(dir) = &inputs.user_dir {
            let path = dir.join("config.toml");
            let name = path.display().to_string();
            self.file(Layer::User, std::fs::read(path), name, false);
        }
        let project = &inputs.project;
        if let Some(path) = &inputs.config_file {
            let name = path.display().to_string();
            // A relative one lies in what the change is free to edit.
            if project.commit().is_some() && path.is_relative() {
                self.file(Layer::File, project.read(&name), project.named(&name), true);
            } else {
                self.file(Layer::File, std::fs::read(path), name, true);
            }
        } else {
            let name = match project.commit() {
                Some(_) => project.named(PROJECT_FILE),
                None => PROJECT_FILE.to_owned(),
            };
            self.file(Layer::Project, project.read(PROJECT_FILE), name, false);
        }
    }

    /// Takes a file in; `name` is what people see.
    fn file(&mut self, layer: Layer, read: io::Result<Vec<u8>>, name: String, required: bool) {
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !required => return,
            Err(error) => {
                let message = format!("`{}` cannot be read: {error}", mask::printable(&name));
                let help = if required {
                    "name a file that is there, or leave --config out"
                } else {
                    "make it a file that can be read, or take it away"
                };
                return self.fail(layer, name, message, help);
            }
        };
        match String::from_utf8(bytes) {
            Ok(text) => self.text(layer, name, text),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let before = &error.as_bytes()[..valid];
                let line = before.split(|byte| *byte == b'\n').count();
                let message = format!("`{}` is not UTF-8 in line {line}", mask::printable(&name));
                self.fail(layer, name, message, "save it as UTF-8");
            }
        }
    }

    fn fail(&mut self, layer: Layer, name: String, message: String, help: &str) {
        self.complete = false;
        self.failed
            .push(Problem::of_file(layer, name, message, help));
    }

    fn text(&mut self, layer: Layer, name: String, text: String) {
        let index = self.sources.len();
        let (node, broken) = parse::document(index, &text, &mut self.drafts);
        let source = Source::new(layer, name, text);
        let before = self.drafts.len();
        self.put(layer, node);
        if !broken.is_empty() {
            self.complete = false;
            // What the parser made of a broken line is not what its author meant.
            let lines: BTreeSet<_> = broken.iter().map(|at| source.line(*at)).collect();
            let mut complaints = self.drafts.split_off(before);
            complaints.retain(|draft| !lines.contains(&source.line(draft.place.start)));
            self.drafts.append(&mut complaints);
        }
        self.sources.push(source);
    }

    /// Puts a layer on top. The embedded one is checked by a test and not again in every run.
    fn put(&mut self, layer: Layer, mut node: Node) {
        if layer != Layer::Default {
            check::layer(&mut node, &mut self.drafts);
        }
        for (name, _) in node.get("backends").map_or(&[][..], Node::entries) {
            if !self.order.contains(name) {
                self.order.push(name.clone());
            }
        }
        self.root.merge(node);
    }

    fn finish(mut self) -> Result<Loaded, Errors> {
        self.sort_backends();
        // Names may be missing where a file was not read to its end.
        if self.complete {
            cross::check(&self.root, &self.sources, &mut self.drafts);
            slugs::check(&self.root, &self.sources, &mut self.drafts);
            routing::check(&self.root, &mut self.drafts);
        }
        let settings = self.settings();
        match settings {
            Some(settings) if self.drafts.is_empty() && self.failed.is_empty() => Ok(Loaded {
                settings,
                root: self.root,
                sources: self.sources,
            }),
            _ => Err(Errors::new(self.drafts, &self.sources, self.failed)),
        }
    }

    /// Brings the backends into the order of writing.
    fn sort_backends(&mut self) {
        let order = &self.order;
        let rank = |name: &String| order.iter().position(|known| known == name);
        if let Value::Table(sections) = &mut self.root.value
            && let Some((_, backends)) = sections.iter_mut().find(|(name, _)| name == "backends")
            && let Value::Table(entries) = &mut backends.value
        {
            entries.sort_by_cached_key(|(name, _)| rank(name).unwrap_or(usize::MAX));
        }
    }

    /// The settings; none where something was complained about, or must be now.
    fn settings(&mut self) -> Option<Settings> {
        if !self.drafts.is_empty() || !self.failed.is_empty() {
            return None;
        }
        let merged = self.root.to_toml()?;
        match Settings::deserialize(merged) {
            Ok(mut settings) => {
                let backends = self.root.get("backends").map_or(&[][..], Node::entries);
                settings.backend_order = backends.iter().map(|(name, _)| name.clone()).collect();
                Some(settings)
            }
            // The table of keys is stricter than serde, so this is a fault of llmux.
            Err(error) => {
                let message = format!("llmux does not understand its settings: {error}");
                let help = "please report this with your configuration";
                self.fail(Layer::Default, "default.toml".to_owned(), message, help);
                None
            }
        }
    }
}
