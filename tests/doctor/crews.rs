//! Crews: by the rule of the run.

use serde_json::json;

use super::{Answer, ask, at, doctor, ok, repository, server};

#[tokio::test(flavor = "multi_thread")]
async fn a_threshold_that_nobody_can_reach_is_no_quorum() {
    let repo = repository();
    let alpha = server(&["alpha-1"], ok()).await;
    let beta = server(&["beta-1"], ok()).await;
    let config = [at("alpha", &alpha), at("beta", &beta)].concat();
    repo.config(&format!("{config}[vote]\nthreshold = 3\n"));
    let answer = ask(&repo, &[]);
    assert_eq!(answer.code, Some(3), "{}", answer.stderr);
    assert_eq!(answer.json["verdict"], "not_ready");
    let crew = answer.crew("analyzer");
    assert_eq!(crew["threshold"], 3.0);
    let why = crew["why"].as_str().unwrap();
    assert!(why.contains("weigh 2") && why.contains('3'), "{why}");
    repo.config(&format!("{config}weight = 2\n[vote]\nthreshold = 3\n"));
    assert_eq!(ask(&repo, &[]).code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_and_special_thresholds_are_counted_as_in_a_run() {
    let repo = repository();
    let alpha = server(&["alpha-1"], ok()).await;
    let backend = at("alpha", &alpha);
    for (more, code, why) in [
        ("samples = 4\n[vote]\nthreshold = 2\n", 0, ""),
        (
            "samples = 3\n[vote]\nthreshold = 2\n",
            3,
            "weigh 1.73 together, and it takes 2",
        ),
        (
            "[vote.style]\nthreshold = 2\n",
            3,
            "it takes 2 to confirm a finding (style, ",
        ),
        (
            "[vote]\nthreshold = \"p>=0.95\"\n",
            3,
            "it takes p>=0.95 to confirm",
        ),
        ("[vote]\nthreshold = \"p>=0.01\"\n", 0, ""),
    ] {
        repo.config(&format!("{backend}{more}"));
        let answer = ask(&repo, &[]);
        assert_eq!(answer.code, Some(code), "{more}: {}", answer.json);
        let crew = answer.crew("analyzer");
        assert!(crew["why"].as_str().unwrap_or("").contains(why), "{crew}");
    }
    let role = "samples = 2\n[vote.security]\nthreshold = 1\n[roles.analyzer]\nsamples = 3\n";
    repo.config(&format!("{backend}{role}"));
    let answer = ask(&repo, &[]);
    let samples = |step: &str| answer.crew(step)["members"][0]["samples"].clone();
    assert_eq!(
        (samples("analyzer"), samples("reviewer")),
        (json!(3), json!(2))
    );
    assert_eq!(
        answer.crew("analyzer")["thresholds"],
        json!({"security": 1.0})
    );
    let output = doctor(&repo, &[]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("analyzer: alpha (3 samples), rules"),
        "{text}"
    );
    assert!(text.contains("threshold auto, 1 for security"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crew_is_what_its_role_and_its_team_name() {
    let repo = repository();
    repo.write("Cargo.toml", "");
    let alpha = server(&["alpha-1"], ok()).await;
    repo.config(&format!(
        "{}[backends.beta]\ncommand = \"no-such-program\"\n[roles.analyzer]\nbackends = [\"beta\"]\n\
         [roles.security]\nbackends = [\"alpha\"]\nexecution = \"first\"\n\
         [teams.rust.roles]\nreviewer = [\"alpha\", \"rules\"]\n",
        at("alpha", &alpha)
    ));
    let answer = ask(&repo, &[]);
    assert_eq!(answer.code, Some(3), "{}", answer.stderr);
    let analyzer = answer.crew("analyzer");
    assert_eq!(analyzer["quorum"], false);
    assert_eq!(analyzer["members"], json!([]));
    assert_eq!(analyzer["missing"][0]["name"], "beta");
    assert!(
        analyzer["missing"][0]["why"]
            .to_string()
            .contains("no-such-program")
    );
    assert_eq!(answer.crew("security")["quorum"], true);
    assert_eq!(answer.crew("security")["execution"], "first");
    let reviewer = answer.crew("reviewer");
    assert_eq!(reviewer["members"][0]["name"], "alpha");
    assert_eq!(reviewer["members"][1]["authoritative"], true);
    assert_eq!(answer.json["team"]["name"], "rust");
    assert!(
        answer.advice().contains("`analyzer`"),
        "{}",
        answer.advice()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn scanners_alone_are_no_crew_where_models_were_meant() {
    let repo = repository();
    repo.config("[backends.alpha]\ncommand = \"no-such-program\"\n");
    let answer = ask(&repo, &[]);
    assert_eq!(answer.code, Some(3), "{}", answer.stderr);
    assert!(
        answer.crew("analyzer")["why"]
            .to_string()
            .contains("scanners")
    );
    repo.llmux(&["diff", "HEAD~1"]).assert().code(3);
}

const TEXT: &str = "name = \"w\"\n[[steps]]\nname = \"find\"\nrole = \"analyzer\"\nproduces = \"findings\"\nprompt = \"x\"\n\
    [[steps]]\nname = \"say\"\nrole = \"synthesizer\"\ndepends_on = [\"find\"]\nprompt = \"y\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_text_without_a_writer_counts_as_it_counts_in_a_run() {
    let repo = repository();
    let alpha = server(
        &["alpha-1"],
        crate::support::model::says("{\"findings\": []}"),
    )
    .await;
    repo.config(&format!(
        "{}[roles.analyzer]\nbackends = [\"alpha\"]\n[roles.synthesizer]\nbackends = [\"rules\"]\n",
        at("alpha", &alpha)
    ));
    for (on_error, code) in [("continue", 0), ("fail", 3)] {
        repo.write(
            ".llmux/workflows/w.toml",
            &format!("{TEXT}on_error = \"{on_error}\"\n"),
        );
        let answer = ask(&repo, &["--workflow", "w"]);
        assert_eq!(answer.code, Some(code), "{on_error}: {}", answer.json);
        assert_eq!(answer.crew("say")["quorum"], false);
        assert_eq!(answer.crew("say")["finds"], false);
        repo.llmux(&["run", "w", "HEAD~1"]).assert().code(code);
    }
}

#[test]
fn a_wrong_configuration_is_listed_and_the_rest_is_shown() {
    let repo = repository();
    let key = format!("sk-{}", "y".repeat(30));
    repo.config(&format!(
        "[gate]\nfail_onn = \"high\"\n[backends.alpha]\ncommand = \"x\"\napi_key = \"{key}\"\n"
    ));
    let answer = ask(&repo, &[]);
    assert_eq!(answer.code, Some(2), "{}", answer.stderr);
    let problems = answer.json["problems"].to_string();
    assert!(
        problems.contains("fail_onn") && problems.contains("config.toml:2"),
        "{problems}"
    );
    assert!(!answer.json.to_string().contains(&key));
    assert_eq!(answer.state("rules"), "ready");
    assert_eq!(answer.json["git"]["branch"], "main");
    let files = &answer.json["configuration"]["files"];
    assert_eq!(files[1]["layer"], "project");
    assert_eq!(files[1]["state"], "wrong");
}

#[test]
fn a_wrong_workflow_and_wrong_rules_are_listed() {
    let repo = repository();
    repo.write(
        ".llmux/workflows/mine.toml",
        "name = \"mine\"\n[[steps]]\nname = \"a\"\n",
    );
    repo.write(".llmux/rules/own.toml", "[[rules]]\nid = 3\n");
    let answer = ask(&repo, &["--workflow", "mine"]);
    assert_eq!(answer.code, Some(2), "{}", answer.stderr);
    let problems = answer.json["problems"].to_string();
    assert!(
        problems.contains("mine.toml") && problems.contains("own.toml"),
        "{problems}"
    );
    assert_eq!(answer.json["crews"], json!([]));
    let output = doctor(&repo, &["--workflow", "nowhere", "--format", "json"]).output();
    let answer = Answer::of(&output.unwrap());
    assert_eq!(answer.code, Some(2));
    assert!(answer.json["problems"].to_string().contains("nowhere"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_of_a_step_is_shown_with_its_members() {
    let repo = repository();
    let alpha = server(&["alpha-1"], ok()).await;
    let beta = server(&["beta-1"], ok()).await;
    repo.config(&[at("alpha", &alpha), at("beta", &beta)].concat());
    let step = "name = \"w\"\n[[steps]]\nname = \"find\"\nrole = \"analyzer\"\nproduces = \"findings\"\nprompt = \"x\"\n";
    for (model, of_beta) in [
        ("\"big\"", json!("big")),
        ("{ alpha = \"big\" }", json!(null)),
    ] {
        let text = format!("{step}model = {model}\n");
        repo.write(".llmux/workflows/w.toml", &text);
        let answer = ask(&repo, &["--workflow", "w"]);
        let members = &answer.crew("find")["members"];
        assert_eq!(members[0]["model"], "big", "{}", answer.json["problems"]);
        assert_eq!(members[1]["model"], of_beta);
        assert_eq!(members[2]["model"], json!(null), "rules have none");
    }
    let output = doctor(&repo, &["--workflow", "w"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("find: alpha with big, beta, rules"), "{text}");
}

#[test]
fn what_is_wrong_comes_first_and_what_was_left_out_is_not_denied() {
    let repo = repository();
    repo.config("[backends.foo\n");
    let output = doctor(&repo, &[])
        .env("OPENAI_API_KEY", "x".repeat(20))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("Wrong\n"), "{text}");
    assert!(
        text.contains("1 | [backends.foo") && text.contains('^'),
        "{text}"
    );
    assert!(!text.contains("no backend is configured"), "{text}");
    assert!(
        text.contains("without the configuration that is wrong: found openai"),
        "{text}"
    );
}

#[test]
fn advice_says_each_fix_once_and_names_all_steps_together() {
    let repo = repository();
    repo.config("[backends.alpha]\ncommand = \"no-such-program\"\n");
    let answer = ask(&repo, &[]);
    let advice = answer.advice();
    assert!(
        advice.contains("steps `analyzer`, `reviewer`, `security`: "),
        "{advice}"
    );
    assert_eq!(advice.matches("install it").count(), 1, "{advice}");
    assert!(
        advice.contains("none of the models that are configured"),
        "{advice}"
    );
    assert!(!advice.contains("name models under"), "{advice}");
}

#[test]
fn offline_says_whom_it_left_out_where_no_model_is_left() {
    let repo = repository();
    repo.config("[backends.alpha]\nbase_url = \"https://x.example/v1\"\nmodel = \"m\"\n");
    let advice = ask(&repo, &["--offline"]).advice();
    assert!(advice.contains("`alpha`: drop --offline"), "{advice}");
}

#[tokio::test(flavor = "multi_thread")]
async fn critics_are_none_for_their_own_findings() {
    let repo = repository();
    let alpha = server(&["alpha-1"], ok()).await;
    let beta = server(&["beta-1"], ok()).await;
    let (one, two) = (at("alpha", &alpha), at("beta", &beta));
    let critics = |more: &str| {
        repo.config(more);
        let answer = ask(&repo, &[]);
        assert_eq!(answer.code, Some(0), "{}", answer.stderr);
        answer.json["critics"].clone()
    };
    let alone = critics(&one);
    assert_eq!(
        (&alone["wanted"], &alone["served"]),
        (&json!(true), &json!(false))
    );
    let why = alone["why"].as_str().unwrap();
    assert!(why.contains("`alpha` is the only one"), "{why}");
    let both = critics(&[one.clone(), two.clone()].concat());
    assert_eq!(
        (&both["served"], &both["why"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(both["members"].as_array().unwrap().len(), 2, "no scanner");
    // One that reads for no step judges what all others say.
    let other = critics(&format!(
        "{one}{two}[roles.analyzer]\nbackends = [\"beta\"]\n[roles.reviewer]\nbackends = [\"beta\"]\n\
         [roles.security]\nbackends = [\"beta\"]\n[roles.critic]\nbackends = [\"alpha\"]\n"
    ));
    assert_eq!(other["served"], true);
    let nobody = critics(&format!(
        "{one}{two}[roles.critic]\nbackends = [\"rules\"]\n"
    ));
    assert!(
        nobody["why"].to_string().contains("role `critic`"),
        "{nobody}"
    );
    let off = critics(&format!("{one}{two}[vote]\nrefute = false\n"));
    assert_eq!(off["wanted"], false);
}
