//! Where a provider is asked, and whether an address is its own.

use reqwest::Url;

use super::Provider;
use crate::backends::build::is_url;
use crate::backends::environment::Environment;
use crate::backends::{DialectName, Settings};

/// The address that the user wrote.
pub(super) fn written(settings: &Settings) -> Option<Result<Url, ()>> {
    let command = settings.command.as_deref().filter(|text| is_url(text));
    let written = settings.base_url.as_deref().or(command)?;
    Some(Url::parse(written).map_err(drop))
}

/// Whether the provider's key may go to an address: it is the provider's own, or the one
/// that the user's environment names for it. A project's configuration is neither.
pub(super) fn is_own(provider: &Provider, url: &Url, environment: &Environment) -> bool {
    let named = variable(provider, environment).and_then(|named| Url::parse(&named).ok());
    provider.is_at_home(url) || named.is_some_and(|named| named.origin() == url.origin())
}

/// The provider's address: that of the environment, else its own.
pub(super) fn address(provider: &Provider, environment: &Environment) -> Option<String> {
    variable(provider, environment).or_else(|| provider.base_url.map(str::to_owned))
}

/// The address that the provider's own programs would take from the environment.
fn variable(provider: &Provider, environment: &Environment) -> Option<String> {
    let text = environment.text(provider.address?)?;
    Some(match provider.name {
        "azure" => below_host(&text, "/openai/v1"),
        "google" => below_host(&text, "/v1beta"),
        _ if provider.dialect == DialectName::Ollama => ollama_host(&text),
        _ => text,
    })
}

/// A host alone (`https://NAME.openai.azure.com/`) has the API below a path.
fn below_host(text: &str, path: &str) -> String {
    match Url::parse(text) {
        Ok(mut url) if url.path().trim_end_matches('/').is_empty() => {
            url.set_path(path);
            url.to_string()
        }
        _ => text.to_owned(),
    }
}

/// `OLLAMA_HOST` may leave out scheme and port, and may be the address that the server
/// listens at, which no client can reach.
fn ollama_host(text: &str) -> String {
    let full = if is_url(text) {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let Ok(mut url) = Url::parse(&full) else {
        return full;
    };
    if !is_url(text) && url.port().is_none() {
        // Fails for addresses without a host alone, which the parser refuses.
        let _ = url.set_port(Some(11434));
    }
    if matches!(url.host_str(), Some("0.0.0.0" | "[::]")) {
        let _ = url.set_host(Some("localhost"));
    }
    url.to_string().trim_end_matches('/').to_owned()
}
