//! Where workflow files come from: a path, the project, the user, llmux itself.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::Workflow;
use super::problems::{Problems, suggestion};

/// The workflows that llmux ships, by name.
const BUILTIN: [(&str, &str); 1] = [("diff", include_str!("../../workflows/diff.toml"))];

/// What messages call the source of a built-in workflow, before its name. No path looks
/// like it: it has no separator and does not end in `.toml`.
const BUILTIN_SOURCE: &str = "built-in workflow ";

/// Why there is no workflow.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The file is there (or was named by its path) and cannot be read.
    #[error("cannot read the workflow {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// No file and no built-in workflow has that name.
    #[error("there is no workflow `{name}`; {remedy}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// The nearest name, or all of them.
        remedy: String,
    },
    /// The file was read and is wrong.
    #[error("{0}")]
    Wrong(#[from] Problems),
}

/// Names of the workflows that llmux ships.
pub fn builtin_names() -> impl Iterator<Item = &'static str> {
    BUILTIN.iter().map(|(name, _)| *name)
}

/// Finds a workflow's text and what messages call its source. What has a path separator or
/// ends in `.toml` is a path; a name is looked for in `project_dir/.llmux/workflows`,
/// then in `user_dir/workflows` (the folder that holds the user's `config.toml`), then
/// among the built-in ones.
///
/// # Errors
/// A file that cannot be read; a name that nobody knows, with the names that are known.
pub fn find(
    name_or_path: &str,
    project_dir: Option<&Path>,
    user_dir: Option<&Path>,
) -> Result<(String, String), FindError> {
    if name_or_path.contains(std::path::is_separator) || is_toml(Path::new(name_or_path)) {
        let path = PathBuf::from(name_or_path);
        return match fs::read_to_string(&path) {
            Ok(text) => Ok((text, path.display().to_string())),
            Err(error) => Err(FindError::Read { path, error }),
        };
    }
    let folders = folders(project_dir, user_dir);
    for folder in &folders {
        let path = folder.join(format!("{name_or_path}.toml"));
        match fs::read_to_string(&path) {
            Ok(text) => return Ok((text, path.display().to_string())),
            Err(error) if is_absent(&error) => {}
            Err(error) => return Err(FindError::Read { path, error }),
        }
    }
    if let Some((name, text)) = BUILTIN.iter().find(|(name, _)| *name == name_or_path) {
        return Ok(((*text).to_owned(), format!("{BUILTIN_SOURCE}{name}")));
    }
    let known = known_names(&folders);
    let known: Vec<_> = known.iter().map(String::as_str).collect();
    Err(FindError::Unknown {
        name: name_or_path.to_owned(),
        remedy: suggestion(name_or_path, "known workflows", &known),
    })
}

/// Whether the text that [`find`] gave with this source is one that llmux ships.
pub fn is_builtin(source: &str) -> bool {
    source.starts_with(BUILTIN_SOURCE)
}

/// The fixed part of workflows that state none: that of the built-in `diff`, which says
/// what packets look like and what an answer is.
pub(super) fn shared_fixed() -> String {
    let (_, diff) = BUILTIN[0];
    let diff: toml::Table = toml::from_str(diff).unwrap_or_default();
    let fixed = diff.get("fixed").and_then(toml::Value::as_str);
    fixed.unwrap_or_default().to_owned()
}

/// Finds, reads and checks a workflow: see [`find`] and [`Workflow::parse`].
///
/// # Errors
/// Theirs.
pub fn load(
    name_or_path: &str,
    project_dir: Option<&Path>,
    user_dir: Option<&Path>,
) -> Result<Workflow, FindError> {
    let (text, source) = find(name_or_path, project_dir, user_dir)?;
    Ok(Workflow::parse(&text, &source)?)
}

/// Names that [`find`] finds, sorted.
pub fn names(project_dir: Option<&Path>, user_dir: Option<&Path>) -> BTreeSet<String> {
    known_names(&folders(project_dir, user_dir))
}

fn folders(project_dir: Option<&Path>, user_dir: Option<&Path>) -> Vec<PathBuf> {
    let project = project_dir.map(|dir| dir.join(".llmux").join("workflows"));
    let user = user_dir.map(|dir| dir.join("workflows"));
    project.into_iter().chain(user).collect()
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn is_toml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "toml")
}

/// Sorted; a folder that cannot be listed has none.
fn known_names(folders: &[PathBuf]) -> BTreeSet<String> {
    let files = folders
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| is_toml(path))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()));
    files.chain(builtin_names().map(str::to_owned)).collect()
}
