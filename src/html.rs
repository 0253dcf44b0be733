//! The frame of a page that needs nothing else: no script, no file, no network.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

/// Colours of text, lines and page, light and dark; what every page has in common.
const STYLE: &str = "\
:root { color-scheme: light dark; --ink: #1c2430; --dim: #5b6675; --line: #d5dbe3; --page: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --dim: #9aa5b4; --line: #39424f; \
--page: #14181e; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); \
max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.2; }
h2 { margin-top: 2.2rem; font-size: 1.15rem; }
p.about, figcaption { color: var(--dim); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; }
th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line); \
white-space: nowrap; }
figure { margin: 1.5rem 0; }
svg { width: 100%; max-width: 46rem; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
svg .dim { fill: var(--dim); }
svg .grid { stroke: var(--line); fill: none; }
";

/// A whole page. `style` and `body` are written as they are: what strangers wrote is escaped in
/// them already. Whatever the page holds, a browser loads nothing for it, runs nothing, and
/// styles it by this style alone, which it knows by its hash.
pub fn page(title: &str, style: &str, body: &str) -> String {
    let title = escaped(title);
    let style = format!("\n{STYLE}{style}");
    let hash = BASE64_STANDARD.encode(Sha256::digest(&style));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\">\n\
         <title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n\
         <h1>{title}</h1>\n{body}</body>\n</html>\n"
    )
}

/// Text in HTML and in attributes.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(ch),
        }
    }
    out
}
