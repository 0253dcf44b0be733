//! From a role and a team to backends.

use std::collections::BTreeMap;

use llmux::units::Threshold;
use llmux::workflow::{Combine, Execution, RoleSettings, TeamSettings, resolve_crew};

use super::parse;

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

type Names = &'static [&'static str];
/// The role's list, the team's list, who runs, who does not.
type Row = (Option<Names>, Option<Names>, Names, Names);

#[test]
fn whose_list_counts() {
    let configured = names(&["a", "b", "c"]);
    let table: [Row; 8] = [
        (None, None, &["a", "b"], &["c"]),
        (Some(&["b", "a"]), None, &["b", "a"], &[]),
        (Some(&["b"]), Some(&["a", "c"]), &["a"], &["c"]),
        (None, Some(&["b"]), &["b"], &[]),
        (Some(&[]), None, &[], &[]),
        (Some(&["a"]), Some(&[]), &[], &[]),
        (Some(&["nobody", "a", "a"]), None, &["a"], &["nobody"]),
        (Some(&["c"]), None, &[], &["c"]),
    ];
    for (role, team, runs, does_not) in table {
        let roles = role.map(|list| {
            let settings = RoleSettings {
                backends: Some(names(list)),
                ..RoleSettings::default()
            };
            ("analyzer".to_owned(), settings)
        });
        let roles: BTreeMap<_, _> = roles.into_iter().collect();
        let team = team.map(|list| TeamSettings {
            roles: BTreeMap::from([("analyzer".to_owned(), names(list))]),
            ..TeamSettings::default()
        });
        let available = |name: &str| match name {
            "c" => Err("no key".to_owned()),
            _ => Ok(()),
        };
        let crew = resolve_crew("analyzer", &roles, team.as_ref(), &configured, &available);
        let unavailable: Vec<_> = crew.unavailable.iter().map(|(name, _)| &**name).collect();
        assert_eq!(crew.backends, runs, "{role:?} {team:?}");
        assert_eq!(unavailable, does_not, "{role:?} {team:?}");
    }
}

#[test]
fn the_reason_is_kept() {
    let team = TeamSettings {
        roles: BTreeMap::from([("critic".to_owned(), names(&["ghost", "c"]))]),
        ..TeamSettings::default()
    };
    let crew = resolve_crew(
        "critic",
        &BTreeMap::new(),
        Some(&team),
        &names(&["c"]),
        &|_| Err("no key".to_owned()),
    );
    let expected = [
        ("ghost", "no backend `ghost` is configured"),
        ("c", "no key"),
    ];
    let expected = expected.map(|(name, reason)| (name.to_owned(), reason.to_owned()));
    assert_eq!(crew.unavailable, expected);
}

#[test]
fn settings_of_the_role_go_with_the_crew() {
    let roles = BTreeMap::from([(
        "critic".to_owned(),
        RoleSettings {
            execution: Some(Execution::First),
            combine: Some(Combine::Union),
            threshold: Some(Threshold::Auto),
            refute: Some(false),
            ..RoleSettings::default()
        },
    )]);
    let crew = |role| resolve_crew(role, &roles, None, &[], &|_| Ok(()));
    assert_eq!(crew("critic").execution, Some(Execution::First));
    assert_eq!(crew("critic").combine, Combine::Union);
    assert_eq!(crew("critic").threshold, Some(Threshold::Auto));
    assert_eq!(crew("critic").refute, Some(false));
    assert_eq!(crew("other").combine, Combine::Vote);
    assert_eq!(crew("other").refute, None);
}

#[test]
fn role_then_step_decide_how_a_crew_runs_and_step_then_role_what_confirms() {
    let workflow = parse(
        "name = \"w\"\n\
         [[steps]]\nname = \"all\"\nrole = \"critic\"\nprompt = \"x\"\nparallel = true\nthreshold = 2\n\
         [[steps]]\nname = \"one\"\nrole = \"critic\"\nprompt = \"x\"\n",
    );
    let mut crew = resolve_crew("critic", &BTreeMap::new(), None, &[], &|_| Ok(()));
    assert_eq!(crew.execution_of(&workflow.steps[0]), Execution::Parallel);
    assert_eq!(crew.execution_of(&workflow.steps[1]), Execution::Fallback);
    assert_eq!(crew.threshold_of(&workflow.steps[1]), None);
    crew.execution = Some(Execution::First);
    crew.threshold = Some(Threshold::Auto);
    assert_eq!(crew.execution_of(&workflow.steps[0]), Execution::First);
    assert_eq!(
        crew.threshold_of(&workflow.steps[0]),
        Some(Threshold::Weight(2.0))
    );
    assert_eq!(crew.threshold_of(&workflow.steps[1]), Some(Threshold::Auto));
}
