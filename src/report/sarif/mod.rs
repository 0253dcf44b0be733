//! SARIF 2.1.0, as code scanning reads it.
//!
//! Only confirmed findings are results. GitHub shows the severity of a security
//! alert by its *rule*, and of any other by the result's level; it ignores votes.
//! So a security rule is written once for each severity that its findings have,
//! and a rule of another kind once (docs/sarif.md).

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::json;
use serde_sarif::sarif;

use super::level::Level;
use super::place::{Place, Places};
use super::{clean, json_text, words};
use crate::change::RepoPath;
use crate::engine::{BackendReport, Run, Status};
use crate::findings::{Finding, Opinion, Severity};
use crate::gate::{Outcome, Verdict};
use crate::units::rounded;

mod rules;

use rules::Rules;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const INFORMATION_URI: &str = "https://crates.io/crates/llmux";
/// What GitHub keeps of a run.
const MAX_RESULTS: usize = 5_000;
/// Characters of a message; GitHub states no limit, and an upload has one of 10 MB.
const MAX_MESSAGE: usize = 4_000;
/// Characters of a snippet.
const MAX_SNIPPET: usize = 1_000;
/// Notifications, so that a change of very many files keeps an upload's size.
const MAX_NOTIFICATIONS: usize = 1_000;
/// Stands for the top folder of the repository.
const ROOT: &str = "%SRCROOT%";

/// Writes the report. `category` tells apart runs that are uploaded for one
/// commit: GitHub keeps the alerts of the newest upload of each.
///
/// # Errors
/// Those of the sink.
pub fn write(outcome: &Outcome, category: Option<&str>, out: &mut impl Write) -> io::Result<()> {
    json_text::write(&log(outcome, category), out)
}

fn log(outcome: &Outcome, category: Option<&str>) -> sarif::Sarif {
    let mut findings: Vec<&Finding> = outcome.confirmed().collect();
    // Stable, so report order stays within a severity.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let left_over = findings.len().saturating_sub(MAX_RESULTS);
    findings.truncate(MAX_RESULTS);

    let rules = Rules::of(&findings, &outcome.run.taxonomy);
    let id = match category {
        Some(category) => format!("llmux/{}/", clean::line(category)),
        None => "llmux/".to_owned(),
    };
    let tool = sarif::Tool {
        extensions: extensions(&outcome.run.backends),
        ..sarif::Tool::builder().driver(driver(&rules)).build()
    };
    let run = sarif::Run {
        automation_details: Some(sarif::RunAutomationDetails {
            id: Some(id),
            ..Default::default()
        }),
        column_kind: Some(json!("unicodeCodePoints")),
        original_uri_base_ids: Some(BTreeMap::from([(
            ROOT.to_owned(),
            sarif::ArtifactLocation {
                description: Some("The top folder of the repository.".into()),
                ..Default::default()
            },
        )])),
        invocations: Some(vec![invocation(outcome, left_over)]),
        results: Some(results(&findings, &rules, &outcome.run)),
        ..sarif::Run::builder().tool(tool).build()
    };
    sarif::Sarif {
        schema: Some(SCHEMA.to_owned()),
        version: json!("2.1.0"),
        runs: vec![run],
        inline_external_properties: None,
        properties: None,
    }
}

fn driver(rules: &Rules) -> sarif::ToolComponent {
    sarif::ToolComponent {
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        semantic_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        information_uri: Some(INFORMATION_URI.to_owned()),
        rules: Some(rules.descriptors()),
        ..component(env!("CARGO_PKG_NAME"))
    }
}

/// The backends that were asked, with their models.
fn extensions(backends: &[BackendReport]) -> Option<Vec<sarif::ToolComponent>> {
    let components: Vec<_> = backends
        .iter()
        .map(|backend| {
            let name = clean::line(&backend.name);
            sarif::ToolComponent {
                full_name: backend
                    .model
                    .as_ref()
                    .map(|model| format!("{name} ({})", clean::line(model))),
                ..component(&name)
            }
        })
        .collect();
    (!components.is_empty()).then_some(components)
}

fn component(name: &str) -> sarif::ToolComponent {
    sarif::ToolComponent::builder().name(name).build()
}

fn results(findings: &[&Finding], rules: &Rules, run: &Run) -> Vec<sarif::Result> {
    let mut places = Places::new(&run.change);
    findings
        .iter()
        .map(|finding| {
            let place = places.of(finding);
            let id = rules::id(finding, &run.taxonomy);
            sarif::Result {
                rule_index: rules.index(&id),
                rule_id: Some(id),
                level: Some(level(finding.severity)),
                locations: Some(vec![sarif::Location {
                    physical_location: Some(sarif::PhysicalLocation {
                        artifact_location: Some(artifact(&finding.location.path)),
                        region: Some(region(&place)),
                        ..Default::default()
                    }),
                    ..Default::default()
                }]),
                partial_fingerprints: Some(fingerprints(finding, place.line_hash)),
                rank: Some(rounded(finding.confidence * 100.0)),
                properties: Some(properties(finding)),
                ..sarif::Result::builder().message(message(finding)).build()
            }
        })
        .collect()
}

/// GitHub's level: it decides whether a check fails for findings that are not
/// security findings.
fn level(severity: Severity) -> sarif::ResultLevel {
    match Level::of(severity) {
        Level::Error => sarif::ResultLevel::Error,
        Level::Warning => sarif::ResultLevel::Warning,
        Level::Note => sarif::ResultLevel::Note,
    }
}

fn region(place: &Place) -> sarif::Region {
    let (span, snippet) = (&place.span, clean::text(&place.text));
    sarif::Region {
        start_line: Some(span.start_line.into()),
        start_column: Some(span.start_column.into()),
        end_line: Some(span.end_line.into()),
        end_column: Some(span.end_column.into()),
        snippet: Some(sarif::ArtifactContent {
            text: Some(clean::cut(&snippet, MAX_SNIPPET).into_owned()),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn message(finding: &Finding) -> sarif::Message {
    let mut text = format!(
        "{}\n\n{}\n\nSeverity: {}. Votes: {}.",
        words::title(finding),
        clean::cut(&clean::text(&finding.message), MAX_MESSAGE),
        finding.severity,
        words::votes(finding),
    );
    if let Some(suggestion) = &finding.suggestion {
        text.push_str("\n\nSuggestion:\n");
        text.push_str(&clean::cut(&clean::text(suggestion), MAX_MESSAGE));
    }
    // `[text](target)` is a link in a SARIF message; a number as its target is a
    // reference to a location that is not there.
    sarif::Message::from(&text.replace("](", "] ("))
}

fn fingerprints(finding: &Finding, line_hash: Option<String>) -> BTreeMap<String, String> {
    let own = ("llmux/v1".to_owned(), finding.fingerprint.clone());
    let line_hash = line_hash.map(|hash| ("primaryLocationLineHash".to_owned(), hash));
    std::iter::once(own).chain(line_hash).collect()
}

/// GitHub ignores these; other readers sort and filter by them.
fn properties(finding: &Finding) -> sarif::PropertyBag {
    let backends = |names: &[String]| names.iter().map(|name| clean::line(name)).collect();
    let voters: Vec<String> = backends(&finding.vote.voters);
    let answered: Vec<String> = backends(&finding.vote.answered);
    let silent: Vec<String> = backends(&finding.vote.silent);
    let critics = |opinion| -> Vec<String> {
        let ballots = finding.ballots.iter();
        let own = ballots.filter(|ballot| ballot.opinion == opinion);
        own.map(|ballot| clean::line(&ballot.critic)).collect()
    };
    sarif::PropertyBag {
        tags: None,
        additional_properties: BTreeMap::from([
            ("severity".to_owned(), json!(finding.severity)),
            ("voters".to_owned(), json!(voters)),
            ("answered".to_owned(), json!(answered)),
            ("silent".to_owned(), json!(silent)),
            ("confirmedBy".to_owned(), json!(critics(Opinion::Confirm))),
            ("refutedBy".to_owned(), json!(critics(Opinion::Refute))),
            ("weight".to_owned(), json!(rounded(finding.vote.weight))),
            (
                "threshold".to_owned(),
                json!(rounded(finding.vote.threshold)),
            ),
            ("measure".to_owned(), json!(finding.vote.measure)),
            ("confidence".to_owned(), json!(finding.confidence)),
        ]),
    }
}

/// The file's path as a relative URI: each byte outside RFC 3986's unreserved
/// set is percent-encoded, so that paths that are not UTF-8 keep their bytes and
/// a colon is no scheme.
fn artifact(path: &RepoPath) -> sarif::ArtifactLocation {
    sarif::ArtifactLocation {
        uri: Some(clean::uri_path(path.as_bstr())),
        uri_base_id: Some(ROOT.to_owned()),
        ..Default::default()
    }
}

fn invocation(outcome: &Outcome, left_over: usize) -> sarif::Invocation {
    let ended = matches!(outcome.run.status, Status::Success | Status::Degraded);
    // A finding that blocks does not make a run complete.
    let complete = !matches!(outcome.verdict, Verdict::Incomplete(_))
        && words::uncovered(&outcome.run).next().is_none();
    let mut notifications = Vec::new();
    if left_over > 0 {
        notifications.push(notification(
            &format!("{left_over} findings are not in this report: GitHub keeps {MAX_RESULTS}."),
            "warning",
            None,
        ));
    }
    if let Verdict::Incomplete(reasons) = &outcome.verdict {
        notifications.extend(reasons.iter().map(|why| notification(why, "error", None)));
    }
    notifications.extend(words::uncovered(&outcome.run).map(|file| {
        let text = format!(
            "{} was not read by enough backends: {}",
            words::path(&file.path),
            words::gap(file)
        );
        notification(&text, "error", Some(&file.path))
    }));
    let notices = outcome.run.notices.iter();
    notifications.extend(notices.map(|notice| notification(notice, "warning", None)));
    notifications.truncate(MAX_NOTIFICATIONS);
    sarif::Invocation {
        tool_execution_notifications: (!notifications.is_empty()).then_some(notifications),
        ..sarif::Invocation::builder()
            .execution_successful(ended && complete)
            .build()
    }
}

fn notification(text: &str, level: &str, path: Option<&RepoPath>) -> sarif::Notification {
    let message = clean::cut(&clean::line(text), MAX_MESSAGE).replace("](", "] (");
    sarif::Notification {
        level: Some(json!(level)),
        locations: path.map(|path| {
            vec![sarif::Location {
                physical_location: Some(sarif::PhysicalLocation {
                    artifact_location: Some(artifact(path)),
                    ..Default::default()
                }),
                ..Default::default()
            }]
        }),
        ..sarif::Notification::builder().message(&*message).build()
    }
}
