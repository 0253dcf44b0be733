//! Which step runs when.

use super::{parse, steps};
use llmux::workflow::Workflow;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn ready(workflow: &Workflow, done: &[&str]) -> Vec<String> {
    let done: BTreeSet<&str> = done.iter().copied().collect();
    let steps = workflow.ready(&done).into_iter();
    steps.map(|step| step.name.clone()).collect()
}

#[test]
fn a_step_is_ready_as_soon_as_its_dependencies_are_done() {
    let workflow = parse(&steps(&["sum:a b", "a", "b", "late:a"]));
    assert_eq!(ready(&workflow, &[]), ["a", "b"]);
    assert_eq!(ready(&workflow, &["a"]), ["b", "late"]);
    assert_eq!(ready(&workflow, &["a", "b"]), ["sum", "late"]);
    assert!(ready(&workflow, &["a", "b", "sum", "late"]).is_empty());
}

#[test]
fn upstream_is_transitive() {
    let workflow = parse(&steps(&["a", "b:a", "c:b", "d"]));
    let upstream: Vec<_> = workflow.upstream("c").into_iter().collect();
    assert_eq!(upstream, ["a", "b"]);
    assert!(workflow.upstream("d").is_empty());
    assert!(workflow.upstream("nobody").is_empty());
}

#[test]
fn order_keeps_the_files_order_among_equals() {
    let workflow = parse(&steps(&["z:y", "y", "x", "w:x"]));
    let order: Vec<_> = workflow.order().iter().map(|step| &*step.name).collect();
    assert_eq!(order, ["y", "z", "x", "w"]);
}

proptest! {
    /// A graph is either refused for its circle, or has an order of all its steps in
    /// which each stands after its dependencies.
    #[test]
    fn an_order_or_a_circle(edges in prop::collection::vec((0usize..7, 0usize..7), 0..14)) {
        let lines: Vec<_> = (0..7)
            .map(|step| {
                let on = edges.iter().filter(|(from, to)| *from == step && to != from);
                let on: BTreeSet<_> = on.map(|(_, to)| format!("s{to}")).collect();
                format!("s{step}:{}", on.into_iter().collect::<Vec<_>>().join(" "))
            })
            .collect();
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        match Workflow::parse(&steps(&lines), "w.toml") {
            Ok(workflow) => {
                let order = workflow.order();
                prop_assert_eq!(order.len(), 7);
                let mut seen = BTreeSet::new();
                for step in order {
                    prop_assert!(step.depends_on.iter().all(|name| seen.contains(name)));
                    seen.insert(step.name.clone());
                }
            }
            Err(problems) => {
                for problem in problems.iter() {
                    prop_assert!(problem.message.starts_with("steps wait for each other: "));
                    let names = problem.message.trim_start_matches("steps wait for each other: ");
                    let circle: Vec<_> = names.split(" → ").collect();
                    prop_assert_eq!(circle.first(), circle.last());
                    for pair in circle.windows(2) {
                        let number = |name: &str| name[1..].parse::<usize>().unwrap();
                        prop_assert!(edges.contains(&(number(pair[0]), number(pair[1]))));
                    }
                }
            }
        }
    }
}
