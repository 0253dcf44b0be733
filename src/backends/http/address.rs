//! Where a server is asked.

use reqwest::Url;

use crate::backends::Settings;
use crate::backends::build::{BuildError, is_url};

/// The server: `base_url` or `command`. A `command` that is a server without a path gets
/// `/v1`, where all local servers have it. It may be an endpoint itself.
pub(super) fn base(name: &str, settings: &Settings) -> Result<Url, BuildError> {
    let command = settings
        .command
        .as_deref()
        .filter(|command| is_url(command));
    let written = settings
        .base_url
        .as_deref()
        .or(command)
        .ok_or_else(|| BuildError::NoUrl(name.to_owned()))?;
    let wrong = |url: &str, reason: &str| BuildError::Url {
        name: name.to_owned(),
        url: url.to_owned(),
        reason: reason.to_owned(),
    };
    // A text that is no URL may still hold credentials.
    let shown = written.rsplit('@').next().unwrap_or_default();
    let mut url = Url::parse(written).map_err(|error| wrong(shown, &error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(shown, "it must begin with https:// or http://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(shown, "it holds credentials; use `api_key`"));
    }
    url.set_fragment(None);
    if settings.base_url.is_none() && url.path().trim_end_matches('/').is_empty() {
        url.set_path("/v1");
    }
    Ok(url)
}

/// Whether it is this machine: no proxy stands between.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
