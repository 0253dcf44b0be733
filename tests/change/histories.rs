//! Generated histories: every hunk line for line as git has it.

use std::collections::BTreeMap;

use llmux::change::Source;

use super::support::Repo;

/// A small generator (splitmix64): the same seed gives the same history everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).expect("below a usize")
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }
}

/// Few different lines, many of them equal: where to put a hunk is a question.
fn line(random: &mut Random) -> String {
    let indent = ["", "  ", "    ", "\t", "        "][random.below(5)];
    let text = match random.below(12) {
        0 | 1 => return "\n".to_owned(),
        2 => "}".to_owned(),
        3 => "{".to_owned(),
        4 => "return x;".to_owned(),
        5 => format!("fn f{}() {{", random.below(5)),
        6 => format!("if x == {} {{", random.below(3)),
        7 => "// \u{fc}ber".to_owned(),
        _ => format!("let v{} = {};", random.below(50), random.below(1000)),
    };
    format!("{indent}{text}\n")
}

fn lines(random: &mut Random, count: usize) -> Vec<String> {
    (0..count).map(|_| line(random)).collect()
}

fn edit(random: &mut Random, text: &mut Vec<String>) {
    for _ in 0..=random.below(4) {
        let at = random.below(text.len() + 1);
        let count = random.below(6).min(text.len() - at);
        match random.below(5) {
            0 => {
                let more = 1 + random.below(6);
                text.splice(at..at, lines(random, more));
            }
            1 => {
                text.drain(at..at + count);
            }
            2 => {
                let more = 1 + random.below(4);
                text.splice(at..at + count, lines(random, more));
            }
            3 => {
                // A copied block: the classic slider.
                let block = text[at..at + count].to_vec();
                text.splice(at..at, block);
            }
            _ => {
                for line in &mut text[at..at + count] {
                    *line = if line.ends_with("\r\n") {
                        line.replace("\r\n", "\n")
                    } else {
                        line.replace('\n', "\r\n")
                    };
                }
            }
        }
    }
    if random.one_in(6)
        && let Some(last) = text.last_mut()
    {
        *last = last.trim_end_matches(['\r', '\n']).to_owned();
        text.retain(|line| !line.is_empty());
    }
}

/// Joins what lies on disk: a line in the middle always ends.
fn joined(text: &[String]) -> String {
    let mut all = String::new();
    for (at, line) in text.iter().enumerate() {
        all.push_str(line);
        if at + 1 < text.len() && !line.ends_with('\n') {
            all.push('\n');
        }
    }
    all
}

fn name(random: &mut Random) -> String {
    const FOLDERS: [&str; 5] = ["", "src/", "src/a/", "src a/", "lib/"];
    let folder = FOLDERS[random.below(FOLDERS.len())];
    format!("{folder}f{}.rs", random.below(20))
}

/// A step of a history: edits, additions, deletions, moves with and without edits.
fn step(random: &mut Random, repo: &Repo, files: &mut BTreeMap<String, Vec<String>>) {
    for _ in 0..2 + random.below(6) {
        let names: Vec<_> = files.keys().cloned().collect();
        let chosen = names[random.below(names.len())].clone();
        let other = name(random);
        match random.below(10) {
            0 | 1 if !files.contains_key(&other) => {
                let count = random.below(40);
                files.insert(other, lines(random, count));
            }
            2 if files.len() > 3 => {
                files.remove(&chosen);
            }
            3..=5 if !files.contains_key(&other) => {
                let mut text = files.remove(&chosen).unwrap_or_default();
                if !random.one_in(3) {
                    edit(random, &mut text);
                }
                files.insert(other, text);
            }
            _ => edit(random, files.entry(chosen).or_default()),
        }
    }
    for old in repo.git(["ls-files", "-z"]).split(|byte| *byte == 0) {
        if !old.is_empty() {
            repo.remove(old);
        }
    }
    for (name, text) in files {
        repo.write(name, joined(text));
    }
}

pub(crate) fn history(seed: u64) -> Repo {
    let mut random = Random(seed);
    let repo = Repo::new();
    let mut files = BTreeMap::new();
    for _ in 0..8 {
        let count = 5 + random.below(80);
        files.insert(name(&mut random), lines(&mut random, count));
    }
    for (name, text) in &files {
        repo.write(name, joined(text));
    }
    repo.commit("first");
    for _ in 0..3 {
        step(&mut random, &repo, &mut files);
        repo.commit("next");
    }
    step(&mut random, &repo, &mut files);
    repo
}

#[test]
fn ranges_of_generated_histories_are_as_git_has_them() {
    for seed in 0..24 {
        let repo = history(seed);
        for (range, args) in [
            ("HEAD~1..HEAD", ["HEAD~1", "HEAD"]),
            ("HEAD~3..HEAD", ["HEAD~3", "HEAD"]),
            ("HEAD..HEAD~2", ["HEAD", "HEAD~2"]),
        ] {
            repo.assert_like_git(&Source::Range(Some(range.to_owned())), &args);
        }
    }
}

#[test]
fn staged_generated_histories_are_as_git_has_them() {
    for seed in 100..112 {
        let repo = history(seed);
        repo.git(["add", "-A"]);
        repo.assert_like_git(&Source::Staged, &["--cached"]);
    }
}

#[test]
fn work_trees_of_generated_histories_are_as_git_has_them() {
    for seed in 200..212 {
        let repo = history(seed);
        repo.assert_like_git(&Source::Worktree, &[]);
    }
}
