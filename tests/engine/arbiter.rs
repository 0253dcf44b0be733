//! Pairs of claims in doubt before the arbiter: who is asked, what, how often, and what follows.

use llmux::findings::{Place, Statement, in_doubt};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::{ANALYZE, SMALL_PACKETS, packets, run};
use crate::support::Repo;
use crate::support::model::{Model, says};

/// Title and message of a claim.
type Words = [&'static str; 2];

const SUM: Words = [
    "Adds nothing",
    "The sum is the value as it came in, because zero is added to it.",
];
/// Merging leaves it apart from [`SUM`], though not surely.
const APART: Words = [
    "Argument handed back unchanged",
    "Callers expect a new number, yet the function hands them the value they passed.",
];
/// Merging makes it one with [`SUM`], though not surely.
const JOINED: Words = [
    "No type check",
    "A string raises a TypeError where zero is added.",
];

/// `synthesizer` is c, and d where that fails; a and b review, and both must report a finding.
const ARBITER: &str = "[merge]\narbiter = \"synthesizer\"\n";
const ROLES: &str = "[roles.analyzer]\nbackends = [\"a\", \"b\"]\n[roles.synthesizer]\n\
    backends = [\"c\", \"d\"]\n[vote]\nthreshold = 2\nrefute = false\n";

#[test]
fn the_words_of_these_tests_are_in_doubt() {
    let probability = |other: Words| {
        let texts = [SUM, other].map(|[title, message]| format!("{title} {message}"));
        let statement = |backend: &'static str, text| Statement {
            place: Some(Place {
                path: b"part0/module.py",
                start_line: 1,
                end_line: 1,
            }),
            backend,
            text,
            quote: "def function_0_0(value): return value + 0",
            rule: "off-by-one",
            category: "bug",
            symbol: None,
        };
        let statements = [statement("a", &texts[0]), statement("b", &texts[1])];
        let [(0, 1, probability)] = in_doubt(&statements, 0.06..=0.6)[..] else {
            panic!("{other:?} is not in doubt");
        };
        let reversed = [statements[1], statements[0]];
        assert_eq!(in_doubt(&reversed, 0.06..=0.6), [(0, 1, probability)]);
        probability
    };
    assert!(probability(APART) < 0.22);
    assert!(probability(JOINED) > 0.22);
}

/// A claim about one line of a file of [`packets`].
fn claim(file: usize, line: usize, [title, message]: Words) -> Value {
    let function = line - 1;
    json!({"file": format!("part{file}/module.py"), "line": line, "end_line": line,
           "quote": format!("def function_{file}_{function}(value): return value + {function}"),
           "severity": "high", "category": "bug", "rule": "off-by-one",
           "title": title, "message": message, "suggestion": null, "confidence": 0.9})
}

async fn reviewer(claims: Value) -> Model {
    Model::finding(claims).await
}

/// Says the same to each question.
async fn arbiter(answer: &str) -> Model {
    let answer = answer.to_owned();
    Model::new(move |_, _| says(&answer)).await
}

fn same(answers: &[(u64, bool)]) -> String {
    let pairs = answers.iter();
    let pairs: Vec<_> = pairs
        .map(|(id, same)| json!({"id": id, "same": same}))
        .collect();
    json!({ "pairs": pairs }).to_string()
}

/// Two reviewers that say these words of one line, and an arbiter.
async fn three(other: Words, answer: &str) -> [Model; 3] {
    [
        reviewer(json!([claim(0, 1, SUM)])).await,
        reviewer(json!([claim(0, 1, other)])).await,
        arbiter(answer).await,
    ]
}

fn over(repo: &Repo, models: &[&Model], more: &str, args: &[&str]) -> (Option<i32>, Value, String) {
    let named = models.iter().zip(["a", "b", "c", "d"]);
    let mut config: String = named.map(|(model, name)| model.config(name)).collect();
    if models.len() == 3 {
        // Nothing listens there.
        config.push_str("[backends.d]\nbase_url = \"http://127.0.0.1:1/v1\"\nretries = 0\n");
    }
    repo.config(&format!("{config}{ROLES}{SMALL_PACKETS}{more}"));
    run(repo, ANALYZE, args)
}

fn on_one_file(models: &[Model; 3], more: &str) -> (Option<i32>, Value) {
    let [a, b, c] = models;
    let (code, json, _) = over(&packets(1), &[a, b, c], more, &[]);
    (code, json)
}

fn lengths(json: &Value) -> [usize; 2] {
    ["findings", "unconfirmed"].map(|list| json[list].as_array().unwrap().len())
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_that_merging_leaves_apart_are_one_by_the_arbiters_word() {
    let models = three(APART, &same(&[(1, true)])).await;
    let (code, json) = on_one_file(&models, "");
    assert_eq!((code, lengths(&json)), (Some(0), [0, 2]), "{json:#}");
    assert_eq!(models[2].calls().await, 0, "nobody wanted an arbiter");

    let (code, json) = on_one_file(&models, ARBITER);
    assert_eq!((code, lengths(&json)), (Some(14), [1, 0]), "{json:#}");
    assert_eq!(json["findings"][0]["vote"]["voters"], json!(["a", "b"]));
    assert_eq!(json["status"], "success", "{json:#}");
    let questions = models[2].questions().await;
    let [question] = &questions[..] else {
        panic!("{} calls", questions.len());
    };
    for part in [SUM[1], APART[1]] {
        assert!(question.contains(part), "{part}: {question}");
    }
    let shown = r#"\"place\":\"part0/module.py:1-1\",\"code\":\"def function_0_0(value): return value + 0\""#;
    assert_eq!(question.matches(shown).count(), 2, "{question}");
    assert!(
        question.contains(r#"{\"id\":1,\"claims\":[1,2]}"#),
        "{question}"
    );
    // The code around it and what its authors held of it are not shown.
    for part in ["function_0_7", "off-by-one", "high", "analyzer", "0.9"] {
        assert!(!question.contains(part), "{part}: {question}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_that_merging_makes_one_are_kept_apart_by_the_arbiters_word() {
    let models = three(JOINED, &same(&[(1, false)])).await;
    let (code, json) = on_one_file(&models, "");
    assert_eq!((code, lengths(&json)), (Some(14), [1, 0]), "{json:#}");
    let (code, json) = on_one_file(&models, ARBITER);
    assert_eq!((code, lengths(&json)), (Some(0), [0, 2]), "{json:#}");
    assert_eq!(models[2].calls().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_no_pair_or_in_two_ways_changes_nothing() {
    for answer in [
        same(&[]),
        same(&[(1, true), (1, false)]),
        same(&[(0, true), (2, true)]),
    ] {
        let models = three(APART, &answer).await;
        let (code, json) = on_one_file(&models, ARBITER);
        assert_eq!((code, lengths(&json)), (Some(0), [0, 2]), "{answer}");
        assert_eq!(models[2].calls().await, 1, "{answer}");
        assert_eq!(json["status"], "success", "{json:#}");
    }
    // Said twice in the same way it is said.
    let models = three(APART, &same(&[(1, true), (1, true)])).await;
    assert_eq!(on_one_file(&models, ARBITER).0, Some(14));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_read_leaves_what_merging_says() {
    for (other, code, expected) in [(APART, 0, [0, 2]), (JOINED, 14, [1, 0])] {
        let [a, b, c] = three(other, "They look alike to me.").await;
        let more = format!("{ARBITER}[roles.synthesizer]\nbackends = [\"c\"]\n");
        let repo = packets(1);
        repo.config(&format!(
            "{}{}{}{}{more}",
            a.config("a"),
            b.config("b"),
            c.config("c"),
            ROLES.replace("[roles.synthesizer]\nbackends = [\"c\", \"d\"]\n", ""),
        ));
        let (got, json, _) = run(&repo, ANALYZE, &[]);
        assert_eq!((got, lengths(&json)), (Some(code), expected), "{json:#}");
        assert_eq!(c.calls().await, 2, "it is asked once more");
        assert_eq!(json["status"], "degraded");
        let notices = json["notices"].to_string();
        assert!(
            notices.contains(
                "the arbiter did not judge the pairs of claims in doubt of 1 file, which stay as \
                 merging has them: `c`: its answer held no JSON object with `pairs`"
            ),
            "{notices}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_repaired_once() {
    let [a, b, _] = three(APART, "").await;
    let c = Model::new(|call, question| {
        if call == 0 {
            return says("{\"pairs\": [{\"id\": 1}]}");
        }
        assert!(question.contains("element 1 of `pairs` has no `same`"));
        says(&same(&[(1, true)]))
    })
    .await;
    let (code, json) = on_one_file(&[a, b, c], ARBITER);
    assert_eq!((code, lengths(&json)), (Some(14), [1, 0]), "{json:#}");
    assert_eq!(json["status"], "success");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_of_the_crew_is_asked_where_one_gave_nothing() {
    let fails = Model::new(|_, _| ResponseTemplate::new(400)).await;
    let mumbles = arbiter("I cannot say.").await;
    for (c, notice) in [
        (&fails, "backend `c` failed"),
        (
            &mumbles,
            "arbiter `c` gave no answer that could be read about 1 file",
        ),
    ] {
        let [a, b, d] = three(APART, &same(&[(1, true)])).await;
        let (code, json, _) = over(&packets(1), &[&a, &b, c, &d], ARBITER, &[]);
        assert_eq!((code, lengths(&json)), (Some(14), [1, 0]), "{json:#}");
        assert_eq!(d.calls().await, 1);
        let notices = json["notices"].to_string();
        assert!(notices.contains(notice), "{notices}");
        assert!(!notices.contains("stay as merging has them"), "{notices}");
        assert_eq!(json["status"], "degraded");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_a_model_judges_nothing_and_says_so() {
    let models = three(APART, "").await;
    let [a, b, _] = &models;
    let repo = packets(1);
    repo.config(&format!(
        "{}{}{ARBITER}[roles.synthesizer]\nbackends = [\"rules\"]\n[vote]\nthreshold = 2\n\
         refute = false\n[roles.analyzer]\nbackends = [\"a\", \"b\"]\n",
        a.config("a"),
        b.config("b"),
    ));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!((code, lengths(&json)), (Some(0), [0, 2]), "{json:#}");
    let notices = json["notices"].to_string();
    assert!(
        notices.contains("no model is available for the role `synthesizer`"),
        "{notices}"
    );
    assert_eq!(json["status"], "degraded");
}

/// All pairs of a file stand in one question, and no file in that of another.
#[tokio::test(flavor = "multi_thread")]
async fn there_is_one_call_for_each_file() {
    let claims = |words: Words| {
        let places = [(0, 1), (0, 50), (1, 1)];
        json!(places.map(|(file, line)| claim(file, line, words)))
    };
    let (a, b) = (reviewer(claims(SUM)).await, reviewer(claims(APART)).await);
    let c = arbiter(&same(&[(1, true), (2, false)])).await;
    let (code, json, _) = over(&packets(2), &[&a, &b, &c], ARBITER, &[]);
    // One in each file is one; at the other place they are two.
    assert_eq!((code, lengths(&json)), (Some(14), [2, 2]), "{json:#}");
    let mut questions = c.questions().await;
    questions.sort_by_key(|question| question.contains("part1/module.py"));
    let [first, second] = &questions[..] else {
        panic!("{} calls", questions.len());
    };
    assert!(first.contains(r#"{\"id\":2,\"claims\":[3,4]}"#), "{first}");
    assert!(!first.contains("part1/module.py"));
    assert!(!second.contains("part0/module.py") && !second.contains(r#"\"claims\":[3"#));
}

/// What is beyond the bound is left to merging, and no further call is made for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_bounded() {
    let claims = |words: [&'static str; 8]| {
        let one = |word| {
            let mut claim = claim(0, 1, SUM);
            claim["title"] = json!(format!("{word} wrong"));
            claim["message"] = json!(format!("{word} wrong value"));
            claim
        };
        json!(words.map(one))
    };
    let ours = [
        "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel",
    ];
    let theirs = [
        "india", "juliet", "kilo", "lima", "mike", "november", "oscar", "papa",
    ];
    let (a, b) = (reviewer(claims(ours)).await, reviewer(claims(theirs)).await);
    let c = arbiter("{\"pairs\": []}").await;
    let (_, json, _) = over(&packets(1), &[&a, &b, &c], ARBITER, &[]);
    let questions = c.questions().await;
    assert_eq!(questions.len(), 1, "{json:#}");
    assert_eq!(questions[0].matches(r#"\"claims\":["#).count(), 40);
}

/// A later step finds the same again, and something else: only that is new to the arbiter.
#[tokio::test(flavor = "multi_thread")]
async fn a_pair_is_judged_once_and_its_judgement_stays() {
    const WORKFLOW: &str = "name = \"again\"\n[[steps]]\nname = \"one\"\nrole = \"analyzer\"\n\
        for_each = \"packets\"\nproduces = \"findings\"\nparallel = true\nprompt = \"Find bugs.\"\n\
        [[steps]]\nname = \"sum\"\nrole = \"summer\"\ndepends_on = [\"one\"]\nproduces = \"text\"\n\
        prompt = \"Sum up: {{ steps.one.findings | length }} found.\"\n\
        [[steps]]\nname = \"two\"\nrole = \"analyzer\"\ndepends_on = [\"sum\"]\n\
        for_each = \"packets\"\nproduces = \"findings\"\nparallel = true\nprompt = \"Find more.\"\n";
    let reviewer = |own: Words, later: Value| {
        Model::new(move |_, question| {
            let mut claims = vec![claim(0, 1, own)];
            if question.contains("Find more.") {
                claims.push(later.clone());
            }
            says(&json!({ "findings": claims }).to_string())
        })
    };
    let (a, b) = (
        reviewer(SUM, claim(0, 50, SUM)).await,
        reviewer(APART, claim(0, 50, APART)).await,
    );
    let c = Model::new(|_, question| {
        if question.contains("Sum up: ") {
            says("A summary.")
        } else {
            says(&same(&[(1, true)]))
        }
    })
    .await;
    let repo = packets(1);
    let config: String = [(&a, "a"), (&b, "b"), (&c, "c")]
        .map(|(model, name)| model.config(name))
        .concat();
    let roles = ROLES.replace("\"c\", \"d\"", "\"c\"");
    repo.config(&format!(
        "{config}{roles}{ARBITER}[roles.summer]\nbackends = [\"c\"]\n"
    ));
    let (code, json, _) = run(&repo, WORKFLOW, &[]);
    assert_eq!((code, lengths(&json)), (Some(14), [2, 0]), "{json:#}");
    let questions = c.questions().await;
    assert_eq!(questions.len(), 3, "{questions:#?}");
    assert!(questions[0].contains("module.py:1-1"));
    // The step between reads what the arbiter made of it.
    assert!(questions[1].contains("Sum up: 1 found."));
    assert!(questions[2].contains("module.py:50-50"));
    assert!(!questions[2].contains("module.py:1-1"));
}

/// What the arbiter confirms needs no critic.
#[tokio::test(flavor = "multi_thread")]
async fn critics_come_after_the_arbiter() {
    let models = three(APART, &same(&[(1, true)])).await;
    let [a, b, c] = &models;
    let more = format!("{ARBITER}[roles.critic]\nbackends = [\"a\", \"b\"]\n");
    let repo = packets(1);
    let roles = ROLES.replace("refute = false\n", "");
    repo.config(&format!(
        "{}{}{}{}{more}",
        a.config("a"),
        b.config("b"),
        c.config("c"),
        roles.replace("\"c\", \"d\"", "\"c\"")
    ));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!((code, lengths(&json)), (Some(14), [1, 0]), "{json:#}");
    assert_eq!(json["findings"][0]["refutation"], Value::Null);
    assert_eq!((a.calls().await, b.calls().await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_merges_in_the_same_way_without_calls() {
    let models = three(APART, &same(&[(1, true)])).await;
    let [a, b, c] = &models;
    let repo = packets(1);
    let tape = repo.outside("tape").display().to_string();
    let (code, recorded, _) = over(&repo, &[a, b, c], ARBITER, &["--record", &tape]);
    assert_eq!(code, Some(14));
    let (code, mut replayed, _) = over(&repo, &[a, b, c], ARBITER, &["--replay", &tape]);
    assert_eq!(code, Some(14));
    let calls = [a.calls().await, b.calls().await, c.calls().await];
    assert_eq!(calls, [1, 1, 1]);
    for backend in replayed["backends"].as_array_mut().unwrap() {
        backend["taped"] = json!(0);
    }
    assert_eq!(recorded, replayed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_the_arbiter_can_take() {
    let [a, b, c] = three(APART, "").await;
    let repo = packets(2);
    let config: String = [(&a, "a"), (&b, "b"), (&c, "c")]
        .map(|(model, name)| model.config(name))
        .concat();
    let config = format!("{config}{}", ROLES.replace("\"c\", \"d\"", "\"c\""));
    let plan = |more: &str| {
        repo.config(&format!("{config}{more}"));
        let output = repo
            .llmux(&["diff", "HEAD~1", "--dry-run"])
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    // Two files, each asked about again where the answer cannot be read.
    let with = plan(ARBITER);
    assert!(with.contains("arbiter: at most 4 more calls"), "{with}");
    assert!(!plan("").contains("arbiter"));
    assert_eq!(c.calls().await, 0);
}
