//! What a review leaves in the store, and what it finds there: a run begins, goes on or is over
//! already.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::args::Refresh;
use super::plan::Brief;
use super::recipe::Recipe;
use super::screen::Screen;
use crate::config::Settings;
use crate::engine::{Funds, Plan, Recorder, Recording, Serving};
use crate::findings::{Finding, Standing, backend_of};
use crate::gate::Outcome;
use crate::store::{self, Error, FindingRow, Kind, NewRun, RunRow, Said, Store};

/// How often a run gives a sign of life.
const PULSE: Duration = Duration::from_secs(10);

/// A run that the store knows of.
pub(super) struct Kept {
    store: Store,
    recorder: Arc<Recorder>,
    run: String,
    /// Whether it was over before, and is told once more.
    is_settled: bool,
    pulse: tokio::task::JoinHandle<()>,
}

/// Which run this is.
struct Started {
    run: String,
    serving: Serving,
    /// Whether the calls so far are this run's.
    goes_on: bool,
    /// No older answer counts.
    since: i64,
}

/// Enters a run, or takes up one that was interrupted; tells the plan what need not be asked.
/// Must stand in a runtime.
pub(super) async fn begin(
    store: Option<Store>,
    plan: &mut Plan,
    recipe: Option<String>,
    brief: &Brief<'_>,
) -> Option<Kept> {
    plan.funds = Funds {
        settings: brief.settings.budget.clone(),
        project: brief.experience.project.clone(),
        team: plan.team.as_ref().map(|(name, _)| name.clone()),
        spent: Vec::new(),
    };
    let kept = match store {
        Some(store) => enter(&store, plan, recipe, brief).await.map(Some),
        None => Ok(None),
    };
    let kept = kept.unwrap_or_else(|error| {
        trouble(&error, brief.screen);
        None
    });
    if kept.is_none() && brief.review.part.is_some() {
        plan.recorder = Arc::new(Recorder::new(journal(plan)));
    }
    kept
}

/// Keeps nothing but a journal.
fn journal(plan: &Plan) -> Recording {
    Recording {
        team: plan.funds.team.clone().unwrap_or_default(),
        journal: true,
        ..Recording::default()
    }
}

/// Enters a run whose parts were run elsewhere; what is asked in it now is kept as any call is.
/// Must stand in a runtime.
pub(super) async fn join(
    store: Option<Store>,
    plan: &mut Plan,
    recording: Recording,
    screen: &Screen,
) -> Option<Kept> {
    let mut recording = recording;
    if let Some(store) = &store {
        // No run of this machine goes on from it: it has but the last of the calls.
        let key = format!("merge {}", plan.key());
        match store.begin_run(&new_run(&recording.run, key, plan)).await {
            Ok(()) => recording.store = Some(store.clone()),
            Err(error) => trouble(&error, screen),
        }
    }
    let (store, run) = (recording.store.clone(), recording.run.clone());
    let recorder = Arc::new(Recorder::new(recording));
    plan.recorder = Arc::clone(&recorder);
    let store = store?;
    Some(Kept {
        pulse: pulse(&store, &run),
        store,
        recorder,
        run,
        is_settled: false,
    })
}

/// Signs of life, until it is aborted.
fn pulse(store: &Store, run: &str) -> tokio::task::JoinHandle<()> {
    let (store, run) = (store.clone(), run.to_owned());
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(PULSE).await;
            // Who cannot write that it lives has told so at its next call.
            let _ = store.beat(&run).await;
        }
    })
}

async fn enter(
    store: &Store,
    plan: &mut Plan,
    recipe: Option<String>,
    brief: &Brief<'_>,
) -> Result<Kept, Error> {
    let key = plan.key();
    let newest = store.newest_run(&plan.funds.project, &key).await?;
    let started = start(store, newest, brief).await?;
    let past = if started.goes_on {
        // Who reads what was decided when it began, by what was known and left then.
        if let Some(text) = store.recipe(&started.run).await?
            && let Ok(recipe) = Recipe::read(&text)
        {
            plan.routes = recipe.routes;
        }
        store.calls_of(&started.run).await?
    } else {
        let run = NewRun {
            recipe,
            ..new_run(&started.run, key, plan)
        };
        store.begin_run(&run).await?;
        BTreeMap::new()
    };
    if started.goes_on && started.serving == Serving::Tape {
        plan.funds.spent = store.spent_by(&started.run).await?;
    }
    let is_settled = started.serving == Serving::Settled;
    let recorder = Arc::new(Recorder::new(Recording {
        store: Some(store.clone()),
        run: started.run.clone(),
        team: plan.funds.team.clone().unwrap_or_default(),
        serving: started.serving,
        past,
        since: started.since,
        content: brief.settings.store.content,
        journal: brief.review.part.is_some(),
        ..Recording::default()
    }));
    plan.recorder = Arc::clone(&recorder);
    Ok(Kept {
        pulse: pulse(store, &started.run),
        store: store.clone(),
        recorder,
        run: started.run,
        is_settled,
    })
}

/// A run that ended in order is not run again by itself; one that was interrupted goes on.
async fn start(store: &Store, newest: Option<RunRow>, brief: &Brief<'_>) -> Result<Started, Error> {
    let (settings, review, screen) = (brief.settings, brief.review, brief.screen);
    let now = store::now();
    let ttl = i64::try_from(settings.store.ttl.as_millis()).unwrap_or(i64::MAX);
    let since = now.saturating_sub(ttl);
    let anew = |serving, since| Started {
        run: store::new_id(),
        serving,
        goes_on: false,
        since,
    };
    if review.refresh == Some(Refresh::All) || review.record.is_some() {
        return Ok(anew(Serving::Fresh, now));
    }
    // One that is too old has no answers any more.
    let wanted = |run: &RunRow| review.refresh.is_none() && run.started >= since;
    let Some(run) = newest.filter(wanted) else {
        return Ok(anew(Serving::Tape, since));
    };
    let goes_on = |serving| Started {
        run: run.id.clone(),
        serving,
        goes_on: true,
        since,
    };
    if run.is_settled() {
        // Where nobody was asked there is nothing to ask again.
        if run.status != "success" && run.calls > 0 {
            let sentence = format!(
                "this review ended as `{}` on {} (run {}) and is not run again by itself: \
                 --refresh=failed asks again what failed, --refresh everything",
                run.status,
                store::minute(run.ended.unwrap_or(run.started)),
                short(&run.id)
            );
            screen.note("note", &sentence);
        }
        return Ok(goes_on(Serving::Settled));
    }
    if run.is_left(now) && store.take_over(&run).await? {
        if run.calls > 0 {
            let sentence = format!(
                "run {} was not finished ({}): it goes on, and its {} calls are not made again",
                short(&run.id),
                run.status,
                run.calls
            );
            screen.note("note", &sentence);
        }
        return Ok(goes_on(Serving::Tape));
    }
    Ok(anew(Serving::Tape, since))
}

/// As much of a run's id as people need.
pub(super) fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

fn new_run(id: &str, key: String, plan: &Plan) -> NewRun {
    NewRun {
        id: id.to_owned(),
        key,
        project: plan.funds.project.clone(),
        workflow: plan.workflow.name.clone(),
        team: plan.funds.team.clone().unwrap_or_default(),
        title: plan.change.title.clone(),
        base: plan.change.base.clone(),
        head: plan.change.head.clone(),
        recipe: None,
    }
}

impl Kept {
    /// Enters how the run ended and what it found, and keeps the store within its size.
    pub(super) async fn end(self, outcome: &Outcome, settings: &Settings, screen: &Screen) {
        self.pulse.abort();
        let first = self.recorder.trouble();
        let done = match &first {
            Some(error) => Err(error.clone()),
            None => self.enter_end(outcome, settings).await,
        };
        let Err(error) = done else {
            self.store.close().await;
            return;
        };
        trouble(&error, screen);
        if error.kind == Kind::Corrupt
            && let Some(aside) = self.store.set_aside().await
        {
            let sentence = format!(
                "the broken store is now {}; the next run begins a new one",
                aside.display()
            );
            screen.note("warning", &sentence);
        }
    }

    async fn enter_end(&self, outcome: &Outcome, settings: &Settings) -> Result<(), Error> {
        let run = &outcome.run;
        // What is only told once more stays as it was judged then.
        if !self.is_settled || self.recorder.has_asked() {
            let rows = finding_rows(outcome, settings.store.content);
            self.store.keep_findings(&self.run, &rows).await?;
            let verdict = outcome.verdict.as_str();
            self.store
                .end_run(&self.run, run.status.as_str(), verdict)
                .await?;
        }
        self.store
            .trim(settings.store.max_size, settings.store.ttl)
            .await
    }
}

/// Trouble with the store costs what it would have kept, and no review.
fn trouble(error: &Error, screen: &Screen) {
    let sentence = format!(
        "the store cannot be used any more: {error}; this run went on without it, and what it \
         paid for is in its report alone"
    );
    screen.note("warning", &sentence);
}

fn finding_rows(outcome: &Outcome, content: bool) -> Vec<FindingRow> {
    let run = &outcome.run;
    let standing = |finding: &Finding| match finding.vote.standing {
        _ if finding.suppression.is_some() => "suppressed",
        Standing::Confirmed => "confirmed",
        Standing::Unconfirmed => "unconfirmed",
    };
    let told = run.findings.iter().map(|one| (one, standing(one)));
    let refuted = run.refuted.iter().map(|one| (one, "refuted"));
    told.chain(refuted)
        .map(|(finding, standing)| FindingRow {
            fingerprint: finding.fingerprint.clone(),
            standing: standing.to_owned(),
            path: finding.location.path.to_string(),
            line: finding.location.start_line,
            severity: finding.severity.to_string(),
            category: finding.category.clone(),
            rule: finding.rule.clone(),
            title: if content {
                finding.title.clone()
            } else {
                String::new()
            },
            answered: finding.vote.answered.clone(),
            said: said(finding),
        })
        .collect()
}

fn said(finding: &Finding) -> Vec<Said> {
    let mut said: Vec<Said> = finding
        .claims
        .iter()
        .map(|claim| Said {
            voter: claim.backend.clone(),
            backend: backend_of(&claim.backend).to_owned(),
            role: claim.role.clone(),
            severity: claim.severity.to_string(),
        })
        .collect();
    said.sort();
    said.dedup_by(|left, right| (&left.voter, &left.role) == (&right.voter, &right.role));
    said
}
