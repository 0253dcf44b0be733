//! A model's answer: parsed, anchored, merged, voted on. The text before a line
//! `=====` is the patch that it is about, if there is one.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use llmux::change::Change;
use llmux::findings::confidence::Model;
use llmux::findings::{
    Claim, Complaint, MergeSettings, PAIRS, RawClaim, Scope, Taxonomy, anchor, check_opinions,
    check_pairs, merge, parse, parse_lenient, parse_verdicts, parse_verdicts_lenient, vote,
};
use llmux::units::Threshold;
use llmux_fuzz::{file_of, patch, text_at};

/// Two hunks, equal lines, other line ends, wide characters, a removal.
const PATCH: &str = "\
--- a/src/a.rs
+++ b/src/a.rs
@@ -1,5 +1,7 @@
 fn first(items: &[u32]) -> u32 {
-    let total = items.iter().sum();
+    let mut total = 0;
+    for item in items {
+        total += item; // 日本 \u{1f600} e\u{301}
+    }\r
     total
 }
-fn gone() {}
@@ -20,4 +22,3 @@
 fn second() {
-    removed_call(1, 2, 3);
     let total = 0;
 }
";

fuzz_target!(|text: &str| {
    let (patch_text, answer) = text.split_once("\n=====\n").unwrap_or((PATCH, text));
    let roles = ["analyzer".to_owned(), "security".to_owned()];
    let raw = both(answer, &roles[..1]);
    both(answer, &roles);
    let Some(change) = patch(patch_text.as_bytes()) else {
        return;
    };
    if let Ok(said) = parse_verdicts(answer) {
        assert_eq!(parse_verdicts_lenient(answer).as_ref(), Ok(&said));
        assert_eq!(check_opinions(&said, 3, &change.files).len(), 3);
    }
    if let Ok(said) = PAIRS.parse(answer) {
        assert_eq!(PAIRS.parse_lenient(answer).as_ref(), Ok(&said));
        assert_eq!(check_pairs(&said, 3).len(), 3);
    }
    let mut claims = Vec::new();
    for raw in &raw {
        for scope in [Scope::Diff, Scope::Files] {
            if let Ok(claim) = anchor(
                raw,
                "one",
                "analyzer",
                &change.files,
                scope,
                Taxonomy::builtin(),
            ) {
                stands(&change, &claim, scope);
                claims.push(claim);
            }
        }
    }
    together(&change, claims);
});

/// Reads both ways; what the strict one takes the lenient one takes as it is.
fn both(answer: &str, roles: &[String]) -> Vec<RawClaim> {
    let strict = parse(answer, roles);
    let lenient = parse_lenient(answer, roles);
    match (&strict, &lenient) {
        (Ok(claims), Ok(salvage)) => {
            assert_eq!((claims, 0), (&salvage.claims, salvage.lost));
        }
        (Ok(_), Err(why)) => panic!("{why}"),
        (
            Err(Complaint::NoObject { .. } | Complaint::TooLong { .. } | Complaint::TooMany),
            lenient,
        ) => {
            assert!(lenient.is_err());
        }
        (Err(why), _) => assert!(!why.to_string().is_empty()),
    }
    let claims = lenient.map(|salvage| salvage.claims).unwrap_or_default();
    for claim in &claims {
        assert!(
            !claim.title.is_empty() && !claim.title.contains(['\n', '\r']),
            "{claim:?}"
        );
        assert!(
            !claim.message.is_empty() && !claim.file.is_empty(),
            "{claim:?}"
        );
        assert!(claim.line != Some(0) && claim.end_line >= claim.line.and(claim.end_line));
        assert!(
            claim
                .confidence
                .is_none_or(|share| (0.0..=1.0).contains(&share))
        );
    }
    claims
}

/// The quote is the file's text at the location.
fn stands(change: &Change, claim: &Claim, scope: Scope) {
    let place = &claim.location;
    let file = file_of(change, place).expect("a file of the change");
    assert_eq!(
        text_at(file, place).as_deref(),
        Some(&*claim.quote),
        "{place:?}"
    );
    assert!((place.start_line, place.start_column) <= (place.end_line, place.end_column));
    if scope == Scope::Diff && file.hunks.iter().all(|hunk| hunk.old_count == 0) {
        let lines = place.start_line..=place.end_line;
        assert!(
            file.added_lines().any(|line| lines.contains(&line)),
            "{place:?}"
        );
    }
}

/// Nothing is lost between claims and findings.
fn together(change: &Change, claims: Vec<Claim>) {
    let count = claims.len();
    let mut turned = claims.clone();
    turned.reverse();
    let find = |claims| {
        let groups = merge(claims, &MergeSettings::default(), &|_| None);
        let taxonomy = Taxonomy::builtin();
        vote(
            groups,
            &|_, _, _| vec![Threshold::Auto],
            &|_, _| Vec::new(),
            &change.files,
            taxonomy,
            Model::builtin(),
        )
    };
    let findings = find(claims);
    assert_eq!(findings, find(turned));
    assert_eq!(
        findings
            .iter()
            .map(|finding| finding.claims.len())
            .sum::<usize>(),
        count
    );
    let names: BTreeSet<_> = findings
        .iter()
        .map(|finding| &finding.fingerprint)
        .collect();
    assert_eq!(names.len(), findings.len());
    for finding in &findings {
        assert_eq!(finding.vote.voters, ["one"]);
        let claim =
            |claim: &Claim| claim.location == finding.location && claim.quote == finding.quote;
        assert!(finding.claims.iter().any(claim));
    }
}
