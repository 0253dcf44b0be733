//! What a run makes of feedback.

use serde_json::{Value, json};

use super::config;
use crate::support::Repo;
use crate::support::feedback_rows::{Row, Rows};
use crate::support::model::Model;

const WORKFLOW: &str = "name = \"analyze\"\n[[steps]]\nname = \"analyzer\"\nrole = \"analyzer\"\n\
    for_each = \"packets\"\nproduces = \"findings\"\nparallel = true\nprompt = \"Find bugs.\"\n";

/// A change, and two models of which `beta` alone reports a bug of severity high.
struct Scene {
    repo: Repo,
    alpha: Model,
    beta: Model,
}

impl Scene {
    async fn new(more: &str) -> Self {
        let repo = Repo::new();
        repo.write("a.txt", "\n");
        repo.commit("before");
        repo.write("m.py", "def last(pages): return pages[len(pages)]\n");
        repo.commit("after");
        let claim = json!({"role": null, "file": "m.py", "line": 1, "end_line": 1,
            "quote": "return pages[len(pages)]", "severity": "high", "category": "bug",
            "rule": "off-by-one", "title": "Reads behind the end", "message": "`pages` ends before.",
            "suggestion": null, "confidence": 0.9});
        let scene = Self {
            repo,
            alpha: Model::finding(json!([])).await,
            beta: Model::finding(json!([claim])).await,
        };
        scene.config(more);
        scene
    }

    fn config(&self, more: &str) {
        self.repo.config(&format!(
            "{}{}{}{more}",
            config(),
            self.alpha.config("alpha"),
            self.beta.config("beta")
        ));
    }

    fn run(&self, args: &[&str]) -> (Option<i32>, String, String) {
        let file = self.repo.outside("workflow.toml");
        std::fs::write(&file, WORKFLOW).unwrap();
        let file = file.display().to_string();
        let mut all = vec!["run", &file, "HEAD~1"];
        all.extend(args);
        super::said(&self.repo, &all)
    }

    fn json(&self) -> (Option<i32>, Value, String) {
        let (code, out, err) = self.run(&["--format", "json"]);
        let json = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {err}"));
        (code, json, out)
    }
}

/// The only finding, confirmed or not.
fn finding(json: &Value) -> &Value {
    let lists = ["findings", "unconfirmed"].map(|list| json[list].as_array().unwrap());
    lists.into_iter().flatten().next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_that_is_often_wrong_confirms_nothing_alone() {
    let scene = Scene::new("").await;
    let (code, json, before) = scene.json();
    assert_eq!(code, Some(14), "one of two is half");
    assert_eq!(json["learned"], Value::Null);
    let rows = Rows::of(&scene.repo).await;
    rows.run("run-1", 1).await;
    rows.judged(1, 30, &["beta"], false).await;
    rows.judged(101, 30, &["alpha"], true).await;
    let (code, json, _) = scene.json();
    assert_eq!(code, Some(0), "{json:#}");
    let learned = &json["learned"];
    assert_eq!(learned["judgements"], 60);
    assert_eq!(learned["priors"], true);
    let [alpha, beta] = learned["backends"].as_array().unwrap().as_slice() else {
        panic!("{learned}");
    };
    assert_eq!((&alpha["judged"], &alpha["real"]), (&30.into(), &30.into()));
    assert_eq!((&beta["judged"], &beta["real"]), (&30.into(), &0.into()));
    assert!(alpha["factor"].as_f64() > Some(1.0) && beta["factor"].as_f64() < Some(1.0));
    let vote = &finding(&json)["vote"];
    assert_eq!(vote["weight"], beta["factor"]);
    let was: Value = serde_json::from_str(&before).unwrap();
    let confidence = |json: &Value| finding(json)["confidence"].as_f64().unwrap();
    assert!(confidence(&json) < confidence(&was));
    // Told to people, wherever the report goes.
    let line = "note: weights and priors learned from 60 judgements";
    let (_, out, _) = scene.run(&["--format", "terminal"]);
    assert!(out.contains(line), "{out}");
    let (_, out, err) = scene.run(&["--format", "markdown"]);
    assert!(
        out.contains("> **Note:** weights and priors learned from 60 judgements\n"),
        "{out}"
    );
    assert!(err.contains(line), "{err}");
    // Who names a number of votes is not overruled, and who does not want it learns nothing.
    scene.config("[vote]\nthreshold = 1\n");
    let (code, json, _) = scene.json();
    assert_eq!(code, Some(14), "{json:#}");
    assert_eq!(finding(&json)["vote"]["weight"], 1.0);
    scene.config("[feedback]\nlearn = false\n");
    let (code, _, after) = scene.json();
    assert_eq!((code, after), (Some(14), before));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configured_weight_is_what_is_moved() {
    let scene = Scene::new("").await;
    let (alpha, beta) = (scene.alpha.config("alpha"), scene.beta.config("beta"));
    scene.repo.config(&format!(
        "{}{alpha}weight = 2\n{beta}weight = 3\n",
        config()
    ));
    let rows = Rows::of(&scene.repo).await;
    rows.run("run-1", 1).await;
    rows.judged(1, 200, &["beta"], false).await;
    let (code, json, _) = scene.json();
    assert_eq!(code, Some(0), "1.5 of 3.5 is not half: {json:#}");
    let vote = &finding(&json)["vote"];
    assert_eq!(
        (&vote["weight"], &vote["threshold"]),
        (&1.5.into(), &1.75.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_often_right_reaches_a_probability() {
    let scene = Scene::new("[vote]\nthreshold = \"p>=0.6\"\n").await;
    let (code, ..) = scene.json();
    assert_eq!(code, Some(0));
    let rows = Rows::of(&scene.repo).await;
    rows.run("run-1", 1).await;
    rows.judged(1, 100, &["beta"], true).await;
    let (code, json, _) = scene.json();
    assert_eq!(code, Some(14), "{json:#}");
}

/// A crew of which people think little is no reason for runs that never end complete.
#[tokio::test(flavor = "multi_thread")]
async fn priors_that_put_a_bar_out_of_reach_are_not_learned() {
    let scene = Scene::new("[vote]\nthreshold = \"p>=0.5\"\n").await;
    let rows = Rows::of(&scene.repo).await;
    rows.run("run-1", 1).await;
    rows.judged(1, 200, &["beta"], false).await;
    rows.judged(301, 200, &["alpha"], false).await;
    let (code, json, _) = scene.json();
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(json["learned"]["priors"], false);
    assert_eq!(json["status"], "success");
    let (_, out, _) = scene.run(&["--format", "terminal"]);
    assert!(
        out.contains("weights learned from 400 judgements; priors were not"),
        "{out}"
    );
}

/// Nothing about this project's crew was judged: bytes stay what they were.
#[tokio::test(flavor = "multi_thread")]
async fn feedback_on_other_projects_and_scanners_changes_nothing() {
    let scene = Scene::new("").await;
    let (_, _, before) = scene.json();
    let rows = Rows::of(&scene.repo).await;
    rows.run("run-1", 1).await;
    rows.judged(1, 50, &["rules"], false).await;
    let file = scene.repo.outside("home/.cache/llmux/llmux.db");
    let other = Rows::at_file(&file, "elsewhere").await;
    other.run("run-2", 2).await;
    for number in 500..550 {
        let fingerprint = format!("{number:032x}");
        other
            .finding(&Row {
                run: "run-2",
                fingerprint: &fingerprint,
                reporters: &["beta"],
                ..Row::default()
            })
            .await;
        other.word(&fingerprint, false).await;
        // The same fingerprint, and a word of this project on it: no run of it reported it.
        rows.word(&fingerprint, true).await;
    }
    let (_, json, after) = scene.json();
    assert_eq!(json["learned"], Value::Null);
    assert_eq!(after, before);
}

/// Who said it in the newest run that reported it counts.
#[tokio::test(flavor = "multi_thread")]
async fn the_newest_run_tells_who_reported_it() {
    let scene = Scene::new("").await;
    let rows = Rows::of(&scene.repo).await;
    rows.run("run-1", 1).await;
    rows.run("run-9", 9).await;
    rows.run("run-5", 5).await;
    rows.judged(1, 1, &["alpha"], true).await;
    for (run, reporters) in [("run-9", &["beta#1", "beta#2"][..]), ("run-5", &["alpha"])] {
        rows.finding(&Row {
            run,
            fingerprint: &format!("{:032x}", 1),
            reporters,
            ..Row::default()
        })
        .await;
    }
    let (_, json, _) = scene.json();
    let learned = &json["learned"];
    assert_eq!(learned["judgements"], 1);
    let expected = json!([{"name": "beta", "judged": 1, "real": 1, "factor": 1.0}]);
    assert_eq!(learned["backends"], expected);
}

/// A store that cannot be read stops no run.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_without_its_tables_is_said_and_the_run_goes_on() {
    let scene = Scene::new("").await;
    let (_, _, before) = scene.json();
    let rows = Rows::of(&scene.repo).await;
    rows.run_statement("DROP TABLE feedback").await;
    let (code, out, err) = scene.run(&["--format", "json"]);
    assert_eq!((code, out), (Some(14), before));
    assert!(err.contains("nothing is learned from feedback"), "{err}");
}

/// From a run's own report to what the next run and a replay make of it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_report_counts_in_the_next_run_and_in_a_replay() {
    let scene = Scene::new("").await;
    scene.repo.config(&format!(
        "[store]\nproject = \"shop\"\n{}{}",
        scene.alpha.config("alpha"),
        scene.beta.config("beta")
    ));
    let (_, json, _) = scene.json();
    assert_eq!(json["learned"], Value::Null);
    let fingerprint = finding(&json)["fingerprint"].as_str().unwrap();
    let args = ["feedback", "false", "--fingerprint", &fingerprint[..12]];
    let (code, out, err) = super::said(&scene.repo, &args);
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains("m.py:1: Reads behind the end [off-by-one]"),
        "{out}"
    );
    let (_, json, _) = scene.json();
    let expected = json!([{"name": "beta", "judged": 1, "real": 0, "factor": 1.0}]);
    assert_eq!(json["learned"]["backends"], expected);
    let (_, listed, err) = super::said(&scene.repo, &["runs", "--format", "json"]);
    let runs: Value = serde_json::from_str(&listed).unwrap_or_else(|_| panic!("{listed}{err}"));
    let id = runs["runs"][0]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{runs:#}"));
    let (_, replayed, err) = super::said(&scene.repo, &["replay", id, "--format", "json"]);
    let replayed: Value = serde_json::from_str(&replayed).unwrap_or_else(|_| panic!("{err}"));
    assert_eq!(replayed["learned"], json["learned"]);
}
