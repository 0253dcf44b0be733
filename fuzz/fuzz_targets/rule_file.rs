//! A user's rule file, and what its rules find in a small change.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use llmux::backends::rules::Rules;
use llmux::change::FileChange;
use llmux::findings::Taxonomy;
use llmux_fuzz::patch;

static FILES: LazyLock<Vec<Arc<FileChange>>> = LazyLock::new(|| {
    let text = "\
--- a/src/a.rs
+++ b/src/a.rs
@@ -1,2 +1,5 @@
 // 日本 \"text\"
-let b = 1;
+let secret = \"aB3$xyz9876543210\";\r
+println!(\"{}\", a);
+
+fn b() { unsafe { c() } }
--- /dev/null
+++ b/.github/workflows/a.yml
@@ -0,0 +1,2 @@
+on: push
+  run: echo $X
";
    patch(text.as_bytes()).expect("a patch").files
});

fuzz_target!(|text: &str| {
    let files = [("fuzz.toml".to_owned(), text.to_owned())];
    match Rules::with_user_files(&files, &[], Taxonomy::builtin().categories()) {
        Ok(rules) => {
            assert!(rules.rules().len() >= Rules::builtin().rules().len());
            for hit in rules.scan(&FILES) {
                let file = FILES
                    .iter()
                    .find(|file| file.path == hit.path)
                    .expect("a file");
                assert!(
                    file.new
                        .line(hit.line)
                        .is_some_and(|line| hit.quote.starts_with(line))
                );
                assert!(
                    file.new
                        .line(hit.end_line)
                        .is_some_and(|line| hit.quote.ends_with(line))
                );
            }
        }
        Err(errors) => {
            assert!(!errors.0.is_empty());
            let lines = text.split('\n').count();
            for error in &errors.0 {
                assert_eq!(error.file, "fuzz.toml", "{error}");
                let place = error.place.as_ref();
                assert!(
                    place.is_none_or(|place| (1..=lines).contains(&place.line)),
                    "{error:?}"
                );
            }
        }
    }
});
