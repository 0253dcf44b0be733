//! What templates see of a run: see [`crate::workflow::Vars`].

use std::collections::BTreeMap;

use super::Plan;
use crate::change::RepoPath;
use crate::findings::{Finding, Standing};
use crate::workflow::{FindingVars, StepVars, TeamVars, Vars};

/// Step → its texts so far.
pub(super) type Texts = BTreeMap<usize, Vec<String>>;

/// Everything but the packet or finding that a call is about.
pub(super) fn vars(plan: &Plan, findings: &[Finding], texts: &Texts) -> Vars {
    let steps = plan.workflow.steps.iter().enumerate().map(|(index, step)| {
        let own = findings
            .iter()
            .filter(|finding| finding.suppression.is_none())
            .filter(|finding| finding.claims.iter().any(|claim| claim.role == step.role))
            .map(finding_vars);
        let texts = texts.get(&index).cloned().unwrap_or_default();
        (step.name.clone(), StepVars::new(texts, own.collect()))
    });
    Vars {
        change: (&*plan.change).into(),
        packet: None,
        finding: None,
        team: plan
            .team
            .as_ref()
            .map_or_else(TeamVars::default, |(name, team)| TeamVars::new(name, team)),
        context: plan.context.as_str().into(),
        taxonomy: plan.taxonomy.prompt().into(),
        args: plan.args.clone(),
        steps: steps.collect(),
    }
}

/// The same for prompts about packets, which go also to backends that must not be shown some of
/// the files: without anything that is said of these, and without texts, whose writers may have
/// been shown all.
pub(super) fn packet_vars(plan: &Plan, findings: &[Finding], texts: &Texts) -> Vars {
    let routes = plan.routes.as_ref();
    let Some(routes) = routes.filter(|routes| routes.sealing_any().is_some()) else {
        return vars(plan, findings, texts);
    };
    let is_free = |path: &RepoPath| routes.sealing(path).is_none();
    let findings = findings.iter().filter(|it| is_free(&it.location.path));
    let findings: Vec<Finding> = findings.cloned().collect();
    let mut vars = vars(plan, &findings, &Texts::new());
    let files = plan.change.files.iter().filter(|file| is_free(&file.path));
    vars.change.files = files.map(|file| file.path.to_string()).collect();
    vars
}

/// A finding as templates see it.
pub(super) fn finding_vars(finding: &Finding) -> FindingVars {
    FindingVars {
        file: finding.location.path.to_string(),
        line: finding.location.start_line,
        end_line: finding.location.end_line,
        quote: finding.quote.clone(),
        severity: finding.severity.to_string(),
        category: finding.category.clone(),
        rule: finding.rule.clone(),
        title: finding.title.clone(),
        message: finding.message.clone(),
        suggestion: finding.suggestion.clone().unwrap_or_default(),
        votes: finding.vote.voters.len(),
        confidence: finding.confidence,
        confirmed: finding.vote.standing == Standing::Confirmed,
    }
}
