//! What templates see, and what bounds them.

use std::collections::BTreeMap;

use llmux::workflow::{
    ChangeVars, FindingVars, PacketVars, StepVars, TeamVars, Templates, Vars, Workflow, folded_task,
};

use super::parse;

/// A step over packets with this prompt and these further lines.
fn one(prompt: &str, lines: &str) -> Workflow {
    parse(&format!(
        "name = \"w\"\n[[steps]]\nname = \"a\"\nrole = \"analyzer\"\nfor_each = \"packets\"\n{lines}\nprompt = '''\n{prompt}'''\n"
    ))
}

fn task(prompt: &str, vars: &Vars) -> Result<String, String> {
    let workflow = one(prompt, "");
    Templates::new(&workflow)
        .and_then(|templates| templates.render_task(&workflow.steps[0], vars))
        .map_err(|error| error.to_string())
}

fn vars() -> Vars {
    Vars {
        change: ChangeVars {
            title: "main...HEAD".to_owned(),
            ..ChangeVars::default()
        },
        packet: Some(PacketVars {
            id: "p1".to_owned(),
            text: "{{ change.title }} {% for %} <b>&\"".into(),
            files: vec!["src/a.rs".to_owned()],
        }),
        team: TeamVars {
            name: "rust".to_owned(),
            focus: "{{ focus }}".to_owned(),
            ..TeamVars::default()
        },
        args: BTreeMap::from([("aim".to_owned(), "faster".to_owned())]),
        ..Vars::default()
    }
}

#[test]
fn values_stay_as_they_are() {
    assert_eq!(
        task("{{ packet.text }}|{{ team.focus }}", &vars()).unwrap(),
        "{{ change.title }} {% for %} <b>&\"|{{ focus }}"
    );
    assert_eq!(
        task("{{ packet.text | tojson }}", &vars()).unwrap(),
        "\"{{ change.title }} {% for %} <b>&\\\"\""
    );
}

#[test]
fn every_variable_is_there() {
    assert_eq!(
        task(
            "{{ change.title }} {{ change.files | length }} {{ packet.id }} {{ packet.files[0] }} \
             {{ team.name }}[{{ context }}][{{ taxonomy }}] {{ args.aim }}",
            &vars()
        )
        .unwrap(),
        "main...HEAD 0 p1 src/a.rs rust[][] faster"
    );
}

#[test]
fn what_is_not_there_is_an_error_with_its_line() {
    assert_eq!(
        task("one\n{{ args.goal }}", &vars()).unwrap_err(),
        "w.toml: prompt of step `a`, line 2 of the text: undefined value: `args.goal` is undefined"
    );
}

#[test]
fn templates_cannot_run_without_end() {
    // Short for the sample that a workflow is checked with, long for these values.
    let loops = "{% for a in args %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}";
    assert_eq!(
        task(loops, &vars()).unwrap_err(),
        "w.toml: prompt of step `a`, line 1 of the text: the template runs too long"
    );
    let writes = "{% for a in args %}{% for b in range(9999) %}{{ \"0123456789\" * 9999 }}{% endfor %}{% endfor %}";
    assert!(
        task(writes, &vars())
            .unwrap_err()
            .ends_with("the template writes too much")
    );
}

#[test]
fn a_template_sees_the_steps_that_it_waits_for_and_no_others() {
    let workflow = parse(
        "name = \"w\"\n\
         [[steps]]\nname = \"a\"\nrole = \"analyzer\"\nproduces = \"findings\"\nprompt = \"x\"\n\
         [[steps]]\nname = \"other\"\nrole = \"analyzer\"\nprompt = \"x\"\n\
         [[steps]]\nname = \"quiet\"\nrole = \"analyzer\"\nprompt = \"x\"\n\
         [[steps]]\nname = \"sum\"\nrole = \"synthesizer\"\ndepends_on = [\"a\", \"quiet\"]\n\
         when = \"steps.a.findings\"\n\
         prompt = '{{ steps.a.output }}|{% for f in steps.a.findings %}{{ f.file }}:{{ f.line }}{% endfor %}|[{{ steps.quiet.output }}]|{{ steps }}'\n",
    );
    let templates = Templates::new(&workflow).unwrap();
    let sum = workflow.step("sum").unwrap();
    let mut vars = vars();
    assert!(!templates.is_wanted(sum, &vars).unwrap());
    let finding = FindingVars {
        file: "src/a.rs".to_owned(),
        line: 7,
        ..FindingVars::default()
    };
    let answers = vec!["one".to_owned(), "two".to_owned()];
    vars.steps
        .insert("a".to_owned(), StepVars::new(answers, vec![finding]));
    let secret = StepVars::new(vec!["of another branch".to_owned()], Vec::new());
    vars.steps.insert("other".to_owned(), secret);
    assert!(templates.is_wanted(sum, &vars).unwrap());
    let text = templates.render_task(sum, &vars).unwrap();
    assert!(text.starts_with("one\n\ntwo|src/a.rs:7|[]|{"), "{text}");
    assert!(!text.contains("of another branch"), "{text}");
}

#[test]
fn when_decides() {
    let workflow = one(
        "x",
        "when = \"'src/a.rs' in packet.files and args.aim == 'faster'\"",
    );
    let templates = Templates::new(&workflow).unwrap();
    let step = &workflow.steps[0];
    assert!(templates.is_wanted(step, &vars()).unwrap());
    let mut slower = vars();
    slower.args.insert("aim".to_owned(), "slower".to_owned());
    assert!(!templates.is_wanted(step, &slower).unwrap());
    slower.args.clear();
    assert_eq!(
        templates.is_wanted(step, &slower).unwrap_err().to_string(),
        "w.toml: `when` of step `a`, line 1 of the text: undefined value: `args.aim` is undefined"
    );
    let workflow = one("x", "");
    let templates = Templates::new(&workflow).unwrap();
    assert!(templates.is_wanted(&workflow.steps[0], &vars()).unwrap());
}

#[test]
fn the_packets_text_is_left_to_the_template_only_where_it_writes_it() {
    for (prompt, uses) in [
        ("look", false),
        ("look at {{ packet.text }}", true),
        ("look at {{ packet.files }}", false),
        ("{% if packet.text %}look{% endif %}", false),
        ("{% set text = packet.text %}{{ text | indent(2) }}", true),
        ("{# {{ packet.text }} #}look", false),
    ] {
        let workflow = one(prompt, "");
        let templates = Templates::new(&workflow).unwrap();
        assert_eq!(
            templates.uses_packet_text(&workflow.steps[0]),
            uses,
            "{prompt}"
        );
    }
}

#[test]
fn tasks_of_one_call_stand_under_their_roles() {
    let one = [("analyzer", "Find bugs.".to_owned())];
    assert_eq!(folded_task(&one), "## Role: analyzer\n\nFind bugs.");
    let two = [
        ("analyzer", "Find bugs.".to_owned()),
        ("security", "Find holes.".to_owned()),
    ];
    insta::assert_snapshot!(folded_task(&two));
}
