//! The shipped rules and those of the project's rule files.

use std::io;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::settings::Place;
use crate::backends::rules::Rules;
use crate::config::Settings;
use crate::findings::Taxonomy;

/// The shipped rules and those of the project's rule files.
pub(super) fn load(here: &Place, settings: &Settings) -> Result<Rules, Error> {
    let (taxonomy, settings) = (&settings.taxonomy, &settings.rules);
    let project = here.project();
    let mut files = Vec::new();
    for path in rule_files(&project, &settings.files)? {
        let name = path
            .strip_prefix(&project)
            .unwrap_or(&path)
            .display()
            .to_string();
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Error::Usage(format!("{name} cannot be read: {error}")))?;
        files.push((name, text));
    }
    if files.is_empty() && settings.disable.is_empty() {
        return Ok(Rules::builtin());
    }
    let taxonomy = Taxonomy::with(taxonomy);
    Rules::with_user_files(&files, &settings.disable, taxonomy.categories())
        .map_err(|errors| Error::Usage(errors.to_string()))
}

/// Files that the globs name, sorted. A glob that names one file must find it: rules that
/// are not applied find nothing.
fn rule_files(project: &Path, globs: &[String]) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for glob in globs {
        let matcher = globset::GlobBuilder::new(glob.strip_prefix("./").unwrap_or(glob))
            .literal_separator(true)
            .build()
            .map_err(|error| Error::Usage(format!("rules.files: {error}")))?
            .compile_matcher();
        let Some(wild) = glob.find(['*', '?', '[', '{', '\\']) else {
            if !project.join(glob).is_file() {
                return Err(Error::Usage(format!(
                    "rules.files: there is no file {glob}; create it, or take it off the list"
                )));
            }
            files.push(project.join(glob));
            continue;
        };
        let folder = glob[..wild]
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        let mut found = Vec::new();
        files_below(&project.join(folder), &mut found).map_err(|error| {
            Error::Usage(format!("rules.files: {glob} cannot be searched: {error}"))
        })?;
        files.extend(found.into_iter().filter(|path| {
            path.strip_prefix(project)
                .is_ok_and(|path| matcher.is_match(path))
        }));
    }
    files.sort();
    files.dedup();
    Ok(files)
}

/// All files in a folder and the folders in it, links to folders not followed. A folder
/// that is not there has none; one that cannot be read may have rules, which must not be missed.
fn files_below(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files_below(&entry.path(), files)?;
        } else if entry.path().is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}
