//! GitHub's line hash against values computed apart from the code.
//!
//! The values are from this Python, which writes the definition out as a sum of
//! powers in place of a loop that multiplies:
//!
//! ```python
//! def lines(text):
//!     units, starts, start, cr = [], [], True, False
//!     for u in list(memoryview(text.encode('utf-16-le')).cast('H')) + [65535]:
//!         if u in (32, 9) or (cr and u == 10):
//!             cr = False; continue
//!         cr = u == 13
//!         if cr: u = 10
//!         if start: starts.append(len(units))
//!         start = u == 10
//!         units.append(u)
//!     seen, out = {}, []
//!     for s in starts:
//!         w = (units[s:] + [0] * 100)[:100]
//!         h = sum(c * 37 ** (99 - i) for i, c in enumerate(w)) % 2 ** 64
//!         seen[h] = seen.get(h, 0) + 1
//!         out.append('%x:%d' % (h, seen[h]))
//!     return out
//! ```
//!
//! By hand: the empty file is the unit 65535 and 99 zeros, so 65535 · 37^99 mod 2^64 = c129715d7a2bc9a3.

use llmux::report::line_hash::hashes;

const END: &str = "c129715d7a2bc9a3:1";

#[test]
fn short_files() {
    assert_eq!(hashes(""), [END]);
    // Blanks alone do not count.
    assert_eq!(hashes("  "), [END]);
    assert_eq!(hashes("x"), ["638816509450efbf:1"]);
    assert_eq!(
        hashes("\n\n"),
        ["5b5d4caf73a13177:1", "3c5bef55b72b93c9:1", END]
    );
}

#[test]
fn line_ends_and_blanks_do_not_matter() {
    for text in [
        "fn main() {}\n",
        "fn main() {}\r\n",
        "fn main() {}\r",
        "\tfn  main()\t{}  \n",
    ] {
        assert_eq!(hashes(text), ["38c13c13077321b7:1", END], "{text:?}");
    }
}

#[test]
fn a_blank_between_cr_and_lf_makes_two_lines() {
    assert_eq!(
        hashes("a\r\nb\n"),
        ["81b8d8db678b2bbe:1", "ade70578248be16f:1", END]
    );
    assert_eq!(
        hashes("a\r \nb\n"),
        [
            "818c3a85b988abe4:1",
            "bf4c4d48992e2ca5:1",
            "ade70578248be16f:1",
            END
        ]
    );
}

#[test]
fn characters_are_utf_16_units() {
    assert_eq!(hashes("é→😀\n"), ["b58b53ef12562f11:1", END]);
}

#[test]
fn a_line_longer_than_the_window() {
    let text = format!("{}\nz\n", "y".repeat(120));
    assert_eq!(
        hashes(&text),
        ["cadd4b5b9d92c51c:1", "95de0951c928fa27:1", END]
    );
}

#[test]
fn equal_windows_are_counted() {
    let hashes = hashes(&"let x = 1;\n".repeat(20));
    // 8 units a line: the windows of the first lines hold 100 units of the same text.
    let first = hashes[0].trim_end_matches(":1").to_owned();
    assert_eq!(first, "1b9fba85e7f6fcf5");
    for (index, hash) in hashes.iter().enumerate().take(8) {
        assert_eq!(*hash, format!("{first}:{}", index + 1));
    }
    assert_eq!(hashes[8], "1b9fba86ad7d9083:1");
    assert_eq!(hashes[20], END);
}
