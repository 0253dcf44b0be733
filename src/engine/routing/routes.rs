//! Who reads which packet: what was decided, and why.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::risk::Risk;
use super::settings::Enforce;
use crate::change::RepoPath;

/// Decided before the first call. A replay goes by those of its run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Routes {
    /// By the packet's index.
    pub packets: Vec<Route>,
    /// In the order of their names.
    pub policies: Vec<PolicyReport>,
    /// What the budget did to it, where it did something.
    pub budget: Option<String>,
    /// What a reader must know: policies that were not kept. One sentence each.
    pub notices: Vec<String>,
    /// What cannot be read by enough backends under hard policies. One sentence each.
    pub gaps: Vec<String>,
    /// What is said about the change as a whole.
    pub(super) whole: Whole,
    /// What it was decided by, as far as that stays the same from run to run.
    pub(in crate::engine) basis: String,
}

/// What policies say about prompts that show more than one packet, or less.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Whole {
    /// Backends on this machine.
    pub(super) locals: BTreeSet<String>,
    /// Files whose text stays on this machine, and the hard policy that says so.
    pub(super) sealed: Kept,
    /// Files whose text had better stay there, and the soft policy that says so.
    pub(super) avoided: Kept,
}

/// Files with their policies, sorted by path.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept(Vec<(RepoPath, String)>);

impl Kept {
    pub(super) fn new(mut files: Vec<(RepoPath, String)>) -> Self {
        files.sort();
        Self(files)
    }

    fn policy_of(&self, path: &RepoPath) -> Option<&str> {
        let at = self.0.binary_search_by(|(known, _)| known.cmp(path));
        at.ok().map(|at| self.0[at].1.as_str())
    }

    /// The policy of the first file; none where there is no file.
    pub(super) fn any(&self) -> Option<&str> {
        self.0.first().map(|(_, policy)| policy.as_str())
    }
}

/// Who reads one packet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// Its files.
    pub files: Vec<RepoPath>,
    /// Its tokens.
    pub tokens: usize,
    /// Why it is risky; empty where it is ordinary.
    pub risks: Vec<Risk>,
    /// Whether it is risky and is read as an ordinary one, because money is short.
    pub is_cut: bool,
    /// Each step that looks for findings, in the workflow's order.
    pub steps: Vec<StepRoute>,
    /// Who must not read it: backend → hard policy.
    pub(super) barred: BTreeMap<String, String>,
    /// Who had better not: backend → soft policy.
    pub(super) avoided: BTreeMap<String, String>,
}

/// Who reads a packet in one step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepRoute {
    /// The step's index.
    pub step: usize,
    /// Its name.
    pub name: String,
    /// Who is asked, in order; where one is asked after the other, until one answers.
    pub asked: Vec<String>,
    /// The others of the crew, in its order.
    pub passed_over: Vec<(String, PassedOver)>,
}

/// Why a member of a crew is not asked about a packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PassedOver {
    /// Others make a quorum.
    NotNeeded,
    /// A hard policy forbids it.
    Barred(String),
    /// A soft policy speaks against it, and others make a quorum.
    Avoided(String),
}

/// What became of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyReport {
    /// Its name.
    pub name: String,
    /// How strictly it is kept.
    pub enforce: Enforce,
    /// Packets that it covers.
    pub packets: usize,
    /// Pairs of packet and backend that are asked although they break it.
    pub violations: usize,
    /// Pairs that are not asked because of it.
    pub prevented: usize,
}

impl PassedOver {
    /// The word that the JSON report uses, and the policy.
    pub fn parts(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::NotNeeded => ("not_needed", None),
            Self::Barred(policy) => ("barred", Some(policy)),
            Self::Avoided(policy) => ("avoided", Some(policy)),
        }
    }

    /// For people.
    pub(in crate::engine) fn sentence(&self) -> String {
        match self {
            Self::NotNeeded => "routing: others make a quorum".to_owned(),
            Self::Barred(policy) => format!("policy `{policy}` forbids it"),
            Self::Avoided(policy) => format!("policy `{policy}` speaks against it"),
        }
    }
}

impl Route {
    /// What is decided about a step.
    pub(in crate::engine) fn of(&self, step: usize) -> Option<&StepRoute> {
        self.steps.iter().find(|route| route.step == step)
    }

    /// Those of some critics that may be shown it, in their order.
    pub(in crate::engine) fn judges<'n>(&self, names: &'n [String]) -> Vec<&'n String> {
        let permitted = names.iter().filter(|name| !self.barred.contains_key(*name));
        welcome(permitted.collect(), &|name| self.avoided.contains_key(name))
    }

    /// The policy that forbids any of them.
    pub(in crate::engine) fn barring(&self, names: &[String]) -> Option<&str> {
        let mut policies = names.iter().filter_map(|name| self.barred.get(name));
        policies.next().map(String::as_str)
    }
}

impl Routes {
    /// Those of a crew that may be shown what stands in any file, in their order: who writes
    /// texts sees quotes and names of all of them.
    pub(in crate::engine) fn writers<'n>(&self, names: &'n [String]) -> Vec<&'n String> {
        let Whole {
            sealed, avoided, ..
        } = &self.whole;
        self.local_where(sealed.any().is_some(), avoided.any().is_some(), names)
    }

    /// Those of a crew that may be shown what is said of a file, in their order.
    pub(in crate::engine) fn readers_of<'n>(
        &self,
        path: &RepoPath,
        names: &'n [String],
    ) -> Vec<&'n String> {
        let Whole {
            sealed, avoided, ..
        } = &self.whole;
        let is_in = |kept: &Kept| kept.policy_of(path).is_some();
        self.local_where(is_in(sealed), is_in(avoided), names)
    }

    fn local_where<'n>(&self, must: bool, should: bool, names: &'n [String]) -> Vec<&'n String> {
        let is_local = |name: &String| self.whole.locals.contains(name);
        let permitted = names.iter().filter(|name| !must || is_local(name));
        welcome(permitted.collect(), &|name| should && !is_local(name))
    }

    /// The hard policy that keeps a file's text on this machine.
    pub(in crate::engine) fn sealing(&self, path: &RepoPath) -> Option<&str> {
        self.whole.sealed.policy_of(path)
    }

    /// The hard policy that keeps the text of any file on this machine.
    pub(in crate::engine) fn sealing_any(&self) -> Option<&str> {
        self.whole.sealed.any()
    }
}

/// All but the unwelcome ones, where there are others.
fn welcome<'n>(names: Vec<&'n String>, is_avoided: &dyn Fn(&String) -> bool) -> Vec<&'n String> {
    let others = names.iter().filter(|name| !is_avoided(name));
    let others: Vec<&String> = others.copied().collect();
    if others.is_empty() { names } else { others }
}
