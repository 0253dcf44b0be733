//! A raw HTTP/1.1 server on loopback that does to each request what a script says, down to
//! the byte: sends, stalls, drips, floods, closes, resets. It counts and records what it got.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A client that does not read, or never goes, does not keep a test for ever.
const PATIENCE: Duration = Duration::from_secs(100);

/// One thing that a server does. After the last one it waits for the next request of the
/// same connection, unless the last one ended it.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Send(Vec<u8>),
    Pause(Duration),
    /// One byte at a time, with a pause before each.
    Drip(Vec<u8>, Duration),
    /// The block again and again, until so many bytes went out.
    Flood(Vec<u8>, u64),
    /// Silent until the client goes.
    Hang,
    /// Ends the connection in order.
    Close,
    /// Ends it with a reset, so that the client may lose what it did not read yet.
    Reset,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Among all requests of the server, from 0.
    pub(crate) number: usize,
    /// The connection's number, from 0.
    pub(crate) connection: usize,
    /// Among those of its connection, from 0.
    pub(crate) nth: usize,
    pub(crate) method: String,
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) arrived: Instant,
    /// When the client closed the connection, or the server did.
    pub(crate) left: Option<Instant>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

type Script = Box<dyn Fn(&Seen) -> Vec<Act> + Send + Sync>;

/// How it treats connections, beside the script.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Manners {
    /// It closes so many connections before it reads anything.
    pub(crate) closes_unread: usize,
    /// It reads the headers of requests and leaves their bodies.
    pub(crate) ignores_bodies: bool,
}

struct Shared {
    script: Script,
    manners: Manners,
    stopped: AtomicBool,
    connections: AtomicUsize,
    flying: AtomicUsize,
    peak: AtomicUsize,
    seen: Mutex<Vec<Seen>>,
    /// To end them with the server.
    open: Mutex<BTreeMap<usize, TcpStream>>,
}

/// A server that lives as long as this value.
pub(crate) struct Raw {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Raw {
    pub(crate) fn new(script: impl Fn(&Seen) -> Vec<Act> + Send + Sync + 'static) -> Self {
        Self::with(Manners::default(), script)
    }

    pub(crate) fn with(
        manners: Manners,
        script: impl Fn(&Seen) -> Vec<Act> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            script: Box::new(script),
            manners,
            stopped: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
            flying: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
            seen: Mutex::default(),
            open: Mutex::default(),
        });
        let own = Arc::clone(&shared);
        thread::spawn(move || own.accept(&listener));
        Self { address, shared }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn uri(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.shared.seen.lock().unwrap().len()
    }

    /// Connections that were made, also those without a request.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(SeqCst)
    }

    /// Most requests that were answered at one time.
    pub(crate) fn peak(&self) -> usize {
        self.shared.peak.load(SeqCst)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.shared.stopped.store(true, SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        for stream in self.shared.open.lock().unwrap().values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn accept(self: Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            if self.stopped.load(SeqCst) {
                return;
            }
            let Ok(stream) = stream else { continue };
            let number = self.connections.fetch_add(1, SeqCst);
            if number < self.manners.closes_unread {
                continue;
            }
            let own = Arc::clone(&self);
            thread::spawn(move || own.serve(stream, number));
        }
    }

    fn serve(&self, stream: TcpStream, connection: usize) {
        let _ = stream.set_nodelay(true);
        let _ = stream.set_read_timeout(Some(PATIENCE));
        let _ = stream.set_write_timeout(Some(PATIENCE));
        if let Ok(copy) = stream.try_clone() {
            self.open.lock().unwrap().insert(connection, copy);
        }
        let mut stream = BufReader::new(stream);
        let mut end = Then::Over;
        while let Some(request) = self.request(&mut stream, connection) {
            let flying = self.flying.fetch_add(1, SeqCst) + 1;
            self.peak.fetch_max(flying, SeqCst);
            end = (self.script)(&request)
                .into_iter()
                .map(|act| perform(act, &mut stream))
                .find(|then| *then != Then::GoesOn)
                .unwrap_or(Then::GoesOn);
            self.flying.fetch_sub(1, SeqCst);
            if end != Then::GoesOn {
                break;
            }
        }
        let mut seen = self.seen.lock().unwrap();
        for request in seen.iter_mut().filter(|one| one.connection == connection) {
            request.left = Some(Instant::now());
        }
        self.open.lock().unwrap().remove(&connection);
        if end == Then::Reset {
            // Without a time to linger, the last copy of a socket to go sends a reset.
            let socket = tokio::net::TcpSocket::from_std_stream(stream.into_inner());
            socket.set_zero_linger().unwrap();
        }
    }

    /// Reads and records one request; nothing at the connection's end.
    fn request(&self, stream: &mut BufReader<TcpStream>, connection: usize) -> Option<Seen> {
        let mut first = String::new();
        if stream.read_line(&mut first).ok()? == 0 {
            return None;
        }
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end().split_once(':') {
                Some((name, value)) => {
                    headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
                }
                None => break,
            }
        }
        let mut request = Seen {
            number: 0,
            connection,
            nth: 0,
            method: first.split(' ').next().unwrap_or_default().to_owned(),
            path: first.split(' ').nth(1).unwrap_or_default().to_owned(),
            headers,
            body: Vec::new(),
            arrived: Instant::now(),
            left: None,
        };
        if !self.manners.ignores_bodies {
            let length = request.header("content-length");
            let length = length.map_or(0, |length| length.parse().unwrap());
            request.body = vec![0; length];
            stream.read_exact(&mut request.body).ok()?;
        }
        let mut seen = self.seen.lock().unwrap();
        request.number = seen.len();
        request.nth = seen
            .iter()
            .filter(|one| one.connection == connection)
            .count();
        seen.push(request.clone());
        Some(request)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    GoesOn,
    Over,
    Reset,
}

fn perform(act: Act, stream: &mut BufReader<TcpStream>) -> Then {
    let sent = match act {
        Act::Send(bytes) => stream.get_mut().write_all(&bytes).is_ok(),
        Act::Pause(pause) => {
            thread::sleep(pause);
            true
        }
        Act::Drip(bytes, pause) => bytes.iter().all(|byte| {
            thread::sleep(pause);
            !is_gone(stream.get_ref()) && stream.get_mut().write_all(&[*byte]).is_ok()
        }),
        Act::Flood(block, total) => {
            let blocks = total.div_ceil(block.len() as u64);
            (0..blocks).all(|_| stream.get_mut().write_all(&block).is_ok())
        }
        Act::Hang => {
            // It says no more before it goes.
            let _ = std::io::copy(stream, &mut std::io::sink());
            false
        }
        Act::Close => false,
        Act::Reset => return Then::Reset,
    };
    if sent { Then::GoesOn } else { Then::Over }
}

/// Whether the client has closed its side.
fn is_gone(stream: &TcpStream) -> bool {
    let _ = stream.set_nonblocking(true);
    let peeked = stream.peek(&mut [0]);
    let _ = stream.set_nonblocking(false);
    matches!(peeked, Ok(0))
}
