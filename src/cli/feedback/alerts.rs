//! GitHub's code scanning alerts, as `GET /repos/{owner}/{repo}/code-scanning/alerts` lists them.
//! <https://docs.github.com/rest/code-scanning/code-scanning>

use std::path::Path;

use serde::Deserialize;

use super::super::error::Error;

/// One alert, as far as it is looked at.
#[derive(Debug, Deserialize)]
pub(super) struct Alert {
    /// Its number in the repository.
    pub(super) number: u64,
    /// `open`, `dismissed`, `fixed`; others may come.
    state: Option<String>,
    fixed_at: Option<String>,
    dismissed_at: Option<String>,
    dismissed_by: Option<User>,
    dismissed_reason: Option<String>,
    dismissed_comment: Option<String>,
    rule: Option<Rule>,
    tool: Option<Tool>,
    most_recent_instance: Option<Instance>,
}

#[derive(Debug, Deserialize)]
struct User {
    login: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Rule {
    id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Tool {
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Instance {
    location: Option<Location>,
    message: Option<Message>,
}

#[derive(Debug, Deserialize)]
struct Location {
    path: Option<String>,
    start_line: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Message {
    text: Option<String>,
}

/// What an alert says of its finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Says {
    /// The finding is real.
    Real,
    /// The finding is not real.
    Unreal,
    /// Nothing: it is another tool's.
    OtherTool,
    /// Nothing: it is neither dismissed nor fixed.
    Open,
    /// Nothing: it was fixed, or the code went, and nobody says that it was real.
    Fixed,
    /// Nothing: who dismisses it as `used in tests` says that the code does not matter.
    UsedInTests,
    /// Nothing: it was dismissed for a reason that is not told, or that is new.
    NoReason,
}

impl Alert {
    /// `fixed_is_real`: whether the user says that what was fixed was real.
    pub(super) fn says(&self, fixed_is_real: bool) -> Says {
        let tool = self.tool.as_ref().and_then(|tool| tool.name.as_deref());
        if !tool.is_some_and(|name| name.eq_ignore_ascii_case(env!("CARGO_PKG_NAME"))) {
            return Says::OtherTool;
        }
        match (self.state.as_deref(), self.dismissed_reason.as_deref()) {
            (Some("dismissed"), Some("false positive")) => Says::Unreal,
            // It is right, and nobody mends it.
            (Some("dismissed"), Some("won't fix")) => Says::Real,
            (Some("dismissed"), Some("used in tests")) => Says::UsedInTests,
            (Some("dismissed"), _) => Says::NoReason,
            (Some("fixed"), _) if fixed_is_real => Says::Real,
            (Some("fixed"), _) => Says::Fixed,
            _ => Says::Open,
        }
    }

    /// The slug: behind a `/`, a security finding's rule names its severity in SARIF.
    pub(super) fn rule(&self) -> &str {
        let rule = self.rule.as_ref().and_then(|rule| rule.id.as_deref());
        let id = rule.unwrap_or_default();
        id.split_once('/').map_or(id, |(slug, _)| slug)
    }

    /// Path and first line.
    pub(super) fn place(&self) -> (&str, i64) {
        let instance = self.most_recent_instance.as_ref();
        let location = instance.and_then(|instance| instance.location.as_ref());
        location.map_or(("", 0), |location| {
            let path = location.path.as_deref().unwrap_or_default();
            (path, location.start_line.unwrap_or(0))
        })
    }

    pub(super) fn message(&self) -> Option<&str> {
        let instance = self.most_recent_instance.as_ref()?;
        instance.message.as_ref()?.text.as_deref()
    }

    /// Why, in the words of who dismissed it, else GitHub's.
    pub(super) fn reason(&self) -> &str {
        let comment = self.dismissed_comment.as_deref();
        let comment = comment.filter(|comment| !comment.trim().is_empty());
        let state = self.state.as_deref();
        let reason = comment.or(self.dismissed_reason.as_deref()).or(state);
        reason.unwrap_or_default()
    }

    pub(super) fn author(&self) -> &str {
        let user = self.dismissed_by.as_ref();
        let login = user.and_then(|user| user.login.as_deref());
        login.unwrap_or_default()
    }

    /// When it was dismissed or fixed.
    pub(super) fn at(&self) -> Option<i64> {
        let at = self.dismissed_at.as_deref().or(self.fixed_at.as_deref());
        crate::store::parse(at?)
    }
}

/// Reads lists of alerts, of which `gh api --paginate` may write several, one behind the other.
pub(super) fn read(file: &Path, text: &str) -> Result<Vec<Alert>, Error> {
    let name = if file == Path::new("-") {
        "standard input".to_owned()
    } else {
        file.display().to_string()
    };
    let mut alerts = Vec::new();
    let mut pages = 0;
    for page in serde_json::Deserializer::from_str(text).into_iter::<Vec<Alert>>() {
        let page = page.map_err(|error| {
            Error::Usage(format!(
                "{name}: no list of code scanning alerts as GitHub's REST API gives it: {error}; \
                 nothing is recorded"
            ))
        })?;
        alerts.extend(page);
        pages += 1;
    }
    if pages == 0 {
        return Err(Error::Usage(format!(
            "{name} is empty: a list of code scanning alerts is wanted, as GitHub's REST API \
             gives it"
        )));
    }
    Ok(alerts)
}
