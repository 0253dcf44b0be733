//! What several targets need.

use std::sync::Arc;

use llmux::change::{self, Change, FileChange, Fragment};
use llmux::findings::Location;

/// Every file is reviewed, whatever it is.
pub fn everything() -> change::Settings {
    change::Settings {
        include: Vec::new(),
        exclude: Vec::new(),
        max_file_size: 1 << 20,
        generated: true,
        lock_files: true,
        vendored: true,
        minified: true,
    }
}

/// The change that a patch holds, where it is one.
pub fn patch(text: &[u8]) -> Option<Change> {
    change::parse_patch("fuzz.patch", text, &everything()).ok()
}

/// The text of a file from one column to another, found by counting; none where the
/// file has no such place.
pub fn text_at(file: &FileChange, place: &Location) -> Option<String> {
    let holds = |part: &&Fragment| {
        part.line(place.start_line).is_some() && part.line(place.end_line).is_some()
    };
    let part = file.new.fragments().iter().find(holds)?;
    let mut offset = 0;
    let (mut start, mut end) = (None, None);
    for (line, number) in part.text.split_inclusive('\n').zip(part.first_line..) {
        let at = |column: u32| {
            let before = line.chars().take(column.checked_sub(1)? as usize);
            let known = line.chars().count() + 1 >= column as usize;
            known.then(|| offset + before.map(char::len_utf8).sum::<usize>())
        };
        if number == place.start_line {
            start = at(place.start_column);
        }
        if number == place.end_line {
            end = at(place.end_column);
        }
        offset += line.len();
    }
    part.text.get(start?..end?).map(str::to_owned)
}

/// The file of that path.
pub fn file_of<'c>(change: &'c Change, place: &Location) -> Option<&'c Arc<FileChange>> {
    change.files.iter().find(|file| file.path == place.path)
}
