//! What a run may spend: the highest cost of a call is reserved before it is made, and settled
//! with what it did cost.
//!
//! Caps on one run are kept in this process; those of days and months in the store's ledger,
//! which all processes share. Where a cap needs the store and there is none, no call is made: a
//! cap that nobody keeps is none.

mod purse;
mod settings;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

pub use settings::{Caps, Settings};

use purse::{Pocket, Purse};

use super::recorder::Recorder;
use crate::store::{self, Entry, Hold, Short, Store};
use crate::units::{dollars, nano_usd};

/// How long a call waits for money that calls of other processes hold.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(250);

/// What is known before the first call.
#[derive(Debug, Default)]
pub struct Funds {
    /// `[budget]`.
    pub settings: Settings,
    /// What the project is called in the store.
    pub project: String,
    /// Name of the team.
    pub team: Option<String>,
    /// What this run did spend before it was interrupted: (backend, billionths of a US dollar).
    pub spent: Vec<(String, i64)>,
}

/// A run's money.
#[derive(Debug)]
pub(super) struct Budget {
    funds: Funds,
    purse: Purse,
    recorder: Arc<Recorder>,
    /// Calls of this process that hold money.
    open: AtomicUsize,
    /// Told whenever a call is settled.
    freed: Notify,
    /// Why no call is made any more.
    spent: OnceLock<String>,
}

/// What is reserved for one call. Given back where it is dropped.
#[derive(Debug)]
pub(super) struct Reserved<'b> {
    budget: &'b Budget,
    backend: String,
    /// Billionths of a US dollar.
    taken: i64,
    hold: Hold,
    is_open: bool,
}

/// Why a call is not made.
#[derive(Clone, Debug)]
pub(super) enum Refusal {
    /// The run is over: there is no money.
    Spent(String),
    /// This backend may spend no more; others may.
    Backend(String),
    /// The run was ended meanwhile.
    Cancelled,
}

/// A try that did not succeed.
enum Lack {
    /// It would not fit if all that is promised were given back.
    ForGood(Refusal),
    /// It may fit when other calls are settled.
    ForNow(Refusal),
}

impl Funds {
    /// Billionths of a US dollar that every cap leaves which is not a single backend's; none
    /// where nothing is bounded. A line that cannot be read leaves what its cap says.
    pub async fn left(&self, store: Option<&Store>) -> Option<u64> {
        let spent: i64 = self.spent.iter().map(|(_, spent)| spent).sum();
        let run = self.run_caps().into_iter();
        let mut left: Vec<i64> = run.map(|(_, cap)| nano(cap) - spent).collect();
        for entry in self.entries(None) {
            let Some(cap) = entry.cap else { continue };
            let standing = match store {
                Some(store) => store.standing(&entry.scope, &entry.period).await.ok(),
                None => None,
            };
            let (spent, reserved) = standing.unwrap_or_default();
            left.push(cap - spent - reserved);
        }
        left.into_iter()
            .min()
            .map(|left| u64::try_from(left).unwrap_or(0))
    }

    /// Caps on one run: the key, and US dollars.
    fn run_caps(&self) -> Vec<(String, f64)> {
        let settings = &self.settings;
        let mut caps = Vec::new();
        caps.extend(settings.run.map(|cap| ("budget.run".to_owned(), cap)));
        let whole = settings.organisation.run;
        caps.extend(whole.map(|cap| ("budget.organisation.run".to_owned(), cap)));
        if let Some(team) = &self.team
            && let Some(cap) = settings.teams.get(team).and_then(|caps| caps.run)
        {
            caps.push((format!("budget.teams.{team}.run"), cap));
        }
        caps
    }

    /// The lines that a call is booked on, with their caps.
    fn entries(&self, backend: Option<&str>) -> Vec<Entry> {
        let now = store::now();
        let (day, month) = (store::day(now), store::month(now));
        let (project, settings) = (&self.project, &self.settings);
        let mut entries = Vec::new();
        let mut lines = |scope: String, caps: Caps| {
            for (period, cap) in [(&day, caps.day), (&month, caps.month)] {
                entries.push(Entry {
                    scope: scope.clone(),
                    period: period.clone(),
                    cap: cap.map(nano),
                });
            }
        };
        lines("organisation".to_owned(), settings.organisation);
        lines(format!("project/{project}"), settings.project());
        if let Some(backend) = backend {
            let own = settings.per_backend.get(backend).copied();
            lines(
                format!("backend/{project}/{backend}"),
                own.unwrap_or_default(),
            );
        }
        if let Some(team) = &self.team {
            let own = settings.teams.get(team).copied();
            lines(format!("team/{project}/{team}"), own.unwrap_or_default());
        }
        entries
    }
}

impl Budget {
    pub(super) fn new(funds: Funds, recorder: Arc<Recorder>) -> Self {
        let mut purse = Purse::default();
        let all: i64 = funds.spent.iter().map(|(_, spent)| spent).sum();
        for (key, cap) in funds.run_caps() {
            purse.fill(Pocket::Run(key), nano(cap), all);
        }
        for (backend, caps) in &funds.settings.per_backend {
            if let Some(cap) = caps.run {
                let own = funds.spent.iter().find(|(name, _)| name == backend);
                let own = own.map_or(0, |(_, spent)| *spent);
                purse.fill(Pocket::Backend(backend.clone()), nano(cap), own);
            }
        }
        Self {
            funds,
            purse,
            recorder,
            open: AtomicUsize::new(0),
            freed: Notify::new(),
            spent: OnceLock::new(),
        }
    }

    /// Whether anything is bounded.
    pub(super) fn is_set(&self) -> bool {
        self.funds.settings.is_set()
    }

    /// Why no call is made any more, once that is so.
    pub(super) fn spent(&self) -> Option<&str> {
        self.spent.get().map(String::as_str)
    }

    /// Reserves so many billionths of a US dollar for a call; waits where calls that are not
    /// settled hold what it needs: as long as any of this process does, which end by their own
    /// deadlines, and a while for those of others.
    pub(super) async fn reserve(
        &self,
        backend: &str,
        most: i64,
        cancel: &CancellationToken,
    ) -> Result<Reserved<'_>, Refusal> {
        let entries = self.funds.entries(Some(backend));
        let mut waited_since: Option<Instant> = None;
        loop {
            if let Some(why) = self.spent() {
                return Err(Refusal::Spent(why.to_owned()));
            }
            let freed = self.freed.notified();
            let lack = match self.try_reserve(backend, most, &entries).await {
                Ok(reserved) => return Ok(reserved),
                Err(lack) => lack,
            };
            if self.open.load(Ordering::SeqCst) > 0 {
                waited_since = None;
            }
            let since = *waited_since.get_or_insert_with(Instant::now);
            let refusal = match lack {
                Lack::ForNow(refusal) if since.elapsed() < PATIENCE => {
                    tokio::select! {
                        biased;
                        () = cancel.cancelled() => return Err(Refusal::Cancelled),
                        // Others' calls tell nobody here.
                        _ = timeout(LOOK, freed) => {}
                    }
                    drop(refusal);
                    continue;
                }
                Lack::ForNow(refusal) | Lack::ForGood(refusal) => refusal,
            };
            if let Refusal::Spent(why) = &refusal {
                // The first one counts.
                let why = self.spent.get_or_init(|| why.clone());
                return Err(Refusal::Spent(why.clone()));
            }
            return Err(refusal);
        }
    }

    async fn try_reserve(
        &self,
        backend: &str,
        most: i64,
        entries: &[Entry],
    ) -> Result<Reserved<'_>, Lack> {
        self.purse.take(backend, most).map_err(|lacking| {
            let short = lacking.cap - lacking.spent < most;
            let (is_backend, key) = match lacking.pocket {
                Pocket::Run(key) => (false, key),
                Pocket::Backend(name) => (true, format!("budget.per_backend.{name}.run")),
            };
            let why = sentence(&key, lacking.cap, lacking.spent, lacking.reserved, most);
            lack(is_backend, why, short)
        })?;
        self.open.fetch_add(1, Ordering::SeqCst);
        let mut reserved = Reserved {
            budget: self,
            backend: backend.to_owned(),
            taken: most,
            hold: Hold::counting(entries.to_vec()),
            is_open: true,
        };
        if entries.iter().all(|entry| entry.cap.is_none()) {
            return Ok(reserved);
        }
        match self.recorder.reserve(backend, most, entries.to_vec()).await {
            Some(Ok(hold)) => {
                reserved.hold = hold;
                Ok(reserved)
            }
            Some(Err(short)) => Err(self.short(&short, most)),
            None => Err(Lack::ForGood(Refusal::Spent(
                "a budget of days or months needs the store, which cannot be used: no call is \
                 made that nobody counts"
                    .to_owned(),
            ))),
        }
    }

    fn short(&self, short: &Short, most: i64) -> Lack {
        let key = self.key_of(&short.entry);
        let cap = short.entry.cap.unwrap_or(i64::MAX);
        let why = sentence(&key, cap, short.spent, short.reserved, most);
        let is_backend = short.entry.scope.starts_with("backend/");
        lack(is_backend, why, cap - short.spent < most)
    }

    /// The key that caps a line.
    fn key_of(&self, entry: &Entry) -> String {
        let unit = if entry.period.len() > 7 {
            "day"
        } else {
            "month"
        };
        let named = |kind: &str| {
            let start = format!("{kind}/{}/", self.funds.project);
            entry.scope.strip_prefix(&start).map(str::to_owned)
        };
        if entry.scope == "organisation" {
            format!("budget.organisation.{unit}")
        } else if let Some(backend) = named("backend") {
            format!("budget.per_backend.{backend}.{unit}")
        } else if let Some(team) = named("team") {
            format!("budget.teams.{team}.{unit}")
        } else {
            format!("budget.{unit}")
        }
    }
}

impl Reserved<'_> {
    /// The store's part of it.
    pub(super) fn hold(&self) -> &Hold {
        &self.hold
    }

    /// What was reserved at most, in billionths of a US dollar.
    pub(super) fn taken(&self) -> i64 {
        self.taken
    }

    /// The call did cost so much. `is_booked` is whether the store knows.
    pub(super) async fn settle(mut self, cost: i64, is_booked: bool) {
        self.is_open = false;
        if !is_booked {
            self.budget.recorder.release(&self.hold).await;
        }
        self.free(cost);
    }

    fn free(&self, cost: i64) {
        self.budget.purse.settle(&self.backend, self.taken, cost);
        self.budget.open.fetch_sub(1, Ordering::SeqCst);
        self.budget.freed.notify_waiters();
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        // A call that was cut off: what the store holds for it stays, since it may be billed.
        self.free(0);
    }
}

fn lack(is_backend: bool, why: String, is_for_good: bool) -> Lack {
    let refusal = if is_backend {
        Refusal::Backend(why)
    } else {
        Refusal::Spent(why)
    };
    if is_for_good {
        Lack::ForGood(refusal)
    } else {
        Lack::ForNow(refusal)
    }
}

fn sentence(key: &str, cap: i64, spent: i64, reserved: i64, most: i64) -> String {
    let promised = match reserved {
        0 => String::new(),
        reserved => format!(" and {} promised to other calls", usd(reserved)),
    };
    format!(
        "{key} is {}, of which {} is spent{promised}; the next call can cost {}",
        usd(cap),
        usd(spent),
        usd(most)
    )
}

/// US dollars for people.
fn usd(nano: i64) -> String {
    format!("${:.4}", dollars(u64::try_from(nano).unwrap_or(0)))
}

/// From US dollars, as the ledger counts.
fn nano(dollars: f64) -> i64 {
    i64::try_from(nano_usd(dollars)).unwrap_or(i64::MAX)
}
