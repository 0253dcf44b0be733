//! `llmux feedback`: what people say of findings, for the runs that learn from it.

use std::fmt::Write as _;

use super::args::{Feedback as Command, Global, Word};
use super::error::Error;
use super::exit::Exit;
use super::runtime::Runtime;
use super::screen::{self, Screen};
use super::settings::{self, Place};
use super::{memory, store as opening};
use crate::store::{self, Feedback, Known, Store};
use crate::{config, report};

mod alerts;
mod list;
mod matching;

/// Characters of a fingerprint.
const FULL: usize = 32;
/// Fewer of them are no name.
const LEAST: usize = 8;
/// Candidates that an ambiguous beginning names.
const MAX_NAMED: usize = 5;

/// Does what the subcommand says.
pub(super) fn feedback(args: &Command, global: &Global, screen: &Screen) -> Result<Exit, Error> {
    let here = Place::find(global)?;
    let loaded = config::load(&settings::inputs(&here, global, Vec::new()))?;
    let project = opening::project(&here, &loaded.settings.store);
    // Read before the store is opened, so that a wrong file touches nothing.
    let alerts = match args {
        Command::Import { file, .. } => Some(alerts::read(file, &memory::read(file)?)?),
        _ => None,
    };
    let work = async {
        let store = opening::needed(&loaded.settings, screen).await?;
        let desk = Desk {
            store: &store,
            project: &project,
            screen,
        };
        let text = match (args, &alerts) {
            (Command::Import { fixed_is_real, .. }, Some(alerts)) => {
                desk.import(alerts, *fixed_is_real).await
            }
            (Command::Real(word), _) => desk.record(word, true).await,
            (Command::False(word), _) => desk.record(word, false).await,
            (Command::Remove { fingerprint }, _) => desk.remove(fingerprint).await,
            (Command::List { format }, _) => desk.list(*format).await,
            (Command::Import { .. }, None) => Ok(String::new()),
        };
        store.close().await;
        text
    };
    let text = Runtime::start()?.wait(work)?;
    screen::print(text.as_bytes())?;
    Ok(Exit::Passed)
}

/// Where words on the findings of one project are taken.
struct Desk<'d> {
    store: &'d Store,
    project: &'d str,
    screen: &'d Screen,
}

impl Desk<'_> {
    async fn record(&self, word: &Word, is_real: bool) -> Result<String, Error> {
        let mut said = Vec::new();
        let mut text = String::new();
        for name in &word.fingerprint {
            let known = self.find(name).await?;
            let standing = if is_real { "real" } else { "not real" };
            // Writing to a string cannot fail, here and below.
            let _ = writeln!(text, "{standing}: {}", line(&known));
            if known.path.is_empty() {
                let note = format!(
                    "no run in this store has reported {} of the project {}: it is recorded, and \
                     is learned from once a run reports it",
                    known.fingerprint, self.project
                );
                self.screen.note("note", &note);
            }
            said.push(Feedback {
                fingerprint: known.fingerprint,
                is_real,
                reason: word.reason.clone(),
                source: "user".to_owned(),
                author: word.author.clone(),
                at: store::now(),
            });
        }
        self.write(&said).await?;
        Ok(text)
    }

    async fn remove(&self, names: &[String]) -> Result<String, Error> {
        let recorded = self.store.feedback(self.project).await.map_err(broken)?;
        let mut fingerprints = Vec::new();
        let mut text = String::new();
        for name in names {
            let known = self.find(name).await?;
            let mut words = recorded.iter();
            if !words.any(|word| word.fingerprint == known.fingerprint) {
                let why = format!(
                    "nothing is recorded of {}: `llmux feedback list` shows what is",
                    known.fingerprint
                );
                return Err(Error::Usage(why));
            }
            let _ = writeln!(text, "removed: {}", line(&known));
            fingerprints.push(known.fingerprint);
        }
        let done = self.store.remove_feedback(self.project, &fingerprints);
        done.await.map_err(broken)?;
        Ok(text)
    }

    async fn import(&self, alerts: &[alerts::Alert], fixed: bool) -> Result<String, Error> {
        let known = self.store.known_findings(self.project, "");
        let known = known.await.map_err(broken)?;
        let sorted = matching::sort(alerts, &known, fixed);
        let changed = self.write(&sorted.words).await?;
        Ok(sorted.text(changed))
    }

    async fn list(&self, format: super::args::ShowFormat) -> Result<String, Error> {
        let words = self.store.feedback(self.project).await.map_err(broken)?;
        let known = self.store.known_findings(self.project, "");
        let known = known.await.map_err(broken)?;
        list::write(self.project, &words, &known, format)
    }

    async fn write(&self, words: &[Feedback]) -> Result<u64, Error> {
        let written = self.store.record_feedback(self.project, words);
        written.await.map_err(broken)
    }

    /// The finding that a fingerprint or its beginning names; where only a whole one is known, and
    /// nothing of its finding, all else of it is empty.
    async fn find(&self, name: &str) -> Result<Known, Error> {
        let name = name.trim().to_ascii_lowercase();
        let is_hex = name.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hex || !(LEAST..=FULL).contains(&name.len()) {
            return Err(Error::Usage(format!(
                "--fingerprint {name}: a fingerprint has {FULL} hexadecimal digits, of which the \
                 first {LEAST} or more are enough; the JSON and SARIF reports show them"
            )));
        }
        let found = self.store.known_findings(self.project, &name);
        let mut found = found.await.map_err(broken)?;
        for word in self.store.feedback(self.project).await.map_err(broken)? {
            let mut others = found.iter();
            if word.fingerprint.starts_with(&name)
                && !others.any(|known| known.fingerprint == word.fingerprint)
            {
                found.push(unknown(&word.fingerprint));
            }
        }
        match found.as_slice() {
            [one] => Ok(one.clone()),
            [] if name.len() == FULL => Ok(unknown(&name)),
            [] => Err(Error::Usage(format!(
                "--fingerprint {name}: no finding of the project {} begins so; a whole one of \
                 {FULL} digits is recorded all the same",
                self.project
            ))),
            several => Err(Error::Usage(ambiguous(&name, several))),
        }
    }
}

fn ambiguous(name: &str, found: &[Known]) -> String {
    let mut text = format!(
        "--fingerprint {name}: {} findings begin so; name more of it:",
        found.len()
    );
    for known in found.iter().take(MAX_NAMED) {
        let place = report::log_line(&place(known));
        let _ = write!(text, "\n  {}  {place}", known.fingerprint);
    }
    text
}

fn unknown(fingerprint: &str) -> Known {
    Known {
        fingerprint: fingerprint.to_owned(),
        path: String::new(),
        line: 0,
        rule: String::new(),
        title: String::new(),
    }
}

/// One line for people, cleaned.
fn line(known: &Known) -> String {
    let short = known.fingerprint.get(..12).unwrap_or(&known.fingerprint);
    let (short, place) = (report::log_line(short), report::log_line(&place(known)));
    format!("{short}  {place}").trim_end().to_owned()
}

/// `src/a.rs:12: Title [rule]`; empty where nothing is known.
fn place(known: &Known) -> String {
    if known.path.is_empty() {
        return String::new();
    }
    let title = match known.title.as_str() {
        "" => String::new(),
        title => format!(": {title}"),
    };
    format!("{}:{}{title} [{}]", known.path, known.line, known.rule)
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err hands over")]
fn broken(error: store::Error) -> Error {
    Error::Store(format!("the store cannot be used: {error}"))
}
