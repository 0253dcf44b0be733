//! Which team reviews a project, and what it knows.

use globset::{Glob, GlobSet};
use std::collections::{BTreeMap, BTreeSet};

use super::near::did_you_mean;
use crate::change::Project;
use crate::workflow::TeamSettings;

/// The built-in teams in the order in which one wins over another. Teams that are often found
/// beside another language, for tools or native parts, stand last.
const ORDER: &[&str] = &[
    "rust",
    "go",
    "swift",
    "elixir",
    "dotnet",
    "java",
    "php",
    "rails",
    "ruby",
    "python",
    "typescript",
    "node",
    "cpp",
];

/// Which team was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detection {
    /// Its name under `[teams]`.
    pub team: Option<String>,
    /// What a reader must know: nothing or several were found. One sentence or two.
    pub warning: Option<String>,
}

/// A team that is not configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no team `{name}`: {help}")]
pub struct UnknownTeam {
    /// As it was asked for.
    pub name: String,
    /// The nearest name, or all.
    pub help: String,
}

/// Finds the team by its marker files in the top folder.
///
/// Of several, a team that extends another wins over it; then come the user's own teams by
/// name, then the built-in ones in a fixed order (see `default.toml`).
pub fn detect(project: &Project, teams: &BTreeMap<String, TeamSettings>) -> Detection {
    let mut found: Vec<&str> = teams
        .keys()
        .filter(|name| {
            chain(name, teams)
                .find(|team| !team.detect.is_empty())
                .is_some_and(|team| team.detect.iter().any(|glob| is_there(project, "", glob)))
        })
        .map(String::as_str)
        .collect();
    let parents: BTreeSet<&str> = found
        .iter()
        .flat_map(|name| chain(name, teams))
        .filter_map(|team| team.extends.as_deref())
        .collect();
    found.retain(|name| !parents.contains(name));
    let rank = |name: &str| ORDER.iter().position(|known| *known == name);
    // No rank, which is a team of the user's, comes before every rank.
    found.sort_by_key(|name| (rank(name), *name));
    match found.as_slice() {
        [] => Detection {
            team: None,
            warning: Some(
                "no team fits this project, so reviewers get no advice for its language; \
                 name one with --team, or write [teams.NAME] with `detect` in .llmux/config.toml"
                    .to_owned(),
            ),
        },
        [one] => Detection {
            team: Some((*one).to_owned()),
            warning: None,
        },
        [first, others @ ..] => Detection {
            team: Some((*first).to_owned()),
            warning: Some(format!(
                "several teams fit this project: took `{first}`, not `{}`; --team names another",
                others.join("`, `")
            )),
        },
    }
}

/// The team with everything that it has from the teams that it extends: its own values stand
/// over theirs, its roles merge with theirs by name.
///
/// # Errors
/// If there is no such team.
pub fn resolve(
    name: &str,
    teams: &BTreeMap<String, TeamSettings>,
) -> Result<TeamSettings, UnknownTeam> {
    let mut chain = chain(name, teams);
    let Some(mut team) = chain.next().cloned() else {
        let names: Vec<_> = teams.keys().map(String::as_str).collect();
        let help = did_you_mean(name, names.iter().copied());
        return Err(UnknownTeam {
            name: name.to_owned(),
            help: help.unwrap_or_else(|| format!("the teams are {}", names.join(", "))),
        });
    };
    for parent in chain {
        team.description = team.description.or_else(|| parent.description.clone());
        team.verify = team.verify.or_else(|| parent.verify.clone());
        team.focus = team.focus.or_else(|| parent.focus.clone());
        if team.detect.is_empty() {
            team.detect.clone_from(&parent.detect);
        }
        if team.context.is_empty() {
            team.context.clone_from(&parent.context);
        }
        for (role, backends) in &parent.roles {
            let own = team.roles.entry(role.clone());
            own.or_insert_with(|| backends.clone());
        }
    }
    Ok(team)
}

/// The team and those that it extends, in order; ends where they would go in a circle.
fn chain<'a>(
    name: &str,
    teams: &'a BTreeMap<String, TeamSettings>,
) -> impl Iterator<Item = &'a TeamSettings> {
    let first = teams.get(name);
    std::iter::successors(first, |team| teams.get(team.extends.as_deref()?)).take(teams.len())
}

/// Whether a glob matches something in the folder; each `/` goes one folder down.
fn is_there(project: &Project, folder: &str, glob: &str) -> bool {
    let (name, rest) = match glob.split_once('/') {
        Some((name, rest)) => (name, Some(rest)),
        None => (glob, None),
    };
    let below = |name: &str| match folder {
        "" => name.to_owned(),
        folder => format!("{folder}/{name}"),
    };
    let goes_on = |name: &str| rest.is_none_or(|rest| is_there(project, &below(name), rest));
    if !name.contains(['*', '?', '[', '{', '\\']) {
        return project.has(&below(name)) && goes_on(name);
    }
    // A set needs no regular expression for the usual `*.ext`.
    let set = Glob::new(name).and_then(|glob| GlobSet::new([glob]));
    let (Ok(set), Ok(entries)) = (set, project.entries(folder)) else {
        return false;
    };
    entries
        .iter()
        .filter(|entry| set.is_match(&entry.name))
        .any(|entry| goes_on(&entry.name))
}
