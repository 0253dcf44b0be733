//! The process's variables, programs and keys, as a value: tests need not change their own process.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use super::http::Clients;

/// Variables that name proxies, as most programs read them.
pub(super) const PROXIES: &[&str] = &[
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// Environment variables: what backends know of the process that they run in.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    guard: Option<PathBuf>,
    /// Connections that are made as these variables say, shared by all backends.
    clients: Clients,
}

impl Environment {
    /// Those of this process, now.
    pub fn of_process() -> Self {
        std::env::vars_os().collect()
    }

    /// With llmux' executable, which guards each program: kills what a program leaves, also
    /// outside its process group, and all of it when this process is killed. On Linux alone.
    #[must_use]
    pub fn guarded_by(mut self, executable: impl Into<PathBuf>) -> Self {
        self.guard = Some(executable.into());
        self
    }

    /// The executable that guards programs.
    pub(super) fn guard(&self) -> Option<&Path> {
        self.guard.as_deref()
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        let (_, value) = self.iter().find(|(key, _)| same_name(key, name))?;
        Some(value)
    }

    /// The value of a variable that holds some text: trimmed, since a key from a file
    /// often ends with a line break; none where it is empty.
    pub fn text(&self, name: &str) -> Option<String> {
        let value = self.get(name)?.to_str()?.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// Connections that are made as these variables say.
    pub(super) fn clients(&self) -> &Clients {
        &self.clients
    }

    /// All, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        let pairs = self.variables.iter();
        pairs.map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }
}

impl<N: Into<OsString>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter();
        let variables = pairs.map(|(name, value)| (name.into(), value.into()));
        Self {
            variables: variables.collect(),
            guard: None,
            clients: Clients::default(),
        }
    }
}

/// Names alone: values may be keys.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

/// Windows writes `Path` where others write `PATH`.
pub(super) fn same_name(key: &OsStr, name: &str) -> bool {
    if cfg!(windows) {
        key.eq_ignore_ascii_case(name)
    } else {
        key == name
    }
}

/// A key that an environment variable holds. Never shown.
#[derive(Clone)]
pub(super) struct Key {
    /// Name of the variable.
    pub(super) variable: String,
    value: Option<String>,
}

impl Key {
    /// Reads `"${NAME}"` and the variable that it names.
    ///
    /// # Errors
    /// Where the text is something else: perhaps the key itself, so that it is not repeated.
    pub(super) fn read(written: &str, environment: &Environment) -> Result<Self, KeyError> {
        let name = written
            .strip_prefix("${")
            .and_then(|rest| rest.strip_suffix('}'));
        match name {
            Some(name) if is_variable(name) => Ok(Self {
                variable: name.to_owned(),
                value: environment.text(name),
            }),
            _ => Err(KeyError),
        }
    }

    /// The key.
    ///
    /// # Errors
    /// Which variable is missing.
    pub(super) fn value(&self) -> Result<&str, String> {
        self.value.as_deref().ok_or_else(|| {
            format!(
                "the environment variable {} is not set; put the key into it",
                self.variable
            )
        })
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${{{}}}", self.variable)
    }
}

/// The text is not `"${NAME}"`.
#[derive(Debug)]
pub(super) struct KeyError;

fn is_variable(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|first| first == b'_' || first.is_ascii_alphabetic())
        && bytes.all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
}

/// The program of that name in the folders of `path` (as in `PATH`). Relative folders are
/// left out: they would find what a checkout brings along.
pub(super) fn find_program(name: &str, path: &OsStr, extensions: Option<&str>) -> Option<PathBuf> {
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .find_map(|folder| executable(&folder.join(name), extensions))
}

/// The path, with one of Windows' extensions (`PATHEXT`) where it has none, if it can be run.
pub(super) fn executable(path: &Path, extensions: Option<&str>) -> Option<PathBuf> {
    if runs(path) {
        return Some(path.to_owned());
    }
    if !cfg!(windows) || path.extension().is_some() {
        return None;
    }
    let extensions = extensions.unwrap_or(".EXE;.CMD;.BAT").split(';');
    extensions
        .map(|extension| path.with_extension(extension.trim_start_matches('.')))
        .find(|path| runs(path))
}

#[cfg(unix)]
fn runs(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn runs(path: &Path) -> bool {
    path.extension().is_some() && path.is_file()
}
