//! A model on loopback that counts how many of its calls are in flight at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Calls in flight now, at most so far, and in all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) flying: usize,
    pub(crate) peak: usize,
    pub(crate) total: usize,
}

/// Servers that count together. No call is answered before `wanted` were in flight at
/// once, so that the count does not depend on how fast the machine is.
#[derive(Clone)]
pub(crate) struct Crowd {
    count: Arc<watch::Sender<Count>>,
    wanted: usize,
    /// The first so many calls fail.
    failing: usize,
}

impl Crowd {
    pub(crate) fn of(wanted: usize) -> Self {
        Self {
            count: Arc::new(watch::Sender::new(Count::default())),
            wanted,
            failing: 0,
        }
    }

    /// The first `wanted` calls are answered with status 500.
    pub(crate) fn that_hiccups(wanted: usize) -> Self {
        Self {
            failing: wanted,
            ..Self::of(wanted)
        }
    }

    pub(crate) fn count(&self) -> Count {
        *self.count.borrow()
    }

    /// Starts one more server and gives `[backends.NAME]` for it.
    pub(crate) async fn server(&self, name: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let crowd = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(crowd.clone().serve(stream));
            }
        });
        format!("[backends.{name}]\nbase_url = \"http://{address}/v1\"\n")
    }

    async fn serve(self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        while read_request(&mut stream).await.is_some() {
            let call = self.wait().await;
            let (status, body) = if call < self.failing {
                ("500 Internal Server Error", json!({"error": "hiccup"}))
            } else {
                let message = json!({"role": "assistant", "content": "{\"findings\": []}"});
                let choice = json!({"index": 0, "finish_reason": "stop", "message": message});
                ("200 OK", json!({ "choices": [choice] }))
            };
            let body = body.to_string();
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }

    /// Is in flight until enough others were; gives the number of the call, from 0.
    async fn wait(&self) -> usize {
        let mut number = 0;
        self.count.send_modify(|count| {
            number = count.total;
            count.total += 1;
            count.flying += 1;
            count.peak = count.peak.max(count.flying);
        });
        let mut seen = self.count.subscribe();
        let enough = seen.wait_for(|count| count.peak >= self.wanted);
        // Where they never come the peak stays low, and the test says so.
        let _ = tokio::time::timeout(Duration::from_secs(20), enough).await;
        // Those that come beyond the limit get a moment to be counted.
        tokio::time::sleep(Duration::from_millis(50)).await;
        self.count.send_modify(|count| count.flying -= 1);
        number
    }
}

/// Reads headers and body of one request; nothing at the connection's end.
async fn read_request(stream: &mut BufReader<TcpStream>) -> Option<()> {
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    let length = headers.get("content-length")?.parse().ok()?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok().map(drop)
}
