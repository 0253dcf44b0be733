//! What must not leave this machine does not: every way out is tried.

use serde_json::{Value, json};

use super::super::report;
use super::{ON, UNSURE, asks_for_verdicts, says};
use crate::support::Repo;
use crate::support::model::{Model, asks_for_findings};

/// Stands in every line of the covered files.
const SECRET: &str = "zanzibar";

/// A change with two files that must stay, one of which came from where it must, and others.
fn change() -> Repo {
    let repo = Repo::new();
    let text = |word: &str| {
        let lines =
            (0..12).map(|line| format!("def {word}_{line}(value): return value + {line}\n"));
        lines.collect::<String>()
    };
    repo.write("legal/moved.py", &text(SECRET));
    repo.write("legal/notes.md", &format!("{SECRET} in the notes\n"));
    repo.write("app/a.py", "pass\n");
    repo.commit("before");
    repo.write(
        "legal/contract.py",
        &text(SECRET).replace("return value", "return value * value"),
    );
    repo.write("app/a.py", &text("plain"));
    repo.write("app/test_contract.py", &text("other"));
    repo.git(&["mv", "legal/moved.py", "app/moved.py"]);
    let moved = text(SECRET).replace("return value + 3", "return value - 3");
    repo.write("app/moved.py", &moved);
    repo.commit("after");
    repo
}

fn claim(file: &str, word: &str) -> Value {
    json!({"role": null, "file": file, "line": 4, "end_line": 4,
           "quote": format!("def {word}_3(value): "), "severity": "high",
           "category": "bug", "rule": "off-by-one", "title": format!("{word} is wrong"),
           "message": format!("`{word}_3` is wrong, says who saw {word}."), "suggestion": null,
           "confidence": 0.9})
}

/// Reports one bug in each file that it was shown.
async fn model() -> Model {
    Model::new(|_, question| {
        if asks_for_verdicts(question) {
            return says(UNSURE);
        }
        if !asks_for_findings(question) {
            return says("A summary.");
        }
        let files = [
            ("legal/contract.py", SECRET),
            ("app/moved.py", SECRET),
            ("app/a.py", "plain"),
            ("app/test_contract.py", "other"),
        ];
        let shown = files
            .iter()
            .filter(|(file, _)| question.contains(&format!("## {file}")));
        let claims: Vec<_> = shown.map(|(file, word)| claim(file, word)).collect();
        says(&json!({ "findings": claims }).to_string())
    })
    .await
}

const HOME: &str = "[routing.policies.residency]\npaths = [\"legal/**\"]\nlocal = true\n";

/// Everything that can be asked: critics, an arbiter, a summary, a step that reads findings,
/// context files.
fn everything(local: &Model, away: &Model, more: &str) -> String {
    let table =
        |model: &Model, name: &str, local: bool| format!("{}local = {local}\n", model.config(name));
    format!(
        "{}{}{more}[merge]\narbiter = \"synthesizer\"\nthreshold = 0.9\n[vote]\nthreshold = 1.5\n\
         [gate]\nfail_on = \"critical\"\n\
         [teams.mine]\ndetect = [\"legal\"]\ncontext = [\"legal/notes.md\"]\n\
         [roles.analyzer]\nrefute = true\n",
        table(away, "away", false),
        table(local, "home", true),
    )
}

/// Looks, writes about what was found, looks again with that in its prompt, sums up.
const WORKFLOW: &str = "name = \"all\"\nfixed = '''\nAnswer with {\"findings\": []}. {{ change.files }} {{ context }}\n'''\n\
    [[steps]]\nname = \"one\"\nrole = \"analyzer\"\nfor_each = \"packets\"\nproduces = \"findings\"\n\
    parallel = true\nprompt = \"Find bugs.\"\n\
    [[steps]]\nname = \"told\"\nrole = \"synthesizer\"\ndepends_on = [\"one\"]\nproduces = \"text\"\n\
    prompt = \"Sum up: {{ steps.one.findings | tojson }}\"\n\
    [[steps]]\nname = \"each\"\nrole = \"synthesizer\"\ndepends_on = [\"one\"]\nproduces = \"text\"\n\
    for_each = \"findings\"\nprompt = \"Explain {{ finding.quote }}\"\n\
    [[steps]]\nname = \"two\"\nrole = \"reviewer\"\ndepends_on = [\"told\", \"each\"]\nfor_each = \"packets\"\n\
    produces = \"findings\"\nparallel = true\n\
    prompt = \"Find what this lacks: {{ steps.one.findings | tojson }} {{ steps.told.output }} {{ steps.each.output }}\"\n";

fn run(repo: &Repo, workflow: &str) -> (Option<i32>, Value, String) {
    let file = repo.outside("workflow.toml");
    std::fs::write(&file, workflow).unwrap();
    let file = file.display().to_string();
    report(repo, &["run", &file, "HEAD~1", "--format", "json"])
}

/// Nothing of the covered files, their names among it, in any question.
async fn assert_sealed(away: &Model) {
    for question in away.questions().await {
        assert!(!question.contains(SECRET), "{question}");
        assert!(!question.contains("legal/"), "{question}");
        assert!(!question.contains("app/moved.py"), "{question}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_byte_of_a_covered_file_reaches_who_is_not_local() {
    for more in [HOME.to_owned(), format!("{ON}{HOME}")] {
        // Who finds nothing is a critic of what the other one found.
        let (local, away) = (model().await, super::clears().await);
        let repo = change();
        repo.config(&everything(&local, &away, &more));
        let (code, json, stderr) = run(&repo, WORKFLOW);
        // One local model is not enough for a threshold of 1.5.
        assert_eq!(code, Some(3), "{json:#}");
        let reasons = json["reasons"].to_string();
        assert!(
            reasons.contains("policy `residency` leaves too few backends"),
            "{reasons}"
        );
        let asked = local.questions().await.join("\n");
        assert!(asked.contains(SECRET), "the local one was asked");
        let questions = away.questions().await;
        assert!(
            questions.iter().any(|it| asks_for_verdicts(it)),
            "as a critic"
        );
        assert!(
            questions
                .iter()
                .any(|it| it.contains("Find what this lacks")),
            "again"
        );
        assert_sealed(&away).await;
        assert!(
            stderr.contains("policy `residency` forbids legal/notes.md"),
            "{stderr}"
        );
        let texts = json["texts"].to_string();
        assert!(
            texts.contains("A summary."),
            "the local one wrote it: {texts}"
        );
    }
}

/// Pairs of claims in doubt, of a covered file and of another one.
#[tokio::test(flavor = "multi_thread")]
async fn the_arbiter_is_a_local_one_for_covered_files() {
    let says_of = |title: &'static str, message: &'static str| {
        let claims = [("legal/contract.py", SECRET), ("app/a.py", "plain")].map(|(file, word)| {
            let mut claim = claim(file, word);
            claim["title"] = json!(title);
            claim["message"] = json!(format!("{message} So says who saw {word}."));
            claim
        });
        Model::finding(json!(claims))
    };
    let one = says_of(
        "Adds nothing",
        "The sum is the value as it came in, because zero is added to it.",
    );
    let other = says_of(
        "Argument handed back unchanged",
        "Callers expect a new number, yet the function hands them the value they passed.",
    );
    let (one, other, away) = (one.await, other.await, super::clears().await);
    let repo = change();
    repo.config(&format!(
        "{}local = false\n{}{}{HOME}[merge]\narbiter = \"synthesizer\"\n[vote]\nrefute = false\n",
        away.config("away"),
        one.config("one"),
        other.config("other"),
    ));
    let (_, json, _) = run(&repo, super::ANALYZE);
    let pairs = |questions: Vec<String>| -> String {
        let asked = questions
            .into_iter()
            .filter(|question| question.contains("# Pairs"));
        asked.collect()
    };
    let (here, there) = (pairs(one.questions().await), pairs(away.questions().await));
    assert!(here.contains("legal/contract.py"), "{json:#}");
    assert!(
        there.contains("app/a.py"),
        "the first of the crew judges the rest: {json:#}"
    );
    assert_sealed(&away).await;
}

/// The built-in review: critics, summary and all.
#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_review_keeps_it_too() {
    let (local, away) = (model().await, model().await);
    let repo = change();
    repo.config(&everything(&local, &away, HOME));
    let (code, json, _) = report(&repo, &["diff", "HEAD~1", "--format", "json"]);
    assert_eq!(code, Some(3), "{json:#}");
    assert!(away.calls().await > 0);
    assert_sealed(&away).await;
}

/// Nobody may write the summary, and nobody may read the covered files.
#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_is_local_a_plain_summary_stands_in() {
    let (one, other) = (model().await, model().await);
    let repo = change();
    let table = |model: &Model, name: &str| format!("{}local = false\n", model.config(name));
    repo.config(&format!(
        "{}{}{HOME}",
        table(&one, "one"),
        table(&other, "other")
    ));
    let (code, json, _) = report(&repo, &["diff", "HEAD~1", "--format", "json"]);
    // What both confirm in the files that they may read blocks; the rest is not said to be read.
    assert_eq!(code, Some(14), "{json:#}");
    let notices = json["notices"].to_string();
    assert!(
        notices.contains("policy `residency` permits none of its backends"),
        "{notices}"
    );
    assert!(
        json["texts"][0]["text"]
            .as_str()
            .unwrap()
            .starts_with("Confirmed in 4 files"),
        "{json:#}"
    );
    for model in [&one, &other] {
        assert!(model.calls().await > 0);
        assert_sealed(model).await;
    }
    let covered = |path: &str| {
        let files = json["coverage"].as_array().unwrap();
        files.iter().find(|file| file["path"] == path).unwrap()["covered"].clone()
    };
    assert_eq!(
        (covered("app/a.py"), covered("legal/contract.py")),
        (json!(true), json!(false))
    );
    assert_eq!(
        covered("app/moved.py"),
        false,
        "renamed from where it may not be read"
    );
}

/// A doubtful finding that no critic may be shown stays doubtful, and that is said.
#[tokio::test(flavor = "multi_thread")]
async fn critics_that_are_not_local_are_not_asked_about_covered_files() {
    let (home, away) = (model().await, model().await);
    let repo = change();
    repo.config(&format!(
        "{}{}local = false\n{HOME}[roles.analyzer]\nbackends = [\"home\"]\n\
         [roles.critic]\nbackends = [\"away\"]\n[vote]\nthreshold = 2\n",
        home.config("home"),
        away.config("away"),
    ));
    let (_, json, _) = run(&repo, super::ANALYZE);
    let notices = json["notices"].to_string();
    assert!(
        notices
            .contains("policy `residency` permits no critic for the doubtful findings of 2 files"),
        "{json:#}"
    );
    assert!(away.calls().await > 0, "about the rest: {json:#}");
    assert_sealed(&away).await;
}

/// A local one that fails is not replaced by one that is not.
#[tokio::test(flavor = "multi_thread")]
async fn no_fallback_goes_elsewhere() {
    let (broken, away) = (
        Model::new(|_, _| wiremock::ResponseTemplate::new(400)).await,
        model().await,
    );
    let repo = change();
    let config = format!(
        "{}{}local = false\n{HOME}[roles.analyzer]\nexecution = \"fallback\"\n",
        broken.config("home"),
        away.config("away"),
    );
    repo.config(&config);
    let (code, json, _) = run(&repo, super::ANALYZE);
    assert!(matches!(code, Some(3 | 14)), "{json:#}");
    assert!(away.calls().await > 0);
    assert_sealed(&away).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_soft_residency_is_kept_where_the_quorum_allows() {
    let (local, away) = (model().await, model().await);
    let repo = change();
    let soft = format!("{HOME}enforce = \"soft\"\n");
    let table =
        |model: &Model, name: &str, local: bool| format!("{}local = {local}\n", model.config(name));
    let backends = format!(
        "{}{}",
        table(&away, "away", false),
        table(&local, "home", true)
    );
    repo.config(&format!("{backends}{soft}"));
    let (code, json, _) = run(&repo, super::ANALYZE);
    assert_eq!(code, Some(14), "{json:#}");
    let packets = json["routing"]["packets"].as_array().unwrap();
    assert!(
        packets.len() == 1 && away.calls().await == 0,
        "one packet, of which some must stay: {json:#}"
    );

    // Two votes are needed, and one local model has one.
    repo.config(&format!("{backends}{soft}[vote]\nthreshold = 2\n"));
    let (_, json, _) = run(&repo, super::ANALYZE);
    assert!(
        json["notices"]
            .to_string()
            .contains("policy `residency` (soft) is not kept once"),
        "{json:#}"
    );
    assert!(away.questions().await.join("\n").contains(SECRET));
}
