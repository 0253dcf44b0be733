//! One key is enough: a backend that is asked several times is several voters.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::{ANALYZE, SMALL_PACKETS, claim, packets, run};
use crate::support::Repo;
use crate::support::model::{Model, says, says_late};

/// Which sample asks, by its temperature.
fn heat(model: &[Value]) -> Vec<String> {
    let mut heats: Vec<_> = model.iter().map(ToString::to_string).collect();
    heats.sort();
    heats
}

/// A server whose first so many answers report the bug, and the others nothing.
async fn reporting(times: usize) -> Model {
    Model::new(move |call, _| {
        let findings = if call < times {
            json!([claim(None)])
        } else {
            json!([])
        };
        says(&json!({ "findings": findings }).to_string())
    })
    .await
}

fn finding(json: &Value) -> &Value {
    let lists = ["findings", "unconfirmed"].map(|list| json[list].as_array().unwrap());
    lists.into_iter().flatten().next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_and_three_samples_confirm_and_gate() {
    for (reports, code) in [(1, 0), (2, 14), (3, 14)] {
        let repo = packets(1);
        let model = reporting(reports).await;
        repo.config(&format!("{}samples = 3\n", model.config("alpha")));
        let (got, json, stderr) = run(&repo, ANALYZE, &[]);
        assert_eq!(got, Some(code), "{reports} of three: {json:#} {stderr}");
        assert_eq!(model.calls().await, 3);
        let vote = &finding(&json)["vote"];
        assert_eq!(vote["answered"], json!(["alpha#1", "alpha#2", "alpha#3"]));
        assert_eq!(vote["voters"].as_array().unwrap().len(), reports);
        let shown = |number: &Value| format!("{:.4}", number.as_f64().unwrap());
        assert_eq!(shown(&vote["threshold"]), "1.4142");
        let weights = ["1.0000", "1.4142", "1.7321"];
        assert_eq!(shown(&vote["weight"]), weights[reports - 1]);
        let claims = finding(&json)["claims"].as_array().unwrap();
        assert!(
            claims
                .iter()
                .all(|claim| claim["backend"].as_str().unwrap().starts_with("alpha#"))
        );
        assert_eq!(json["status"], "success", "{json:#}");
        assert_eq!(json["notices"], json!([]), "samples are in force");
        // One backend in coverage and account, with all its calls.
        assert_eq!(json["coverage"][0]["covered"], true);
        assert_eq!(super::reading(&json, "alpha"), "read");
        assert_eq!(json["backends"][0]["name"], "alpha");
        assert_eq!(json["backends"][0]["answered"], 3);
        assert_eq!(json["backends"][0]["tokens"]["input"], 300);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_says_how_often_and_wins() {
    let repo = packets(1);
    let model = reporting(2).await;
    let role = "[roles.analyzer]\nsamples = 2\n";
    repo.config(&format!("{}samples = 5\n{role}", model.config("alpha")));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(14), "{json:#}");
    assert_eq!(model.calls().await, 2);
    // The built-in rules are asked once, whatever the role says, and have no sample.
    assert_eq!(super::reading(&json, "rules"), "read");
    repo.config(&format!(
        "{}samples = 5\n[roles.analyzer]\nsamples = 1\n",
        model.config("alpha")
    ));
    let (_, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(model.calls().await, 3);
    assert_eq!(json["backends"][0]["answered"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_of_one_backend_share_its_samples() {
    // The second step asks once: its voter is the first sample of the first step.
    let second = ANALYZE.split_once("[[steps]]").unwrap().1;
    let second = second.replace("\"analyzer\"", "\"reviewer\"");
    let workflow = format!("{ANALYZE}[[steps]]{second}");
    let repo = packets(1);
    let model = reporting(9).await;
    let roles = "[roles.analyzer]\nsamples = 3\n";
    repo.config(&format!("{}{roles}", model.config("alpha")));
    let (code, json, _) = run(&repo, &workflow, &[]);
    assert_eq!(code, Some(14), "{json:#}");
    assert_eq!(model.calls().await, 4);
    let vote = &finding(&json)["vote"];
    assert_eq!(vote["answered"], json!(["alpha#1", "alpha#2", "alpha#3"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn temperatures_differ_unless_somebody_fixed_one() {
    let repo = packets(1);
    let model = reporting(0).await;
    repo.config(&format!("{}samples = 3\n", model.config("alpha")));
    run(&repo, ANALYZE, &[]);
    let asked = model.asked("temperature").await;
    assert_eq!(
        heat(&asked),
        ["0.2", "0.6", "1.0"],
        "the first is the coolest"
    );
    assert_eq!(asked[0].to_string(), "0.2", "and goes first");
    let questions = model.asked("messages").await;
    assert!(
        questions.iter().all(|one| *one == questions[0]),
        "so that the cache holds"
    );

    // Fixed: the order of what is read differs instead.
    let repo = two_hunks();
    let model = reporting(0).await;
    repo.config(&format!(
        "{}samples = 2\ntemperature = 0.5\n",
        model.config("alpha")
    ));
    run(&repo, ANALYZE, &[]);
    assert_eq!(heat(&model.asked("temperature").await), ["0.5", "0.5"]);
    let questions = model.questions().await;
    assert_ne!(questions[0], questions[1]);
    let place = |text: &str, what: &str| text.find(what).unwrap();
    let is_first_first = |text: &String| place(text, "first_changed") < place(text, "last_changed");
    assert!(is_first_first(&questions[0]) && !is_first_first(&questions[1]));
}

/// One file with two hunks.
fn two_hunks() -> Repo {
    let repo = Repo::new();
    let lines = |first: &str, last: &str| {
        let middle: Vec<_> = (0..80)
            .map(|line| format!("value_{line} = {line}\n"))
            .collect();
        let middle = middle.concat();
        format!("{first} = 0\n{middle}{last} = 1\n")
    };
    repo.write("a.py", &lines("first", "last"));
    repo.commit("before");
    repo.write("a.py", &lines("first_changed", "last_changed"));
    repo.commit("after");
    repo
}

#[cfg(unix)]
#[test]
fn a_program_reads_the_packet_in_another_order_each_time() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = two_hunks();
    let script = repo.outside("agent.sh");
    let seen = repo.outside("seen");
    std::fs::create_dir(&seen).unwrap();
    let text = format!(
        "#!/bin/sh\ncat > \"$(mktemp {}/XXXXXX)\"\necho '{{\"findings\": []}}'\n",
        seen.display()
    );
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    repo.config(&format!(
        "[backends.alpha]\ncommand = \"{}\"\nsamples = 2\n",
        script.display()
    ));
    let tape = repo.outside("tape").display().to_string();
    let (code, json, stderr) = run(&repo, ANALYZE, &["--record", &tape]);
    assert_eq!(code, Some(0), "{json:#} {stderr}");
    let prompts: Vec<String> = std::fs::read_dir(&seen)
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    assert_eq!(prompts.len(), 2);
    let is_first_first = |text: &&String| text.find("first_changed") < text.find("last_changed");
    assert_eq!(prompts.iter().filter(is_first_first).count(), 1);
    // Where the program is not configured, the tape says what its questions were.
    repo.config("[roles.analyzer]\nsamples = 2\n");
    let (code, again, stderr) = run(&repo, ANALYZE, &["--replay", &tape]);
    assert_eq!(code, Some(0), "{again:#} {stderr}");
    assert_eq!(again["backends"][0]["taped"], 2, "{again:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_are_recorded_and_replayed_apart() {
    let repo = packets(1);
    // Fixed temperature and one hunk: nothing but its number tells a sample's question apart.
    let model = reporting(2).await;
    let config = format!("{}samples = 3\ntemperature = 0\n", model.config("alpha"));
    repo.config(&config);
    let tape = repo.outside("tape").display().to_string();
    let (code, first, _) = run(&repo, ANALYZE, &["--record", &tape]);
    assert_eq!(code, Some(14));
    let (code, mut again, _) = run(&repo, ANALYZE, &["--replay", &tape]);
    assert_eq!(code, Some(14));
    assert_eq!(model.calls().await, 3, "the replay asks nobody");
    assert_eq!(again["backends"][0]["taped"], 3);
    again["backends"][0]["taped"] = json!(0);
    assert_eq!(again, first);
}

/// When each question came and its answer went, in order: the server logs both.
async fn logging(log: Arc<Mutex<Vec<usize>>>, flying: Arc<AtomicUsize>) -> Model {
    Model::new(move |_, _| {
        let now = flying.fetch_add(1, Ordering::SeqCst) + 1;
        log.lock().unwrap().push(now);
        let flying = Arc::clone(&flying);
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(150));
            flying.fetch_sub(1, Ordering::SeqCst);
        });
        says_late("{\"findings\": []}", Duration::from_millis(200))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_sample_of_the_first_packet_warms_the_cache_alone() {
    let repo = packets(2);
    let log = Arc::default();
    let flying = Arc::default();
    let model = logging(Arc::clone(&log), flying).await;
    repo.config(&format!(
        "{SMALL_PACKETS}{}samples = 3\n",
        model.config("alpha")
    ));
    let (code, _, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(0));
    let in_flight = log.lock().unwrap().clone();
    assert_eq!(in_flight.len(), 6);
    assert_eq!(
        in_flight[..2],
        [1, 1],
        "the second question came after the first answer"
    );
    assert!(
        in_flight[2..].iter().all(|count| *count > 1),
        "then all at once: {in_flight:?}"
    );
    let questions = model.questions().await;
    assert!(questions[0].contains("part0/module.py"), "the first packet");

    // Who has no samples is not held up.
    let log = Arc::default();
    let model = logging(Arc::clone(&log), Arc::default()).await;
    repo.config(&format!("{SMALL_PACKETS}{}", model.config("alpha")));
    run(&repo, ANALYZE, &[]);
    assert_eq!(log.lock().unwrap().clone(), [1, 2]);
}

/// The lead fails: the others are asked all the same, and soon.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_first_sample_holds_nobody_up() {
    let repo = packets(1);
    let model = Model::new(|call, _| match call {
        0 => ResponseTemplate::new(413),
        _ => says(&json!({"findings": [claim(None)]}).to_string()),
    })
    .await;
    repo.config(&format!("{}samples = 3\n", model.config("alpha")));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(14), "two of three say it: {json:#}");
    let vote = &finding(&json)["vote"];
    assert_eq!(vote["silent"], json!(["alpha#1"]));
    assert_eq!(vote["voters"], json!(["alpha#2", "alpha#3"]));
    assert_eq!(
        super::reading(&json, "alpha"),
        "read",
        "two of three are enough"
    );
    assert_eq!(json["status"], "degraded");
    assert_eq!(
        (
            &json["backends"][0]["answered"],
            &json["backends"][0]["failed"]
        ),
        (&json!(2), &json!(1))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_read_by_half_of_the_samples() {
    for (silent, code, state) in [(1, 0, "read"), (2, 3, "abstained"), (3, 3, "abstained")] {
        let repo = packets(1);
        // Asked once more each time, in vain.
        let heats: &[&str] = &["0.2", "0.6", "1.0"][..silent];
        let heats: Vec<String> = heats
            .iter()
            .map(|heat| format!("\"temperature\":{heat}"))
            .collect();
        let model = by_body(move |body| {
            if heats.iter().any(|heat| body.contains(heat.as_str())) {
                says("I would rather not.")
            } else {
                says("{\"findings\": []}")
            }
        })
        .await;
        repo.config(&format!(
            "[backends.alpha]\nbase_url = \"{}/v1\"\nsamples = 3\n",
            model.uri()
        ));
        let (got, json, _) = run(&repo, ANALYZE, &[]);
        assert_eq!(got, Some(code), "{silent}: {json:#}");
        assert_eq!(super::reading(&json, "alpha"), state);
        assert_eq!(json["coverage"][0]["covered"], code == 0);
        assert_eq!(json["backends"][0]["abstained"], silent);
    }
}

/// A server that answers by the question's bytes.
async fn by_body(
    script: impl Fn(&str) -> ResponseTemplate + Send + Sync + 'static,
) -> wiremock::MockServer {
    let server = wiremock::MockServer::start().await;
    wiremock::Mock::given(wiremock::matchers::method("POST"))
        .respond_with(move |request: &wiremock::Request| {
            script(&String::from_utf8_lossy(&request.body))
        })
        .mount(&server)
        .await;
    server
}

/// A sample that gave no answer could have been the second of three.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_sample_leaves_a_finding_open() {
    let repo = packets(1);
    let server = by_body(|body| {
        if body.contains("\"temperature\":0.2") {
            says(&json!({"findings": [claim(None)]}).to_string())
        } else if body.contains("\"temperature\":0.6") {
            says("{\"findings\": []}")
        } else {
            ResponseTemplate::new(413)
        }
    })
    .await;
    repo.config(&format!(
        "[backends.alpha]\nbase_url = \"{}/v1\"\nsamples = 3\n",
        server.uri()
    ));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(3), "{json:#}");
    let vote = &finding(&json)["vote"];
    assert_eq!(
        (&vote["open"], &vote["silent"]),
        (&json!(true), &json!(["alpha#3"]))
    );
    let reasons = json["reasons"].to_string();
    assert!(
        reasons.contains("has 1 of 1.41 votes") && reasons.contains("alpha#3 gave no answer"),
        "{reasons}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_stands_in_for_all_samples_together() {
    let repo = packets(1);
    let alpha = Model::new(|_, _| ResponseTemplate::new(400)).await;
    let beta = reporting(9).await;
    let fallback = "[roles.analyzer]\nexecution = \"fallback\"\n";
    repo.config(&format!(
        "{}samples = 3\n{}{fallback}",
        alpha.config("alpha"),
        beta.config("beta")
    ));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(14), "{json:#}");
    let vote = &finding(&json)["vote"];
    assert_eq!(
        (&vote["answered"], &vote["silent"]),
        (&json!(["beta"]), &json!([]))
    );
    assert_eq!(beta.calls().await, 1);
    assert!(
        (1..=3).contains(&alpha.calls().await),
        "the breaker counts all samples as one backend"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_counts_samples() {
    let repo = packets(2);
    let model = reporting(0).await;
    let dry = |samples: &str| {
        repo.config(&format!(
            "{SMALL_PACKETS}{}{samples}",
            model.config("alpha")
        ));
        let file = repo.outside("workflow.toml");
        std::fs::write(&file, ANALYZE).unwrap();
        let file = file.display().to_string();
        let output = repo
            .llmux(&["run", &file, "HEAD~1", "--dry-run"])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let (one, three) = (dry(""), dry("samples = 3\n"));
    assert!(one.contains("alpha: 2 calls, "), "{one}");
    assert!(
        three.contains("alpha: 6 calls, 3 samples of each packet, "),
        "{three}"
    );
    let tokens = |text: &str| -> usize {
        let line = text.lines().find(|line| line.starts_with("alpha")).unwrap();
        let words: Vec<&str> = line.split(' ').collect();
        let at = words.iter().position(|word| *word == "tokens").unwrap();
        words[at - 1].parse().unwrap()
    };
    assert_eq!(tokens(&three), 3 * tokens(&one));
    assert_eq!(model.calls().await, 0);
}

/// Folded steps share each sample's call; a text is asked for once, and sees the probability.
#[tokio::test(flavor = "multi_thread")]
async fn folded_steps_share_samples_and_a_text_is_written_once() {
    let finder = ANALYZE.split_once("[[steps]]").unwrap().1;
    let second = finder.replace("\"analyzer\"", "\"reviewer\"");
    let text = "[[steps]]\nname = \"sum\"\nrole = \"synthesizer\"\ndepends_on = [\"analyzer\"]\n\
        prompt = \"{% for f in steps.analyzer.findings %}real with {{ f.confidence }}{% endfor %}\"\n";
    let workflow = format!("name = \"w\"\nfold = true\n[[steps]]{finder}[[steps]]{second}{text}");
    let repo = packets(1);
    let said = json!({"findings": [claim(Some("analyzer"))]}).to_string();
    let model = Model::new(move |_, question| {
        if crate::support::model::asks_for_findings(question) {
            says(&said)
        } else {
            says("A summary.")
        }
    })
    .await;
    repo.config(&format!("{}samples = 2\n", model.config("alpha")));
    let (code, json, _) = run(&repo, &workflow, &[]);
    assert_eq!(code, Some(14), "{json:#}");
    assert_eq!(model.calls().await, 3, "two samples and one text");
    let confidence = &json["findings"][0]["confidence"];
    let questions = model.questions().await;
    let shown = format!("real with {confidence}");
    assert!(
        questions.last().unwrap().contains(&shown),
        "no `{shown}` in {questions:?}"
    );
}
