//! `[routing]` made ready to be asked about files and backends.

use super::settings::{Enforce, Policy, Settings};
use crate::change::{self, Change, FileChange, Globs, RepoPath};

/// The settings with their globs compiled.
#[derive(Debug)]
pub struct Rules {
    pub(super) settings: Settings,
    risky: Globs,
    pub(super) policies: Vec<Compiled>,
}

/// A policy with its globs compiled.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) name: String,
    pub(super) policy: Policy,
    /// None where it covers all files.
    paths: Option<Globs>,
}

impl Compiled {
    pub(super) fn covers(&self, file: &FileChange) -> bool {
        touched(file).any(|path| self.covers_path(path))
    }

    fn covers_path(&self, path: &RepoPath) -> bool {
        let paths = self.paths.as_ref();
        paths.is_none_or(|globs| globs.first_match(path.as_bstr()).is_some())
    }

    /// Whether it keeps files on this machine, as far as `enforce` says.
    pub(super) fn keeps_local(&self, enforce: Enforce) -> bool {
        self.policy.local && self.policy.enforce == enforce
    }
}

/// A file that was renamed shows text of where it came from.
fn touched(file: &FileChange) -> impl Iterator<Item = &RepoPath> {
    std::iter::once(&file.path).chain(&file.old_path)
}

impl Rules {
    /// Compiles the globs, which read as those of `[change]`.
    ///
    /// # Errors
    /// Where one of them is no glob.
    pub fn new(settings: &Settings) -> Result<Self, change::Error> {
        let policies = settings.policies.iter().map(|(name, policy)| {
            let paths = policy.paths.as_deref().map(Globs::new).transpose()?;
            Ok(Compiled {
                name: name.clone(),
                policy: policy.clone(),
                paths,
            })
        });
        Ok(Self {
            risky: Globs::new(&settings.risk.paths)?,
            policies: policies.collect::<Result<_, change::Error>>()?,
            settings: settings.clone(),
        })
    }

    /// Whether anything is to be routed.
    pub fn is_on(&self) -> bool {
        self.settings.is_on()
    }

    /// The glob of `routing.risk.paths` that makes the file risky.
    pub(super) fn risky_glob(&self, file: &FileChange) -> Option<&str> {
        let mut found = touched(file).filter_map(|path| self.risky.first_match(path.as_bstr()));
        let at = found.next()?;
        self.settings.risk.paths.get(at).map(String::as_str)
    }

    /// The hard policy that keeps a path's text on this machine.
    pub fn sealing(&self, path: &RepoPath) -> Option<&str> {
        let mut hard = self
            .policies
            .iter()
            .filter(|it| it.keeps_local(Enforce::Hard));
        let found = hard.find(|policy| policy.covers_path(path))?;
        Some(&found.name)
    }

    /// The policy that keeps the file's text on this machine, as far as `enforce` says.
    pub(super) fn keeping(&self, file: &FileChange, enforce: Enforce) -> Option<&str> {
        let mut policies = self.policies.iter().filter(|it| it.keeps_local(enforce));
        policies
            .find(|it| it.covers(file))
            .map(|it| it.name.as_str())
    }

    /// The change in parts that share no packet: what may not leave this machine stands apart,
    /// so that it takes nothing else with it. One part where there is no such file.
    pub fn parts(&self, change: &Change) -> Vec<Change> {
        let is_kept = |file: &FileChange| self.keeping(file, Enforce::Hard).is_some();
        let files = change.files.iter().cloned();
        let (kept, free): (Vec<_>, Vec<_>) = files.partition(|file| is_kept(file));
        let parts = [free, kept].into_iter().filter(|files| !files.is_empty());
        let part = |files| Change {
            title: change.title.clone(),
            files,
            ..Change::default()
        };
        parts.map(part).collect()
    }
}
