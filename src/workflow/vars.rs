//! What templates see. Everything here is data: it is inserted and never rendered again.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;

use super::TeamSettings;
use crate::change::{Change, LineKind};
use crate::context::Packet;

/// The variables of a template.
#[derive(Clone, Debug, Default)]
pub struct Vars {
    /// `change`
    pub change: ChangeVars,
    /// `packet`, in a step over packets.
    pub packet: Option<PacketVars>,
    /// `finding`, in a step over findings.
    pub finding: Option<FindingVars>,
    /// `team`; its texts are empty where there is none.
    pub team: TeamVars,
    /// `context`: text of the team's context files, or nothing.
    pub context: Arc<str>,
    /// `taxonomy`: the rules that findings may name, as text.
    pub taxonomy: Arc<str>,
    /// `args`: what the command line gave, by name.
    pub args: BTreeMap<String, String>,
    /// `steps`: what steps brought, by name. A template sees those that its step depends
    /// on; one that brought nothing counts as empty.
    pub steps: BTreeMap<String, StepVars>,
}

/// `change`: what is reviewed, without its text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChangeVars {
    /// For people.
    pub title: String,
    /// The commit compared from, or nothing.
    pub base: String,
    /// The commit compared to, or nothing.
    pub head: String,
    /// Paths of the files to review.
    pub files: Vec<String>,
    /// Number of added lines.
    pub added: usize,
    /// Number of removed lines.
    pub removed: usize,
}

impl From<&Change> for ChangeVars {
    fn from(change: &Change) -> Self {
        let count = |kind| {
            let files = change.files.iter();
            let lines = files.flat_map(|file| file.hunks.iter().flat_map(|hunk| &hunk.lines));
            lines.filter(|line| line.kind == kind).count()
        };
        Self {
            title: change.title.clone(),
            base: change.base.clone().unwrap_or_default(),
            head: change.head.clone().unwrap_or_default(),
            files: change
                .files
                .iter()
                .map(|file| file.path.to_string())
                .collect(),
            added: count(LineKind::Added),
            removed: count(LineKind::Removed),
        }
    }
}

/// `packet`: the piece of the change that a call is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PacketVars {
    /// Its stable name.
    pub id: String,
    /// What a model reads, fenced.
    pub text: Arc<str>,
    /// Paths of the files in it.
    pub files: Vec<String>,
}

impl From<&Packet> for PacketVars {
    fn from(packet: &Packet) -> Self {
        Self {
            id: packet.id.clone(),
            text: Arc::clone(&packet.text),
            files: packet
                .slices
                .iter()
                .map(|slice| slice.file.path.to_string())
                .collect(),
        }
    }
}

/// `team`: the domain, as far as prompts care.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TeamVars {
    /// Its name, or nothing where there is no team.
    pub name: String,
    /// For people, or nothing.
    pub description: String,
    /// What reviewers must look for, or nothing.
    pub focus: String,
    /// Shell command that checks the tree, or nothing.
    pub verify: String,
}

impl TeamVars {
    /// What prompts see of a team that is already resolved by `extends`.
    pub fn new(name: &str, team: &TeamSettings) -> Self {
        Self {
            name: name.to_owned(),
            description: team.description.clone().unwrap_or_default(),
            focus: team.focus.clone().unwrap_or_default(),
            verify: team.verify.clone().unwrap_or_default(),
        }
    }
}

/// `steps.NAME`: what a step brought.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StepVars {
    /// All answers, with a blank line between them.
    pub output: String,
    /// Each answer.
    pub outputs: Vec<String>,
    /// The findings that its claims went into.
    pub findings: Vec<FindingVars>,
}

impl StepVars {
    /// What a step brought, from its answers and findings.
    pub fn new(outputs: Vec<String>, findings: Vec<FindingVars>) -> Self {
        Self {
            output: outputs.join("\n\n"),
            outputs,
            findings,
        }
    }
}

/// A finding as templates see it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FindingVars {
    /// Path of the file.
    pub file: String,
    /// First line, from 1.
    pub line: u32,
    /// Last line, from 1.
    pub end_line: u32,
    /// The text of the file there.
    pub quote: String,
    /// note, low, medium, high, critical.
    pub severity: String,
    /// A category of the taxonomy.
    pub category: String,
    /// A slug of the taxonomy.
    pub rule: String,
    /// One line.
    pub title: String,
    /// What is wrong, why, and when it shows.
    pub message: String,
    /// Replacement of the quoted text, or nothing.
    pub suggestion: String,
    /// Number of backends that reported it; each sample counts.
    pub votes: usize,
    /// The probability that it is real, 0 to 1.
    pub confidence: f64,
    /// Whether it counts for the verdict.
    pub confirmed: bool,
}

/// Fields that a template may name, by variable; nothing is known of `args` and `steps`,
/// and `context` and `taxonomy` are texts.
pub(super) const FIELDS: [(&str, &[&str]); 4] = [
    (
        "change",
        &["title", "base", "head", "files", "added", "removed"],
    ),
    ("packet", &["id", "text", "files"]),
    (
        "finding",
        &[
            "file",
            "line",
            "end_line",
            "quote",
            "severity",
            "category",
            "rule",
            "title",
            "message",
            "suggestion",
            "votes",
            "confidence",
            "confirmed",
        ],
    ),
    ("team", &["name", "description", "focus", "verify"]),
];

/// Fields of `steps.NAME`.
pub(super) const STEP_FIELDS: [&str; 3] = ["output", "outputs", "findings"];

/// All variables.
pub(super) const VARIABLES: [&str; 8] = [
    "change", "packet", "finding", "team", "context", "taxonomy", "args", "steps",
];

/// [`Vars`] made ready for many templates: a change of thousands of files is turned into
/// what templates read once, and not with every call.
#[derive(Debug)]
pub struct Scene {
    change: Value,
    team: Value,
    context: Value,
    taxonomy: Value,
    args: Value,
    steps: BTreeMap<String, Value>,
}

impl Scene {
    /// All but the packet or finding that a call is about.
    pub fn new(vars: &Vars) -> Self {
        let steps = vars.steps.iter();
        Self {
            change: Value::from(Serde(&vars.change)),
            team: Value::from(Serde(&vars.team)),
            context: Value::from(Arc::clone(&vars.context)),
            taxonomy: Value::from(Arc::clone(&vars.taxonomy)),
            args: Value::from(Serde(&vars.args)),
            steps: steps
                .map(|(name, step)| (name.clone(), Value::from(Serde(step))))
                .collect(),
        }
    }

    /// What a template sees that reads neither steps nor what its call is about.
    pub(super) fn scope(&self) -> Scope<'_> {
        Scope {
            change: &self.change,
            packet: None,
            finding: None,
            team: &self.team,
            context: &self.context,
            taxonomy: &self.taxonomy,
            args: &self.args,
            steps: None,
        }
    }

    pub(super) fn step(&self, name: &str) -> Option<&Value> {
        self.steps.get(name)
    }
}

/// What a call is about, beside the [`Scene`].
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'v> {
    /// The piece of the change.
    pub packet: Option<&'v PacketVars>,
    /// The finding.
    pub finding: Option<&'v FindingVars>,
}

/// What one template sees. What is absent is undefined.
#[derive(Serialize)]
pub(super) struct Scope<'v> {
    pub(super) change: &'v Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) packet: Option<&'v PacketVars>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) finding: Option<&'v FindingVars>,
    pub(super) team: &'v Value,
    pub(super) context: &'v Value,
    pub(super) taxonomy: &'v Value,
    pub(super) args: &'v Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) steps: Option<BTreeMap<&'v str, &'v Value>>,
}

/// Stands for the packet's text where a template is tried out.
pub(super) const SAMPLE_PACKET: &str = "the text of a packet";

impl Vars {
    /// What the call is about.
    pub fn about(&self) -> About<'_> {
        About {
            packet: self.packet.as_ref(),
            finding: self.finding.as_ref(),
        }
    }

    /// One of everything, to try a template out before the first call.
    pub(super) fn sample<'s>(steps: impl IntoIterator<Item = &'s str>) -> Self {
        let finding = FindingVars {
            file: "src/lib.rs".to_owned(),
            line: 1,
            end_line: 1,
            confirmed: true,
            ..FindingVars::default()
        };
        let step = StepVars::new(vec!["an answer".to_owned()], vec![finding.clone()]);
        Self {
            change: ChangeVars {
                files: vec![finding.file.clone()],
                ..ChangeVars::default()
            },
            packet: Some(PacketVars {
                text: SAMPLE_PACKET.into(),
                files: vec![finding.file.clone()],
                ..PacketVars::default()
            }),
            finding: Some(finding),
            steps: steps
                .into_iter()
                .map(|name| (name.to_owned(), step.clone()))
                .collect(),
            ..Self::default()
        }
    }
}
