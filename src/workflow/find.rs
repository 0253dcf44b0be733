//! Where workflow files come from: a path, the project, the user, llmux itself.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use super::Workflow;
use super::problems::{Problems, suggestion};
use crate::change::Project;

/// The workflows that llmux ships, by name.
const BUILTIN: [(&str, &str); 1] = [("diff", include_str!("../../workflows/diff.toml"))];

/// Where a project has its own.
const FOLDER: &str = ".llmux/workflows";

/// What messages call the source of a built-in workflow, before its name. No path looks
/// like it: it has no separator and does not end in `.toml`.
const BUILTIN_SOURCE: &str = "built-in workflow ";

/// Why there is no workflow.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The file is there (or was named by its path) and cannot be read.
    #[error("cannot read the workflow {name}: {error}")]
    Read {
        /// The file.
        name: String,
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
/// ends in `.toml` is a path (a relative one is read from the commit where the project is
/// one); a name is looked for in the project's `.llmux/workflows`,
/// then in `user_dir/workflows` (the folder that holds the user's `config.toml`), then
/// among the built-in ones.
///
/// # Errors
/// A file that cannot be read; a name that nobody knows, with the names that are known.
pub fn find(
    name_or_path: &str,
    project: &Project,
    user_dir: Option<&Path>,
) -> Result<(String, String), FindError> {
    if name_or_path.contains(std::path::is_separator) || is_toml(Path::new(name_or_path)) {
        let (read, name) = if project.commit().is_some() && Path::new(name_or_path).is_relative() {
            (project.text(name_or_path), project.named(name_or_path))
        } else {
            (fs::read_to_string(name_or_path), name_or_path.to_owned())
        };
        return match read {
            Ok(text) => Ok((text, name)),
            Err(error) => Err(FindError::Read { name, error }),
        };
    }
    let path = format!("{FOLDER}/{name_or_path}.toml");
    let own = user_dir.map(|dir| dir.join("workflows").join(format!("{name_or_path}.toml")));
    let found = std::iter::once((project.text(&path), project.named(&path)));
    let found =
        found.chain(own.map(|path| (fs::read_to_string(&path), path.display().to_string())));
    for (read, name) in found {
        match read {
            Ok(text) => return Ok((text, name)),
            Err(error) if is_absent(&error) => {}
            Err(error) => return Err(FindError::Read { name, error }),
        }
    }
    if let Some((name, text)) = BUILTIN.iter().find(|(name, _)| *name == name_or_path) {
        return Ok(((*text).to_owned(), format!("{BUILTIN_SOURCE}{name}")));
    }
    let known = names(project, user_dir);
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
    project: &Project,
    user_dir: Option<&Path>,
) -> Result<Workflow, FindError> {
    let (text, source) = find(name_or_path, project, user_dir)?;
    Ok(Workflow::parse(&text, &source)?)
}

/// Names that [`find`] finds, sorted.
///
/// A folder that cannot be listed has none.
pub fn names(project: &Project, user_dir: Option<&Path>) -> BTreeSet<String> {
    let users = user_dir.map_or(Project::Nowhere, |dir| Project::Folder(dir.to_owned()));
    let listed = [project.entries(FOLDER), users.entries("workflows")];
    let files = listed.into_iter().filter_map(Result::ok).flatten();
    let files = files.filter_map(|entry| Some(entry.name.strip_suffix(".toml")?.to_owned()));
    files.chain(builtin_names().map(str::to_owned)).collect()
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
