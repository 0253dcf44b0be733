//! From arguments as typed to settings in force.

use std::path::{Path, PathBuf};

use super::args::{Change, Global, Review};
use super::ci;
use super::error::Error;
use crate::backends::Environment;
use crate::change::Project;
use crate::config::{self, Flag, Inputs, Loaded, ReportSettings};
use crate::report::{self, Format, Spec};

/// Where llmux runs.
#[derive(Clone)]
pub(super) struct Place {
    /// The folder that it was started in.
    pub(super) dir: PathBuf,
    /// The top folder of the work tree around it.
    pub(super) root: Option<PathBuf>,
    /// What the project says of itself: its folder, or in CI the commit that a pull request is to
    /// be merged into.
    pub(super) project: Project,
    /// The user's folder: `$XDG_CONFIG_HOME/llmux` or `~/.config/llmux`.
    pub(super) user: Option<PathBuf>,
}

impl Place {
    /// Where llmux was started. In CI on a pull request the project is the commit that it is to
    /// be merged into: the change must not set how it is reviewed.
    pub(super) fn find(global: &Global) -> Result<Self, Error> {
        let here = Self::here()?;
        let Some(ci) = ci::check().filter(ci::CiCheck::is_of_strangers) else {
            return Ok(here);
        };
        here.trusting(ci.base.as_deref(), global)
    }

    /// The same with the project as it lies in its folder.
    pub(super) fn here() -> Result<Self, Error> {
        let dir = std::env::current_dir()
            .map_err(|error| Error::Io("the current folder cannot be read", error))?;
        let root = crate::change::work_root(&dir);
        Ok(Self {
            project: Project::Folder(root.clone().unwrap_or_else(|| dir.clone())),
            root,
            user: config::user_dir(),
            dir,
        })
    }

    /// The same with another word of what the project says of itself.
    pub(super) fn with(self, project: Project) -> Self {
        Self { project, ..self }
    }

    fn trusting(self, base: Option<&str>, global: &Global) -> Result<Self, Error> {
        let found = base.map(|base| Project::at(&self.dir, base));
        let project = match found {
            Some(Ok(project)) => project,
            // Whoever names a file outside of the repository has said what is in force.
            _ if global
                .config
                .as_ref()
                .is_some_and(|file| file.is_absolute()) =>
            {
                Project::Nowhere
            }
            _ => {
                let commit = base.unwrap_or("unknown to the CI job");
                return Err(Error::Usage(format!(
                    "on a pull request llmux takes its configuration from the commit that it is to \
                     be merged into ({commit}), and this clone does not have it: check out with \
                     `fetch-depth: 0` (GitHub) or `GIT_DEPTH: 0` (GitLab), or pass an absolute \
                     --config"
                )));
            }
        };
        Ok(self.with(project))
    }

    /// The top folder of the work tree, or where llmux was started.
    pub(super) fn folder(&self) -> &Path {
        self.root.as_deref().unwrap_or(&self.dir)
    }
}

/// What backends know of this process, which guards its programs with its own executable. By
/// this path it finds that even after an update has replaced the file.
pub(super) fn environment() -> Environment {
    const OWN: &str = "/proc/self/exe";
    let environment = Environment::of_process();
    if Path::new(OWN).exists() {
        environment.guarded_by(OWN)
    } else {
        environment
    }
}

/// The settings in force for a review.
pub(super) fn load(
    here: &Place,
    change: &Change,
    review: &Review,
    global: &Global,
) -> Result<Loaded, Error> {
    let flags = flags(change, review);
    Ok(config::load(&inputs(here, global, flags))?)
}

/// The settings of an earlier run, with today's flags over them: no file of today has a say.
pub(super) fn as_written(text: &str, review: &Review) -> Result<Loaded, Error> {
    let failed = |error| Error::Io("the settings of the run cannot be written down", error);
    let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)?;
    let inputs = Inputs {
        project: Project::Nowhere,
        config_file: Some(file.path().to_owned()),
        flags: flags(&Change::default(), review),
        ..Inputs::default()
    };
    Ok(config::load(&inputs)?)
}

/// What the command line sets.
fn flags(change: &Change, review: &Review) -> Vec<Flag> {
    let mut flags = Vec::new();
    let mut flag = |key: &str, value: toml::Value, name: &str| {
        flags.push(Flag {
            key: key.to_owned(),
            value,
            name: name.to_owned(),
        });
    };
    if let Some(word) = &review.judging.fail_on {
        flag("gate.fail_on", word.as_str().into(), "--fail-on");
    }
    if review.judging.allow_incomplete {
        flag("gate.allow_incomplete", true.into(), "--allow-incomplete");
    }
    if let Some(text) = &review.judging.threshold {
        flag("vote.threshold", text.as_str().into(), "--threshold");
    }
    if let Some(text) = &review.timeout {
        flag("run.timeout", text.as_str().into(), "--timeout");
    }
    if let Some(usd) = review.budget {
        flag("budget.run", usd.into(), "--budget");
    }
    if !change.include.is_empty() {
        flag("change.include", change.include.clone().into(), "--include");
    }
    if !change.exclude.is_empty() {
        flag("change.exclude", change.exclude.clone().into(), "--exclude");
    }
    flags
}

/// The layers' places.
pub(super) fn inputs(here: &Place, global: &Global, flags: Vec<Flag>) -> Inputs {
    Inputs {
        project: here.project.clone(),
        config_file: global.config.clone(),
        user_dir: here.user.clone(),
        env: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        flags,
    }
}

/// The reports that were asked for by flags, else by `[report]`; the terminal's where none was.
pub(super) fn reports(review: &Review, settings: &ReportSettings) -> Result<Vec<Spec>, Error> {
    let mut specs = review.judging.report.clone();
    if let Some(format) = review.judging.format {
        specs.push(Spec { format, path: None });
    }
    if specs.is_empty() {
        for output in &settings.outputs {
            specs.push(output.parse()?);
        }
    }
    if specs.is_empty() {
        specs.push(Spec {
            format: Format::Terminal,
            path: None,
        });
    }
    report::check(&specs)?;
    Ok(specs)
}
