//! Names that would steer what shows them are text in every format.

use super::{json, said, stats};
use crate::support::Repo;
use crate::support::store::{Call, NOON};

/// Tags, quotes, line ends, a terminal's and a CI runner's commands, turned text.
const NAME: &str = "a<script>alert('x')</script>\"\\\n::error::b\u{1b}[31m\u{202e}&amp;##[group]";

async fn hostile() -> Repo {
    let repo = Repo::new();
    let rows = repo.store().await;
    rows.run("r", "p", NAME, NOON, NAME).await;
    let call = Call {
        backend: NAME,
        role: NAME,
        team: NAME,
        ..Call::default()
    };
    rows.call("r", &call).await;
    rows.finding("r", NAME, "confirmed", &[(NAME, NAME)]).await;
    rows.close().await;
    repo
}

#[tokio::test]
async fn a_terminal_is_not_steered() {
    let text = stats(&hostile().await, &[]);
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    assert!(!text.contains("##[") && !text.contains("\n::"), "{text}");
    // On one line each.
    let heads = text
        .lines()
        .filter(|line| line.contains("a<script>"))
        .count();
    assert_eq!(heads, 7, "{text}");
}

#[tokio::test]
async fn a_page_shows_names_as_text() {
    let page = stats(&hostile().await, &["--format", "html"]);
    assert!(!page.contains("<script") && !page.contains("&amp;amp;amp;"));
    assert!(page.contains("a&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;\\ ::error::b"));
    assert!(!page.contains(['\u{1b}', '\u{202e}']));
    assert!(page.contains("default-src 'none'"));
    assert!(!page.contains("http://") && !page.contains("https://"));
}

#[tokio::test]
async fn json_keeps_names_and_hides_nothing() {
    let repo = hostile().await;
    let text = stats(&repo, &["--format", "json"]);
    assert!(!text.contains(['\u{1b}', '\u{202e}']) && !text.contains("##["));
    let args = [
        "stats",
        "--all-projects",
        "--since",
        "2026-11-01",
        "--format",
        "json",
    ];
    assert_eq!(json(&repo, &args)["by_backend"][0]["name"], NAME);
}

#[tokio::test]
async fn labels_are_escaped() {
    let text = said(&hostile().await, &["stats", "--prometheus", "/dev/stdout"]);
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(
            name.starts_with("llmux_") && value.parse::<f64>().is_ok(),
            "{line}"
        );
    }
    assert!(text.contains("backend=\"a<script>alert('x')</script>\\\"\\\\\u{240a}::error::b"));
}

/// What a project is called is shown, and may be hostile too.
#[test]
fn a_project_is_text() {
    let repo = Repo::new();
    let args = ["stats", "--project", NAME, "--format"];
    let page = said(&repo, &[&args[..], &["html"]].concat());
    assert!(!page.contains("<script"));
    let text = said(&repo, &[&args[..], &["terminal"]].concat());
    assert!(!text.contains(['\u{1b}', '\u{202e}']) && !text.contains("##["));
}
