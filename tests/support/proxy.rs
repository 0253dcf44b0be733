//! An HTTP proxy on loopback. Wherever a client wants to go, it gets to one server.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::tls::{chat_completion, request};

/// A proxy that keeps a copy of all that passes.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<u8>>>,
}

/// How it treats clients.
#[derive(Clone, Copy)]
pub(crate) enum Temper {
    /// Tunnels lead to that server; plain questions it answers itself.
    Open(SocketAddr),
    /// The same, with this `Proxy-Authorization` alone.
    Guarded(SocketAddr, &'static str),
    /// It refuses tunnels.
    Closed,
}

impl Proxy {
    pub(crate) fn new(temper: Temper) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let log = Arc::clone(&log);
                thread::spawn(move || serve(stream.ok()?, temper, &log));
            }
        });
        Self { address, seen }
    }

    /// All that clients sent through it, as it was on the wire.
    pub(crate) fn seen(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap()).into_owned()
    }
}

fn serve(mut client: TcpStream, temper: Temper, log: &Arc<Mutex<Vec<u8>>>) -> Option<()> {
    let head = request(&mut client)?;
    log.lock().unwrap().extend(head.as_bytes());
    let server = match temper {
        Temper::Closed => {
            client
                .write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
                .ok()?;
            return None;
        }
        Temper::Guarded(_, login) if !head.contains(login) => {
            let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"x\"\r\ncontent-length: 0\r\n\r\n";
            client.write_all(refusal.as_bytes()).ok()?;
            return None;
        }
        Temper::Guarded(server, _) | Temper::Open(server) => server,
    };
    if !head.starts_with("CONNECT ") {
        let answer = chat_completion("by the proxy");
        return client.write_all(answer.as_bytes()).ok();
    }
    let mut upstream = TcpStream::connect(server).ok()?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").ok()?;
    let (mut back, mut to_client) = (upstream.try_clone().ok()?, client.try_clone().ok()?);
    thread::spawn(move || {
        let _ = std::io::copy(&mut back, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Write);
    });
    let mut buffer = [0; 4096];
    loop {
        let count = client.read(&mut buffer).ok().filter(|count| *count > 0)?;
        log.lock().unwrap().extend(&buffer[..count]);
        upstream.write_all(&buffer[..count]).ok()?;
    }
}
