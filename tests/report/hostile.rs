//! Text that a model or a file brings must steer nothing that displays a report.

use llmux::change::Kind;
use llmux::findings::Severity;
use llmux::gate::Outcome;
use llmux::report::Format;
use proptest::prelude::*;

use super::sample::{self, HOSTILE_WORDS, rich};
use super::{sarif_value, text};

/// Characters that no report may hold: they steer terminals, hide or turn text.
fn steers(character: char) -> bool {
    (character.is_control() && character != '\n' && character != '\t')
        || matches!(character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// What GitHub's and Azure's runners obey in a log.
fn commands(report: &str) -> Vec<&str> {
    report
        .lines()
        .filter(|line| {
            let hash = line.split("##").skip(1).any(|rest| {
                rest.trim_start_matches(|c: char| c.is_ascii_alphabetic())
                    .starts_with('[')
            });
            line.trim_start().starts_with("::") || hash
        })
        .collect()
}

fn assert_harmless(outcome: &Outcome) {
    for format in Format::ALL {
        let report = text(outcome, format);
        let found: Vec<char> = report.chars().filter(|c| steers(*c)).collect();
        assert!(found.is_empty(), "{format}: {found:?}");
        let mut commands = commands(&report);
        if format == Format::Github {
            // Commands are what it is; only its own, each whole on its line.
            let own = super::github::parse(&report).len();
            commands.retain(|line| !line.starts_with("::"));
            assert_eq!(report.lines().count(), own + 1, "{report}");
        }
        assert_eq!(commands, Vec::<&str>::new(), "{format}");
    }
}

#[test]
fn nothing_steers_a_terminal_or_a_runner() {
    assert_harmless(&rich());
}

#[test]
fn markdown_holds_no_html_mention_image_or_credential_of_a_model() {
    let report = text(&rich(), Format::Markdown);
    // Code in fences shows what the file holds; nothing acts there.
    let mut prose = String::new();
    let mut fence: Option<&str> = None;
    for line in report.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(open) if ticks.len() >= open.len() && ticks == line => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 => fence = Some(ticks),
            None => {
                prose.push_str(line);
                prose.push('\n');
            }
        }
    }
    assert_eq!(fence, None, "a fence stays open");
    let prose = prose
        .replace("<details><summary>", "")
        .replace("</summary>", "")
        .replace("</details>", "");
    for bad in [
        "<script",
        "</block",
        "<!--",
        "@everyone",
        "&#64;",
        "![p]",
        "hunter2",
        "#12",
    ] {
        assert!(!prose.contains(bad), "{bad} in\n{prose}");
    }
    assert_eq!(
        report.matches("<details>").count(),
        report.matches("</details>").count() - 2,
        "the two more are in fenced code\n{report}"
    );
}

#[test]
fn json_keeps_every_character() {
    let report: serde_json::Value = serde_json::from_str(&text(&rich(), Format::Json)).unwrap();
    let hostile = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["rule"] == "shell-other")
        .unwrap();
    assert_eq!(hostile["message"], HOSTILE_WORDS);
    assert_eq!(hostile["title"], HOSTILE_WORDS);
}

#[test]
fn junit_names_are_unique() {
    let report = text(&rich(), Format::Junit);
    let mut names: Vec<&str> = report
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("<testcase "))
        .collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup_by_key(|line| line.split(" assertions").next());
    assert_eq!(names.len(), count, "{names:#?}");
}

#[test]
fn very_long_lines_and_spans_are_cut_for_people() {
    let mut run = sample::clean_run();
    let long = format!("{}\n", "let x = \"some text\"; ".repeat(5_000));
    let many = "a line\n".repeat(5_000);
    let change = llmux::change::Change {
        files: vec![
            sample::file("long.js", Kind::Added, &long, &[]),
            sample::file("many.rs", Kind::Added, &many, &[]),
        ],
        ..Default::default()
    };
    let end = u32::try_from(long.len()).unwrap();
    let places = [
        sample::location("long.js", (1, 1), (1, end)),
        sample::location("long.js", (1, 50_000), (1, 50_010)),
        sample::location("many.rs", (1, 1), (5_000, 3)),
        sample::location("many.rs", (10, 1), (40, 3)),
    ];
    run.change = change.into();
    run.findings = places
        .into_iter()
        .map(|place| sample::finding(place, Severity::High, "some-rule", "Title"))
        .collect();
    let outcome = sample::judged(run);
    let report = text(&outcome, Format::Terminal);
    assert!(report.lines().count() < 100, "{report}");
    let widest = report
        .lines()
        .map(|line| line.chars().count())
        .max()
        .unwrap();
    assert!(widest < 160, "{widest}: {report}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever a model writes, wherever it points: every report is written, is
    /// harmless, and can be read by what reads it.
    #[test]
    fn any_text_is_reported(
        title in any_text(),
        message in any_text(),
        source in any_text(),
        rule in any_text(),
        start in (0_u32..12, 0_u32..90),
        end in (0_u32..12, 0_u32..90),
    ) {
        let mut run = sample::rich_run();
        let change = llmux::change::Change {
            title: title.clone(),
            files: vec![sample::file(&source, Kind::Added, &source, &[])],
            ..Default::default()
        };
        run.change = change.into();
        let place = sample::location(&source, start, end);
        let mut finding = sample::finding(place, Severity::High, &rule, &title);
        finding.message.clone_from(&message);
        finding.suggestion = Some(source.clone());
        finding.quote = source;
        finding.category.clone_from(&rule);
        run.findings = vec![finding];
        run.texts = vec![(rule, message)];
        run.notices = vec![title];
        let outcome = sample::judged(run);
        assert_harmless(&outcome);
        let log = sarif_value(&outcome);
        prop_assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(1));
        let junit = text(&outcome, Format::Junit);
        prop_assert!(quick_junit::Report::deserialize_from_str(&junit).is_ok(), "{}", junit);
        prop_assert!(junit.chars().all(is_xml_char), "{}", junit);
        super::gitlab::check(&text(&outcome, Format::Gitlab));
        super::rdjsonl::check(&outcome);
        super::html::check(&text(&outcome, Format::Html));
        for max_bytes in [0, 999, 65_536] {
            let options = llmux::report::markdown::Options { max_bytes, ..Default::default() };
            prop_assert!(super::markdown_with(&outcome, &options).len() <= max_bytes);
        }
    }
}

/// Any characters, often those that mean something somewhere.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => any::<char>().prop_map(String::from),
        3 => "[a-z ]{0,12}",
        2 => proptest::sample::select(vec![
            "\n", "\r\n", "\r", "\t", "::", "::error::", "##[", "##vso[", "`", "```", "|", "\\",
            "<", "</details>", "]]>", "&", "@a", "![", "](", "\u{1b}[31m", "\u{0}", "\u{9b}",
            "\u{202e}", "\u{feff}", "\u{ffff}", "日本", "\u{1f600}", "e\u{301}", "{0}", "#1",
            "https://u:p@h/",
        ]).prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// XML 1.0, production 2.
fn is_xml_char(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}
