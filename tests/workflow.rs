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
    Workflow::parse(text, "w.toml").expect("a good workflow")
}

pub(crate) fn problems(text: &str) -> Problems {
    Workflow::parse(text, "w.toml").expect_err("a bad workflow")
}

/// `name: dependency dependency` lines as a workflow.
pub(crate) fn steps(lines: &[&str]) -> String {
    let mut text = "name = \"w\"\n".to_owned();
    for line in lines {
        let (name, dependencies) = line.split_once(':').unwrap_or((line, ""));
        let dependencies: Vec<_> = dependencies.split_whitespace().collect();
        text += &format!(
            "[[steps]]\nname = \"{name}\"\nrole = \"analyzer\"\nprompt = \"x\"\ndepends_on = {dependencies:?}\n"
        );
    }
    text
}
