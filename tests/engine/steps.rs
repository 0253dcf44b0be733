//! Steps: order, fold, conditions, failures, texts for packets and findings.

use serde_json::json;
use wiremock::ResponseTemplate;

use super::{SMALL_PACKETS, claim, packets, reading, run};
use crate::support::crowd::Crowd;
use crate::support::model::{Model, asks_for_findings, says};

/// `[[steps]]` of a text step with the prompt `ask NAME`.
fn text(name: &str, more: &str) -> String {
    format!(
        "[[steps]]\nname = \"{name}\"\nrole = \"synthesizer\"\nproduces = \"text\"\n{more}\n\
         prompt = \"\"\"ask {name}{}\"\"\"\n",
        if more.contains("depends_on") {
            " after {{ steps.first.output }}"
        } else {
            ""
        }
    )
}

/// Answers `text of NAME`.
async fn writer() -> Model {
    Model::new(|_, question| {
        let name = question.rsplit("ask ").next().unwrap_or_default();
        let name = name.split_whitespace().next().unwrap_or_default();
        says(&format!("text of {name}"))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_wait_for_what_they_depend_on() {
    let repo = packets(1);
    let alpha = writer().await;
    repo.config(&alpha.config("alpha"));
    let workflow = [
        "name = \"order\"\n".to_owned(),
        text("third", "depends_on = [\"second\", \"first\"]"),
        text("second", "depends_on = [\"first\"]"),
        text("first", ""),
    ]
    .concat();
    let (_, json, stderr) = run(&repo, &workflow, &["--backend", "alpha"]);
    let questions = alpha.questions().await;
    assert_eq!(questions.len(), 3, "{stderr}");
    for (question, name) in questions.iter().zip(["first", "second", "third"]) {
        assert!(question.contains(&format!("ask {name}")), "{questions:#?}");
    }
    assert!(questions[1].contains("after text of first"));
    assert_eq!(
        json["texts"],
        json!([
            {"step": "third", "text": "text of third"},
            {"step": "second", "text": "text of second"},
            {"step": "first", "text": "text of first"}
        ])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_that_are_ready_run_at_once() {
    let repo = packets(1);
    let crowd = Crowd::of(2);
    repo.config(&crowd.server("alpha").await);
    let workflow = ["name = \"w\"\n", &text("one", ""), &text("two", "")].concat();
    run(&repo, &workflow, &["--backend", "alpha"]);
    let count = crowd.count();
    assert_eq!((count.peak, count.total), (2, 2));
}

/// Three findings steps, folded or not.
fn three_roles(fold: bool) -> String {
    let steps = ["analyzer", "reviewer", "security"].map(|role| {
        format!(
            "[[steps]]\nname = \"{role}\"\nrole = \"{role}\"\nfor_each = \"packets\"\n\
             produces = \"findings\"\nparallel = true\nprompt = \"Find bugs as {role}.\"\n"
        )
    });
    format!("name = \"w\"\nfold = {fold}\n{}", steps.concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_fold_each_step_asks_and_the_backend_has_one_vote() {
    let repo = packets(1);
    for (fold, calls) in [(false, 3), (true, 1)] {
        let role = if fold { Some("security") } else { None };
        let alpha = Model::finding(json!([claim(role)])).await;
        repo.config(&alpha.config("alpha"));
        let (code, json, stderr) = run(&repo, &three_roles(fold), &["--backend", "alpha"]);
        assert_eq!(code, Some(14), "{stderr}");
        assert_eq!(alpha.calls().await, calls);
        assert_eq!(json["findings"].as_array().unwrap().len(), 1);
        assert_eq!(json["findings"][0]["vote"]["voters"], json!(["alpha"]));
        assert_eq!(json["findings"][0]["vote"]["weight"], 1.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_step_stops_what_depends_on_it_unless_it_may_continue() {
    for (on_error, code, asked) in [("fail", 3, 1), ("continue", 0, 2)] {
        let repo = packets(1);
        let alpha = Model::new(|_, question| {
            if question.contains("ask first") {
                // An empty answer is none.
                says(" ")
            } else {
                says("a summary")
            }
        })
        .await;
        repo.config(&format!("{}retries = 0\n", alpha.config("alpha")));
        let workflow = [
            "name = \"w\"\n".to_owned(),
            text("first", &format!("on_error = \"{on_error}\"")),
            text("last", "depends_on = [\"first\"]"),
        ]
        .concat();
        let (got, json, stderr) = run(&repo, &workflow, &["--backend", "alpha"]);
        assert_eq!(got, Some(code), "{on_error}: {stderr}");
        assert_eq!(alpha.calls().await, asked, "{on_error}");
        let said = format!("{}{}", json["reasons"], json["notices"]);
        assert!(said.contains("step `first` brought nothing"), "{said}");
        assert_eq!(said.contains("step `last`"), on_error == "fail", "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_whose_condition_is_not_met_is_no_failure() {
    let repo = packets(1);
    let alpha = writer().await;
    repo.config(&alpha.config("alpha"));
    let workflow = [
        "name = \"w\"\n".to_owned(),
        text("never", "when = \"change.files | length > 5\""),
        text("always", "when = \"change.files | length == 1\""),
    ]
    .concat();
    let (code, json, stderr) = run(&repo, &workflow, &["--backend", "alpha"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(
        json["texts"],
        json!([{"step": "always", "text": "text of always"}])
    );
    assert_eq!(alpha.calls().await, 1);
}

/// Findings, then a text for each and one where there are any.
fn explained() -> String {
    super::ANALYZE.to_owned()
        + "[[steps]]\nname = \"explain\"\nrole = \"synthesizer\"\nproduces = \"text\"\n\
           depends_on = [\"analyzer\"]\nfor_each = \"findings\"\n\
           prompt = \"Explain {{ finding.title }}.\"\n\
           [[steps]]\nname = \"sum\"\nrole = \"synthesizer\"\nproduces = \"text\"\n\
           depends_on = [\"analyzer\"]\nwhen = \"steps.analyzer.findings\"\nprompt = \"Sum up.\"\n"
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_for_each_finding_are_as_many_as_there_are_findings() {
    let mut other = claim(None);
    other["line"] = json!(40);
    other["end_line"] = json!(40);
    other["quote"] = json!("def function_0_39(value): return value + 39");
    other["rule"] = json!("null-dereference");
    other["title"] = json!("Fails on text");
    other["message"] = json!("A caller that passes a string gets a TypeError here.");
    for (findings, calls) in [(json!([claim(None), other]), 4), (json!([]), 1)] {
        let repo = packets(1);
        let alpha = Model::finding(findings).await;
        repo.config(&alpha.config("alpha"));
        let args = ["--backend", "alpha", "--fail-on", "never"];
        let (code, json, stderr) = run(&repo, &explained(), &args);
        assert_eq!(code, Some(0), "{json:#} {stderr}");
        assert_eq!(alpha.calls().await, calls);
        assert_eq!(json["texts"].as_array().unwrap().is_empty(), calls == 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_for_each_packet_stand_in_the_order_of_packets() {
    let repo = packets(4);
    let alpha = Model::new(|_, question| {
        let number = (0..4).find(|n| question.contains(&format!("part{n}/module.py")));
        says(&format!("part {}", number.unwrap()))
    })
    .await;
    repo.config(&format!("{SMALL_PACKETS}{}", alpha.config("alpha")));
    let workflow = ["name = \"w\"\n", &text("each", "for_each = \"packets\"")].concat();
    let (_, json, stderr) = run(&repo, &workflow, &["--backend", "alpha"]);
    assert_eq!(
        json["texts"][0]["text"], "part 0\n\npart 1\n\npart 2\n\npart 3",
        "{stderr}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_of_a_first_answer_survive_a_repair_that_fails() {
    let repo = packets(1);
    let alpha = Model::new(|call, question| {
        assert!(asks_for_findings(question));
        if call == 0 {
            says(&json!({"findings": [claim(None), {"file": 7}]}).to_string())
        } else {
            ResponseTemplate::new(403)
        }
    })
    .await;
    repo.config(&alpha.config("alpha"));
    let (code, json, stderr) = run(&repo, super::ANALYZE, &["--backend", "alpha"]);
    assert_eq!(code, Some(14), "{stderr}");
    assert_eq!(reading(&json, "alpha"), "abstained");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_finds_reads_packets_also_where_it_does_not_say() {
    let repo = packets(1);
    let alpha = Model::finding(json!([claim(None)])).await;
    repo.config(&alpha.config("alpha"));
    let silent = super::ANALYZE.replace("for_each = \"packets\"\n", "");
    let (code, _, stderr) = run(&repo, &silent, &["--backend", "alpha"]);
    assert_eq!(code, Some(14), "{stderr}");
    let file = repo.outside("odd.toml");
    let odd = super::ANALYZE.to_owned()
        + "[[steps]]\nname = \"again\"\nrole = \"analyzer\"\ndepends_on = [\"analyzer\"]\n\
           for_each = \"findings\"\nproduces = \"findings\"\nprompt = \"More of {{ finding.title }}\"\n";
    std::fs::write(&file, odd).unwrap();
    repo.llmux(&["run", &file.display().to_string(), "HEAD~1"])
        .assert()
        .code(2)
        .stderr(predicates::str::contains(
            "step `again` produces findings for each finding",
        ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_in_which_nothing_was_read_is_no_pass() {
    let repo = packets(1);
    let alpha = Model::finding(json!([])).await;
    repo.config(&alpha.config("alpha"));
    let never = super::ANALYZE.to_owned() + "when = \"change.files | length > 5\"\n";
    let (code, json, _) = run(&repo, &never, &["--backend", "alpha"]);
    assert_eq!(code, Some(3));
    assert_eq!(json["status"], "success", "nothing failed");
    assert_eq!(json["coverage"][0]["covered"], false);
    assert!(json["reasons"].to_string().contains("nothing was read"));
    assert_eq!(alpha.calls().await, 0);
}
