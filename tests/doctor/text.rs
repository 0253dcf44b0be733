//! What people read.

use std::time::Duration;

use wiremock::ResponseTemplate;

use super::{at, doctor, ok, repository, server, serving};

/// The page with what differs from machine to machine made the same.
fn page(text: &str, replacements: &[(String, &str)]) -> String {
    let mut text = text.to_owned();
    for (one, other) in replacements {
        text = text.replace(one, other);
    }
    for (pattern, other) in [
        (r"\n *looked at for \d+ s", ""),
        (r"\d+ built in", "193 built in"),
    ] {
        let pattern = regex::Regex::new(pattern).unwrap();
        text = pattern.replace_all(&text, other).into_owned();
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn six_backends_of_which_three_are_broken() {
    let repo = repository();
    repo.write("Cargo.toml", "");
    let many: Vec<String> = (1..9).map(|number| format!("model-{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let alpha = server(&["alpha-1", "alpha-2"], ok()).await;
    let beta = server(&many, ok()).await;
    let denied = ResponseTemplate::new(401).set_body_string("{\"error\": \"no such key\"}");
    let gamma = serving(denied.clone(), denied).await;
    let late = ok().set_delay(Duration::from_mins(2));
    let delta = serving(late.clone(), late).await;
    repo.config(&format!(
        "{}{}weight = 2\n{}api_key = \"${{GAMMA_KEY}}\"\n{}\
         [backends.epsilon]\ncommand = \"no-such-program\"\n[backends.zeta]\ncommand = \"true\"\n\
         [roles.security]\nbackends = [\"alpha\"]\n[vote]\nthreshold = 2\n",
        at("alpha", &alpha),
        at("beta", &beta),
        at("gamma", &gamma),
        at("delta", &delta),
    ));
    let output = doctor(&repo, &["--timeout", "3s"])
        .env("GAMMA_KEY", "k".repeat(20))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let dir = repo.dir().display().to_string();
    let base = repo.outside("").display().to_string();
    let short = |rev: &str| repo.git(&["rev-parse", rev]).trim()[..12].to_owned();
    let program = |name: &str| {
        let path = std::env::var("PATH").unwrap();
        let found = std::env::split_paths(&path).map(|dir| dir.join(name));
        found
            .into_iter()
            .find(|path| path.is_file())
            .unwrap()
            .display()
            .to_string()
    };
    let text = page(
        &String::from_utf8(output.stdout).unwrap(),
        &[
            (alpha.uri(), "http://127.0.0.1:8001"),
            (beta.uri(), "http://127.0.0.1:8002"),
            (gamma.uri(), "http://127.0.0.1:8003"),
            (delta.uri(), "http://127.0.0.1:8004"),
            (program("true"), "/bin/true"),
            (dir, "/repo"),
            (base, "/base/"),
            (short("HEAD"), "(head)"),
            (short("HEAD~1"), "(base)"),
        ],
    );
    insta::assert_snapshot!("doctor_text", text);
}

#[test]
fn narrow_and_coloured_pages_hold_the_same_words() {
    let repo = repository();
    repo.config("[backends.alpha]\ncommand = \"no-such-program\"\n");
    let said = |args: &[&str]| {
        let output = doctor(&repo, args).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = said(&["--color", "never"]);
    let painted = said(&["--color", "always"]);
    assert!(painted.contains("\u{1b}[31m"), "what is wrong is red");
    assert_eq!(anstream::adapter::strip_str(&painted).to_string(), plain);
    assert!(!plain.contains('\u{1b}'));
    assert!(
        plain.lines().last().unwrap().starts_with("not ready"),
        "{plain}"
    );
}

#[test]
fn a_closed_pipe_is_no_crash() {
    let repo = repository();
    let mut child = repo
        .llmux_process(&["doctor"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn help_tells_of_codes_and_costs() {
    let repo = repository();
    let output = repo.llmux(&["doctor", "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for word in [
        "--probe",
        "--offline",
        "--workflow",
        "Exit codes",
        "nothing is paid",
        "Keys are never shown",
    ] {
        assert!(help.contains(word), "no {word} in {help}");
    }
}
