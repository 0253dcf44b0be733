//! Variables that no backend may see, whether as its key or beside it.

use std::ffi::OsStr;

use super::BuildError;
use super::environment::same_name;

/// They let their holder write to the repository or sign in as the job: no reviewer needs them.
const REFUSED: &[&str] = &[
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "GITHUB_ENTERPRISE_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "CI_JOB_TOKEN",
    "BUILDKITE_AGENT_ACCESS_TOKEN",
    "SYSTEM_ACCESSTOKEN",
    "BITBUCKET_STEP_OIDC_TOKEN",
];

/// Checks the variables that a backend's settings name.
///
/// # Errors
/// The first that is refused.
pub(super) fn none_refused<'a>(
    backend: &str,
    named: impl IntoIterator<Item = &'a str>,
) -> Result<(), BuildError> {
    let is_refused = |name: &&str| {
        let mut refused = REFUSED.iter();
        refused.any(|refused| same_name(OsStr::new(name), refused))
    };
    match named.into_iter().find(is_refused) {
        None => Ok(()),
        Some(variable) => Err(BuildError::Refused {
            name: backend.to_owned(),
            variable: variable.to_owned(),
        }),
    }
}
