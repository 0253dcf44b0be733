//! From arguments as typed to settings in force.

use std::path::{Path, PathBuf};

use super::args::{Change, Global, Review};
use super::error::Error;
use crate::backends::Environment;
use crate::config::{self, Flag, Inputs, Loaded, ReportSettings};
use crate::report::{self, Format, Spec};

/// Where llmux runs.
pub(super) struct Place {
    /// The folder that it was started in.
    pub(super) dir: PathBuf,
    /// The top folder of the work tree around it.
    pub(super) root: Option<PathBuf>,
    /// The user's folder: `$XDG_CONFIG_HOME/llmux` or `~/.config/llmux`.
    pub(super) user: Option<PathBuf>,
}

impl Place {
    pub(super) fn find() -> Result<Self, Error> {
        let dir = std::env::current_dir()
            .map_err(|error| Error::Io("the current folder cannot be read", error))?;
        Ok(Self {
            root: crate::change::work_root(&dir),
            user: config::user_dir(),
            dir,
        })
    }

    /// The folder that holds the project's `.llmux`.
    pub(super) fn project(&self) -> PathBuf {
        self.root.clone().unwrap_or_else(|| self.dir.clone())
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
pub(super) fn as_written(here: &Place, text: &str, review: &Review) -> Result<Loaded, Error> {
    let failed = |error| Error::Io("the settings of the run cannot be written down", error);
    let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)?;
    let inputs = Inputs {
        project_root: Some(here.project()),
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
        project_root: Some(here.project()),
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
