use llmux::config::{self, Inputs};
use proptest::prelude::*;

use super::{flag, inputs, load, project, rendered, snapshot, with_env, write};

/// A key that is in no file of this repository; split so that scanners stay calm.
const LEAK: &str = concat!("sk-", "THISisAsecretKEY0123456789");

#[test]
fn everything_wrong_in_all_files_is_told_at_once() {
    let dir = project(
        r#"threshold = 2
[backends.claude]
comand = "claude"
timeout = "soon"
temperature = 3.5
max_concurrent = 0
[backends.gpt]
base_url = "api.openai.com"
kind = "htpp"
args = "exec"
[gate]
fail_on = "hihg"
allow_incomplete = "no"
[vote]
threshold = "most"
[chnage]
[change]
exclude = ["src/**", "a{b"]
max_file_size = 99999999999999999999
[teams.mine]
context = ["../secret"]
[report]
outputs = ["sarf=out.sarif", "json=/etc/passwd"]
"#,
    );
    let user = tempfile::tempdir().unwrap();
    write(
        &user.path().join("config.toml"),
        "[run]\nretries = -1\ntimeout = 0\nthreshold = 1\ncolour = true\n",
    );
    let errors = config::load(&Inputs {
        user_dir: Some(user.path().to_owned()),
        env: vec![
            ("LLMUX_GATE_FAILON".to_owned(), "low".to_owned()),
            ("LLMUX_CHANGE_EXCLUDE".to_owned(), "a".to_owned()),
            ("LLMUX_RUN_RETRIES".to_owned(), "many".to_owned()),
            ("LLMUX_NONSENSE".to_owned(), "not for eyes".to_owned()),
        ],
        flags: vec![
            flag("gate.fail_on", "hgih", "--fail-on"),
            flag("vote.threshold", 0, "--threshold"),
        ],
        ..inputs(&dir)
    })
    .unwrap_err();
    let text = errors
        .to_string()
        .replace(&user.path().display().to_string(), "USER");
    assert!(!text.contains("eyes"));
    snapshot("errors_everything", text);
}

#[test]
fn several_syntax_errors_are_told_with_what_else_is_wrong() {
    snapshot(
        "errors_syntax",
        rendered(
            "[gate]\nfail_on = high\nallow_incomplete =\n[run\nretries = 1\n[vote]\nthreshold = \"auto\nthresold = 1\n",
        ),
    );
}

#[test]
fn thresholds_and_samples_that_are_none_are_told_with_what_they_could_be() {
    for (text, told) in [
        (
            "[vote.secuirty]\nthreshold = 1\n",
            &[
                "unknown key `secuirty` in `[vote]`",
                "did you mean `security`?",
            ][..],
        ),
        (
            "[vote.criticl]\nthreshold = 1\n",
            &["did you mean `critical`?"],
        ),
        (
            "[vote.security]\ntreshold = 1\n",
            &["unknown key `treshold` in `[vote.security]`", "`threshold`"],
        ),
        (
            "[vote]\nsecurity = 1\n",
            &["`vote.security` is a whole number", "a table"],
        ),
        (
            "[vote]\nthreshold = \"p > .5\"\n",
            &["`p > .5` is no threshold", "written \"p>=0.5\""],
        ),
        (
            "[vote.style]\nthreshold = \"p>=1.5\"\n",
            &["vote.style.threshold", "above 0 and up to 1"],
        ),
        (
            "[roles.reviewer]\nthreshold = \"most\"\n",
            &["`most` is no threshold", "\"p>=0.5\""],
        ),
        (
            "[backends.a]\ncommand = \"a\"\nsamples = 0\n",
            &["0 is too small", "1 to 100"],
        ),
        (
            "[roles.reviewer]\nsamples = 101\n",
            &["101 is over the limit of 100"],
        ),
        (
            "[backends.\"a#2\"]\ncommand = \"a\"\n",
            &["`a#2` is what a sample", "`#` and a number"],
        ),
        (
            "[merge]\narbiter = \"synthesiser\"\n",
            &[
                "`merge.arbiter`: there is no role `synthesiser`",
                "did you mean `synthesizer`?",
            ],
        ),
    ] {
        let text = rendered(text);
        for part in told {
            assert!(text.contains(part), "no {part:?} in {text}");
        }
    }
    load("[backends.\"a#b\"]\ncommand = \"a\"\n").unwrap();
}

#[test]
fn names_must_exist() {
    snapshot(
        "errors_names",
        rendered(
            r#"[backends.claude]
command = "claude"
[roles.analyzer]
backends = ["claud", "claude", "claude"]
[teams.rust.roles]
analyser = ["claude"]
reviewer = ["mistral"]
[teams.a]
extends = "b"
[teams.b]
extends = "c"
[teams.c]
extends = "b"
[teams.d]
extends = "rubby"
[teams.e]
extends = "e"
"#,
        ),
    );
}

#[test]
fn a_backend_must_say_what_it_is_without_contradiction() {
    snapshot(
        "errors_backends",
        rendered(
            r#"[backends.nothing]
model = "x"
[backends.both]
command = "x"
base_url = "http://localhost/v1"
[backends.empty]
command = " "
[backends.program]
kind = "command"
command = "http://localhost"
[backends.server]
kind = "http"
command = "claude"
[backends.no-server]
kind = "http"
[backends.no-program]
kind = "command"
[backends.rules]
command = "x"
[backends.price]
command = "x"
price = { cached_input = 1 }
[backends.cascade]
command = "x"
model = "a"
models = ["b", "", "b"]
[backends.no-cascade]
command = "x"
models = []
"#,
        ),
    );
}

#[test]
fn a_key_in_a_file_is_an_error_that_does_not_show_it() {
    let texts = [
        format!("[backends.a]\ncommand = 'a'\napi_key = \"{LEAK}\""),
        format!("[backends.a]\ncommand = 'a'\napi_key = 'a-{LEAK}'"),
        format!("[backends.a]\ncommand = 'a'\napi_key = ['{LEAK}']"),
        format!("[backends.a]\napi_key = \"\"\"\n{LEAK}\"\"\""),
        format!("[backends.a]\napi_key = {LEAK}"),
        format!("[backends.a]\napi_key = \"{LEAK}\nx"),
        format!("[backends.a]\napi_key = \"\"\"\n{LEAK}\n"),
        format!("[backends.a]\napi-key = 'x{LEAK}'"),
        format!("[backends]\na = {{ api_key = 'x{LEAK}', comand = 'x' }}"),
        format!("[backends.a]\nenv = ['OPENAI_API_KEY={LEAK}']\ncommand = 'a'"),
        format!("[backends.a]\nargs = '{LEAK}'\ncommand = 'a'"),
        format!("[backends.a]\nbase_url = 'https://me:{LEAK}@example.org'"),
        format!("[backends.a]\ncommand = 'https://{LEAK}@example.org'"),
        format!("[gate]\nfail_on = '{LEAK}'"),
        format!("api_key = '{LEAK}'"),
    ];
    for text in texts {
        for shown in [rendered(&text), format!("{:?}", load(&text).unwrap_err())] {
            assert!(!shown.contains("THISisAsecret"), "{text}\nshows\n{shown}");
        }
    }
    snapshot(
        "errors_key",
        rendered(format!(
            "[backends.a]\ncommand = 'a'\napi_key = \"{LEAK}\" # mine"
        )),
    );
    let errors = with_env(
        "[backends.a]\ncommand = 'a'",
        &[("LLMUX_BACKENDS_A_API_KEY", "plain-secret")],
    );
    let text = errors.unwrap_err().to_string();
    assert!(!text.contains("plain-secret"), "{text}");
}

#[test]
fn errors_point_to_line_and_column_in_characters() {
    let errors = load("# ü\n[gate]\n'ü' = 1\n  fail_on = 'ünknown'\n").unwrap_err();
    let places: Vec<_> = errors
        .problems
        .iter()
        .map(|problem| {
            (
                problem.key.as_str(),
                problem.origin.line,
                problem.origin.column,
            )
        })
        .collect();
    assert_eq!(places, [("gate.\"ü\"", 3, 1), ("gate.fail_on", 4, 13)]);
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let dir = project("a = \"\u{fc}\"".as_bytes());
    write(&dir.path().join("latin.toml"), b"[gate]\n# caf\xe9\n");
    let load_file = |name: &str| {
        let file = dir.path().join(name);
        let errors = config::load(&Inputs {
            config_file: Some(file),
            ..inputs(&dir)
        });
        let text = errors.unwrap_err().to_string();
        text.replace(&dir.path().display().to_string(), "DIR")
    };
    let missing = load_file("missing.toml");
    assert!(
        missing.contains("`DIR/missing.toml` cannot be read"),
        "{missing}"
    );
    let folder = load_file(".llmux");
    assert!(folder.contains("`DIR/.llmux` cannot be read"), "{folder}");
    snapshot("errors_not_utf8", load_file("latin.toml"));
}

#[test]
fn a_variable_that_fits_two_keys_is_an_error() {
    let errors = with_env(
        "[backends.a-b]\ncommand = 'x'\n[backends.a_b]\ncommand = 'y'",
        &[("LLMUX_BACKENDS_A_B_MODEL", "m")],
    );
    let text = errors.unwrap_err().to_string();
    assert!(
        text.contains("this could be `backends.a-b.model` or `backends.a_b.model`"),
        "{text}"
    );
}

#[test]
fn colour_is_only_there_where_it_was_asked_for() {
    let errors = load("[gate]\nfail_on = 1").unwrap_err();
    assert!(!errors.render(false).contains('\u{1b}'));
    assert!(errors.render(true).contains('\u{1b}'));
}

#[test]
fn thousands_of_errors_are_counted_and_not_all_shown() {
    let lines: Vec<_> = (0..5000).map(|n| format!("k{n} = 1")).collect();
    let errors = load(lines.join("\n")).unwrap_err();
    assert_eq!(errors.problems.len(), 5000);
    let shown = errors.to_string();
    assert!(shown.ends_with("5000 errors in the configuration; the last 4900 are not shown"));
}

#[test]
fn terminal_escapes_in_a_file_are_not_passed_on() {
    let text = rendered(
        "[gate]\nfail_on = \"\\u001b[31mred\"\n\"\\u001b]0;x\\u0007\" = 1\nx = \"\u{9b}2J\u{202e}\" # \u{1b}[2J\n",
    );
    assert!(!text.contains(['\u{9b}', '\u{202e}']), "{text:?}");
    assert!(
        !text.contains('\u{1b}') && !text.contains('\u{7}'),
        "{text:?}"
    );
}

/// Text that is nearly configuration.
fn nearly_toml() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("[backends.a]"),
        Just("[backends.b.price]"),
        Just("[roles.x]"),
        Just("[teams.t]"),
        Just("[gate]"),
        Just("[[run]]"),
        Just("[vote"),
        Just("command"),
        Just("base_url"),
        Just("api_key"),
        Just("extends"),
        Just("backends"),
        Just("fail_on"),
        Just("threshold"),
        Just("timeout"),
        Just("="),
        Just("="),
        Just("\n"),
        Just("\n"),
        Just("\n"),
        Just("."),
        Just("\"${A}\""),
        Just("\"t\""),
        Just("'x"),
        Just("\"\"\""),
        Just("\"a\""),
        Just("[\"a\", \"zz\"]"),
        Just("{ input = 1 }"),
        Just("1"),
        Just("-1e400"),
        Just("nan"),
        Just("true"),
        Just("\"\""),
        Just("ü"),
        Just("\r\n"),
        Just("# sk-"),
        Just("\u{0}"),
        Just("99999999999999999999"),
    ];
    proptest::collection::vec(word, 0..40).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn no_text_makes_loading_panic(text in prop_oneof![nearly_toml(), any::<String>(), "(?s).{0,200}"]) {
        match load(&text) {
            Ok(loaded) => {
                let again = load(loaded.show(false)).unwrap();
                prop_assert_eq!(again.settings, loaded.settings);
            }
            Err(errors) => {
                prop_assert!(!errors.problems.is_empty());
                let rendered = errors.render(true);
                prop_assert!(rendered.contains("in the configuration"));
            }
        }
    }

    #[test]
    fn no_bytes_make_loading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Err(errors) = load(&bytes) {
            prop_assert!(!errors.to_string().is_empty());
        }
    }

    #[test]
    fn no_variable_makes_loading_panic(name in "[A-Z_]{0,12}", value in any::<String>()) {
        let name = format!("LLMUX_{name}");
        let pairs = [(name.as_str(), value.as_str()), ("LLMUX_RUN_TIMEOUT", value.as_str())];
        if let Err(errors) = with_env("", &pairs) {
            prop_assert!(!errors.to_string().is_empty());
        }
    }
}
