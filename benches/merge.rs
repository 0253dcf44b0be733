//! How long merging takes, and that it grows with the number of claims and not with its
//! square: `cargo bench --bench merge`. A tenth of the claims stands in one file.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up has no figure"
)]

use std::time::Instant;

use llmux::findings::{MergeSettings, Place, Statement, cluster};

/// Claims of the runs that are compared.
const SIZES: [usize; 4] = [12_500, 25_000, 50_000, 100_000];
/// Voters that say them.
const VOTERS: [&str; 5] = ["ada", "bob", "cyd", "dan", "eve"];
/// Words of each text, some of them rare, some in every other claim.
const WORDS: usize = 30;

fn main() {
    for size in SIZES {
        let texts: Vec<String> = (0..size).map(text).collect();
        let paths: Vec<String> = (0..size).map(path).collect();
        let statements: Vec<Statement<'_>> = (0..size)
            .map(|at| statement(at, &texts[at], &paths[at]))
            .collect();
        let began = Instant::now();
        let groups = cluster(&statements, &MergeSettings::default());
        let took = began.elapsed();
        say(&format!(
            "{size} claims: {:.2} s, {} groups",
            took.as_secs_f64(),
            groups.len()
        ));
    }
}

/// Of five claims in a row, all are about the same.
fn text(at: usize) -> String {
    let mut random = fastrand::Rng::with_seed(u64::try_from(at / VOTERS.len()).unwrap());
    let mut own = fastrand::Rng::with_seed(u64::try_from(at).unwrap() << 20);
    let words = (0..WORDS).map(|word| {
        let random = if word % 3 == 0 { &mut own } else { &mut random };
        // Few words are frequent, many are rare, as in texts of people.
        let rank = 10.0_f64.powf(random.f64() * 4.5);
        format!("word{rank:.0}")
    });
    words.collect::<Vec<_>>().join(" ")
}

fn path(at: usize) -> String {
    if at.is_multiple_of(10) {
        "src/one.rs".to_owned()
    } else {
        format!("src/file{}.rs", at / 100)
    }
}

fn statement<'a>(at: usize, text: &'a str, path: &'a str) -> Statement<'a> {
    let line = u32::try_from(at / VOTERS.len() % 5_000).unwrap();
    Statement {
        place: Some(Place {
            path: path.as_bytes(),
            start_line: line + 1,
            end_line: line + 2,
        }),
        backend: VOTERS[at % VOTERS.len()],
        text,
        quote: "",
        rule: "bug-other",
        category: "bug",
        symbol: None,
    }
}

#[expect(clippy::print_stdout, reason = "figures are for whoever runs it")]
fn say(line: &str) {
    println!("{line}");
}
