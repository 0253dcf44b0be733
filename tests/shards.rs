//! A run in shards: parts that were run apart are joined into what one run gives.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value, json};

use crate::support::Repo;
use crate::support::model::{Model, asks_for_findings, asks_for_verdicts, says};

const FILES: usize = 9;
const QUOTE: &str = "def function_0(value): return value + 0";

/// A change of small files and one that fills several packets; with a rule file, whose rule finds
/// something, and a baseline's worth of nothing.
fn change() -> Repo {
    let repo = Repo::new();
    repo.write("a.txt", "\n");
    repo.commit("before");
    let lines = |count: usize| -> String {
        let line = |line| format!("def function_{line}(value): return value + {line}\n");
        (0..count).map(line).collect()
    };
    for number in 0..FILES {
        repo.write(&format!("part{number}/module.py"), &lines(60));
    }
    repo.write("big/module.py", &lines(300));
    repo.write(
        "part0/run.py",
        "import os\n\n\ndef run(name):\n    os.system(\"rm %s\" % name)\n",
    );
    repo.commit("after");
    repo
}

fn claims(question: &str, wanted: impl Fn(usize) -> bool) -> String {
    let said = (0..FILES).filter(|number| wanted(*number));
    let said = said.map(|number| format!("part{number}/module.py"));
    let said = said.filter(|path| question.contains(&format!("## {path}")));
    let said: Vec<Value> = said
        .map(|path| {
            json!({"file": path, "line": 1, "end_line": 1, "quote": QUOTE, "severity": "high",
                   "category": "bug", "rule": "off-by-one", "title": "Adds nothing",
                   "message": "`function_0` returns `value` as it is.", "suggestion": null,
                   "confidence": 0.9})
        })
        .collect();
    json!({ "findings": said }).to_string()
}

/// Reports the files that it is told to; confirms as a critic; writes a summary that counts the
/// findings that it was shown.
async fn model(wanted: fn(usize) -> bool) -> Model {
    Model::new(move |_, question| {
        if asks_for_verdicts(question) {
            let one = json!({"id": 1, "verdict": "confirm", "quote": QUOTE, "reason": "It does."});
            says(&json!({ "verdicts": [one] }).to_string())
        } else if asks_for_findings(question) {
            says(&claims(question, wanted))
        } else {
            let count = question.matches("Adds nothing").count();
            says(&format!("A summary of {count} findings."))
        }
    })
    .await
}

struct Crew {
    repo: Repo,
    models: Vec<Model>,
}

impl Crew {
    /// Three models; one alone reports every third file, which the others confirm.
    async fn new() -> Self {
        Self::with("", "").await
    }

    /// The same, with more for each backend and for all.
    async fn with(each: &str, more: &str) -> Self {
        let repo = change();
        let models = vec![
            model(|_| true).await,
            model(|number| number % 3 != 0).await,
            model(|_| false).await,
        ];
        let named = models.iter().zip(["a", "b", "c"]);
        let price = "price = { input = 1.0, output = 2.0 }\n";
        let mut backends = String::new();
        for (model, name) in named {
            backends += &model.config(name);
            backends += price;
            backends += each;
        }
        repo.config(&format!("{backends}[packets]\nmax_tokens = 1500\n{more}"));
        Self { repo, models }
    }

    async fn calls(&self) -> usize {
        let mut calls = 0;
        for model in &self.models {
            calls += model.calls().await;
        }
        calls
    }

    /// On a machine of its own: what another one kept is not there.
    fn llmux(&self, machine: &str, args: &[&str]) -> Command {
        let cache = self.repo.outside(machine);
        let mut command = self.repo.llmux(args);
        command.env("LLMUX_CACHE_DIR", cache);
        command
    }

    fn part(&self, shard: u32, of: u32) -> PathBuf {
        self.repo.outside(&format!("part-{shard}-of-{of}.json"))
    }

    /// Runs all shards but `left_out`; their parts.
    fn shards(&self, of: u32, left_out: Option<u32>) -> Vec<String> {
        let numbers = (1..=of).filter(|number| Some(*number) != left_out);
        let parts = numbers.map(|number| {
            let part = self.part(number, of).display().to_string();
            let shard = format!("{number}/{of}");
            let args = [
                "diff", "HEAD~1", "--shard", &shard, "--part", &part, "--format", "json",
            ];
            let (code, _, err) = said(&mut self.llmux(&format!("machine-{number}-of-{of}"), &args));
            assert!(matches!(code, Some(0 | 14)), "{code:?}: {err}");
            part
        });
        parts.collect()
    }
}

fn said(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

const FORMATS: [&str; 5] = ["terminal", "markdown", "sarif", "junit", "json"];

fn reports(folder: &Path) -> Vec<String> {
    fs::create_dir_all(folder).unwrap();
    let report = |format: &&str| {
        let path = folder.join(format);
        [
            "--report".to_owned(),
            format!("{format}={}", path.display()),
        ]
    };
    FORMATS.iter().flat_map(report).collect()
}

fn equal(one: &Path, other: &Path) {
    for format in FORMATS {
        let text = |folder: &Path| fs::read_to_string(folder.join(format)).unwrap();
        similar(format, &text(one), &text(other));
    }
}

/// Says the first line in which they differ, and not both of them whole.
fn similar(what: &str, one: &str, other: &str) {
    if one == other {
        return;
    }
    let mut lines = one.lines().zip(other.lines()).enumerate();
    let first = lines.find(|(_, (one, other))| one != other);
    panic!("{what} differs: {first:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_are_joined_into_what_one_run_gives() {
    let crew = Crew::new().await;
    let whole = crew.repo.outside("whole");
    let mut args: Vec<String> = vec!["diff".into(), "HEAD~1".into()];
    args.extend(reports(&whole));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (code, _, err) = said(&mut crew.llmux("one", &args));
    assert_eq!(code, Some(14), "{err}");
    let asked = crew.calls().await;
    let json: Value =
        serde_json::from_str(&fs::read_to_string(whole.join("json")).unwrap()).unwrap();
    assert!(
        json["findings"].as_array().unwrap().len() >= FILES,
        "{json:#}"
    );
    assert!(
        json.to_string().contains("\"refutation\""),
        "critics were asked"
    );

    joined(&crew, &whole, asked, &[1, 2, 4]).await;
}

/// Joins so many shards each time into what stands in `whole`, which took `asked` calls.
async fn joined(crew: &Crew, whole: &Path, asked: usize, counts: &[u32]) {
    for &of in counts {
        let before = crew.calls().await;
        let mut parts = crew.shards(of, None);
        // In any order.
        parts.reverse();
        let joined = crew.repo.outside(&format!("joined-{of}"));
        let mut args = vec!["merge".to_owned()];
        args.extend(parts);
        args.extend(reports(&joined));
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let (code, _, err) = said(&mut crew.llmux(&format!("merging-{of}"), &args));
        assert_eq!(code, Some(14), "{err}");
        equal(whole, &joined);
        spent_as_whole(crew, of);
        // Nothing is asked twice, as long as the machines' tapes are new.
        if of == 1 {
            assert_eq!(crew.calls().await - before, asked);
        }
    }
}

/// What all parts spent stands in the joined part, with what the merge did: a cap counts both.
fn spent_as_whole(crew: &Crew, of: u32) {
    let spent = |path: &Path| -> i64 {
        let part: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let spent = part["spent"].as_object().unwrap().values();
        spent.map(|nano_usd| nano_usd.as_i64().unwrap()).sum()
    };
    let parts: Vec<PathBuf> = (1..=of).map(|number| crew.part(number, of)).collect();
    let total: i64 = parts.iter().map(|part| spent(part)).sum();
    let joined = crew.repo.outside(&format!("joined-{of}.part"));
    let mut args = vec!["merge".to_owned(), "--offline".to_owned()];
    args.extend(["--part".to_owned(), joined.display().to_string()]);
    args.extend(parts.iter().map(|part| part.display().to_string()));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    said(&mut crew.llmux("spending", &args));
    assert!(total > 0);
    assert_eq!(spent(&joined), total);
}

#[tokio::test(flavor = "multi_thread")]
async fn routed_runs_and_samples_are_joined_too() {
    let crew = Crew::with("samples = 2\n", "[routing]\nenabled = true\n").await;
    let whole = crew.repo.outside("whole");
    let mut args: Vec<String> = vec!["diff".into(), "HEAD~1".into()];
    args.extend(reports(&whole));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (code, _, err) = said(&mut crew.llmux("one", &args));
    assert_eq!(code, Some(14), "{err}");
    let asked = crew.calls().await;
    joined(&crew, &whole, asked, &[1, 3]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_is_missing_is_named() {
    let crew = Crew::new().await;
    let parts = crew.shards(3, Some(2));
    let mut args = vec!["merge", "--format", "json", "--fail-on", "never"];
    args.extend(parts.iter().map(String::as_str));
    let before = crew.calls().await;
    let (code, out, err) = said(&mut crew.llmux("merging", &args));
    assert_eq!(code, Some(3), "{err}");
    assert!(err.contains("part 2 is missing"), "{err}");
    let json: Value = serde_json::from_str(&out).unwrap();
    let reasons = json["reasons"].to_string() + &json.to_string();
    assert!(reasons.contains("part 2 is missing"), "{json:#}");
    // Its packets are not asked about now: only critics and the summary are.
    let late = crew.calls().await - before;
    let mut critics = 0;
    for model in &crew.models {
        let questions = model.questions().await;
        critics += questions.iter().filter(|it| asks_for_verdicts(it)).count();
    }
    assert_eq!(late, critics + 1, "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn shards_read_every_packet_once() {
    let crew = Crew::new().await;
    crew.shards(4, None);
    let mut questions = Vec::new();
    for model in &crew.models {
        let own = model.questions().await;
        assert!(own.iter().all(|it| asks_for_findings(it)), "only packets");
        questions.push(own.len());
    }
    assert_eq!(questions[0], questions[1]);
    let (_, plan, _) = said(&mut crew.llmux("plan", &["diff", "HEAD~1", "--dry-run"]));
    let packets = plan.lines().find_map(|line| line.strip_prefix("packets: "));
    let packets: usize = packets.unwrap().split(' ').next().unwrap().parse().unwrap();
    assert_eq!(questions[0], packets, "{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_asked_in_the_merge_is_told() {
    let crew = Crew::new().await;
    let parts = crew.shards(2, None);
    let mut args = vec!["merge", "--offline", "--format", "json"];
    args.extend(parts.iter().map(String::as_str));
    let before = crew.calls().await;
    let (code, out, err) = said(&mut crew.llmux("merging", &args));
    assert_eq!(crew.calls().await, before, "{err}");
    // Two of three votes stand without critics.
    assert_eq!(code, Some(14), "{err}");
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["status"], "degraded", "{json:#}");
    // Another machine's configuration says otherwise of these names: nobody there is asked for
    // what the parts were told by others.
    crew.repo.config("[backends.a]\ncommand = \"false\"\n");
    args.retain(|arg| *arg != "--offline");
    let (code, _, err) = said(&mut crew.llmux("merging", &args));
    assert_eq!((code, crew.calls().await), (Some(14), before), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_call_is_told_and_not_made_again() {
    let crew = Crew::new().await;
    crew.repo.config(
        &fs::read_to_string(crew.repo.dir().join(".llmux/config.toml"))
            .unwrap()
            .replace("[packets]", "[backends.d]\nbase_url = \"http://127.0.0.1:9/v1\"\nmodel = \"d\"\nretries = 0\n[packets]"),
    );
    let whole = crew.repo.outside("whole");
    let mut args: Vec<String> = vec!["diff".into(), "HEAD~1".into()];
    args.extend(reports(&whole));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (one, _, _) = said(&mut crew.llmux("one", &args));
    let parts = {
        let part = crew.part(1, 1).display().to_string();
        let args = ["diff", "HEAD~1", "--shard", "1/1", "--part", &part];
        said(&mut crew.llmux("machine", &args));
        part
    };
    let before = crew.calls().await;
    let joined = crew.repo.outside("joined");
    let mut args = vec!["merge".to_owned(), "--offline".to_owned(), parts];
    args.extend(reports(&joined));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (code, _, err) = said(&mut crew.llmux("merging", &args));
    assert_eq!(crew.calls().await, before);
    let json = |folder: &Path| -> Value {
        serde_json::from_str(&fs::read_to_string(folder.join("json")).unwrap()).unwrap()
    };
    let readings = |folder: &Path| json(folder)["coverage"].clone();
    assert_eq!(readings(&whole), readings(&joined), "{err}");
    assert_eq!(one, Some(14));
    assert_eq!(code, Some(14), "{err}");
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let repo = change();
    let part = |name: &str, args: &[&str]| {
        let path = repo.outside(name).display().to_string();
        let mut all = vec!["diff", "--part", &path];
        all.extend(args);
        repo.llmux(&all).output().unwrap();
        path
    };
    let one = part("one", &["HEAD~1", "--shard", "1/2"]);
    let two = part("two", &["HEAD~1", "--shard", "2/2"]);
    let third = part("third", &["HEAD~1", "--shard", "1/3"]);
    let other = part(
        "other",
        &["HEAD~1", "--shard", "2/2", "--exclude", "big/**"],
    );
    let broken = repo.outside("broken").display().to_string();
    fs::write(&broken, "{\"llmux_part\": 1}").unwrap();
    let foreign = repo.outside("foreign").display().to_string();
    let text = fs::read_to_string(&two).unwrap();
    let version = format!("\"llmux\":\"{}\"", env!("CARGO_PKG_VERSION"));
    fs::write(&foreign, text.replace(&version, "\"llmux\":\"0.0.1\"")).unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&[&one, &third], "different runs"),
        (&[&one, &other], "different runs"),
        (&[&one, &one], "are both part 1 of 2"),
        (&[&one, &broken], "is no part file"),
        (&[&one, &foreign], "was written by llmux 0.0.1"),
        (&[&one, "/nowhere"], "cannot be read"),
    ];
    for (parts, complaint) in cases {
        let mut args = vec!["merge"];
        args.extend(*parts);
        let (code, _, err) = said(&mut repo.llmux(&args));
        assert_eq!(code, Some(2), "{parts:?}: {err}");
        assert!(err.contains(complaint), "{parts:?}: {err}");
    }
    let (code, out, err) = said(&mut repo.llmux(&["merge", &one, &two]));
    assert_eq!(code, Some(14), "{err}");
    assert!(out.contains("command-injection"), "{out}");
}

#[test]
fn shards_are_named_as_people_count() {
    let repo = change();
    for wrong in ["0/2", "3/2", "2", "a/b", "1/0", "1/100000"] {
        let args = ["diff", "HEAD~1", "--part", "p", "--shard", wrong];
        let (code, _, err) = said(&mut repo.llmux(&args));
        assert_eq!(code, Some(2), "{wrong}: {err}");
    }
    let (code, _, err) = said(&mut repo.llmux(&["diff", "HEAD~1", "--shard", "1/2"]));
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("--part"), "{err}");
    let args = ["diff", "HEAD~1", "--part", "nowhere/p"];
    let (code, _, err) = said(&mut repo.llmux(&args));
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("there is no folder nowhere"), "{err}");
}

#[test]
fn a_change_with_nothing_to_review_leaves_a_part_too() {
    let repo = change();
    let part = repo.outside("part").display().to_string();
    let (code, _, err) = said(&mut repo.llmux(&["diff", "HEAD..HEAD", "--part", &part]));
    assert_eq!(code, Some(0), "{err}");
    let (code, _, err) = said(&mut repo.llmux(&["merge", &part]));
    assert_eq!(code, Some(0), "{err}");
}

#[test]
fn a_part_that_cannot_be_written_costs_no_report() {
    let repo = change();
    let too_long = "p".repeat(300);
    for range in ["HEAD~1", "HEAD..HEAD"] {
        let args = ["diff", range, "--part", &too_long, "--format", "json"];
        let (code, out, err) = said(&mut repo.llmux(&args));
        assert_eq!(code, Some(1), "{range}: {err}");
        assert!(err.contains("cannot be written"), "{range}: {err}");
        let json: Value = serde_json::from_str(&out).unwrap();
        assert!(json["findings"].is_array(), "{range}");
    }
}

#[test]
fn a_merge_of_nothing_leaves_a_part_too() {
    let repo = change();
    let part = repo.outside("part").display().to_string();
    let (_, _, err) = said(&mut repo.llmux(&["diff", "HEAD..HEAD", "--part", &part]));
    let joined = repo.outside("joined").display().to_string();
    let (code, _, _) = said(&mut repo.llmux(&["merge", &part, "--part", &joined]));
    assert_eq!(code, Some(0), "{err}");
    let (code, _, err) = said(&mut repo.llmux(&["merge", &joined]));
    assert_eq!(code, Some(0), "{err}");
}

#[test]
fn a_part_does_not_say_where_files_are_written() {
    let repo = change();
    repo.config("[report]\noutputs = [\"json=theirs.json\"]\n");
    let part = repo.outside("part").display().to_string();
    let (code, _, err) = said(&mut repo.llmux(&["diff", "HEAD~1", "--part", &part]));
    assert_eq!(code, Some(14), "{err}");
    fs::remove_file(repo.dir().join("theirs.json")).unwrap();
    let (code, out, err) = said(&mut repo.llmux(&["merge", &part]));
    assert_eq!(code, Some(14), "{err}");
    assert!(out.contains("command-injection"), "{out}");
    assert!(!repo.dir().join("theirs.json").exists());
}

#[test]
fn steps_that_build_on_findings_cannot_be_divided() {
    let repo = change();
    let file = repo.outside("w.toml");
    fs::write(
        &file,
        "name = \"w\"\n[[steps]]\nname = \"one\"\nrole = \"analyzer\"\nfor_each = \"packets\"\n\
         produces = \"findings\"\nprompt = \"Find bugs.\"\n[[steps]]\nname = \"two\"\n\
         role = \"reviewer\"\ndepends_on = [\"one\"]\nfor_each = \"packets\"\n\
         produces = \"findings\"\nprompt = \"Find more.\"\n",
    )
    .unwrap();
    let file = file.display().to_string();
    let args = ["run", &file, "HEAD~1", "--part", "p", "--shard", "1/2"];
    let (code, _, err) = said(&mut repo.llmux(&args));
    assert_eq!(code, Some(2), "{err}");
    assert!(
        err.contains("step `two` depends on what `one` finds"),
        "{err}"
    );
}

#[test]
fn a_merge_needs_no_checkout_and_no_configuration() {
    let repo = change();
    repo.config("[rules]\nfiles = [\"rules/*.toml\"]\n");
    repo.write(
        "rules/own.toml",
        "[[rule]]\nid = \"own\"\ntitle = \"Own\"\nmessage = \"Own\"\nrule = \"hardcoded-secret\"\n\
         category = \"security\"\nseverity = \"low\"\nlanguages = \"python\"\n\
         patterns = ['function_59\\b']\nexamples.bad = ['function_59']\n\
         examples.good = ['function_5']\n",
    );
    let part = repo.outside("part").display().to_string();
    let args = ["diff", "HEAD~1", "--format", "json", "--part", &part];
    let (code, whole, err) = said(&mut repo.llmux(&args));
    assert_eq!(code, Some(14), "{err}");
    assert!(whole.contains("\"Own\""), "{whole}");
    let elsewhere = repo.outside("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let mut command = repo.llmux(&["merge", &part, "--format", "json", "--offline"]);
    command.current_dir(&elsewhere);
    let (code, joined, err) = said(&mut command);
    assert_eq!(code, Some(14), "{err}");
    similar("json", &whole, &joined);
}
