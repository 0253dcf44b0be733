//! A claim as a judge is shown it: data, with nothing of who made it or how bad it is told
//! to be.

use serde_json::json;

use crate::findings::Location;

/// Bytes of a claim's title and of its code, at most.
const MAX_TITLE: usize = 160;
const MAX_CODE: usize = 600;
/// Bytes that are left of a message in any case.
const LEAST_MESSAGE: usize = 40;

/// One line of JSON, in `room` bytes as far as the message can be shortened for it.
pub(in crate::engine) fn line(
    id: usize,
    place: &Location,
    quote: &str,
    [title, message]: [&str; 2],
    room: usize,
) -> String {
    let (first, last) = (place.start_line, place.end_line);
    let title = cut(title, MAX_TITLE.min(room / 4));
    let code = cut(quote, MAX_CODE.min(room / 4));
    let line = |message: &str| {
        json!({
            "id": id,
            "place": format!("{}:{first}-{last}", place.path),
            "code": code,
            "title": title,
            "message": message,
        })
        .to_string()
    };
    let mut bytes = room.saturating_sub(line("").len()).max(LEAST_MESSAGE);
    loop {
        let line = line(&cut(message, bytes));
        // Escapes make it longer than it looks.
        if line.len() <= room || bytes <= LEAST_MESSAGE {
            return line;
        }
        bytes = (bytes / 2).max(LEAST_MESSAGE);
    }
}

fn cut(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(bytes)])
}
