//! What a program is started with: its file and its variables.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::agents::Agent;
use crate::backends::KeyState;
use crate::backends::environment::{Environment, executable, find_program, same_name};

/// Variables that every program sees, where they are set: what finds programs, speaks the
/// user's language and reaches the network. `LC_*` and `XDG_*` come on top.
const ALLOWED: &[&str] = &[
    "PATH",
    "HOME",
    "LANG",
    "TERM",
    "TMPDIR",
    "TZ",
    "USER",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
];

/// What Windows programs do not start without.
const ALLOWED_ON_WINDOWS: &[&str] = &[
    "SystemRoot",
    "SystemDrive",
    "ComSpec",
    "PATHEXT",
    "TEMP",
    "TMP",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "ProgramData",
];

/// A bare name is searched in `PATH`; a path counts from the folder that llmux runs in,
/// since the program itself starts in another one.
pub(super) fn find(
    written: &str,
    agent: Option<&Agent>,
    environment: &Environment,
) -> Result<PathBuf, String> {
    let extensions = environment.text("PATHEXT");
    let extensions = extensions.as_deref();
    if Path::new(written).components().count() > 1 || Path::new(written).is_absolute() {
        let path = std::path::absolute(written)
            .map_err(|error| format!("`{written}` is no path: {error}"))?;
        return executable(&path, extensions)
            .ok_or_else(|| format!("{} is no program that can be run", path.display()));
    }
    let path = environment.get("PATH").unwrap_or_default();
    find_program(written, path, extensions).ok_or_else(|| {
        if let Some((program, options)) = written.split_once(" -") {
            return format!("`{written}` is no program; write command = \"{program}\" and put -{options} into `args`");
        }
        let how = agent.map(|agent| format!(" ({})", agent.install));
        let how = how.unwrap_or_default();
        format!("`{written}` is not installed: no folder of PATH has it; install it{how} or give its path as `command`")
    })
}

/// What the program sees: the allow-list, what the settings name, what its agent sets.
pub(super) fn variables(
    environment: &Environment,
    named: &[&str],
    agent: Option<&Agent>,
) -> Vec<(OsString, OsString)> {
    let set = agent.map(|agent| agent.set).unwrap_or_default();
    let places = agent.map(|agent| agent.passed).unwrap_or_default();
    let windows = cfg!(windows).then_some(ALLOWED_ON_WINDOWS);
    let passed = environment.iter().filter(|(key, _)| {
        let exact = ALLOWED
            .iter()
            .chain(windows.into_iter().flatten())
            .chain(places)
            .chain(named);
        let mut exact = exact.filter(|name| same_name(key, name));
        let text = key.to_string_lossy();
        exact.next().is_some() || text.starts_with("LC_") || text.starts_with("XDG_")
    });
    let passed = passed.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let set = set.iter().map(|(name, value)| (name.into(), value.into()));
    set.chain(passed).collect()
}

/// Variables that name what stands in a call's folder, and the path there.
pub(super) fn placed(
    environment: &Environment,
    named: &[&str],
    agent: &Agent,
) -> Vec<(&'static str, &'static str)> {
    let has_key = |key: &str| named.contains(&key) && environment.text(key).is_some();
    let placed = agent.placed.iter();
    let placed = placed.filter(|placed| placed.with_key.is_none_or(has_key));
    placed
        .map(|placed| (placed.variable, placed.path))
        .collect()
}

/// What to say beside a failure of an agent whose key is set but stays here.
pub(super) fn hint(agent: &Agent, named: &[&str], environment: &Environment) -> Option<String> {
    if agent.keys.iter().any(|key| named.contains(key)) {
        return None;
    }
    let key = agent
        .keys
        .iter()
        .find(|key| environment.text(key).is_some())?;
    Some(format!(
        "{key} is set but not passed on: name it in the backend's `env` if the program needs it"
    ))
}

/// The variables that may hold its key: the one of `api_key`, and those of its agent that it
/// is given or that are set.
pub(super) fn key_states(
    environment: &Environment,
    named: &[&str],
    api_key: Option<&str>,
    agent: Option<&Agent>,
) -> Vec<KeyState> {
    let known = agent.map(|agent| agent.keys).unwrap_or_default();
    let is_set = |key: &str| environment.text(key).is_some();
    let known = known
        .iter()
        .copied()
        .filter(|key| named.contains(key) || is_set(key));
    let mut keys: Vec<&str> = api_key.into_iter().chain(known).collect();
    keys.sort_unstable();
    keys.dedup();
    let states = keys.into_iter().map(|key| KeyState {
        variable: key.to_owned(),
        present: is_set(key),
    });
    states.collect()
}
