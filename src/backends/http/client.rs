//! Connections: made once a process for all servers that are reached alike.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use reqwest::{Client, Url};

use super::certificates::Roots;
use super::proxy::{Proxy, Route};
use super::trouble::root_cause;
use crate::backends::Environment;

/// A server that accepts no connection in this time does not in a longer one.
pub(super) const CONNECT: Duration = Duration::from_secs(10);

/// The connections of one process. Loading the machine's certificates takes a while, so that
/// backends share what they can.
#[derive(Clone, Default)]
pub(in crate::backends) struct Clients(Arc<Mutex<BTreeMap<Needs, Client>>>);

/// What connections differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Needs {
    tls: bool,
    proxy: Way,
}

/// A proxy is known by its variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Direct,
    System,
    Through(&'static str),
}

/// How one server is reached.
#[derive(Debug)]
pub(super) struct Network {
    /// Or which variable cannot be used, and what to do.
    route: Result<Route, String>,
    needs: Needs,
    /// The proxy with its credentials.
    proxy: Option<Secret>,
    roots: Roots,
    clients: Clients,
}

/// Never shown.
struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Network {
    /// The way to that server.
    pub(super) fn to(url: &Url, environment: &Environment) -> Self {
        let route = Route::to(url, environment);
        let (way, proxy_speaks_tls) = match &route {
            Ok(Route::Direct) | Err(_) => (Way::Direct, false),
            Ok(Route::System) => (Way::System, true),
            Ok(Route::Through(proxy)) => (Way::Through(proxy.variable), proxy.tls),
        };
        let proxy = match way {
            Way::Through(variable) => environment.text(variable).map(Secret),
            Way::Direct | Way::System => None,
        };
        Self {
            needs: Needs {
                tls: url.scheme() == "https" || proxy_speaks_tls,
                proxy: way,
            },
            route,
            proxy,
            roots: Roots::of(environment),
            clients: environment.clients().clone(),
        }
    }

    /// The way, where the variables say one that can be gone.
    ///
    /// # Errors
    /// Which variable cannot be used, and what to do.
    pub(super) fn route(&self) -> Result<&Route, &str> {
        self.route.as_ref().map_err(String::as_str)
    }

    /// The proxy on the way, if any.
    pub(super) fn proxy(&self) -> Option<&Proxy> {
        match &self.route {
            Ok(Route::Through(proxy)) => Some(proxy),
            _ => None,
        }
    }

    /// The connections to it, made at the first call.
    ///
    /// # Errors
    /// What of this machine's settings cannot be used, and what to do.
    pub(super) fn client(&self) -> Result<Client, String> {
        self.route()?;
        // Held while the client is made: the others would only make the same.
        let mut clients = self
            .clients
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&self.needs) {
            return Ok(client.clone());
        }
        let client = self.make()?;
        clients.insert(self.needs, client.clone());
        Ok(client)
    }

    fn make(&self) -> Result<Client, String> {
        // An error means that there is a provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut headers = HeaderMap::new();
        // A packed answer can be a thousand times as large as what travels, and is of no use here.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let mut builder = Client::builder()
            .user_agent(concat!("llmux/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .connect_timeout(CONNECT)
            // Prompt and key go to the configured server and nowhere else.
            .redirect(reqwest::redirect::Policy::none());
        builder = match (&self.proxy, self.needs.proxy) {
            (Some(Secret(proxy)), Way::Through(variable)) => {
                let proxy = reqwest::Proxy::all(proxy)
                    .map_err(|_| format!("{variable} names no proxy that can be used"))?;
                builder.no_proxy().proxy(proxy)
            }
            (_, Way::System) => builder,
            _ => builder.no_proxy(),
        };
        if !self.needs.tls {
            // Needs no certificates, and a machine without any must not fail here.
            builder = builder.tls_certs_only([]);
        } else if let Some(certificates) = self.roots.load()? {
            builder = builder.tls_certs_only(certificates);
        }
        builder.build().map_err(|error| {
            format!(
                "cannot prepare TLS: {}; install this machine's CA certificates, or let SSL_CERT_FILE name a file of them",
                root_cause(&error)
            )
        })
    }
}

/// Nothing of what they are connected to.
impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clients")
    }
}
