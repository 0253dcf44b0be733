//! Which way a server is reached.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

use super::address::is_loopback;
use crate::backends::Environment;

/// The way to one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Straight: no proxy is named, `NO_PROXY` excepts the server, or it is this machine.
    /// What listens on loopback is never behind a proxy, whatever the variables say.
    Direct,
    /// As the system's settings say, which only Windows and macOS have.
    System,
    /// Through a proxy.
    Through(Proxy),
}

/// A proxy, without its credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proxy {
    /// The variable that names it.
    pub(super) variable: &'static str,
    /// Host and port, for messages.
    pub(super) host: String,
    /// Whether the connection to it is TLS.
    pub(super) tls: bool,
}

impl Route {
    /// The way to that address. `https://` reads `HTTPS_PROXY`, `http://` `HTTP_PROXY`, both
    /// `ALL_PROXY`, each in either case, and `NO_PROXY` as curl does.
    ///
    /// # Errors
    /// Which variable holds no proxy, and what it must hold.
    pub(super) fn to(url: &Url, environment: &Environment) -> Result<Self, String> {
        if is_loopback(url) {
            return Ok(Self::Direct);
        }
        let variables = match url.scheme() {
            "https" => ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
            _ => ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
        };
        let named = variables
            .into_iter()
            .find_map(|name| Some((name, environment.text(name)?)));
        let Some((variable, written)) = named else {
            let has_settings = cfg!(any(windows, target_os = "macos"));
            return Ok(if has_settings {
                Self::System
            } else {
                Self::Direct
            });
        };
        let proxy = Proxy::read(variable, &written)?;
        let except = ["NO_PROXY", "no_proxy"];
        let except = except.into_iter().find_map(|name| environment.text(name));
        let matcher = Matcher::builder()
            .all(written)
            .no(except.unwrap_or_default())
            .build();
        let uri = url.as_str().parse();
        let applies = uri.is_ok_and(|uri| matcher.intercept(&uri).is_some());
        Ok(if applies {
            Self::Through(proxy)
        } else {
            Self::Direct
        })
    }
}

impl Proxy {
    fn read(variable: &'static str, written: &str) -> Result<Self, String> {
        let url = if written.contains("://") {
            Url::parse(written).ok()
        } else {
            // `host:port` and `user:password@host:port` are taken for http://.
            Url::parse(&format!("http://{written}")).ok()
        };
        let known = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
        url.filter(|url| known.contains(&url.scheme()))
            .and_then(|url| {
                let host = url.host_str().filter(|host| !host.is_empty())?;
                let port = url.port_or_known_default();
                Some(Self {
                    variable,
                    host: match port {
                        Some(port) => format!("{host}:{port}"),
                        None => host.to_owned(),
                    },
                    tls: url.scheme() == "https",
                })
            })
            .ok_or_else(|| {
                format!("{variable} names no proxy; write it as http://host:port or socks5://host:port, or unset it")
            })
    }

    /// Address and variable.
    pub(super) fn shown(&self) -> String {
        format!("{} ({})", self.host, self.variable)
    }
}
