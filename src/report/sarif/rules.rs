//! The rules of a SARIF report: metadata from the taxonomy, severity from what was found.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use serde_sarif::sarif;

use crate::findings::confidence::backend_of;
use crate::findings::taxonomy::{Rule, Taxonomy, security_severity, sentence};
use crate::findings::{Finding, Severity};
use crate::report::clean;

/// Characters of a rule's full description, by GitHub's limit.
const MAX_DESCRIPTION: usize = 1_024;
/// Characters of a rule's name, by GitHub's limit.
const MAX_NAME: usize = 255;
/// The category whose findings GitHub shows as security alerts.
const SECURITY: &str = "security";
/// Votes of a finding from which on it is real in about four of five cases.
const MANY_VOTES: usize = 3;

/// What the severity of a rule is taken for that no taxonomy has.
const UNKNOWN: Severity = Severity::Medium;

/// The id that a finding's rule has in the report: the slug, and behind it the severity where a
/// security finding has another one than its rule usually has. GitHub shows the severity of
/// security findings by their rule alone, and knows an alert by this id: so the id follows from
/// the finding and never from what else was found.
pub(super) fn id(finding: &Finding, taxonomy: &Taxonomy) -> String {
    let slug = clean::line(&finding.rule);
    let known = taxonomy.get(&finding.rule);
    let category = known.map_or(&finding.category, |rule| &rule.category);
    let usual = known.map_or(UNKNOWN, |rule| rule.severity);
    if category == SECURITY && finding.severity != usual {
        format!("{slug}/{}", finding.severity)
    } else {
        slug
    }
}

/// The rules of a report, sorted by id.
pub(super) struct Rules {
    used: BTreeMap<String, Used>,
}

/// A rule and what the report says by it.
struct Used {
    category: String,
    title: String,
    description: String,
    help: String,
    cwe: Option<u32>,
    /// Of a security rule.
    score: Option<f64>,
    severity: Severity,
    precise: bool,
}

impl Rules {
    /// The rules that `findings` name; all of the taxonomy where there is no
    /// finding, since GitHub wants the list filled.
    pub(super) fn of(findings: &[&Finding], taxonomy: &Taxonomy) -> Self {
        let mut used: BTreeMap<String, Used> = BTreeMap::new();
        for finding in findings {
            // Samples of one backend err together.
            let voters = finding.vote.voters.iter().map(|voter| backend_of(voter));
            let precise = voters.collect::<BTreeSet<_>>().len() >= MANY_VOTES;
            used.entry(id(finding, taxonomy))
                .and_modify(|rule| {
                    rule.severity = rule.severity.max(finding.severity);
                    rule.precise &= precise;
                })
                .or_insert_with(|| match taxonomy.get(&finding.rule) {
                    Some(rule) => Used::known(rule, finding.severity, precise),
                    None => Used::unknown(finding, precise),
                });
        }
        if used.is_empty() {
            let all = taxonomy.rules().iter();
            used = all
                .map(|rule| (rule.slug.clone(), Used::known(rule, rule.severity, false)))
                .collect();
        }
        Self { used }
    }

    /// Where the rule stands in [`Rules::descriptors`].
    pub(super) fn index(&self, id: &str) -> Option<i64> {
        let index = self.used.keys().position(|key| key == id)?;
        i64::try_from(index).ok()
    }

    /// The rules as SARIF has them.
    pub(super) fn descriptors(&self) -> Vec<sarif::ReportingDescriptor> {
        self.used
            .iter()
            .map(|(id, rule)| rule.descriptor(id))
            .collect()
    }
}

impl Used {
    fn known(rule: &Rule, severity: Severity, precise: bool) -> Self {
        Self {
            category: rule.category.clone(),
            title: rule.title.clone(),
            description: rule.description.clone(),
            help: rule.help.clone(),
            cwe: rule.cwe,
            score: rule.security_severity,
            severity,
            precise,
        }
    }

    /// A rule that the taxonomy of the run does not have: what its slug says.
    fn unknown(finding: &Finding, precise: bool) -> Self {
        let title = sentence(&finding.rule);
        Self {
            category: finding.category.clone(),
            description: format!("{title}. Category: {}.", clean::line(&finding.category)),
            help: format!("{title}. See the message of each finding."),
            title,
            cwe: None,
            score: None,
            severity: finding.severity,
            precise,
        }
    }

    fn descriptor(&self, id: &str) -> sarif::ReportingDescriptor {
        sarif::ReportingDescriptor {
            name: name(id),
            short_description: Some(plain(&clean::line(&self.title))),
            full_description: Some(plain(&clean::cut(
                &clean::line(&self.description),
                MAX_DESCRIPTION - 1,
            ))),
            help: Some(sarif::MultiformatMessageString {
                text: clean::text(&self.help),
                markdown: Some(clean::text(&self.help)),
                properties: None,
            }),
            default_configuration: Some(sarif::ReportingConfiguration {
                level: Some(json!(super::level(self.severity))),
                ..Default::default()
            }),
            properties: Some(self.properties()),
            ..sarif::ReportingDescriptor::builder().id(id).build()
        }
    }

    fn properties(&self) -> sarif::PropertyBag {
        let mut tags = vec![clean::line(&self.category)];
        if let Some(cwe) = self.cwe {
            tags.push(format!("external/cwe/cwe-{cwe:03}"));
        }
        let mut properties: BTreeMap<String, Value> = BTreeMap::from([
            (
                "precision".to_owned(),
                json!(if self.precise { "high" } else { "medium" }),
            ),
            (
                "problem.severity".to_owned(),
                json!(match self.severity {
                    Severity::Critical | Severity::High => "error",
                    Severity::Medium => "warning",
                    Severity::Low | Severity::Note => "recommendation",
                }),
            ),
        ]);
        // Its presence makes GitHub show every result of the rule by it, as a security alert. It
        // has no word for a note: without it, the level shows one.
        if self.category == SECURITY && self.severity != Severity::Note {
            let score = security_severity(self.score, self.severity);
            properties.insert("security-severity".to_owned(), json!(format!("{score:.1}")));
        }
        sarif::PropertyBag {
            tags: Some(tags),
            additional_properties: properties,
        }
    }
}

fn plain(text: &str) -> sarif::MultiformatMessageString {
    sarif::MultiformatMessageString::from(&text.to_owned())
}

/// `sql-injection` as `SqlInjection`; none for `leak`, since SARIF forbids a name
/// that is the id again.
fn name(id: &str) -> Option<String> {
    let name = pascal_case(id);
    let differs = !name.is_empty() && !name.eq_ignore_ascii_case(id);
    differs.then(|| clean::cut(&name, MAX_NAME - 1).into_owned())
}

/// `sql-injection` as `SqlInjection`.
fn pascal_case(slug: &str) -> String {
    slug.split(|character: char| !character.is_alphanumeric())
        .map(capitalized)
        .collect()
}

fn capitalized(word: &str) -> String {
    let mut characters = word.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}
