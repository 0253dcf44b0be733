//! Prompt templates: a workflow's texts, compiled once, rendered for each call.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value};

use super::vars::{About, SAMPLE_PACKET, Scene, Scope, StepVars, Vars};
use super::{ForEach, Step, Workflow};

/// Instructions that a template may run: a list of 10,000 files takes about a tenth.
const FUEL: u64 = 1_000_000;

/// Bytes that a template may write: no backend reads more.
const MAX_OUTPUT: usize = 16 << 20;

/// Name of the fixed part's template; no step can have it.
const FIXED: &str = "fixed part";

/// Why a template gave no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{source_name}: {part}{}: {message}", line.map(|line| format!(", line {line} of the text")).unwrap_or_default())]
pub struct TemplateError {
    /// What messages call the workflow's file.
    pub source_name: String,
    /// Which text of it: the fixed part, or a step's prompt or `when`.
    pub part: String,
    /// Line within that text, from 1, where it is known.
    pub line: Option<usize>,
    /// What happened.
    pub message: String,
}

/// A workflow's compiled templates.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
    source: String,
    /// Step → steps that it depends on, directly or not.
    upstream: BTreeMap<String, BTreeSet<String>>,
    /// Steps whose template writes the packet's text itself.
    with_packet: BTreeSet<String>,
}

impl Templates {
    /// Compiles what a workflow holds.
    ///
    /// # Errors
    /// None for a workflow from [`Workflow::parse`], which has tried every template.
    pub fn new(workflow: &Workflow) -> Result<Self, TemplateError> {
        let mut templates = Self {
            environment: environment(),
            source: workflow.source.clone(),
            upstream: BTreeMap::new(),
            with_packet: BTreeSet::new(),
        };
        templates.add(FIXED, &workflow.fixed)?;
        for step in &workflow.steps {
            templates.add(&prompt_of(step), &step.prompt)?;
            let upstream = workflow.upstream(&step.name);
            let upstream: BTreeSet<_> = upstream.into_iter().map(str::to_owned).collect();
            templates.upstream.insert(step.name.clone(), upstream);
            if templates.writes_packet_text(step) {
                templates.with_packet.insert(step.name.clone());
            }
        }
        Ok(templates)
    }

    fn add(&mut self, name: &str, text: &str) -> Result<(), TemplateError> {
        self.environment
            .add_template_owned(name.to_owned(), text.to_owned())
            .map_err(|error| self.error(name, &error))
    }

    /// The prompt part that is the same in every call of a run. `packet`, `finding` and
    /// `steps` of `vars` are not seen.
    ///
    /// # Errors
    /// A variable that is not there, a filter that refuses its value, a template that
    /// runs too long or writes too much.
    pub fn render_fixed(&self, vars: &Vars) -> Result<String, TemplateError> {
        self.render(FIXED, &Scene::new(vars).scope())
    }

    /// A step's task.
    ///
    /// # Errors
    /// As [`Templates::render_fixed`].
    pub fn render_task(&self, step: &Step, vars: &Vars) -> Result<String, TemplateError> {
        self.render_task_in(step, &Scene::new(vars), vars.about())
    }

    /// The same for one of many calls that see the same scene.
    ///
    /// # Errors
    /// As [`Templates::render_fixed`].
    pub fn render_task_in(
        &self,
        step: &Step,
        scene: &Scene,
        about: About<'_>,
    ) -> Result<String, TemplateError> {
        let nothing = Value::from(Serde(StepVars::default()));
        let scope = self.scope_of(step, scene, about, &nothing);
        self.render(&prompt_of(step), &scope)
    }

    /// Whether the step's `when` holds; true where it has none.
    ///
    /// # Errors
    /// As [`Templates::render_fixed`].
    pub fn is_wanted(&self, step: &Step, vars: &Vars) -> Result<bool, TemplateError> {
        let Some(when) = &step.when else {
            return Ok(true);
        };
        let nothing = Value::from(Serde(StepVars::default()));
        let scene = Scene::new(vars);
        let scope = self.scope_of(step, &scene, vars.about(), &nothing);
        let scope = Value::from(Serde(scope));
        self.environment
            .compile_expression(when)
            .and_then(|expression| expression.eval(scope))
            .map(|value| value.is_true())
            .map_err(|error| self.error(&format!("`when` of step `{}`", step.name), &error))
    }

    /// Whether the step's template writes the packet's text itself; otherwise it stands
    /// between the fixed part and the task.
    pub fn uses_packet_text(&self, step: &Step) -> bool {
        self.with_packet.contains(&step.name)
    }

    /// To name `packet.text` is not enough: it may stand in a condition alone, and a model
    /// that was shown no code would find nothing.
    fn writes_packet_text(&self, step: &Step) -> bool {
        let names_it = self
            .environment
            .get_template(&prompt_of(step))
            .is_ok_and(|template| template.undeclared_variables(true).contains("packet.text"));
        let upstream = self.upstream.get(&step.name);
        let steps = upstream.into_iter().flatten().map(String::as_str);
        names_it
            && self
                .render_task(step, &Vars::sample(steps))
                .is_ok_and(|text| text.contains(SAMPLE_PACKET))
    }

    fn scope_of<'v>(
        &'v self,
        step: &Step,
        scene: &'v Scene,
        about: About<'v>,
        nothing: &'v Value,
    ) -> Scope<'v> {
        // What has ended by chance, without being asked for, would make the text depend on timing.
        let upstream = self.upstream.get(&step.name).into_iter().flatten();
        let steps = upstream
            .map(|name| (name.as_str(), scene.step(name).unwrap_or(nothing)))
            .collect();
        let over = |wanted| step.for_each == Some(wanted);
        Scope {
            packet: about.packet.filter(|_| over(ForEach::Packets)),
            finding: about.finding.filter(|_| over(ForEach::Findings)),
            steps: Some(steps),
            ..scene.scope()
        }
    }

    fn render(&self, name: &str, scope: &Scope<'_>) -> Result<String, TemplateError> {
        self.environment
            .get_template(name)
            .and_then(|template| render(&template, Value::from(Serde(scope))))
            .map_err(|error| self.error(name, &error))
    }

    fn error(&self, part: &str, error: &minijinja::Error) -> TemplateError {
        TemplateError {
            source_name: self.source.clone(),
            part: part.to_owned(),
            line: error.line(),
            message: explain(error),
        }
    }
}

fn prompt_of(step: &Step) -> String {
    format!("prompt of step `{}`", step.name)
}

/// The language of prompts: minijinja without escaping, strict about what is undefined,
/// tags on lines of their own leaving no line behind, and `tojson`.
pub(super) fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    // It would print everything at once.
    environment.remove_global("debug");
    environment.add_filter("tojson", |value: &Value| {
        serde_json::to_string(value)
            .map_err(|error| minijinja::Error::new(ErrorKind::BadSerialization, error.to_string()))
    });
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    if let Ok(syntax) = syntax {
        environment.set_syntax(syntax);
    }
    environment
}

/// Renders within the bounds, without the white space around.
pub(super) fn render(
    template: &minijinja::Template<'_, '_>,
    scope: Value,
) -> Result<String, minijinja::Error> {
    let mut output = Bounded(Vec::new());
    template.render_captured_to(scope, &mut output)?;
    let text = String::from_utf8_lossy(&output.0);
    Ok(text.trim().to_owned())
}

/// What a template's error means for who wrote it.
pub(super) fn explain(error: &minijinja::Error) -> String {
    match error.kind() {
        ErrorKind::OutOfFuel => "the template runs too long".to_owned(),
        ErrorKind::WriteFailure => "the template writes too much".to_owned(),
        kind => match error.detail() {
            // The detail of these says the kind.
            Some(detail)
                if matches!(
                    kind,
                    ErrorKind::UnknownFilter | ErrorKind::UnknownTest | ErrorKind::TemplateNotFound
                ) =>
            {
                detail.to_owned()
            }
            Some(detail) => format!("{kind}: {detail}"),
            None => kind.to_string(),
        },
    }
}

/// Takes [`MAX_OUTPUT`] bytes.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_OUTPUT {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Joins the tasks of one call, each under the heading of its role. For several roles,
/// the answer must name the role in each finding.
pub fn folded_task(tasks: &[(&str, String)]) -> String {
    let mut roles: Vec<String> = Vec::new();
    for role in tasks.iter().map(|(role, _)| format!("`{role}`")) {
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    let mut parts = Vec::with_capacity(tasks.len() + 1);
    if roles.len() > 1 {
        parts.push(format!(
            "You have {} roles for this change. Read it once for each, then answer with one JSON \
             object that holds the findings of all. Give every finding a field `role`, one of {}. \
             Report a problem once, in the role that it fits best.",
            roles.len(),
            roles.join(", ")
        ));
    }
    let under_heading = |(role, task): &(&str, String)| format!("## Role: {role}\n\n{task}");
    parts.extend(tasks.iter().map(under_heading));
    parts.join("\n\n")
}
