//! Runs a plan over packets, bounded and cancellable.

mod account;
mod arbiter;
mod breaker;
mod budget;
mod cascade;
mod coverage;
mod deadline;
mod estimate;
mod judge;
mod key;
mod lanes;
mod learned;
mod member;
mod pace;
mod packets;
mod price;
mod progress;
mod quorum;
mod read;
mod recorder;
mod refute;
mod remarks;
pub mod routing;
mod run;
mod samples;
mod session;
mod shards;
mod tally;
mod text;
mod vars;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::backends::Usage;
use crate::change::{Change, RepoPath};
use crate::context::Packet;
use crate::findings::confidence::Model;
use crate::findings::remember::{Remembered, Witness};
use crate::findings::{Finding, Memory, MergeSettings, Scope, Taxonomy, VoteSettings};
use crate::units::Severity;
use crate::workflow::{Crew, Execution, TeamSettings, Templates, Workflow};

pub use budget::{Caps, Funds, Settings as BudgetSettings};
pub use estimate::Estimate;
pub use judge::Reservation;
pub use learned::Learning;
pub use member::Seat;
pub use price::Prices;
pub use progress::{Event, Progress};
pub use quorum::{Confirmation, Quorum};
pub use recorder::{Log, Recorder, Recording, Serving};
pub use routing::Routes;
pub use run::run;
pub use samples::{samples_of, voters_of};
pub use shards::{Shards, undividable};

/// `[run]`: bounds of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Of the whole run.
    #[serde(with = "crate::units::duration")]
    pub timeout: Duration,
    /// Of one try of a call whose backend sets none.
    #[serde(with = "crate::units::duration")]
    pub call_timeout: Duration,
    /// Of one packet or text at one backend, with all tries, models and pauses, from the
    /// first turn on.
    #[serde(with = "crate::units::duration")]
    pub call_deadline: Duration,
    /// Longest silence of a server whose backend sets none.
    #[serde(with = "crate::units::duration")]
    pub idle_timeout: Duration,
    /// Calls in flight over all backends.
    pub max_in_flight: usize,
    /// Further tries after a transient failure, where the backend sets none.
    pub retries: u32,
}

/// Everything that a run needs to know before the first call.
#[derive(Debug)]
pub struct Plan {
    /// What is reviewed.
    pub change: Arc<Change>,
    /// Its pieces; each fits every backend of the crews.
    pub packets: Vec<Packet>,
    /// The steps, checked.
    pub workflow: Workflow,
    /// The workflow's prompts, compiled.
    pub templates: Templates,
    /// Who does each step, by the step's index.
    pub crews: Vec<Crew>,
    /// The backends of all crews, critics and arbiters among them.
    pub seats: Vec<Seat>,
    /// Who judges doubtful findings, and which.
    pub refuting: Refuting,
    /// Who is asked which claims are one where merging is in doubt: models alone, one after the
    /// other until one answers; none where nobody is.
    pub arbiter: Option<Crew>,
    /// Who reads which packet; none where everybody reads all.
    pub routes: Option<Routes>,
    /// Which packets are asked about; none where all are.
    pub shards: Option<Shards>,
    /// The team's name and its settings, `extends` followed.
    pub team: Option<(String, TeamSettings)>,
    /// Text of the team's context files.
    pub context: String,
    /// `args` in templates.
    pub args: BTreeMap<String, String>,
    /// Which places count.
    pub scope: Scope,
    /// `[merge]`.
    pub merge: MergeSettings,
    /// What a finding can be called.
    pub taxonomy: Arc<Taxonomy>,
    /// `[vote]`.
    pub vote: VoteSettings,
    /// What the probability of a finding is reckoned by.
    pub priors: Arc<Model>,
    /// What feedback changed of it, and of the seats; [`Plan::learn`] sets it.
    pub learning: Option<Learning>,
    /// Bounds of the run.
    pub settings: Settings,
    /// What is known of earlier runs, and what may be suppressed.
    pub memory: Memory,
    /// What is kept, and answered without asking.
    pub recorder: Arc<Recorder>,
    /// What may be spent.
    pub funds: Funds,
}

/// Who judges findings that have too few votes, and which of them.
#[derive(Clone, Debug)]
pub struct Refuting {
    /// Models alone, in the order in which they are asked; each packet fits each of them.
    pub critics: Crew,
    /// `vote.refute`: whether they are asked where a role does not say.
    pub by_default: bool,
    /// The lowest severity at which a confirmed finding blocks; none where nothing does.
    pub blocks_from: Option<Severity>,
}

impl Plan {
    fn confirmation_of(&self, step: usize) -> Confirmation {
        let (step, crew) = (&self.workflow.steps[step], &self.crews[step]);
        Confirmation::new(step, crew, &self.seats, &self.vote, &self.priors)
    }

    fn quorum_of(&self, step: usize) -> Quorum {
        Quorum::new(
            &self.crews[step],
            self.execution_of(step),
            &self.confirmation_of(step),
            &|name| self.is_authoritative(name),
        )
    }

    fn seat(&self, backend: &str) -> Option<&Seat> {
        let mut seats = self.seats.iter();
        seats.find(|seat| seat.backend.name() == backend)
    }

    fn is_authoritative(&self, backend: &str) -> bool {
        self.seat(backend).is_some_and(|seat| seat.authoritative)
    }

    fn execution_of(&self, step: usize) -> Execution {
        self.crews[step].execution_of(&self.workflow.steps[step])
    }
}

/// What a run brought, before the gate.
#[derive(Clone, Debug)]
pub struct Run {
    /// What was reviewed.
    pub change: Arc<Change>,
    /// Name of the workflow.
    pub workflow: String,
    /// Name of the team, where one was found or chosen.
    pub team: Option<String>,
    /// What the findings can be called.
    pub taxonomy: Arc<Taxonomy>,
    /// Confirmed ones first, then by severity (highest first), path and line.
    pub findings: Vec<Finding>,
    /// Findings that critics refuted, in the same order; they count for nothing.
    pub refuted: Vec<Finding>,
    /// Claims that did not become findings.
    pub dropped: Dropped,
    /// Who read what.
    pub coverage: Coverage,
    /// What each backend did, sorted by name.
    pub backends: Vec<BackendReport>,
    /// Text of each step that writes text, in the workflow's order: (step, text).
    pub texts: Vec<(String, String)>,
    /// How the run ended.
    pub status: Status,
    /// Why the run is not complete although its files may have been read. One sentence each.
    pub incomplete: Vec<String>,
    /// What a reader must know: failures, skipped steps, fallbacks. One sentence each.
    pub notices: Vec<String>,
    /// What earlier runs, the baseline and ignores in the code came to.
    pub remembered: Remembered,
    /// What weights and priors were learned from; none where they are as configured.
    pub learning: Option<Learning>,
    /// Who read which packet, and why; none where everybody read all.
    pub routing: Option<Routes>,
}

impl Run {
    /// A run over a change without a file to review: nothing is asked, nothing is missing.
    pub fn of_nothing(change: Arc<Change>, workflow: String, taxonomy: Arc<Taxonomy>) -> Self {
        Self {
            change,
            workflow,
            team: None,
            taxonomy,
            findings: Vec::new(),
            refuted: Vec::new(),
            dropped: Dropped::default(),
            coverage: Coverage::default(),
            backends: Vec::new(),
            texts: Vec::new(),
            status: Status::Success,
            incomplete: Vec::new(),
            notices: Vec::new(),
            remembered: Remembered::default(),
            learning: None,
            routing: None,
        }
    }
}

impl Coverage {
    /// Who read a file, for what is said of findings that are not there any more.
    pub fn witness(&self, path: &RepoPath) -> Witness {
        let Some(file) = self.files.iter().find(|file| file.path == *path) else {
            return Witness::default();
        };
        // Who was meant to read other files is neither.
        let names = |is_read: bool| {
            let readings = file.readings.iter();
            let meant = readings.filter(|(_, it)| !matches!(it, Reading::NotRouted(_)));
            let wanted = meant.filter(|(_, reading)| (**reading == Reading::Read) == is_read);
            wanted.map(|(name, _)| name.clone()).collect()
        };
        Witness {
            covered: file.covered,
            read: names(true),
            silent: names(false),
        }
    }
}

/// Claims that were counted and dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// The quote is not in the file.
    pub quote_not_found: usize,
    /// The place is outside the change.
    pub outside_change: usize,
    /// No file of that name in the packet.
    pub unknown_file: usize,
}

/// Who read what: file × backend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Every file to review, sorted by path.
    pub files: Vec<FileCoverage>,
}

/// Who read one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCoverage {
    /// The file.
    pub path: RepoPath,
    /// Each backend of the crew, by name.
    pub readings: BTreeMap<String, Reading>,
    /// Whether enough backends read it for a verdict.
    pub covered: bool,
}

/// What one backend did with one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Answered for every packet of the file; half of its samples, where it has some.
    Read,
    /// Answered without an object that could be read; why.
    Abstained(String),
    /// A call failed; why.
    Failed(String),
    /// Was not asked; why.
    Skipped(String),
    /// Was not to read it, or not all of it; why.
    NotRouted(String),
}

impl Reading {
    /// How much is missing: a failure says more than an abstention.
    fn rank(&self) -> u8 {
        match self {
            Self::Read => 0,
            Self::NotRouted(_) => 1,
            Self::Skipped(_) => 2,
            Self::Abstained(_) => 3,
            Self::Failed(_) => 4,
        }
    }
}

/// What one backend did in a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BackendReport {
    /// Its name.
    pub name: String,
    /// The model that answered, by its own word; several are joined by `, `.
    pub model: Option<String>,
    /// Calls with an answer, repairs among them.
    pub answered: usize,
    /// Calls from the tape, among `answered`.
    pub taped: usize,
    /// Packets without an answer that could be read, as a reviewer, critic or arbiter; each
    /// sample counts.
    pub abstained: usize,
    /// Calls that failed for good; those that the run's end cut off are not among them.
    pub failed: usize,
    /// Tokens of all calls, where the backend tells.
    pub usage: Usage,
    /// US dollars; none where no call told and no price is configured.
    pub cost_usd: Option<f64>,
    /// A failure that says why.
    pub error: Option<String>,
}

impl BackendReport {
    fn was_asked(&self) -> bool {
        self.answered + self.abstained + self.failed > 0
    }
}

/// How a run ended (DESIGN §3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Everything answered.
    Success,
    /// Complete, though a backend failed or a step was skipped.
    Degraded,
    /// Interrupted.
    Partial,
    /// There was no money for the next call.
    BudgetExhausted,
    /// The run's time limit passed.
    Timeout,
    /// No backend could be asked, or all failed.
    SystemFailure,
}

impl Status {
    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Degraded => "degraded",
            Self::Partial => "partial",
            Self::BudgetExhausted => "budget_exhausted",
            Self::Timeout => "timeout",
            Self::SystemFailure => "system_failure",
        }
    }
}
