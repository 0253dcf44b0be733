//! JSON that is safe wherever it is printed, without losing a byte.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use super::clean;

/// Writes `value` indented, with a line feed at the end. Characters that steer a
/// terminal or hide text, and `##` (which opens a command of CI runners anywhere
/// in a line), are written as `\u` escapes: readers get them back unchanged.
///
/// # Errors
/// Those of the sink.
pub fn write<T: Serialize>(value: &T, out: &mut impl Write) -> io::Result<()> {
    write_with(PrettyFormatter::new(), value, out)
}

/// The same on one line.
///
/// # Errors
/// Those of the sink.
pub(super) fn write_line<T: Serialize>(value: &T, out: &mut impl Write) -> io::Result<()> {
    write_with(CompactFormatter, value, out)
}

fn write_with<T: Serialize>(
    inner: impl Formatter,
    value: &T,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Escaping { inner });
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

struct Escaping<F> {
    inner: F,
}

impl<F: Formatter> Formatter for Escaping<F> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut written = 0;
        let mut previous = '\0';
        for (at, character) in fragment.char_indices() {
            let opens_command = character == '#' && previous == '#';
            if opens_command || clean::visible(character) != character {
                out.write_all(&fragment.as_bytes()[written..at])?;
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
                written = at + character.len_utf8();
            }
            previous = character;
        }
        out.write_all(&fragment.as_bytes()[written..])
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.inner.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.inner.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.inner.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.inner.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.inner.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.inner.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.inner.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.inner.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.inner.end_object_value(out)
    }
}
