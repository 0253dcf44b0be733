//! Patches: what git writes reads as the range it was made of; what is no patch is refused.

use bstr::{BString, ByteSlice as _};
use llmux::change::{self, Change, Error, Kind, LineKind, Reason, Source};
use proptest::prelude::*;

use super::histories::history;
use super::kinds::{additions, every_kind, submodule};
use super::support::{Repo, everything, render};

fn parse(patch: impl AsRef<[u8]>) -> Change {
    change::parse_patch("test.patch", patch.as_ref(), &everything()).expect("a patch")
}

/// The line and the message.
fn refuse(patch: impl AsRef<[u8]>) -> (usize, String) {
    let error = change::parse_patch("test.patch", patch.as_ref(), &everything());
    let error = error.expect_err("no patch");
    assert!(error.is_usage());
    let text = error.to_string();
    match error {
        Error::Patch { line, .. } => {
            assert!(text.starts_with(&format!("test.patch:{line}: ")), "{text}");
            (line, text)
        }
        other => panic!("{other}"),
    }
}

/// Everything that a patch can know.
fn known(change: &Change) -> Vec<String> {
    let files = change.files.iter().map(|file| {
        format!(
            "{} {:?} {:?} {:?} {:?}\n{}",
            file.path.as_bstr(),
            file.old_path,
            file.kind,
            file.old_mode,
            file.new_mode,
            render(file)
        )
    });
    let left_out = change.left_out.iter().map(|it| format!("{it:?}"));
    files.chain(left_out).collect()
}

fn git_diff(repo: &Repo, more: &[&str]) -> BString {
    let mut args = vec!["diff", "-M", "--no-color", "HEAD~1", "HEAD"];
    args.extend(more);
    repo.git(args)
}

fn with_every_kind() -> Repo {
    let repo = every_kind(&[]);
    additions(&repo);
    repo.write("b/prefix.txt", "in a folder that is named like a prefix\n");
    repo.git(["add", "."]);
    submodule(&repo, "2");
    repo.git(["commit", "-q", "-m", "after"]);
    repo
}

#[test]
fn what_git_writes_reads_as_the_range() {
    let repo = with_every_kind();
    let range = known(&repo.range("HEAD~1..HEAD"));
    for options in [
        [].as_slice(),
        &["--binary"],
        &["--full-index"],
        &["--no-prefix"],
        &["--src-prefix=i/", "--dst-prefix=w/"],
        &["--src-prefix=old/", "--dst-prefix=new/"],
        &["--stat", "-p"],
    ] {
        assert_eq!(
            known(&parse(git_diff(&repo, options))),
            range,
            "{options:?}"
        );
    }
    let mail = repo.git(["format-patch", "-M", "--stdout", "-1"]);
    assert_eq!(known(&parse(mail)), range);
    let shown = repo.git(["show", "-M", "--no-color", "HEAD"]);
    assert_eq!(known(&parse(shown)), range);
}

#[test]
fn generated_histories_read_as_their_ranges() {
    for seed in 300..310 {
        let repo = history(seed);
        let range = known(&repo.range("HEAD~1..HEAD"));
        assert_eq!(known(&parse(git_diff(&repo, &[]))), range);
    }
}

#[test]
fn a_patch_has_the_text_of_its_hunks() {
    let repo = history(7);
    for file in parse(git_diff(&repo, &[])).files {
        for line in file.hunks.iter().flat_map(|hunk| &hunk.lines) {
            if line.kind != LineKind::Removed {
                let text = line.text.strip_suffix(b"\r").unwrap_or(&line.text);
                assert_eq!(
                    file.new.line(line.number),
                    Some(text.to_str_lossy().as_ref())
                );
            }
        }
    }
}

#[test]
fn a_patch_file_is_found_from_the_folder() {
    let repo = with_every_kind();
    repo.write("changes.patch", git_diff(&repo, &[]));
    let change = repo.read(&Source::Patch("changes.patch".into()));
    assert_eq!(change.title, "changes.patch");
    assert_eq!(change.root, Some(repo.dir.clone()));
    assert_eq!((change.base.clone(), change.head.clone()), (None, None));
    assert_eq!(known(&change), known(&repo.range("HEAD~1..HEAD")));
}

#[test]
fn patches_with_crlf_line_ends_read_as_without() {
    let plain = "diff --git a/a.txt b/a.txt\nindex 1..2 100644\n--- a/a.txt\n+++ b/a.txt\n\
                 @@ -1,2 +1,2 @@\n one\n-two\n+zwei\n\\ No newline at end of file\n";
    let crlf = plain.replace('\n', "\r\n");
    assert_eq!(known(&parse(crlf)), known(&parse(plain)));
    // The file's own carriage returns stay.
    let own = plain.replace("+zwei\n", "+zwei\r\n");
    let change = parse(own);
    assert_eq!(change.files[0].hunks[0].lines[2].text, "zwei\r");
}

#[test]
fn diffs_without_git_are_read() {
    let change = parse(
        "Only in new: other.txt\n\
         diff -ru old/src/a.c new/src/a.c\n\
         --- old/src/a.c\t2026-01-02 03:04:05.000000000 +0000\n\
         +++ new/src/a.c\t2026-01-02 03:04:06.000000000 +0000\n\
         @@ -3 +3,2 @@ int main()\n\
         -old\n\
         +new\n\
         +newer\n\
         diff -ruN old/b.c new/b.c\n\
         --- old/b.c\t1970-01-01 00:00:00.000000000 +0000\n\
         +++ new/b.c\t2026-01-02 03:04:06.000000000 +0000\n\
         @@ -0,0 +1 @@\n\
         +only\n\
         Binary files old/c.bin and new/c.bin differ\n\
         --- with space.txt.orig\t2026\n\
         +++ with space.txt\t2026\n\
         @@ -1 +0,0 @@\n\
         -gone\n",
    );
    let files: Vec<_> = change
        .files
        .iter()
        .map(|it| (it.path.to_string(), it.kind))
        .collect();
    let named = |path: &str, kind| (path.to_owned(), kind);
    assert_eq!(
        files,
        [
            named("b.c", Kind::Added),
            named("src/a.c", Kind::Modified),
            named("with space.txt", Kind::Deleted),
        ]
    );
    assert_eq!(change.left_out[0].path.to_string(), "c.bin");
    assert_eq!(change.left_out[0].reason, Reason::Binary);
    let hunk = &change.files[1].hunks[0];
    assert_eq!((hunk.old_start, hunk.old_count), (3, 1));
    assert_eq!((hunk.new_start, hunk.new_count), (3, 2));
}

#[test]
fn copies_keep_their_source() {
    let change = parse(
        "diff --git a/a.txt b/c.txt\nsimilarity index 87%\ncopy from a.txt\ncopy to \"c\\303\\244.txt\"\n\
         index 1..2 100644\n--- a/a.txt\n+++ \"b/c\\303\\244.txt\"\n@@ -1 +1 @@\n-a\n+c\n",
    );
    assert_eq!(change.files[0].path.as_bstr(), "c\u{e4}.txt");
    assert_eq!(change.files[0].kind, Kind::Copied(87));
    let old = change.files[0].old_path.as_ref().expect("a source");
    assert_eq!(old.as_bstr(), "a.txt");
}

#[test]
fn lines_that_look_like_headers_are_content() {
    let change = parse("--- a/a.sql\n+++ b/a.sql\n@@ -1,2 +1,2 @@\n--- old\n+++ new\n same\n");
    let lines = &change.files[0].hunks[0].lines;
    assert_eq!(lines[0].text, "-- old");
    assert_eq!(lines[1].text, "++ new");
}

#[test]
fn a_diff_behind_a_binary_one_is_read() {
    let change = parse(
        "diff --git a/a.png b/a.png\nindex 1..2 100644\nGIT binary patch\ndelta 5\nMcmZo*0000\n\n\
         --- a/b.rs\n+++ b/b.rs\n@@ -1 +1 @@\n-a\n+b\n",
    );
    assert_eq!(change.left_out[0].reason, Reason::Binary);
    assert_eq!(change.files[0].path.to_string(), "b.rs");
}

#[test]
fn many_hunks_are_read_as_many() {
    let many = 20_000;
    let hunk = |at: usize| format!("@@ -{at} +{at} @@\n-a\n+b\n");
    let hunks: String = (0..many).map(|at| hunk(at * 100 + 1)).collect();
    let change = parse(format!("{HEAD}{hunks}"));
    let settings = llmux::context::Settings {
        max_tokens: 12_000,
        context_lines: 5,
        max_enclosing_lines: 60,
    };
    let packets = llmux::context::pack(&change, &settings, usize::MAX);
    let slices = packets.iter().flat_map(|packet| &packet.slices);
    let shown = slices.flat_map(|slice| &slice.shown);
    assert_eq!(shown.count(), many);
}

#[test]
fn an_empty_patch_is_an_empty_change() {
    for empty in ["", "\n", "  \n\r\n"] {
        let change = parse(empty);
        assert!(change.files.is_empty() && change.left_out.is_empty());
    }
}

const HEAD: &str = "--- a/a.txt\n+++ b/a.txt\n";

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one table of what is refused and how"
)]
fn what_is_no_patch_is_refused_with_its_line() {
    for (patch, line, part) in [
        ("hello\n".to_owned(), 1, "no diff"),
        (HEAD.to_owned(), 3, "expected a hunk"),
        (format!("{HEAD}hello\n"), 3, "expected a hunk"),
        (format!("{HEAD}@@ -1 +x @@\n"), 3, "no hunk header"),
        (format!("{HEAD}@@ -0,1 +1 @@\n-a\n+b\n"), 3, "count from 1"),
        (
            format!("{HEAD}@@ -1,99999999999 +1 @@\n"),
            3,
            "no hunk header",
        ),
        (
            format!("{HEAD}@@ -1,2 +1,2 @@\n a\n"),
            5,
            "line 3 ends too early",
        ),
        (
            format!("{HEAD}@@ -1,2 +1,2 @@\n a\nhello\n b\n"),
            5,
            "ends too early",
        ),
        (
            format!("{HEAD}@@ -1 +1 @@\n-a\n-b\n+c\n"),
            5,
            "ends too early",
        ),
        (format!("{HEAD}@@ -1 +1 @@\n-a\n+b\n+c\n"), 6, "goes on"),
        (
            format!("{HEAD}@@ -1 +1 @@\n\\ No\n-a\n+b\n"),
            4,
            "without a line",
        ),
        (
            format!("{HEAD}@@ -5 +5 @@\n-a\n+b\n@@ -1 +1 @@\n-a\n+b\n"),
            6,
            "before the end",
        ),
        (
            "mail\n@@ -1 +1 @@\n-a\n+b\n".to_owned(),
            2,
            "without a file",
        ),
        (
            "diff --cc a.txt\nindex 1,2..3\n".to_owned(),
            1,
            "combined diff",
        ),
        (
            format!("{HEAD}@@ -1 +1 @@\n-a\n+b\n{HEAD}@@ -1 +1 @@\n-a\n+b\n"),
            6,
            "a second time (first at line 1)",
        ),
        (
            "--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n".to_owned(),
            1,
            "/dev/null",
        ),
        (
            "--- a/../x\n+++ b/../x\n@@ -1 +1 @@\n-a\n+b\n".to_owned(),
            1,
            "no path inside",
        ),
        (
            "--- /etc/x\n+++ /etc/x\n@@ -1 +1 @@\n-a\n+b\n".to_owned(),
            1,
            "no path inside",
        ),
        (
            "--- \"a/x\n+++ b/x\n@@ -1 +1 @@\n".to_owned(),
            1,
            "expected a file name",
        ),
        (
            "diff --git a/x b/x\nold mode 12\n".to_owned(),
            2,
            "no file mode",
        ),
        (
            "diff --git a/x b/y\nindex 1..2\n".to_owned(),
            1,
            "file's name",
        ),
    ] {
        let (at, text) = refuse(&patch);
        assert_eq!((at, text.contains(part)), (line, true), "{text}\n{patch}");
    }
}

#[test]
fn what_no_diff_says_is_refused() {
    for (patch, line, part) in [
        (
            "diff --git a/x b/x\ndeleted file mode 100644\n--- a/x\n+++ /dev/null\n\
             @@ -1 +0,0 @@\n-a\ndiff --git a/x b/x\nnew file mode 100755\n--- /dev/null\n\
             +++ b/x\n@@ -0,0 +1 @@\n+b\n"
                .to_owned(),
            7,
            "a second time (first at line 1)",
        ),
        (
            format!("{HEAD}@@ -1,2 +1,2 @@\n a\n\\ No newline\n b\n"),
            6,
            "without a line feed",
        ),
        (
            format!("{HEAD}@@ -1 +1 @@\n-a\n+b\n\\ No\n@@ -9 +9 @@\n c\n"),
            8,
            "without a line feed",
        ),
        (
            format!("diff --git {}\n", "a ".repeat(1 << 20)),
            1,
            "file's name",
        ),
    ] {
        let (at, text) = refuse(&patch);
        assert_eq!(
            (at, text.contains(part)),
            (line, true),
            "{text}\n{patch:.200}"
        );
    }
}

/// Pieces of patches, so that random text gets past the first line.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "diff --git a/x b/x\n",
        "diff --git \"a/\\303x\" b/y z\n",
        "diff --cc x\n",
        "--- a/x\n",
        "+++ b/x\n",
        "--- /dev/null\n",
        "+++ \"b/\\t\\\"\"\r\n",
        "@@ -1 +1 @@\n",
        "@@ -0,0 +1,2 @@ fn\n",
        "@@ -4294967295,1 +1 @@\n",
        "new file mode 100644\n",
        "rename from a\n",
        "rename to b\n",
        "similarity index 50%\n",
        "GIT binary patch\nliteral 3\nKcmZ\n\n",
        "Binary files a/x and /dev/null differ\n",
        "\\ No newline at end of file\n",
        " context\n",
        "-removed\n",
        "+added\n",
        "\n",
    ]);
    prop_oneof![
        8 => known.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..12),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_makes_the_reader_panic(pieces in prop::collection::vec(piece(), 0..24)) {
        let patch = pieces.concat();
        if let Ok(change) = change::parse_patch("random", &patch, &everything()) {
            for file in change.files {
                let added = file.hunks.iter().flat_map(|hunk| &hunk.lines);
                prop_assert!(added.count() > 0);
            }
        }
    }

    #[test]
    fn every_written_hunk_is_read_again(
        old in prop::collection::vec("[ -~]{0,6}", 0..12),
        new in prop::collection::vec("[ -~]{0,6}", 0..12),
    ) {
        prop_assume!(!old.is_empty() || !new.is_empty());
        let side = |lines: &Vec<String>| format!("{},{}", u8::from(!lines.is_empty()), lines.len());
        let mut patch = format!("{HEAD}@@ -{} +{} @@\n", side(&old), side(&new));
        patch.extend(old.iter().flat_map(|line| ["-", line, "\n"]));
        patch.extend(new.iter().flat_map(|line| ["+", line, "\n"]));
        let change = parse(&patch);
        let lines = &change.files[0].hunks[0].lines;
        let read: Vec<_> = lines.iter().map(|line| line.text.to_string()).collect();
        prop_assert_eq!(read, [old, new].concat());
    }
}
