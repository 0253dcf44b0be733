//! The shipped rules and those of the project's rule files.

use std::collections::BTreeMap;
use std::io;

use super::error::Error;
use super::settings::Place;
use crate::backends::rules::Rules;
use crate::change::Project;
use crate::config::Settings;
use crate::findings::Taxonomy;

/// The project's files that have a say in a review beside its settings: path → text.
pub(super) fn having_a_say(
    here: &Place,
    settings: &Settings,
) -> Result<BTreeMap<String, String>, Error> {
    let mut paths = rule_files(&here.project, &settings.rules.files)?;
    paths.extend(settings.vote.priors.clone());
    let text = |path: String| Some((path.clone(), here.project.text(&path).ok()?));
    Ok(paths.into_iter().filter_map(text).collect())
}

/// The shipped rules and those of the project's rule files.
pub(super) fn load(here: &Place, settings: &Settings) -> Result<Rules, Error> {
    let (taxonomy, settings) = (&settings.taxonomy, &settings.rules);
    let mut files = Vec::new();
    for path in rule_files(&here.project, &settings.files)? {
        let text = here.project.text(&path);
        let text = text.map_err(|error| Error::Usage(format!("{path} cannot be read: {error}")))?;
        files.push((path, text));
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
fn rule_files(project: &Project, globs: &[String]) -> Result<Vec<String>, Error> {
    let mut files = Vec::new();
    for glob in globs {
        let glob = glob.strip_prefix("./").unwrap_or(glob);
        let matcher = globset::GlobBuilder::new(glob)
            .literal_separator(true)
            .build()
            .map_err(|error| Error::Usage(format!("rules.files: {error}")))?
            .compile_matcher();
        let Some(wild) = glob.find(['*', '?', '[', '{', '\\']) else {
            if !project.has_file(glob) {
                return Err(Error::Usage(format!(
                    "rules.files: there is no file {glob}; create it, or take it off the list"
                )));
            }
            files.push(glob.to_owned());
            continue;
        };
        let folder = glob[..wild]
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        let mut found = Vec::new();
        files_below(project, folder, &mut found).map_err(|error| {
            Error::Usage(format!("rules.files: {glob} cannot be searched: {error}"))
        })?;
        files.extend(found.into_iter().filter(|path| matcher.is_match(path)));
    }
    files.sort();
    files.dedup();
    Ok(files)
}

/// All files in a folder and the folders in it, links to folders not followed. A folder
/// that is not there has none; one that cannot be read may have rules, which must not be missed.
fn files_below(project: &Project, folder: &str, files: &mut Vec<String>) -> io::Result<()> {
    for entry in project.entries(folder)? {
        let path = match folder {
            "" => entry.name,
            folder => format!("{folder}/{}", entry.name),
        };
        if entry.is_folder {
            files_below(project, &path, files)?;
        } else if project.has_file(&path) {
            files.push(path);
        }
    }
    Ok(())
}
