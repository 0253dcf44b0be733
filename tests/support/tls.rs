//! A TLS server on loopback, and who signed its certificate.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

static NUMBER: AtomicUsize = AtomicUsize::new(0);

/// One who signs certificates, trusted by nobody so far.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        // Issuers are looked up by their names.
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let name = format!("authority {number}");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// Its own certificate, for `SSL_CERT_FILE`.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A server with a certificate for these names and addresses.
    pub(crate) fn server(&self, names: &[&str]) -> Secure {
        self.server_with(names, |_| {})
    }

    /// The same, with a certificate that is changed first.
    pub(crate) fn server_with(
        &self,
        names: &[&str],
        change: impl FnOnce(&mut CertificateParams),
    ) -> Secure {
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)
            .unwrap();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Secure::start(config)
    }
}

/// A server that answers each question with the same chat completion.
pub(crate) struct Secure {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Secure {
    fn start(config: ServerConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (config, log) = (Arc::new(config), Arc::clone(&seen));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (config, log) = (Arc::clone(&config), Arc::clone(&log));
                thread::spawn(move || serve(stream.ok()?, config, &log));
            }
        });
        Self { address, seen }
    }

    /// What clients sent, decrypted: head and body, one text a connection.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// Answers one request; nothing where there is no TLS or no request.
fn serve(stream: TcpStream, config: Arc<ServerConfig>, log: &Mutex<Vec<String>>) -> Option<()> {
    let connection = ServerConnection::new(config).ok()?;
    let mut stream = StreamOwned::new(connection, stream);
    let text = request(&mut stream)?;
    log.lock().unwrap().push(text);
    stream.write_all(chat_completion("hello").as_bytes()).ok()?;
    stream.conn.send_close_notify();
    stream.flush().ok()
}

/// A response with this text in a chat completion, after which the connection ends.
pub(crate) fn chat_completion(text: &str) -> String {
    let message = serde_json::json!({"role": "assistant", "content": text});
    let body = serde_json::json!({"choices": [{"message": message, "finish_reason": "stop"}]});
    let body = body.to_string();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Reads one request with its body.
pub(crate) fn request(stream: &mut impl std::io::Read) -> Option<String> {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        text.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&text).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let length = length.map_or(0, |length| length.trim().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    text.extend(body);
    Some(String::from_utf8_lossy(&text).into_owned())
}
