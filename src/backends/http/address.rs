//! Where a server is asked.

use std::net::IpAddr;

use reqwest::Url;

use super::dialect::name_of;
use crate::backends::build::{BuildError, is_url};
use crate::backends::{DialectName, Settings};

/// The server: `base_url` or `command`. A `command` that is a server without a path gets
/// `/v1`, where all local servers but Ollama have it. It may be an endpoint itself.
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
    let bare = url.path().trim_end_matches('/').is_empty();
    let chats = matches!(
        name_of(settings, &url),
        DialectName::Openai | DialectName::OpenaiResponses
    );
    if settings.base_url.is_none() && bare && chats {
        url.set_path("/v1");
    }
    if settings.api_key.is_some()
        && url.scheme() == "http"
        && !is_private(&url)
        && settings.local != Some(true)
    {
        return Err(wrong(
            shown,
            "the key would travel in the clear; use https://, or set `local = true` where the network is yours",
        ));
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
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Whether it is in a network of the user's own, by its address or a name that no public
/// server has.
fn is_private(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let ends = [".local", ".internal", ".home.arpa"];
    is_loopback(url)
        || match address.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => address.is_private() || address.is_link_local(),
            Ok(IpAddr::V6(address)) => address.is_unique_local() || address.is_unicast_link_local(),
            Err(_) => !host.contains('.') || ends.iter().any(|end| host.ends_with(end)),
        }
}
