//! `vote.priors`: what a project knows of its backends decides.

use serde_json::json;

use super::{ANALYZE, claim, packets, run};
use crate::support::Repo;
use crate::support::model::Model;

/// Alpha reports a bug, beta and gamma do not; gives exit code, confidence, errors.
async fn one_of_three(repo: &Repo, more: &str) -> (Option<i32>, f64) {
    let alpha = Model::finding(json!([claim(None)])).await;
    let beta = Model::finding(json!([])).await;
    let gamma = Model::finding(json!([])).await;
    repo.config(&format!(
        "{}{}{}[vote]\nthreshold = \"p>=0.5\"\n{more}",
        alpha.config("alpha"),
        beta.config("beta"),
        gamma.config("gamma"),
    ));
    let (code, json, _) = run(repo, ANALYZE, &[]);
    let lists = ["findings", "unconfirmed"].map(|list| json[list].as_array().unwrap());
    let finding = lists.into_iter().flatten().next().unwrap();
    (code, finding["confidence"].as_f64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn priors_of_a_project_change_the_probability_and_the_verdict() {
    let repo = packets(1);
    let (code, shipped) = one_of_three(&repo, "").await;
    assert_eq!(code, Some(0));
    assert!(shipped < 0.5, "{shipped}");
    let of_alpha = "[backends]\nalpha = { real = 0.8, unreal = 0.01 }\n";
    let common = "intercept = -1.0\ntemper = 1.0\nsilence = 0.5\n\
                  default = { real = 0.4, unreal = 0.1 }\n";
    repo.write(".llmux/priors.toml", &format!("{common}{of_alpha}"));
    let (code, own) = one_of_three(&repo, "priors = \".llmux/priors.toml\"\n").await;
    // −1 + ln 80 − ½ · 2 · ln 1.5 = 2.977.
    assert!((own - 0.9515).abs() < 1e-3, "{own}");
    assert_eq!(code, Some(14));
    // Records are those of the backends: without alpha's the same file does not confirm.
    repo.write(".llmux/priors.toml", common);
    let (code, common) = one_of_three(&repo, "priors = \".llmux/priors.toml\"\n").await;
    assert_eq!(code, Some(0));
    assert!(common < 0.5, "{common}");
}

/// The doctor judges by the run's rule, and so by its numbers.
#[tokio::test(flavor = "multi_thread")]
async fn a_bar_that_the_priors_put_out_of_reach_is_no_quorum() {
    let repo = packets(1);
    let alpha = Model::finding(json!([])).await;
    let config = format!("{}[vote]\nthreshold = \"p>=0.2\"\n", alpha.config("alpha"));
    repo.config(&config);
    let (code, ..) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(0));
    let hopeless = "intercept = -9.0\ntemper = 1.0\nsilence = 1.0\n\
                    default = { real = 0.4, unreal = 0.1 }\n";
    repo.write("p.toml", hopeless);
    repo.config(&format!("{config}priors = \"p.toml\"\n"));
    let (code, json, _) = run(&repo, ANALYZE, &[]);
    assert_eq!(code, Some(3), "{json:#}");
    let doctor = repo
        .llmux(&["doctor", "--format", "json"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&doctor.stdout);
    assert!(said.contains("it takes p>=0.2 to confirm"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_is_told_with_its_place() {
    let repo = packets(1);
    let alpha = Model::finding(json!([])).await;
    let config = alpha.config("alpha");
    repo.config(&format!("{config}[vote]\npriors = \"p.toml\"\n"));
    let base = "intercept = 0\ntemper = 1\nsilence = 1\n";
    for (text, said) in [
        (
            format!("{base}default = {{ real = 1.5, unreal = 0.1 }}\n"),
            "p.toml:4:11: real = 1.5",
        ),
        (
            "intercept = 0\ntemper = 1\nsilence = -1\ndefault = { real = 0.4, unreal = 0.1 }\n"
                .to_owned(),
            "p.toml:3:11: -1 does not lie between 0 and 10",
        ),
        (
            format!("{base}default = {{ real = 0.4, unreal = 0.1 }}\ntempre = 1\n"),
            "p.toml:5:1: unknown field `tempre`",
        ),
        ("intercept = \n".to_owned(), "p.toml:1:"),
        (base.to_owned(), "missing field `default`"),
    ] {
        repo.write("p.toml", &text);
        for args in [&["diff", "HEAD~1"][..], &["eval", "no-matter.jsonl"]] {
            let output = repo.llmux(args).output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{stderr}");
            assert!(stderr.contains(said), "{said}: {stderr}");
        }
    }
    let doctor = repo
        .llmux(&["doctor", "--format", "json"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&doctor.stdout);
    assert!(said.contains("missing field `default`"), "{said}");
    // One that is not there, and one that is somewhere else.
    for (file, said) in [
        ("none.toml", "none.toml cannot be read"),
        ("../p.toml", "vote.priors"),
    ] {
        repo.config(&format!("{config}[vote]\npriors = \"{file}\"\n"));
        let output = repo.llmux(&["diff", "HEAD~1"]).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(said), "{stderr}");
    }
}
