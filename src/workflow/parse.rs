//! From a workflow file's text to a [`Workflow`]: shape first, then `check` for sense.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::check;
use super::find::shared_fixed;
use super::problems::{Problems, Report};
use super::shape::{Shape, Table};
use super::{ForEach, ModelName, OnError, Produces, Step, StepModel, Workflow};
use crate::units::{self, Threshold};

const FOR_EACH: [(&str, ForEach); 2] = [
    ("packets", ForEach::Packets),
    ("findings", ForEach::Findings),
];

const PRODUCES: [(&str, Produces); 4] = [
    ("findings", Produces::Findings),
    ("text", Produces::Text),
    ("verdict", Produces::Verdict),
    ("edits", Produces::Edits),
];

const ON_ERROR: [(&str, OnError); 2] = [("fail", OnError::Fail), ("continue", OnError::Continue)];

const WORKFLOW_KEYS: [&str; 5] = ["name", "description", "fold", "fixed", "steps"];
const STEP_KEYS: [&str; 13] = [
    "name",
    "role",
    "prompt",
    "depends_on",
    "parallel",
    "for_each",
    "produces",
    "when",
    "threshold",
    "timeout",
    "model",
    "temperature",
    "on_error",
];

/// Steps of a workflow: each is asked what comes before it, so their number bounds the
/// time of every check.
const MAX_STEPS: usize = 100;

/// Where the parts of a step stand, as byte offsets, for messages.
#[derive(Default)]
pub(super) struct StepSpans {
    pub(super) name: usize,
    pub(super) prompt: Range<usize>,
    /// One for each entry of `depends_on`.
    pub(super) depends_on: Vec<usize>,
    pub(super) for_each: usize,
    pub(super) when: Range<usize>,
    /// Whether `depends_on` could not be read: then nothing is known of what is upstream.
    pub(super) depends_on_broken: bool,
}

impl Workflow {
    /// Reads and checks a workflow file's text. `source` is what messages call the file.
    ///
    /// # Errors
    /// Everything that is wrong in it, each with its place. A file that is no TOML
    /// yields what its readable parts tell, and nothing about how they fit together.
    pub fn parse(text: &str, source: &str) -> Result<Self, Problems> {
        let (document, syntax) = DeTable::parse_recoverable(text);
        let mut report = Report::new(source, text);
        let shape = Shape {
            report: &mut report,
            is_toml: syntax.is_empty(),
        }
        .workflow(document.get_ref(), source);
        if syntax.is_empty() {
            check::check(&shape, &mut report);
        } else {
            let mut broken = Report::new(source, text);
            for error in &syntax {
                let at = error.span().map_or(text.len(), |span| span.start);
                broken.add(at, format!("this is no TOML: {}", error.message()), "");
            }
            report.add_before_guesses(broken);
        }
        if report.is_empty() {
            Ok(shape.workflow)
        } else {
            Err(report.into_problems())
        }
    }
}

/// What was read, as far as it could be.
pub(super) struct Parsed {
    pub(super) workflow: Workflow,
    pub(super) fixed: Range<usize>,
    /// One for each step of `workflow`.
    pub(super) spans: Vec<StepSpans>,
}

impl Parsed {
    pub(super) fn steps(&self) -> impl Iterator<Item = (&Step, &StepSpans)> {
        self.workflow.steps.iter().zip(&self.spans)
    }

    pub(super) fn names(&self) -> Vec<&str> {
        self.workflow
            .steps
            .iter()
            .map(|step| step.name.as_str())
            .collect()
    }

    /// Whether all that a step depends on, directly or not, was read and exists. Where it does not, to say what
    /// is missing upstream would repeat the one mistake in other words.
    pub(super) fn is_upstream_known(&self, step: &Step) -> bool {
        let upstream = self.workflow.upstream(&step.name);
        self.steps()
            .filter(|(other, _)| other.name == step.name || upstream.contains(&*other.name))
            .all(|(other, spans)| {
                let mut names = other.depends_on.iter();
                !spans.depends_on_broken && names.all(|name| self.workflow.step(name).is_some())
            })
    }
}

impl Shape<'_, '_> {
    fn workflow(mut self, keys: &DeTable<'_>, source: &str) -> Parsed {
        let table = Table {
            keys,
            what: "a workflow",
            at: 0,
        };
        self.refuse_unknown(&table, &WORKFLOW_KEYS);
        let (name, _) = self.required(&table, "name").unwrap_or_default();
        let (fixed, fixed_span) = self
            .string(&table, "fixed")
            .unwrap_or_else(|| (shared_fixed(), 0..0));
        let mut parsed = Parsed {
            workflow: Workflow {
                name,
                description: self.string(&table, "description").unwrap_or_default().0,
                fold: self.boolean(&table, "fold"),
                fixed,
                steps: Vec::new(),
                source: source.to_owned(),
            },
            fixed: fixed_span,
            spans: Vec::new(),
        };
        self.steps(&table, &mut parsed);
        parsed
    }

    fn steps(&mut self, table: &Table<'_, '_>, parsed: &mut Parsed) {
        let Some(steps) = table.keys.get("steps") else {
            self.missing(0, "a workflow needs steps", "add a table `[[steps]]`");
            return;
        };
        let Some(list) = steps.get_ref().as_array() else {
            self.wrong_type("steps", steps, "a list of tables: write `[[steps]]`");
            return;
        };
        if list.is_empty() {
            self.report.add(
                steps.span().start,
                "a workflow needs steps",
                "add a table `[[steps]]`",
            );
        }
        if list.len() > MAX_STEPS {
            self.report.add(
                steps.span().start,
                format!("{} steps", list.len()),
                format!("a workflow has {MAX_STEPS} at most"),
            );
            return;
        }
        for item in list {
            let Some(keys) = item.get_ref().as_table() else {
                self.wrong_type("steps", item, "a list of tables: write `[[steps]]`");
                continue;
            };
            let table = Table {
                keys,
                what: "a step",
                at: item.span().start,
            };
            let (step, spans) = self.step(&table);
            // Without a name nothing can refer to it, and its lack is noted.
            if !step.name.is_empty() {
                parsed.workflow.steps.push(step);
                parsed.spans.push(spans);
            }
        }
    }

    fn step(&mut self, table: &Table<'_, '_>) -> (Step, StepSpans) {
        self.refuse_unknown(table, &STEP_KEYS);
        let (name, name_span) = self.required(table, "name").unwrap_or_default();
        if !name.is_empty() && !is_identifier(&name) {
            self.report.add(
                name_span.start,
                format!("`{name}` is no name for a step"),
                "use a letter, then letters, digits and `_`, so that templates can say `steps.NAME`",
            );
        }
        let (role, role_span) = self.required(table, "role").unwrap_or_default();
        let (prompt, prompt_span) = self.required(table, "prompt").unwrap_or_default();
        let (when, when_span) = self.string(table, "when").unzip();
        let mut spans = StepSpans {
            name: name_span.start,
            prompt: prompt_span,
            for_each: table
                .keys
                .get("for_each")
                .map_or(table.at, |value| value.span().start),
            when: when_span.unwrap_or_default(),
            ..StepSpans::default()
        };
        let for_each = self.word(table, "for_each", &FOR_EACH);
        let produces = self.word(table, "produces", &PRODUCES).unwrap_or_default();
        let step = Step {
            name,
            role,
            prompt,
            depends_on: self.depends_on(table, &mut spans),
            parallel: self.boolean(table, "parallel"),
            // Who looks for findings must read the code.
            for_each: for_each.or((produces == Produces::Findings).then_some(ForEach::Packets)),
            produces,
            when,
            threshold: self.parsed(table, "threshold", units::THRESHOLDS, |value| {
                Threshold::deserialize(ValueDeserializer::from(value))
            }),
            timeout: self.parsed(
                table,
                "timeout",
                "a duration such as \"90s\", or a number of seconds",
                |value| units::duration::deserialize(ValueDeserializer::from(value)),
            ),
            model: self.model(table),
            temperature: self.temperature(table),
            on_error: self.word(table, "on_error", &ON_ERROR).unwrap_or_default(),
            role_place: self.report.place(role_span.start),
        };
        (step, spans)
    }

    /// One model, or a table from backends to models.
    fn model(&mut self, table: &Table<'_, '_>) -> Option<StepModel> {
        let value = table.keys.get("model")?;
        let Some(models) = value.get_ref().as_table() else {
            let name = self.model_name(value)?;
            return Some(StepModel::All(name));
        };
        if models.is_empty() {
            let remedy = "name a backend and its model, as in { claude = \"opus\" }";
            self.report
                .add(value.span().start, "`model` is empty", remedy);
        }
        let mut each = BTreeMap::new();
        for (backend, value) in models {
            if let Some(name) = self.model_name(value) {
                let place = self.report.place(backend.span().start);
                let backend = backend.get_ref().to_string();
                each.insert(backend, ModelName { name, place });
            }
        }
        Some(StepModel::Each(each))
    }

    fn model_name(&mut self, value: &Spanned<DeValue<'_>>) -> Option<String> {
        match value.get_ref().as_str() {
            Some(name) if name.trim().is_empty() => {
                let at = value.span().start;
                self.report.add(at, "`model` is empty", "write a name");
                None
            }
            Some(name) => Some(name.to_owned()),
            None => {
                self.wrong_type(
                    "model",
                    value,
                    "a model's name, or a table { backend = model }",
                );
                None
            }
        }
    }

    fn temperature(&mut self, table: &Table<'_, '_>) -> Option<f32> {
        self.parsed(table, "temperature", "a number from 0 to 2", |value| {
            let number = f32::deserialize(ValueDeserializer::from(value))?;
            if (0.0..=2.0).contains(&number) {
                Ok(number)
            } else {
                Err(serde::de::Error::custom("out of bounds"))
            }
        })
    }

    fn depends_on(&mut self, table: &Table<'_, '_>, spans: &mut StepSpans) -> Vec<String> {
        let mut names = Vec::new();
        let Some(value) = table.keys.get("depends_on") else {
            return names;
        };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong_type("depends_on", value, "a list of step names");
            spans.depends_on_broken = true;
            return names;
        };
        for item in list {
            if let Some(name) = item.get_ref().as_str() {
                names.push(name.to_owned());
                spans.depends_on.push(item.span().start);
            } else {
                self.wrong_type("depends_on", item, "a list of step names");
                spans.depends_on_broken = true;
            }
        }
        names
    }
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .chars()
            .all(|ch| ch.is_ascii_alphanumeric() || ch == '_')
}
