//! Why a connection failed, in words that say what to do.

use std::error::Error;
use std::io;

use reqwest::Url;
use rustls::{AlertDescription, CertificateError};

use super::address::is_loopback;
use super::client::CONNECT;
use super::proxy::Proxy;
use crate::backends::ErrorKind;

const TRANSIENT: ErrorKind = ErrorKind::Transient { retry_after: None };

/// What happened to a connection: what it means for a retry, and a sentence's end.
///
/// What a further try may find repaired is transient: a refused connection (a server that
/// starts), a name that no DNS server knows (a network that comes back), a proxy that fails.
/// A certificate is the same the next time, and so are two ends that speak different
/// protocols: those are permanent, so that no key is offered again and again.
pub(super) fn trouble(
    error: &reqwest::Error,
    url: &Url,
    proxy: Option<&Proxy>,
) -> (ErrorKind, String) {
    if error.is_connect() && error.is_timeout() {
        let limit = humantime::format_duration(CONNECT);
        let why = format!("no connection within {limit}; check the address and the network");
        return (TRANSIENT, why);
    }
    let causes: Vec<_> = causes(error).collect();
    let tls = causes.iter().find_map(|cause| cause.downcast_ref());
    if let Some(tls) = tls {
        return of_tls(tls);
    }
    let says = |words: &str| {
        let mut causes = causes.iter().map(ToString::to_string);
        causes.any(|cause| cause.contains(words))
    };
    if let Some(proxy) = proxy
        && let Some(found) = of_proxy(proxy.variable, &says)
    {
        return found;
    }
    if says("dns error") {
        let why = match proxy {
            Some(proxy) => format!(
                "the host of {} is unknown; check that variable and the network",
                proxy.variable
            ),
            None => format!(
                "the host {} is unknown; check the address and the network",
                url.host_str().unwrap_or_default()
            ),
        };
        return (TRANSIENT, why);
    }
    let cause = root_cause(error);
    let advice = if is_refused(&causes) {
        match proxy {
            Some(proxy) => format!("; check {}", proxy.variable),
            _ if is_loopback(url) => "; start the server, or correct its port".to_owned(),
            _ => "; check the address".to_owned(),
        }
    } else if says("tls handshake eof") {
        "; check that the server speaks TLS at this port".to_owned()
    } else if says("invalid HTTP") && url.scheme() == "http" {
        // The alert of a TLS server, or another protocol.
        "; if the server speaks TLS, its address begins with https://".to_owned()
    } else {
        String::new()
    };
    (TRANSIENT, format!("{cause}{advice}"))
}

/// The innermost error says what happened; those around it say that something did.
pub(super) fn root_cause(error: &reqwest::Error) -> String {
    causes(error)
        .last()
        .map_or_else(String::new, ToString::to_string)
}

/// The error and what it wraps. An [`io::Error`] hides what it was made of from `source`.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| {
        let error: &'e (dyn Error + 'static) = *error;
        let io = error.downcast_ref::<io::Error>();
        match io.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

fn is_refused(causes: &[&(dyn Error + 'static)]) -> bool {
    causes.iter().any(|cause| {
        let io = cause.downcast_ref::<io::Error>();
        io.is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused)
    })
}

/// Whether the server ended a connection without a word of an answer.
pub(super) fn is_hangup(error: &reqwest::Error) -> bool {
    let ended = |cause: &(dyn Error + 'static)| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let kinds = [
            io::ErrorKind::ConnectionReset,
            io::ErrorKind::ConnectionAborted,
            io::ErrorKind::BrokenPipe,
        ];
        io.is_some_and(|kind| kinds.contains(&kind))
            // The words are hyper's, whose type is not public here.
            || cause.to_string().starts_with("connection closed before")
    };
    !error.is_connect() && causes(error).any(ended)
}

/// The words are hyper's, whose type is not public.
fn of_proxy(variable: &str, says: &dyn Fn(&str) -> bool) -> Option<(ErrorKind, String)> {
    if says("proxy authorization required") {
        return Some((ErrorKind::Denied, wants_login(variable)));
    }
    says("tunnel error: unsuccessful").then(|| {
        let why = format!(
            "the proxy lets no connection through to it; ask who runs the proxy, or name the host in NO_PROXY ({variable} names the proxy)"
        );
        (TRANSIENT, why)
    })
}

/// What a proxy's 407 means.
pub(super) fn wants_login(variable: &str) -> String {
    format!(
        "the proxy wants a user and a password; write {variable} as http://user:password@host:port"
    )
}

fn of_tls(error: &rustls::Error) -> (ErrorKind, String) {
    use rustls::Error as Tls;
    let permanent = |words: String| (ErrorKind::Permanent, words);
    match error {
        Tls::InvalidCertificate(certificate) => permanent(of_certificate(certificate)),
        Tls::InvalidMessage(_) => permanent(
            "what answers there does not speak TLS; if it speaks plain HTTP, its address begins with http://".to_owned(),
        ),
        Tls::AlertReceived(
            alert @ (AlertDescription::HandshakeFailure
            | AlertDescription::ProtocolVersion
            | AlertDescription::UnrecognisedName
            | AlertDescription::CertificateRequired),
        ) => permanent(format!(
            "the server refuses TLS as it is offered ({alert:?}); check the address"
        )),
        error => (TRANSIENT, format!("TLS failed: {error}")),
    }
}

fn of_certificate(error: &CertificateError) -> String {
    use CertificateError as Wrong;
    match error {
        // A wrong signature is that of another issuer of the same name.
        Wrong::UnknownIssuer | Wrong::BadSignature => "its certificate is signed by nobody whom this machine trusts; if that is your company's server or proxy, let SSL_CERT_FILE name a file with the certificates to trust (PEM)".to_owned(),
        Wrong::Expired | Wrong::ExpiredContext { .. } => {
            "its certificate has expired; check this machine's clock, and tell who runs the server".to_owned()
        }
        Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => {
            "its certificate is not valid yet; check this machine's clock".to_owned()
        }
        Wrong::NotValidForName => {
            "its certificate is for another host; check the address".to_owned()
        }
        Wrong::NotValidForNameContext { presented, .. } => {
            let names: Vec<_> = presented.iter().take(3).map(|name| shown(name)).collect();
            let names = if names.is_empty() {
                "no host".to_owned()
            } else {
                names.join(", ")
            };
            format!("its certificate is for another host ({names}); check the address")
        }
        other => format!("its certificate cannot be used: {other}"),
    }
}

/// rustls shows names as values of its own: `DnsName("a.example")`.
fn shown(name: &str) -> &str {
    let quoted = name.split('"').nth(1);
    quoted.unwrap_or(name)
}
