//! What stands between this machine and the servers: proxies, certificates.

use serde::Serialize;

use crate::backends::Environment;

const PROXIES: [&str; 8] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];
const CERTIFICATES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

#[derive(Debug, Serialize)]
pub(super) struct NetworkCheck {
    /// Variables that are set: names alone, for a proxy's address may hold a password.
    pub(super) proxies: Vec<&'static str>,
    pub(super) certificates: Vec<Certificates>,
}

/// Where certificates come from instead of the system's store.
#[derive(Debug, Serialize)]
pub(super) struct Certificates {
    pub(super) variable: &'static str,
    pub(super) path: String,
    /// Whether it is there and can be read.
    pub(super) readable: bool,
}

pub(super) fn check() -> NetworkCheck {
    let environment = Environment::of_process();
    let is_set = |name: &&str| environment.text(name).is_some();
    let certificates = CERTIFICATES.iter().filter_map(|variable| {
        let path = environment.text(variable)?;
        let readable = if *variable == "SSL_CERT_DIR" {
            std::fs::read_dir(&path).is_ok()
        } else {
            std::path::Path::new(&path).is_file() && std::fs::File::open(&path).is_ok()
        };
        Some(Certificates {
            variable,
            path,
            readable,
        })
    });
    NetworkCheck {
        proxies: PROXIES
            .iter()
            .filter(|name| is_set(name))
            .copied()
            .collect(),
        certificates: certificates.collect(),
    }
}
