//! An answer's bytes as they come: bounded in size and silence.

use std::time::{Duration, SystemTime};

use reqwest::Response;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, RETRY_AFTER};
use tokio::time::timeout;
use tokio_util::bytes::Bytes;

/// Longest pause that a server may ask for.
const MAX_PAUSE: Duration = Duration::from_hours(24);

/// Why the bytes ended too early.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// Nothing came for so long.
    #[error("nothing came for {}", humantime::format_duration(*.0))]
    Silent(Duration),
    /// More bytes than that.
    #[error("more than {0} bytes")]
    TooLarge(usize),
    /// A single event of more bytes than that.
    #[error("an event of more than {0} bytes")]
    LongEvent(usize),
    /// The connection broke.
    #[error(transparent)]
    Cut(#[from] reqwest::Error),
    /// What came is no UTF-8.
    #[error("text that is not UTF-8, or ends in the middle of a character")]
    Garbled,
}

/// The body of a response.
#[derive(Debug)]
pub(super) struct Body {
    response: Response,
    /// Read already, to see what it is.
    first: Option<Bytes>,
    /// Longest silence.
    idle: Duration,
    /// Bytes that may come in all, and are left of these.
    most: usize,
    left: usize,
}

impl Body {
    pub(super) fn new(response: Response, idle: Duration, most: usize) -> Self {
        Self {
            response,
            first: None,
            idle,
            most,
            left: most,
        }
    }

    /// The next bytes; none at the end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, Broken> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        self.next().await
    }

    /// What comes first, without taking it; empty where nothing comes.
    pub(super) async fn peek(&mut self) -> Result<&[u8], Broken> {
        while self.first.as_ref().is_none_or(Bytes::is_empty) {
            self.first = self.next().await?;
            if self.first.is_none() {
                break;
            }
        }
        Ok(self.first.as_deref().unwrap_or_default())
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        let chunk = timeout(self.idle, self.response.chunk());
        let chunk = chunk.await.map_err(|_| Broken::Silent(self.idle))??;
        let come = chunk.as_ref().map_or(0, Bytes::len);
        self.left = self
            .left
            .checked_sub(come)
            .ok_or(Broken::TooLarge(self.most))?;
        Ok(chunk)
    }

    /// All of it.
    pub(super) async fn whole(mut self) -> Result<Vec<u8>, Broken> {
        // What says at once that it is too large is not read.
        let length = self.response.headers().get(CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        let length = length.unwrap_or_default();
        if length > self.most {
            return Err(Broken::TooLarge(self.most));
        }
        let mut all = Vec::with_capacity(length);
        while let Some(chunk) = self.chunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all)
    }

    /// The beginning, where the rest does not matter: `most` bytes, or what came within
    /// `patience`.
    pub(super) async fn beginning(mut self, most: usize, patience: Duration) -> Vec<u8> {
        let mut beginning = Vec::new();
        let read = async {
            while beginning.len() < most
                && let Ok(Some(chunk)) = self.chunk().await
            {
                beginning.extend_from_slice(&chunk);
            }
        };
        // What came is kept.
        let _ = timeout(patience, read).await;
        beginning.truncate(most);
        beginning
    }
}

/// `Retry-After`: seconds, or a date.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = text.parse::<f64>().ok().filter(|seconds| !seconds.is_nan());
    let pause = if let Some(seconds) = seconds {
        // Cut before it is a duration: one that no clock counts is long, not absent.
        let seconds = seconds.min(MAX_PAUSE.as_secs_f64());
        Duration::try_from_secs_f64(seconds).ok()?
    } else {
        let date = httpdate::parse_http_date(text).ok()?;
        date.duration_since(now).unwrap_or_default()
    };
    Some(pause.min(MAX_PAUSE))
}
