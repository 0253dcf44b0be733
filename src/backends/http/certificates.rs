//! Who may sign a server's certificate.

use std::path::PathBuf;

use reqwest::Certificate;
use rustls::RootCertStore;
use rustls_native_certs::{CertificateResult, load_certs_from_paths};

use crate::backends::Environment;

/// What `SSL_CERT_FILE` and `SSL_CERT_DIR` name. Where either is set, they stand in place of
/// what the machine trusts, as with OpenSSL, curl and Python: a file of one's own
/// certificate alone is a way to trust nobody else. Also on Windows and macOS.
#[derive(Clone, Debug, Default)]
pub(super) struct Roots {
    file: Option<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Roots {
    pub(super) fn of(environment: &Environment) -> Self {
        let set = |name| environment.get(name).filter(|value| !value.is_empty());
        let folders = set("SSL_CERT_DIR").map(std::env::split_paths);
        let folders = folders.into_iter().flatten();
        Self {
            file: set("SSL_CERT_FILE").map(PathBuf::from),
            folders: folders
                .filter(|path| !path.as_os_str().is_empty())
                .collect(),
        }
    }

    /// The certificates; none where the machine's are to be used.
    ///
    /// # Errors
    /// Which variable names nothing that can be read, and what to do.
    pub(super) fn load(&self) -> Result<Option<Vec<Certificate>>, String> {
        if self.file.is_none() && self.folders.is_empty() {
            return Ok(None);
        }
        let mut certificates = Vec::new();
        if let Some(file) = &self.file {
            let found = load_certs_from_paths(Some(file), None);
            certificates.extend(usable("SSL_CERT_FILE", found)?);
        }
        let mut refused = None;
        for folder in &self.folders {
            // One of several folders is often not there.
            match usable("SSL_CERT_DIR", load_certs_from_paths(None, Some(folder))) {
                Ok(found) => certificates.extend(found),
                Err(why) => refused = Some(why),
            }
        }
        match refused {
            Some(why) if certificates.is_empty() => Err(why),
            _ => Ok(Some(certificates)),
        }
    }
}

/// Those that TLS can use: bundles hold some that it cannot.
fn usable(variable: &str, found: CertificateResult) -> Result<Vec<Certificate>, String> {
    let ders = found.certs.into_iter().filter(|der| {
        let mut store = RootCertStore::empty();
        store.add(der.clone()).is_ok()
    });
    let usable: Vec<_> = ders
        .filter_map(|der| Certificate::from_der(&der).ok())
        .collect();
    if usable.is_empty() {
        let why = found.errors.first().map(|error| format!(" ({error})"));
        return Err(format!(
            "{variable} names no certificates that can be read{}; let it name some in PEM form, or unset it",
            why.unwrap_or_default()
        ));
    }
    Ok(usable)
}
