//! An answer that comes piece by piece, put together.

use std::pin::pin;
use std::str;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bstr::ByteSlice as _;
use futures_util::{StreamExt as _, stream};
use sse_stream::{Error as SseError, SseByteStream};
use tokio::time::timeout;
use tokio_util::bytes::Bytes;

use super::body::{Body, Broken};
use super::dialect::{Assemble, Progress, Unreadable};
use crate::backends::Reply;

/// Bytes of the longest line: some servers send the whole answer once more in their last event.
const MAX_LINE: usize = 16 << 20;

/// How long a server may take to end an answer that is complete: a connection whose answer
/// was not read to its end cannot be used again.
const FAREWELL: Duration = Duration::from_millis(250);

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failed {
    Broken(Broken),
    Unreadable(Unreadable),
}

impl From<Broken> for Failed {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl From<Unreadable> for Failed {
    fn from(unreadable: Unreadable) -> Self {
        Self::Unreadable(unreadable)
    }
}

/// An answer in server-sent events.
pub(super) async fn of_events(
    body: Body,
    mut assembler: Box<dyn Assemble>,
) -> Result<Reply, Failed> {
    let ended = AtomicBool::new(false);
    let fed = feed_events(body, &ended, &mut *assembler).await;
    close(fed, ended.into_inner(), assembler)
}

/// An answer in lines of JSON.
pub(super) async fn of_lines(
    body: Body,
    mut assembler: Box<dyn Assemble>,
) -> Result<Reply, Failed> {
    let mut ended = false;
    let fed = feed_lines(body, &mut ended, &mut *assembler).await;
    close(fed, ended, assembler)
}

/// The answer, if its end was told.
fn close(
    fed: Result<(), Failed>,
    ended: bool,
    assembler: Box<dyn Assemble>,
) -> Result<Reply, Failed> {
    match fed {
        Ok(()) => Ok(assembler.finish()?),
        // The last piece, of which a part is missing.
        Err(Failed::Unreadable(Unreadable::NotTheProtocol(_))) if ended => {
            Err(Unreadable::Cut.into())
        }
        Err(failed) => Err(failed),
    }
}

async fn feed_events(
    body: Body,
    ended: &AtomicBool,
    into: &mut dyn Assemble,
) -> Result<(), Failed> {
    let chunks = stream::try_unfold((body, 0), |(mut body, line)| async move {
        let Some(chunk) = body.chunk().await? else {
            return Ok::<_, Broken>(None);
        };
        let line = grown(line, &chunk)?;
        Ok(Some((chunk, (body, line))))
    });
    // The last event counts also where the blank line after it is missing.
    let blank = stream::once(async {
        ended.store(true, Ordering::Relaxed);
        Ok(Bytes::from_static(b"\n\n"))
    });
    let mut events = pin!(SseByteStream::new(chunks.chain(blank)));
    while let Some(event) = events.next().await {
        let event = event.map_err(broken)?;
        // A name alone, an id or a pause before reconnecting tells nothing.
        let Some(data) = event.data.filter(|data| !data.is_empty()) else {
            continue;
        };
        if into.event(event.event.as_deref(), &data)? == Progress::Done {
            // A server that does not end what is complete loses the connection.
            let rest = async { while events.next().await.is_some() {} };
            let _ = timeout(FAREWELL, rest).await;
            break;
        }
    }
    Ok(())
}

/// Bytes since the last end of a line.
fn grown(line: usize, chunk: &[u8]) -> Result<usize, Broken> {
    let line = match chunk.rfind_byteset(b"\r\n") {
        Some(at) => chunk.len() - at - 1,
        None => line + chunk.len(),
    };
    if line > MAX_LINE {
        return Err(Broken::LongEvent(MAX_LINE));
    }
    Ok(line)
}

fn broken(error: SseError) -> Broken {
    match error {
        SseError::Body(inner) => inner.downcast().map_or(Broken::Garbled, |broken| *broken),
        _ => Broken::Garbled,
    }
}

async fn feed_lines(
    mut body: Body,
    ended: &mut bool,
    into: &mut dyn Assemble,
) -> Result<(), Failed> {
    let mut line = Vec::new();
    while let Some(chunk) = body.chunk().await? {
        grown(line.len(), &chunk)?;
        let mut chunk = &chunk[..];
        while let Some(at) = chunk.find_byte(b'\n') {
            line.extend_from_slice(&chunk[..at]);
            chunk = &chunk[at + 1..];
            if feed_line(&line, into)? == Progress::Done {
                let rest = async { while let Ok(Some(_)) = body.chunk().await {} };
                let _ = timeout(FAREWELL, rest).await;
                return Ok(());
            }
            line.clear();
        }
        line.extend_from_slice(chunk);
    }
    *ended = true;
    feed_line(&line, into)?;
    Ok(())
}

fn feed_line(line: &[u8], into: &mut dyn Assemble) -> Result<Progress, Failed> {
    let line = str::from_utf8(line).map_err(|_| Broken::Garbled)?;
    match line.trim_start_matches('\u{feff}').trim() {
        "" => Ok(Progress::More),
        line => Ok(into.event(None, line)?),
    }
}
