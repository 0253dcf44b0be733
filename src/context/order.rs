//! The same packet in another order, for a reader that is to read it with fresh eyes.

use super::{Packet, fence, tokens};

/// Stands alone on a line where something is left out.
const GAP: &str = "…\n";

/// The packet with its files, and the hunks of each file, in the `turn`-th order of all that
/// there are: 0 is its own, and as many turns as there are orders differ. Everything that
/// stood in it stands in it again; a packet of one hunk has only one order. The fence is that
/// of the new text.
pub fn in_order(packet: &Packet, turn: usize) -> Packet {
    let Some(body) = fence::open(&packet.text) else {
        return packet.clone();
    };
    let files: Vec<String> = pieces(body, "## ")
        .into_iter()
        .map(|file| in_turn(file, turn))
        .collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let text = fence::close(&permuted(files, turn).concat());
    Packet {
        tokens: tokens(&text),
        text: text.into(),
        ..packet.clone()
    }
}

/// A file's text with its hunks in that order, its heading first.
fn in_turn(file: &str, turn: usize) -> String {
    let (heading, rows) = match file.find('\n') {
        Some(end) => file.split_at(end + 1),
        None => (file, ""),
    };
    let mut hunks: Vec<&str> = Vec::new();
    let mut from = 0;
    // What has no changed line shows where the next hunk is, and goes with it.
    let mut has_change = false;
    let mut at = 0;
    for line in rows.split_inclusive('\n') {
        if line == GAP && has_change {
            hunks.push(&rows[from..at]);
            from = at + line.len();
            has_change = false;
        }
        has_change |= is_change(line);
        at += line.len();
    }
    hunks.push(&rows[from..]);
    // What follows the last hunk, and the gap at the end of a part that goes on elsewhere.
    let last = hunks.last().copied().unwrap_or_default();
    let tail = if hunks.len() > 1 && !last.lines().any(is_change) {
        hunks.pop()
    } else {
        None
    };
    let is_cut = tail == Some("");
    let mut hunks = permuted(hunks, turn);
    hunks.extend(tail.filter(|tail| !tail.is_empty()));
    let end = if is_cut { GAP } else { "" };
    format!("{heading}{}{end}", hunks.join(GAP))
}

/// Whether a row is an added or removed line: `(NUMBER|)?`, then its sign.
fn is_change(line: &str) -> bool {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let sign = match line[digits..].strip_prefix('|') {
        Some(rest) if digits > 0 => rest,
        _ => line,
    };
    sign.starts_with(['+', '-'])
}

/// Parts of `text`, each from a line with that beginning to the next.
fn pieces<'t>(text: &'t str, beginning: &str) -> Vec<&'t str> {
    let mut parts = Vec::new();
    let mut from = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if at > from && line.starts_with(beginning) {
            parts.push(&text[from..at]);
            from = at;
        }
        at += line.len();
    }
    parts.push(&text[from..]);
    parts
}

/// The `turn`-th order in the factorial number system: all orders come before one comes again,
/// and each of the first has something else in front.
fn permuted<T>(mut items: Vec<T>, mut turn: usize) -> Vec<T> {
    let mut order = Vec::with_capacity(items.len());
    while !items.is_empty() {
        let left = items.len();
        order.push(items.remove(turn % left));
        turn /= left;
    }
    order
}
