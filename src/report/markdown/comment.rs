//! One finding as it stands beside its lines.

use super::{code, inline, quoted, words};
use crate::clean;
use crate::findings::Finding;

/// A finding in Markdown without its place and its code, which stand beside it, and without its
/// suggestion.
pub fn comment(finding: &Finding) -> String {
    let mut text = format!(
        "**{}: {}**\n\n{}\n{} · votes: {}\n",
        finding.severity,
        inline(&words::title(finding)),
        quoted(&finding.message),
        code(&clean::line(&finding.rule)),
        inline(&words::votes(finding)),
    );
    let others = words::other_words(finding);
    if !others.is_empty() {
        text.push_str("\nAlso said:\n\n");
        for said in others {
            text.extend(["- ", &inline(&said), "\n"]);
        }
    }
    clean::commands(&text).into_owned()
}
