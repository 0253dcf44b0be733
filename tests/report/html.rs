//! The page for a browser: what strangers wrote is text in it. `tests/report-html.sh` opens it.

use llmux::report::Format;

use super::sample::{self, rich};
use super::text;

/// The tags that the page may hold.
const TAGS: &[&str] = &[
    "!DOCTYPE", "article", "b", "body", "button", "code", "dd", "details", "div", "dl", "dt",
    "fieldset", "form", "h1", "h2", "h3", "head", "html", "input", "label", "legend", "li", "main",
    "mark", "meta", "option", "p", "pre", "section", "select", "span", "style", "summary", "table",
    "tbody", "td", "th", "thead", "title", "tr", "ul",
];

/// No tag but the page's own, each closed as often as opened, and no attribute that acts.
pub(super) fn check(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    let body = &page[page.find("</style>").unwrap()..];
    for piece in body.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').unwrap();
        let name = tag.trim_start_matches('/');
        let name = name.split([' ', '\n']).next().unwrap();
        assert!(TAGS.contains(&name), "<{tag}>");
        assert!(!tag.contains(" on") && !tag.contains("style="), "<{tag}>");
        match tag.strip_prefix('/') {
            Some(name) if ["style", "head", "body", "html"].contains(&name) => {}
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if ["input", "body"].contains(&name) => {}
            None => open.push(name),
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn a_page_holds_its_own_tags_alone() {
    for outcome in [
        rich(),
        sample::clean(),
        sample::incomplete(),
        sample::judged(sample::remembering_run()),
    ] {
        check(&text(&outcome, Format::Html));
    }
}

#[test]
fn a_page_loads_nothing_and_has_no_script() {
    let page = text(&rich(), Format::Html);
    assert!(page.contains("content=\"default-src 'none'; style-src 'sha256-"));
    for bad in [
        "<script", "<link", "<img", "src=", "href=", "url(", "@import",
    ] {
        assert!(!page.contains(bad), "{bad}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

#[test]
fn everything_of_a_run_stands_on_the_page() {
    let page = text(&sample::judged(sample::remembering_run()), Format::Html);
    for wanted in [
        "blocked: 1 critical",
        "Confirmed findings: 1 critical",
        "Unconfirmed: 1 critical, 1 note",
        "Suppressed: 2 high",
        "Refuted: 1 high",
        "<dt>Cost</dt><dd>$0.0312</dd>",
        "A key of the test server.",
        "Fixed since the run before",
        "src/unread.py</code>: claude failed: timed out",
        "    let q = <mark>format!(&quot;select * from users",
        "let q = &quot;select * from users where name = ?&quot;;</pre>",
        "Each row asks again.",
        "<option id=\"b1\">codex</option>",
        "Cargo.lock, package-lock.json",
    ] {
        assert!(page.contains(wanted), "{wanted} in\n{page}");
    }
}
