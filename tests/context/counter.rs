//! Token counts: exact where they say so, and never fewer than there are where they must not.

use std::fs;
use std::path::{Path, PathBuf};

use llmux::context::{Counter, tokens};
use proptest::prelude::*;
use tiktoken_rs::{cl100k_base_singleton, o200k_base_singleton};

/// What a question has beside its texts.
fn most(counter: Counter, text: &str) -> usize {
    counter.most([text]) - counter.most([""])
}

#[test]
fn openais_models_are_counted_exactly() {
    let text = "fn main() { println!(\"größer als {}\", 1_000); }\n";
    let (o200k, cl100k) = (
        o200k_base_singleton().encode_ordinary(text).len(),
        cl100k_base_singleton().encode_ordinary(text).len(),
    );
    assert_ne!(o200k, cl100k, "the text tells them apart");
    for (model, count) in [
        ("gpt-5.5", o200k),
        ("gpt-5-mini", o200k),
        ("openai/gpt-5", o200k),
        ("gpt-4o-2024-11-20", o200k),
        ("gpt-4.1", o200k),
        ("o3", o200k),
        ("o4-mini", o200k),
        ("openai/gpt-oss-120b", o200k),
        ("gpt-4", cl100k),
        ("gpt-4-turbo", cl100k),
        ("gpt-3.5-turbo", cl100k),
    ] {
        let counter = Counter::openai(model);
        assert!(counter.is_exact(), "{model}");
        assert_eq!(counter.tokens(text), count, "{model}");
        assert_eq!(most(counter, text), count, "{model}");
    }
    // Nobody has published the tokenizer of what comes after GPT-5.
    for model in ["gpt-6-astra", "gpt-50", "o30", "claude-sonnet-5-5", "m", ""] {
        let counter = Counter::openai(model);
        assert!(!counter.is_exact(), "{model}");
        assert_eq!(counter.tokens(text), tokens(text), "{model}");
    }
}

#[test]
fn what_a_program_adds_is_counted() {
    let (plain, program) = (Counter::default(), Counter::default().with_own_bytes(7_000));
    assert_eq!(program.frame() - plain.frame(), 2_000);
    assert_eq!(program.most([]) - plain.most([]), 3_500);
    assert!(plain.most([]) >= plain.frame());
}

/// Every text file of the project: code, prose, data, what real programs print.
fn files(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else {
            into.push(path);
        }
    }
}

/// A third more, because that is what newer tokenizers need beside OpenAI's.
#[test]
fn the_over_estimate_is_well_above_what_real_files_have() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![root.join("Cargo.lock")];
    for dir in [
        "rules",
        "workflows",
        "docs",
        "src/engine",
        "tests/fixtures/agents",
    ] {
        files(&root.join(dir), &mut paths);
    }
    let mut read = 0;
    for path in paths {
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let text = &text[..text.floor_char_boundary(20_000)];
        if text.len() < 500 {
            continue;
        }
        read += 1;
        let exact = o200k_base_singleton()
            .encode_ordinary(text)
            .len()
            .max(cl100k_base_singleton().encode_ordinary(text).len());
        let most = most(Counter::default(), text);
        assert!(
            most * 3 >= exact * 4,
            "{}: {most} of {exact}",
            path.display()
        );
        assert!(most <= text.len());
    }
    assert!(read > 50, "{read} files");
}

proptest! {
    /// Whatever is no plain word: numbers, hashes, encoded data, marks, other scripts.
    #[test]
    fn the_over_estimate_holds_for_dense_text(
        text in prop_oneof![
            "[0-9a-f]{64,400}",
            "[0-9,. ]{64,400}",
            "[A-Za-z0-9+/]{200,400}",
            "[!-/:-@\\[-`{-~]{64,400}",
            "[ \t\n]{1,400}",
            "[\u{4e00}-\u{9fff}\u{3040}-\u{30ff}]{1,200}",
            "[\u{400}-\u{4ff} ]{1,200}",
            "[\u{1f300}-\u{1faff}]{1,100}",
            "[^a-z]{1,200}",
            "([A-Z][a-z]{1,9}|[a-z]{1,3}[0-9_.(]| ){20,80}",
        ]
    ) {
        let exact = o200k_base_singleton().encode_ordinary(text.as_str()).len().max(cl100k_base_singleton().encode_ordinary(text.as_str()).len());
        prop_assert!(most(Counter::default(), &text) >= exact);
    }

    /// Letters thrown together are no words, and the one text of which it can be too few.
    #[test]
    fn of_random_letters_it_misses_a_third_at_most(text in "[a-z]{100,400}") {
        let exact = o200k_base_singleton().encode_ordinary(text.as_str()).len();
        prop_assert!(most(Counter::default(), &text) * 3 >= exact * 2);
    }

    #[test]
    fn it_is_never_more_than_the_bytes(text in any::<String>()) {
        prop_assert!(most(Counter::default(), &text) <= text.len());
    }
}
