//! Workflow files, templates and crews.

mod crew;
mod files;
mod graph;
mod problems;
mod prompts;
mod templates;

use llmux::workflow::{Problems, Workflow};

/// A workflow of one or more steps, the top of the file left to the test.
pub(crate) fn parse(text: &str) -> Workflow {
    Workflow::parse(text, "w.toml").unwrap_or_else(|problems| panic!("{problems}"))
}

pub(crate) fn problems(text: &str) -> Problems {
    match Workflow::parse(text, "w.toml") {
        Ok(workflow) => panic!("nothing is wrong with {workflow:?}"),
        Err(problems) => problems,
    }
}

/// `name: dependency dependency` lines as a workflow.
pub(crate) fn steps(lines: &[&str]) -> String {
    let step = |line: &&str| {
        let (name, dependencies) = line.split_once(':').unwrap_or((line, ""));
        let dependencies: Vec<_> = dependencies.split_whitespace().collect();
        format!(
            "[[steps]]\nname = \"{name}\"\nrole = \"analyzer\"\nprompt = \"x\"\n\
             depends_on = {dependencies:?}\n"
        )
    };
    let steps: String = lines.iter().map(step).collect();
    format!("name = \"w\"\n{steps}")
}
