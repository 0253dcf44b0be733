//! Whether the parts of a workflow fit together: names, circles, inputs, roles.

use std::collections::{BTreeMap, BTreeSet};

use super::parse::Parsed;
use super::problems::{Problem, Problems, Report, suggestion};
use super::{ForEach, Produces, StepModel, Workflow, variables};

/// Roles that need no configuration.
pub const BUILTIN_ROLES: [&str; 6] = [
    "analyzer",
    "reviewer",
    "security",
    "critic",
    "synthesizer",
    "fixer",
];

impl Workflow {
    /// Roles of steps that are neither built in nor among `configured`.
    pub fn check_roles(&self, configured: &[&str]) -> Problems {
        let known: BTreeSet<&str> = BUILTIN_ROLES
            .into_iter()
            .chain(configured.iter().copied())
            .collect();
        let names: Vec<_> = known.iter().copied().collect();
        self.steps
            .iter()
            .filter(|step| !known.contains(step.role.as_str()))
            .map(|step| Problem {
                file: self.source.clone(),
                place: step.role_place,
                message: format!("step `{}` has the unknown role `{}`", step.name, step.role),
                remedy: format!(
                    "{}, or configure it as `[roles.{}]`",
                    suggestion(&step.role, "known roles", &names).trim_end_matches('?'),
                    step.role
                ),
            })
            .collect()
    }

    /// Backends of steps' models that `is_known` does not know; `names` are those to suggest.
    pub fn check_backends(&self, is_known: &dyn Fn(&str) -> bool, names: &[&str]) -> Problems {
        let models = self.steps.iter().flat_map(|step| match &step.model {
            Some(StepModel::Each(models)) => models.iter().collect(),
            Some(StepModel::All(_)) | None => Vec::new(),
        });
        models
            .filter(|(backend, _)| !is_known(backend))
            .map(|(backend, model)| Problem {
                file: self.source.clone(),
                place: model.place,
                message: format!("`model` names the backend `{backend}`, which is not configured"),
                remedy: suggestion(backend, "the backends are", names),
            })
            .collect()
    }
}

/// Notes everything in which the parts do not fit.
pub(super) fn check(parsed: &Parsed, report: &mut Report<'_>) {
    names(parsed, report);
    dependencies(parsed, report);
    circles(parsed, report);
    inputs(parsed, report);
    variables::check(parsed, report);
}

fn names(parsed: &Parsed, report: &mut Report<'_>) {
    let mut first = BTreeMap::new();
    for (step, spans) in parsed.steps() {
        let line = report.place(spans.name).line;
        if let Some(before) = first.get(&step.name) {
            report.add(
                spans.name,
                format!("two steps are called `{}`", step.name),
                format!("the other is on line {before}; rename one"),
            );
        } else {
            first.insert(&step.name, line);
        }
    }
}

fn dependencies(parsed: &Parsed, report: &mut Report<'_>) {
    let names = parsed.names();
    for (step, spans) in parsed.steps() {
        for (name, at) in step.depends_on.iter().zip(&spans.depends_on) {
            if *name == step.name {
                report.add(
                    *at,
                    format!("step `{name}` depends on itself"),
                    "take it out of `depends_on`",
                );
            } else if !names.contains(&name.as_str()) {
                let others: Vec<_> = names
                    .iter()
                    .copied()
                    .filter(|other| *other != step.name)
                    .collect();
                report.add(
                    *at,
                    format!("step `{}` depends on `{name}`, which is no step", step.name),
                    if others.is_empty() {
                        "there is no other step".to_owned()
                    } else {
                        suggestion(name, "other steps", &others)
                    },
                );
            }
        }
    }
}

fn circles(parsed: &Parsed, report: &mut Report<'_>) {
    for circle in parsed.workflow.circles() {
        let at = parsed
            .steps()
            .find(|(step, _)| step.name == circle[0])
            .and_then(|(step, spans)| {
                let index = step.depends_on.iter().position(|name| name == circle[1])?;
                spans.depends_on.get(index).copied()
            })
            .unwrap_or_default();
        report.add(
            at,
            format!("steps wait for each other: {}", circle.join(" → ")),
            "take one of them out of `depends_on`",
        );
    }
}

fn inputs(parsed: &Parsed, report: &mut Report<'_>) {
    for (step, spans) in parsed.steps() {
        if step.for_each != Some(ForEach::Findings) || !parsed.is_upstream_known(step) {
            continue;
        }
        let upstream = parsed.workflow.upstream(&step.name);
        let has_findings = parsed.workflow.steps.iter().any(|other| {
            upstream.contains(other.name.as_str()) && other.produces == Produces::Findings
        });
        if !has_findings {
            report.add(
                spans.for_each,
                format!(
                    "step `{}` runs for each finding, but no step before it produces any",
                    step.name
                ),
                "add a step with `produces = \"findings\"` to `depends_on`",
            );
        }
    }
}
