//! A workflow file: read, checked, its prompts rendered.
#![no_main]

use std::collections::{BTreeMap, BTreeSet};

use libfuzzer_sys::fuzz_target;
use llmux::workflow::{FindingVars, PacketVars, StepVars, Templates, Vars, Workflow};

fuzz_target!(|text: &str| {
    let workflow = match Workflow::parse(text, "fuzz.toml") {
        Ok(workflow) => workflow,
        Err(problems) => {
            assert!(!problems.is_empty());
            let lines = text.split('\n').count();
            for problem in problems.iter() {
                assert!((1..=lines).contains(&problem.place.line), "{problem:?}");
            }
            return;
        }
    };
    check(&workflow);
    let templates = Templates::new(&workflow).expect("every template was tried");
    let vars = vars(&workflow);
    let _ = templates.render_fixed(&vars);
    for step in &workflow.steps {
        let _ = templates.render_task(step, &vars);
        let _ = templates.is_wanted(step, &vars);
        templates.uses_packet_text(step);
    }
});

/// Every step comes once, behind all that it depends on.
fn check(workflow: &Workflow) {
    let order = workflow.order();
    assert_eq!(order.len(), workflow.steps.len());
    let mut done = BTreeSet::new();
    for step in order {
        assert!(
            step.depends_on
                .iter()
                .all(|name| done.contains(name.as_str()))
        );
        assert!(
            workflow
                .ready(&done)
                .iter()
                .any(|ready| ready.name == step.name)
        );
        assert!(done.insert(step.name.as_str()));
    }
}

fn vars(workflow: &Workflow) -> Vars {
    let finding = FindingVars {
        title: "Title".to_owned(),
        ..FindingVars::default()
    };
    let brought = StepVars::new(
        vec!["one".to_owned(), "two".to_owned()],
        vec![finding.clone()],
    );
    let steps = workflow
        .steps
        .iter()
        .map(|step| (step.name.clone(), brought.clone()));
    Vars {
        packet: Some(PacketVars {
            id: "0123".to_owned(),
            text: "1|+let a = 1;\n".into(),
            files: vec!["src/a.rs".to_owned()],
        }),
        finding: Some(finding),
        args: BTreeMap::from([("focus".to_owned(), "locks".to_owned())]),
        steps: steps.collect(),
        ..Vars::default()
    }
}
