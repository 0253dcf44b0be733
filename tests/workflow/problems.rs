//! Every error, with its exact words and place.

use super::{problems, steps};
use llmux::workflow::Workflow;
use proptest::prelude::*;

/// All problems of `text` as the user reads them.
fn told(text: &str) -> String {
    problems(text).to_string()
}

/// One step with these lines beside its name, role and prompt, which are lines 3 to 5.
fn with(lines: &str) -> String {
    format!("name = \"w\"\n[[steps]]\nname = \"a\"\nrole = \"analyzer\"\nprompt = \"x\"\n{lines}\n")
}

/// One step over packets with this prompt, whose text begins on line 7.
fn prompt(text: &str) -> String {
    format!(
        "name = \"w\"\n[[steps]]\nname = \"a\"\nrole = \"analyzer\"\nfor_each = \"packets\"\nprompt = '''\n{text}'''\n"
    )
}

#[test]
fn broken_toml_is_told_with_its_place() {
    insta::assert_snapshot!(told("name = \"w\nfold = yes\n[[steps]\n"));
}

#[test]
fn keys_and_types_are_all_told_at_once() {
    insta::assert_snapshot!(told(
        "nme = \"w\"\nfold = \"yes\"\ndescription = 3\n[[steps]]\nname = \"a\"\nrole = [\"x\"]\npromt = \"x\"\n\
         depends_on = \"b\"\nparallel = 1\nfor_each = \"packet\"\nproduces = \"prose\"\nthreshold = \"most\"\n\
         timeout = \"soon\"\non_error = \"stop\"\nwhen = true\nzzz = 1\n[[steps]]\nrole = \"\"\nprompt = \"x\"\n\
         depends_on = [1]\nthreshold = true\ntimeout = -1\n"
    ));
}

#[test]
fn models_and_temperatures_of_steps() {
    insta::assert_snapshot!(
        [
            "model = 3\ntemperature = \"hot\"",
            "model = \" \"\ntemperature = 2.5",
            "model = {}\ntemperature = -1",
            "model = { claude = \"opus\", gpt = 5, own = \"\" }\ntemperature = true",
        ]
        .map(|lines| told(&with(lines)))
        .join("\n---\n")
    );
}

#[test]
fn backends_of_models_must_be_known() {
    let text = with("model = { claude = \"opus\", gtp = \"gpt-5.5\", zzz = \"z\" }");
    let workflow = Workflow::parse(&text, "w.toml").unwrap();
    let names = ["claude", "gpt"];
    let is_known = |name: &str| names.contains(&name);
    insta::assert_snapshot!(workflow.check_backends(&is_known, &names).to_string());
}

#[test]
fn a_workflow_needs_steps() {
    insta::assert_snapshot!(
        [
            told("name = \"w\"\n"),
            told("name = \"w\"\nsteps = []\n"),
            told("name = \"w\"\nsteps = 1\n"),
            told("name = \"w\"\nsteps = [1]\n"),
            told(""),
        ]
        .join("\n---\n")
    );
}

#[test]
fn a_name_that_templates_cannot_say_is_refused() {
    insta::assert_snapshot!(told(&steps(&["a-b", "1a"])));
}

#[test]
fn equal_names() {
    insta::assert_snapshot!(told(&steps(&["a", "b", "a"])));
}

#[test]
fn unknown_dependencies() {
    insta::assert_snapshot!(told(&steps(&["analyzer", "b:analyser", "c:xyz"])));
    insta::assert_snapshot!(told(&steps(&["a:b"])));
}

#[test]
fn a_step_that_waits_for_itself() {
    insta::assert_snapshot!(told(&steps(&["a:a", "b:a"])));
}

#[test]
fn circles_are_named() {
    insta::assert_snapshot!(told(&steps(&[
        "start",
        "a:start b",
        "b:a",
        "c:d",
        "d:e",
        "e:c start",
        "f:a"
    ])));
}

#[test]
fn every_step_of_a_circle_is_in_one_that_is_told() {
    insta::assert_snapshot!(told(&steps(&["a:b c", "b:a", "c:a"])));
}

#[test]
fn findings_must_come_from_somewhere() {
    insta::assert_snapshot!(told(&with("for_each = \"findings\"")));
}

#[test]
fn template_syntax_is_told_at_its_line_of_the_file() {
    insta::assert_snapshot!(
        [
            told(&prompt("fine {{ change.title }}\n  and {{ change. }}\n")),
            told(&prompt("{% if change %}\nno end")),
            told(&prompt("one\n{% endif %}\n")),
            told(&with("when = 'change.files |'")),
            told(&format!(
                "name = \"w\"\nfixed = \"a {{{{ b\"\n{}",
                with("").replacen("name = \"w\"\n", "", 1)
            )),
        ]
        .join("\n---\n")
    );
}

#[test]
fn escapes_in_the_prompt_make_the_place_its_start() {
    insta::assert_snapshot!(told(
        "name = \"w\"\n[[steps]]\nname = \"a\"\nrole = \"analyzer\"\nprompt = \"\\tx {{ y }}\"\n"
    ));
}

#[test]
fn crlf_and_wide_characters_do_not_move_the_place() {
    let text = prompt("é€😀 {{ nme }}\nsecond {{ chnge.title }}\n");
    insta::assert_snapshot!(told(&text));
    assert_eq!(told(&text), told(&text.replace('\n', "\r\n")));
}

#[test]
fn variables_that_do_not_exist() {
    insta::assert_snapshot!(told(&prompt(
        "chnge is no code here, {{ chnge.title }}\n{{ change.titel }} {{ packet.body }}\n\
         {{ context }} {{ args.anything }} {{ team.focus }} {{ finding.title }}\n\
         {{ range(3) }} {{ wat(1) }} {% for f in change.files %}{{ f }}{{ loop.index }}{% endfor %}\n"
    )));
}

#[test]
fn steps_that_templates_cannot_read() {
    let text = "name = \"w\"\n\
        [[steps]]\nname = \"first\"\nrole = \"analyzer\"\nprompt = \"{{ steps.second.output }}\"\n\
        [[steps]]\nname = \"second\"\nrole = \"analyzer\"\ndepends_on = [\"first\"]\n\
        prompt = '''\n{{ steps.first.output }}\n{{ steps.frist.outputs }}\n{{ steps.first.answers }} {{ steps.second.output }}'''\n\
        when = 'steps.third.findings'\n\
        [[steps]]\nname = \"third\"\nrole = \"analyzer\"\ndepends_on = [\"second\"]\nprompt = \"{{ steps.first.output }}\"\n";
    insta::assert_snapshot!(told(text));
}

#[test]
fn an_unknown_dependency_is_not_told_a_second_time() {
    let text = "name = \"w\"\n\
        [[steps]]\nname = \"first\"\nrole = \"analyzer\"\nprompt = \"x\"\n\
        [[steps]]\nname = \"second\"\nrole = \"analyzer\"\ndepends_on = [\"frist\"]\nprompt = \"{{ steps.first.output }}\"\n";
    assert_eq!(
        told(text),
        "w.toml:9:15: step `second` depends on `frist`, which is no step; did you mean `first`?"
    );
}

#[test]
fn what_changes_from_call_to_call_is_not_in_the_fixed_part() {
    let text = format!(
        "name = \"w\"\nfixed = '''\n{{{{ packet.text }}}}\n{{{{ steps.a.output }}}} {{{{ taxonomy }}}}'''\n{}",
        with("").replacen("name = \"w\"\n", "", 1)
    );
    insta::assert_snapshot!(told(&text));
    insta::assert_snapshot!(told(&with("when = 'packet.files'")));
}

#[test]
fn filters_and_tests_that_do_not_exist() {
    insta::assert_snapshot!(
        [
            told(&prompt("\n{{ change.title | shout }}")),
            told(&prompt("{% if change.title is loud %}x{% endif %}")),
            told(&prompt("{% include \"other\" %}")),
            told(&with("when = 'change.title | shout'")),
        ]
        .join("\n---\n")
    );
}

#[test]
fn templates_without_end_are_found_before_the_first_call() {
    insta::assert_snapshot!(
        [
            told(&prompt(
                "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}"
            )),
            told(&prompt(
                "{% for a in range(9999) %}{{ \"0123456789\" * 9999 }}{% endfor %}"
            )),
        ]
        .join("\n---\n")
    );
}

#[test]
fn roles_are_built_in_or_configured() {
    let text = "name = \"w\"\n\
        [[steps]]\nname = \"a\"\nrole = \"analyser\"\nprompt = \"x\"\n\
        [[steps]]\nname = \"b\"\nrole = \"poet\"\nprompt = \"x\"\n\
        [[steps]]\nname = \"c\"\nrole = \"critic\"\nprompt = \"x\"\n";
    let workflow = super::parse(text);
    insta::assert_snapshot!(workflow.check_roles(&[]).to_string());
    assert!(workflow.check_roles(&["poet", "analyser"]).is_empty());
}

#[test]
fn no_template_is_deeper_than_the_stack() {
    let deep = [
        format!("{{{{ {}1 }}}}", "1+".repeat(60_000)),
        format!("{{{{ 1{} }}}}", "|e".repeat(60_000)),
        format!("{{{{ change{} }}}}", ".a".repeat(60_000)),
        format!("{{{{ {}1 }}}}", "-".repeat(60_000)),
        format!("{{{{ \"}}}}\" ~ {}1 }}}}", "1+".repeat(60_000)),
        format!("{{% if 1 %}}{}{{% endif %}}", "{% elif 1 %}".repeat(60_000)),
    ];
    for text in deep {
        let told = told(&prompt(&text));
        let place = "w.toml:6:10: in the prompt of step `a`: ";
        assert!(told.starts_with(place), "{told:.200}");
        assert!(told.contains("2048 is the most"), "{told:.200}");
    }
    let when = with(&format!("when = \"{}1\"", "1+".repeat(60_000)));
    assert!(told(&when).contains("120001 bytes of template code"));
    // What is allowed is read and rendered.
    for text in [
        format!("{{{{ {}1 }}}}", "-".repeat(2_000)),
        format!("{{{{ {}1 }}}}", "1+".repeat(1_000)),
        format!("{{% if 1 %}}{}{{% endif %}}", "{%elif 1%}".repeat(300)),
        format!(
            "{{# {} #}}{}",
            "1+".repeat(60_000),
            "text { % ".repeat(9_000)
        ),
    ] {
        super::parse(&prompt(&text));
    }
}

#[test]
fn a_workflow_has_no_more_steps_than_anyone_writes() {
    let step =
        |at: usize| format!("[[steps]]\nname = \"s{at}\"\nrole = \"analyzer\"\nprompt = \"x\"\n");
    let many = |count| format!("name = \"w\"\n{}", (0..count).map(step).collect::<String>());
    assert_eq!(super::parse(&many(100)).order().len(), 100);
    let told = told(&many(20_000));
    assert!(told.starts_with("w.toml:2:1: 20000 steps"), "{told}");
}

/// Text that looks enough like a workflow to come past the first lines of the parser.
fn almost_a_workflow() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("[[steps]]\n".to_owned()),
        Just("name = \"a\"\n".to_owned()),
        Just("role = \"analyzer\"\n".to_owned()),
        Just("depends_on = [\"a\", \"b\"]\n".to_owned()),
        Just("steps = [{}, 1]\n".to_owned()),
        "prompt = '''\\PC{0,20}\\{[{%] [a-z. |]{0,12} [}%]\\}'''\n",
        "(when|fixed|for_each|name) = \"[a-z.é{}% \\\\n]{0,12}\"\n",
        "[a-z_]{1,9} = \\PC{0,9}\n",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn parsing_never_panics(text in any::<String>()) {
        let _ = Workflow::parse(&text, "w.toml");
    }

    #[test]
    fn places_are_inside_the_file(text in almost_a_workflow()) {
        if let Err(problems) = Workflow::parse(&text, "w.toml") {
            prop_assert!(!problems.is_empty());
            for problem in problems.iter() {
                let lines: Vec<_> = text.split('\n').collect();
                prop_assert!((1..=lines.len()).contains(&problem.place.line));
                let line = lines[problem.place.line - 1];
                prop_assert!((1..=line.chars().count() + 1).contains(&problem.place.column));
            }
        }
    }
}
