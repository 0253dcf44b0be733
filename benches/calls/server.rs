//! A model on loopback that does next to nothing: HTTP/1.1 that stays open, one answer.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

const ANSWER: &str = r#"{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"{\"findings\": []}"}}],"usage":{"prompt_tokens":700,"completion_tokens":10,"total_tokens":710}}"#;

/// Runs as long as this value lives.
pub(crate) struct Server {
    url: String,
    state: Arc<Mutex<State>>,
    _runtime: Runtime,
}

struct State {
    seen: Seen,
    body: Vec<u8>,
}

/// What came since the last `forget`.
#[derive(Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) calls: u32,
    /// When the first request came.
    pub(crate) first: Instant,
    /// When the last answer was sent.
    pub(crate) last: Instant,
}

impl Server {
    /// Answers after that long with that status.
    pub(crate) fn start(thinking: Duration, status: u16) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let now = Instant::now();
        let seen = Seen {
            calls: 0,
            first: now,
            last: now,
        };
        let state = Arc::new(Mutex::new(State {
            seen,
            body: Vec::new(),
        }));
        let answer: Arc<[u8]> = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{ANSWER}",
            ANSWER.len()
        )
        .into_bytes()
        .into();
        let shared = Arc::clone(&state);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (shared, answer) = (Arc::clone(&shared), Arc::clone(&answer));
                tokio::spawn(async move {
                    let _ = serve(stream, thinking, &answer, &shared).await;
                });
            }
        });
        Self {
            url,
            state,
            _runtime: runtime,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn seen(&self) -> Seen {
        self.state.lock().unwrap().seen
    }

    pub(crate) fn forget(&self) {
        self.state.lock().unwrap().seen.calls = 0;
    }

    /// The first question of all.
    pub(crate) fn body(&self) -> Vec<u8> {
        self.state.lock().unwrap().body.clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    thinking: Duration,
    answer: &[u8],
    state: &Mutex<State>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(16 * 1024);
    loop {
        let end = loop {
            if let Some(end) = request_end(&buffer).filter(|(_, end)| *end <= buffer.len()) {
                break end;
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        };
        arrived(state, &buffer[end.0..end.1]);
        buffer.drain(..end.1);
        if !thinking.is_zero() {
            tokio::time::sleep(thinking).await;
        }
        stream.write_all(answer).await?;
        state.lock().unwrap().seen.last = Instant::now();
    }
}

fn arrived(state: &Mutex<State>, body: &[u8]) {
    let mut state = state.lock().unwrap();
    let now = Instant::now();
    if state.seen.calls == 0 {
        state.seen.first = now;
    }
    state.seen.calls += 1;
    if state.body.is_empty() {
        state.body = body.to_vec();
    }
}

/// Where the body of the first request begins and ends.
fn request_end(buffer: &[u8]) -> Option<(usize, usize)> {
    let head = buffer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&buffer[..head]).ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    });
    let body = head + 4;
    Some((body, body + length.unwrap_or(0)))
}
