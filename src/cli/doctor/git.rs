//! The repository, and what a review without a range would read.

use std::path::Path;

use serde::Serialize;

use crate::change;

#[derive(Debug, Default, Serialize)]
pub(super) struct GitCheck {
    /// The top folder of the work tree; none where there is no repository.
    pub(super) root: Option<String>,
    pub(super) branch: Option<String>,
    pub(super) head: Option<String>,
    pub(super) default_branch: Option<String>,
    pub(super) shallow: bool,
    /// What `llmux diff` reviews: `origin/main...HEAD`.
    pub(super) range: Option<String>,
    /// The commit that it compares with.
    pub(super) base: Option<String>,
    /// Why there is no repository or no range.
    pub(super) trouble: Option<String>,
}

pub(super) fn check(dir: &Path) -> GitCheck {
    let survey = match change::survey(dir) {
        Ok(survey) => survey,
        Err(error) => {
            return GitCheck {
                trouble: Some(error.to_string()),
                ..GitCheck::default()
            };
        }
    };
    let check = GitCheck {
        root: Some(survey.root.display().to_string()),
        branch: survey.branch,
        head: survey.head,
        default_branch: survey.default_branch,
        shallow: survey.shallow,
        ..GitCheck::default()
    };
    match change::default_range(dir) {
        Ok(range) => GitCheck {
            range: Some(range.title),
            base: range.base,
            ..check
        },
        Err(error) => GitCheck {
            trouble: Some(error.to_string()),
            ..check
        },
    }
}
