//! A project's configuration file, over the built-in one.
#![no_main]

use std::fs;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use llmux::config::{Inputs, Layer, load};
use tempfile::TempDir;

static ROOT: LazyLock<TempDir> = LazyLock::new(|| {
    let root = TempDir::new().expect("a folder");
    fs::create_dir(root.path().join(".llmux")).expect("a folder");
    root
});

fuzz_target!(|text: &[u8]| {
    let file = ROOT.path().join(".llmux/config.toml");
    fs::write(&file, text).expect("a file");
    let inputs = Inputs {
        project: llmux::change::Project::Folder(ROOT.path().to_owned()),
        ..Inputs::default()
    };
    match load(&inputs) {
        Ok(loaded) => {
            for origin in [false, true] {
                let shown = loaded.show(origin);
                assert!(shown.parse::<toml::Table>().is_ok(), "{shown}");
                assert!(!shown.contains(steers), "{shown:?}");
            }
            for notice in loaded.notices() {
                assert!(!notice.contains(steers), "{notice:?}");
            }
        }
        Err(errors) => {
            assert!(!errors.problems.is_empty());
            let lines = text.split(|byte| *byte == b'\n').count();
            for problem in &errors.problems {
                assert_ne!(problem.origin.layer, Layer::Default, "{problem:?}");
                assert!(problem.origin.line <= lines, "{problem:?}");
            }
            let shown = errors.render(false);
            assert!(!shown.contains(steers), "{shown:?}");
            errors.render(true);
        }
    }
});

/// What no terminal may get to see.
fn steers(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\t')
}
