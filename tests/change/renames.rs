//! Moves where git's answer hangs on its order, its ties and its limits.

use llmux::change::Source;

use super::support::Repo;

fn assert_staged_like_git(repo: &Repo) {
    repo.git(["add", "-A"]);
    repo.assert_like_git(&Source::Staged, &["--cached"]);
}

fn text(from: usize, to: usize) -> String {
    let lines = (from..to).map(|line| format!("this is line {line}\n"));
    lines.collect::<Vec<_>>().concat()
}

#[test]
fn equal_files_go_to_the_same_base_name_first() {
    let repo = Repo::new();
    for name in ["a/x.txt", "a/y.txt", "b/z.txt", "c/empty", "d/empty2"] {
        repo.write(name, if name.contains("empty") { "" } else { "same\n" });
    }
    repo.commit("before");
    for name in ["a/x.txt", "a/y.txt", "b/z.txt", "c/empty", "d/empty2"] {
        repo.remove(name);
    }
    for name in ["new/y.txt", "new/q.txt", "new/z.txt", "new/w.txt"] {
        repo.write(name, "same\n");
    }
    repo.write("new/empty2", "");
    assert_staged_like_git(&repo);
}

#[test]
fn a_unique_base_name_wins_over_a_more_similar_file() {
    let repo = Repo::new();
    repo.write("src/main.rs", text(0, 40));
    repo.write("src/other.rs", text(1, 41));
    repo.commit("before");
    repo.remove("src/main.rs");
    repo.remove("src/other.rs");
    repo.write("lib/main.rs", format!("{}{}", text(0, 36), text(90, 94)));
    repo.write("lib/third.rs", text(0, 40));
    assert_staged_like_git(&repo);
}

#[test]
fn half_of_a_file_is_the_border() {
    for kept in 44..56 {
        let repo = Repo::new();
        repo.write("old.txt", text(100, 200));
        repo.commit("before");
        repo.remove("old.txt");
        let new = format!("{}{}", text(100, 100 + kept), text(500, 600 - kept));
        repo.write("new.txt", new);
        assert_staged_like_git(&repo);
    }
}

#[test]
fn ties_are_broken_as_git_breaks_them() {
    let repo = Repo::new();
    for copy in 0..9 {
        repo.write(
            format!("old/{copy}/f{}.txt", copy % 3),
            text(0, 30) + &copy.to_string(),
        );
    }
    repo.commit("before");
    for copy in 0..9 {
        repo.remove(format!("old/{copy}/f{}.txt", copy % 3));
        repo.write(format!("new/{copy}/f{}.txt", copy % 4), text(0, 30) + "x");
    }
    assert_staged_like_git(&repo);
}

#[test]
fn long_lines_binaries_and_line_ends_count_as_in_git() {
    let repo = Repo::new();
    let words = (0..400).map(|word| format!("word{word}"));
    let long = words.collect::<Vec<_>>().join(" ");
    let binary: Vec<u8> = (0..3000_u32)
        .map(|at| u8::try_from(at * 7 % 256).unwrap_or(0))
        .collect();
    repo.write("long", &long);
    repo.write("binary", &binary);
    repo.write("crlf", text(0, 30).replace('\n', "\r\n"));
    repo.commit("before");
    for name in ["long", "binary", "crlf"] {
        repo.remove(name);
    }
    repo.write("long2", long.replace("word200", "other"));
    repo.write("binary2", [&binary[..2500], b"\r\nend"].concat());
    repo.write("crlf2", text(0, 30));
    assert_staged_like_git(&repo);
}

#[test]
fn beyond_its_limit_git_looks_at_names_alone() {
    let repo = Repo::new();
    for file in 0..1010 {
        repo.write(format!("old/f{file}.txt"), text(file * 10, file * 10 + 10));
    }
    repo.commit("before");
    for file in 0..1010 {
        repo.remove(format!("old/f{file}.txt"));
        // A few keep their name, none keeps its content.
        let name = if file % 100 == 0 {
            format!("new/f{file}.txt")
        } else {
            format!("new/g{file}.txt")
        };
        repo.write(name, text(file * 10, file * 10 + 9));
    }
    assert_staged_like_git(&repo);
}
