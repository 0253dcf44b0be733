//! Whether templates can be rendered: their syntax, and the names that they use.

use std::collections::BTreeSet;
use std::ops::Range;

use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, Value};

use super::code;
use super::parse::Parsed;
use super::problems::{Report, nearest, suggestion};
use super::templates::{environment, explain, render};
use super::vars::{FIELDS, STEP_FIELDS, Scene, Scope, VARIABLES, Vars};
use super::{ForEach, Step};

/// Notes what is wrong in the templates and expressions of a workflow.
pub(super) fn check(parsed: &Parsed, report: &mut Report<'_>) {
    let environment = environment();
    let check = Check {
        environment: &environment,
        parsed,
    };
    check.template(
        report,
        &Source {
            what: "in the fixed part".to_owned(),
            is_expression: false,
            template: &parsed.workflow.fixed,
            span: &parsed.fixed,
            step: None,
        },
    );
    for (step, spans) in parsed.steps() {
        check.template(
            report,
            &Source {
                what: format!("in the prompt of step `{}`", step.name),
                is_expression: false,
                template: &step.prompt,
                span: &spans.prompt,
                step: Some((step, parsed.is_upstream_known(step))),
            },
        );
        if let Some(when) = &step.when {
            check.expression(
                report,
                &Source {
                    what: format!("in `when` of step `{}`", step.name),
                    is_expression: true,
                    template: when,
                    span: &spans.when,
                    step: Some((step, parsed.is_upstream_known(step))),
                },
            );
        }
    }
}

/// Notes code that is not read at all.
fn is_too_long(report: &mut Report<'_>, source: &Source<'_>, bytes: usize) -> bool {
    let too_long = bytes > code::MAX_CODE;
    if too_long {
        report.add(
            source.span.start,
            format!("{}: {bytes} bytes of template code", source.what),
            format!("{} is the most; make text of it", code::MAX_CODE),
        );
    }
    too_long
}

/// A template or expression of the file.
struct Source<'p> {
    what: String,
    /// Whether it is bare code, without tags around.
    is_expression: bool,
    template: &'p str,
    span: &'p Range<usize>,
    /// The step, and whether its upstream is known for sure; none for the fixed part.
    step: Option<(&'p Step, bool)>,
}

struct Check<'p> {
    environment: &'p Environment<'static>,
    parsed: &'p Parsed,
}

impl Check<'_> {
    fn template(&self, report: &mut Report<'_>, source: &Source<'_>) {
        if is_too_long(report, source, code::bytes(source.template)) {
            return;
        }
        match self.environment.template_from_str(source.template) {
            Ok(template) => {
                let names = template.undeclared_variables(true);
                if self.variables(report, source, names) {
                    let tried = self.try_out(source, |scope| render(&template, scope).map(drop));
                    note(report, source, tried);
                }
            }
            Err(error) => broken(report, source, &error),
        }
    }

    fn expression(&self, report: &mut Report<'_>, source: &Source<'_>) {
        if is_too_long(report, source, source.template.len()) {
            return;
        }
        match self.environment.compile_expression(source.template) {
            Ok(expression) => {
                let names = expression.undeclared_variables(true);
                if self.variables(report, source, names) {
                    let tried = self.try_out(source, |scope| expression.eval(scope).map(drop));
                    note(report, source, tried);
                }
            }
            Err(error) => broken(report, source, &error),
        }
    }

    /// Notes names that the text cannot use; whether all are good.
    fn variables(
        &self,
        report: &mut Report<'_>,
        source: &Source<'_>,
        names: impl IntoIterator<Item = String>,
    ) -> bool {
        let paths: BTreeSet<String> = names.into_iter().collect();
        let problems: BTreeSet<_> = paths
            .iter()
            .filter_map(|path| {
                let mut parts = path.split('.');
                let (root, field, member) = (parts.next()?, parts.next(), parts.next());
                self.variable(source, root, field, member)
            })
            .collect();
        for (path, message, remedy) in &problems {
            let inner = position_of(path, source.template, source.is_expression);
            let at = report.offset_in_string(source.span, source.template, inner);
            report.add(at, format!("{}: {message}", source.what), remedy.as_str());
        }
        problems.is_empty()
    }

    /// The wrong path, what is wrong with it, and what to do.
    fn variable(
        &self,
        source: &Source<'_>,
        root: &str,
        field: Option<&str>,
        member: Option<&str>,
    ) -> Option<(String, String, String)> {
        let wrong = |message: String, remedy: String| Some((root.to_owned(), message, remedy));
        if !VARIABLES.contains(&root) {
            if self.environment.globals().any(|(name, _)| name == root) {
                return None;
            }
            return wrong(
                format!("unknown variable `{root}`"),
                suggestion(root, "known variables", &VARIABLES),
            );
        }
        let for_each = source.step.and_then(|(step, _)| step.for_each);
        let needs = match root {
            "packet" => Some((ForEach::Packets, "packets")),
            "finding" => Some((ForEach::Findings, "findings")),
            _ => None,
        };
        if source.step.is_none() && (needs.is_some() || root == "steps") {
            return wrong(
                format!("`{root}` is not known: the part is the same in every call"),
                "use it in a step's prompt".to_owned(),
            );
        }
        if let Some((wanted, word)) = needs
            && for_each != Some(wanted)
        {
            return wrong(
                format!("`{root}` is known only where `for_each = \"{word}\"`"),
                "set it, or leave the variable out".to_owned(),
            );
        }
        if root == "steps" {
            return self.step_variable(source, field?, member);
        }
        let (_, fields) = FIELDS.iter().find(|(name, _)| *name == root)?;
        unknown_field(root, field?, fields)
    }

    fn step_variable(
        &self,
        source: &Source<'_>,
        name: &str,
        member: Option<&str>,
    ) -> Option<(String, String, String)> {
        let (step, upstream_known) = source.step?;
        let path = format!("steps.{name}");
        let names = self.parsed.names();
        if !names.contains(&name) {
            let others: Vec<_> = names.into_iter().filter(|n| *n != step.name).collect();
            let remedy = nearest(name, others.iter().copied()).map_or_else(
                || "use a step of `depends_on`".to_owned(),
                |near| format!("did you mean `steps.{near}`?"),
            );
            return Some((path, format!("there is no step `{name}`"), remedy));
        }
        if upstream_known && !self.parsed.workflow.upstream(&step.name).contains(name) {
            return Some((
                path,
                format!("step `{name}` does not come before `{}`", step.name),
                if name == step.name {
                    "a step cannot read its own answer".to_owned()
                } else if self.parsed.workflow.upstream(name).contains(&*step.name) {
                    "it comes after, and a step reads only what came before".to_owned()
                } else {
                    format!("add \"{name}\" to `depends_on`")
                },
            ));
        }
        unknown_field(&path, member?, &STEP_FIELDS)
    }

    /// Runs the text over one of everything. What fails for the sample's values alone is
    /// no fault of the text.
    fn try_out(
        &self,
        source: &Source<'_>,
        run: impl FnOnce(Value) -> Result<(), minijinja::Error>,
    ) -> Result<(), minijinja::Error> {
        let upstream = source
            .step
            .map(|(step, _)| self.parsed.workflow.upstream(&step.name))
            .unwrap_or_default();
        let vars = Vars::sample(upstream);
        let scene = Scene::new(&vars);
        let names = vars.steps.keys();
        let steps = names.filter_map(|name| Some((name.as_str(), scene.step(name)?)));
        let scope = Scope {
            packet: vars.packet.as_ref(),
            finding: vars.finding.as_ref(),
            steps: Some(steps.collect()),
            ..scene.scope()
        };
        match run(Value::from(Serde(scope))) {
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::UnknownFilter
                        | ErrorKind::UnknownTest
                        | ErrorKind::UnknownFunction
                        | ErrorKind::TemplateNotFound
                        | ErrorKind::OutOfFuel
                        | ErrorKind::WriteFailure
                ) =>
            {
                Err(error)
            }
            _ => Ok(()),
        }
    }
}

fn unknown_field(path: &str, field: &str, fields: &[&str]) -> Option<(String, String, String)> {
    if fields.contains(&field) {
        return None;
    }
    Some((
        format!("{path}.{field}"),
        format!("`{path}` has no `{field}`"),
        suggestion(field, "it has", fields),
    ))
}

fn note(report: &mut Report<'_>, source: &Source<'_>, tried: Result<(), minijinja::Error>) {
    if let Err(error) = tried {
        broken(report, source, &error);
    }
}

fn broken(report: &mut Report<'_>, source: &Source<'_>, error: &minijinja::Error) {
    let line_start = || {
        let line = error.line().unwrap_or(1);
        source
            .template
            .split_inclusive('\n')
            .take(line.saturating_sub(1))
            .map(str::len)
            .sum()
    };
    let inner = error.range().map_or_else(line_start, |range| range.start);
    let at = report.offset_in_string(source.span, source.template, inner);
    report.add(at, format!("{}: {}", source.what, explain(error)), "");
}

/// Byte offset of the first use of a variable; the text's start where it is spelled in a
/// way that is not found.
fn position_of(path: &str, text: &str, is_expression: bool) -> usize {
    let is_word = |ch: char| ch.is_alphanumeric() || ch == '_';
    text.match_indices(path)
        .map(|(at, _)| at)
        .find(|&at| {
            let (before, after) = (&text[..at], &text[at + path.len()..]);
            let opened = before.rfind("{{").max(before.rfind("{%"));
            let closed = before.rfind("}}").max(before.rfind("%}"));
            (is_expression || opened > closed)
                && !before.ends_with(|ch| is_word(ch) || ch == '.')
                && !after.starts_with(is_word)
        })
        .unwrap_or_default()
}
