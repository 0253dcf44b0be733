//! Part files: a run, or a shard of one, with all that is needed to tell it on another machine.
//!
//! A part comes from another job, so it is data: nothing in it becomes a command or an address.
//! Who is asked what a part does not have is the backend of this machine's own configuration.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::args::Shard;
use super::error::Error;
use super::recipe::Recipe;
use crate::engine::{Log, Plan, Routes, Shards};
use crate::findings::Memory;
use crate::findings::confidence::Example;
use crate::store::Past;

/// Grows when what stands here changes its meaning.
const VERSION: u32 = 1;
/// Bytes of a part file.
const MOST: u64 = 2 << 30;

/// A run, or a shard of one.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    #[serde(rename = "llmux_part")]
    version: u32,
    /// Version of llmux: another one may cut and ask otherwise.
    llmux: String,
    /// Which of how many.
    number: u32,
    of: u32,
    /// What the run is known by: parts of one run have the same.
    key: String,
    /// Ids of all packets, those of other shards among them.
    pub(super) packets: Vec<String>,
    pub(super) recipe: Recipe,
    pub(super) memory: Memory,
    /// What people said of earlier findings, where votes go by it.
    pub(super) judged: Vec<Example>,
    /// What the project is called in the store.
    pub(super) project: String,
    /// What was asked and told.
    pub(super) calls: BTreeMap<String, Past>,
    /// Backend → billionths of a US dollar.
    pub(super) spent: BTreeMap<String, i64>,
}

/// What a part is made of before the run, which takes the plan.
pub(super) struct Draft {
    path: PathBuf,
    part: Part,
}

impl Draft {
    pub(super) fn of(
        path: &Path,
        shard: Option<Shard>,
        recipe: Recipe,
        (judged, project): (&[Example], &str),
        plan: &Plan,
    ) -> Self {
        let mut draft = Self::of_nothing(
            path,
            shard,
            recipe.with_change(&plan.change),
            plan.memory.clone(),
        );
        let packets = plan.packets.iter();
        draft.part.packets = packets.map(|packet| packet.id.clone()).collect();
        draft.part.key = plan.key();
        draft.part.judged = judged.to_vec();
        project.clone_into(&mut draft.part.project);
        draft
    }

    /// Of a run in which there was nothing to review.
    pub(super) fn of_nothing(
        path: &Path,
        shard: Option<Shard>,
        recipe: Recipe,
        memory: Memory,
    ) -> Self {
        let Shard { number, of } = shard.unwrap_or(Shard { number: 1, of: 1 });
        let part = Part {
            version: VERSION,
            llmux: env!("CARGO_PKG_VERSION").to_owned(),
            number,
            of,
            key: String::new(),
            packets: Vec::new(),
            recipe,
            memory,
            judged: Vec::new(),
            project: String::new(),
            calls: BTreeMap::new(),
            spent: BTreeMap::new(),
        };
        Self {
            path: path.to_owned(),
            part,
        }
    }

    /// Writes it with what was told: whole or not at all.
    pub(super) fn write(mut self, log: Log) -> Result<(), Error> {
        let path = self.path;
        self.part.calls = log.calls;
        self.part.spent = log.spent;
        let failed = |source| Error::File {
            path: path.clone(),
            source,
        };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        let mut out = std::io::BufWriter::new(file.as_file_mut());
        serde_json::to_writer(&mut out, &self.part).map_err(|error| failed(error.into()))?;
        out.write_all(b"\n")
            .and_then(|()| out.flush())
            .map_err(failed)?;
        drop(out);
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

/// Whether a part can be written there; found out before anything is asked.
pub(super) fn check(path: &Path) -> Result<(), Error> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        _ if path.is_dir() => Err(Error::Usage(format!(
            "--part {}: this is a folder; name a file in it",
            path.display()
        ))),
        Some(folder) if !folder.is_dir() => Err(Error::Usage(format!(
            "--part {}: there is no folder {}; create it first",
            path.display(),
            folder.display()
        ))),
        _ => Ok(()),
    }
}

/// Parts of one run, in the order of their numbers.
pub(super) struct Parts {
    parts: Vec<Part>,
}

impl Parts {
    /// Reads them, and makes sure that they belong together.
    pub(super) fn read(paths: &[PathBuf]) -> Result<Self, Error> {
        let mut parts: Vec<(Part, &PathBuf)> = Vec::new();
        for path in paths {
            parts.push((read(path)?, path));
        }
        parts.sort_by_key(|(part, _)| part.number);
        for pair in parts.windows(2) {
            let [(one, its), (other, others)] = pair else {
                continue;
            };
            let trouble = if (&one.key, one.of) != (&other.key, other.of) {
                "are parts of different runs: other changes, settings or numbers of shards"
                    .to_owned()
            } else if one.number == other.number {
                format!("are both part {} of {}", one.number, one.of)
            } else {
                continue;
            };
            return Err(Error::Usage(format!(
                "{} and {} {trouble}",
                its.display(),
                others.display()
            )));
        }
        Ok(Self {
            parts: parts.into_iter().map(|(part, _)| part).collect(),
        })
    }

    /// What all of them were made by.
    pub(super) fn into_recipe(mut self) -> Recipe {
        self.parts.swap_remove(0).recipe
    }

    /// What they have in common.
    pub(super) fn first(&self) -> &Part {
        &self.parts[0]
    }

    /// How many there are to be.
    pub(super) fn of(&self) -> u32 {
        self.first().of
    }

    /// Which are here, from 1.
    pub(super) fn here(&self) -> impl Iterator<Item = u32> {
        self.parts.iter().map(|part| part.number)
    }

    /// Who reads which packet, as each part has decided for its own.
    pub(super) fn routes(&self, shards: &Shards) -> Option<Routes> {
        let decided = self.parts.iter();
        let decided = decided.filter_map(|part| Some((part.number, part.recipe.routes.as_ref()?)));
        shards.joined_routes(&self.first().packets, &decided.collect())
    }

    /// What all of them were told, and what it did cost by backend.
    pub(super) fn calls(&mut self) -> (BTreeMap<String, Past>, Vec<(String, i64)>) {
        let mut calls = BTreeMap::new();
        let mut spent: BTreeMap<String, i64> = BTreeMap::new();
        for part in &mut self.parts {
            // A question that two asked (a step without packets) was told to both.
            for (key, past) in std::mem::take(&mut part.calls) {
                calls.entry(key).or_insert(past);
            }
            for (backend, nano_usd) in &part.spent {
                let sum = spent.entry(backend.clone()).or_default();
                *sum = sum.saturating_add(*nano_usd);
            }
        }
        (calls, spent.into_iter().collect())
    }
}

fn read(path: &Path) -> Result<Part, Error> {
    let shown = path.display();
    let unreadable =
        |error: std::io::Error| Error::Usage(format!("{shown} cannot be read: {error}"));
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut text = String::new();
    let read = file.take(MOST).read_to_string(&mut text);
    read.map_err(unreadable)?;
    let part: Part = serde_json::from_str(&text).map_err(|error| {
        Error::Usage(format!(
            "{shown} is no part file: {error}; `llmux diff --part FILE` writes one"
        ))
    })?;
    let is_ours = part.version == VERSION && part.llmux == env!("CARGO_PKG_VERSION");
    if !is_ours || !part.recipe.is_ours() {
        return Err(Error::Usage(format!(
            "{shown} was written by llmux {}, and this is {}: parts are joined by the version that \
             wrote them",
            part.llmux,
            env!("CARGO_PKG_VERSION")
        )));
    }
    let is_sound = (1..=part.of).contains(&part.number);
    is_sound.then_some(part).ok_or_else(|| {
        Error::Usage(format!(
            "{shown} says that it is a part that there cannot be"
        ))
    })
}
