//! Whether code parses, by tree-sitter's grammars.

use std::ops::ControlFlow;

use tree_sitter::{Language, ParseOptions, Parser};

use crate::change::RepoPath;

/// Bytes of a file that is parsed.
const LARGEST: usize = 1 << 20;
/// How often the parser says how far it is, some hundred steps apart, before it is stopped: what
/// repairs broken code can take long.
const STEPS: usize = 1_000_000;

/// Whether each of these texts is whole code of the language that the file's name says: nothing
/// wrong in it, nothing missing. Not where the language is not known.
pub(super) fn parses(path: &RepoPath, texts: &[&str]) -> bool {
    let Some(language) = language(path) else {
        return false;
    };
    let mut parser = Parser::new();
    if parser.set_language(&language).is_err() {
        return false;
    }
    texts.iter().all(|text| parses_one(&mut parser, text))
}

fn parses_one(parser: &mut Parser, text: &str) -> bool {
    if text.len() > LARGEST {
        return false;
    }
    let mut left = STEPS;
    let mut step = |_: &_| {
        left = left.saturating_sub(1);
        match left {
            0 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    };
    let options = ParseOptions::new().progress_callback(&mut step);
    let mut rest = |at: usize, _| text.as_bytes().get(at..).unwrap_or_default();
    let tree = parser.parse_with_options(&mut rest, None, Some(options));
    // A missing node counts as an error there.
    let is_whole = tree.is_some_and(|tree| !tree.root_node().has_error());
    parser.reset();
    is_whole
}

fn language(path: &RepoPath) -> Option<Language> {
    let name = path.file_name().to_string();
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension {
        "rs" => tree_sitter_rust::LANGUAGE.into(),
        "py" | "pyi" => tree_sitter_python::LANGUAGE.into(),
        "js" | "mjs" | "cjs" | "jsx" => tree_sitter_javascript::LANGUAGE.into(),
        "ts" | "mts" | "cts" => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        "tsx" => tree_sitter_typescript::LANGUAGE_TSX.into(),
        "go" => tree_sitter_go::LANGUAGE.into(),
        "java" => tree_sitter_java::LANGUAGE.into(),
        "rb" => tree_sitter_ruby::LANGUAGE.into(),
        "php" => tree_sitter_php::LANGUAGE_PHP.into(),
        "c" => tree_sitter_c::LANGUAGE.into(),
        "h" | "cc" | "cpp" | "cxx" | "hh" | "hpp" | "hxx" => tree_sitter_cpp::LANGUAGE.into(),
        _ => return None,
    })
}
