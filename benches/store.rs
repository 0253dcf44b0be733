//! What the store costs: a run that the tape answers, and recording one. `cargo bench --bench store`.
//!
//! `-- --quick` makes few calls and one round, to see that it runs.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up has no figure"
)]

use std::fs;
use std::time::{Duration, Instant};

#[path = "calls/scene.rs"]
mod scene;
#[path = "calls/server.rs"]
mod server;
use scene::{Scene, children, processor_time};
use server::Server;

/// How long the server takes over an answer where recording is measured.
const THINKING: Duration = Duration::from_millis(50);
const IN_FLIGHT: usize = 20;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (calls, rounds) = if quick { (50, 1) } else { (1000, 11) };
    taped(calls, rounds);
    recording(calls, if quick { 1 } else { 5 });
}

/// A run whose every call is on the tape.
fn taped(calls: u32, rounds: usize) {
    let scene = Scene::new(calls, "");
    let server = Server::start(Duration::ZERO, 200);
    scene.run(&server, IN_FLIGHT, 0);
    assert_eq!(server.seen().calls, scene.calls, "one call for each packet");
    let bytes = server.body().len();
    server.forget();
    let (mut took, mut work) = (vec![], vec![]);
    for _ in 0..rounds {
        let start = Instant::now();
        let cpu = scene.run(&server, IN_FLIGHT, 0);
        took.push(start.elapsed().as_secs_f64() * 1e3);
        work.push(cpu.as_secs_f64() * 1e3);
    }
    assert_eq!(server.seen().calls, 0, "nothing is asked");
    let report = fs::read_to_string(scene.outside("r.json")).unwrap();
    assert!(
        report.contains(&format!("\"taped\": {calls}")),
        "all of the tape"
    );
    say(&format!(
        "a run of {calls} calls of {bytes} bytes from the tape: {:.0} ms ({:.0} to {:.0}), {:.0} ms of processor \
         time (150 ms wanted)",
        median(&mut took),
        took[0],
        took[took.len() - 1],
        median(&mut work),
    ));
    // The first run asked, and is the largest of all children; a process of its own tells.
    say(&format!(
        "memory of all runs so far, the one that asked among them: {} MB at most (60 MB wanted)",
        children().max_rss() / 1024
    ));
}

/// The same calls without a store, with one, and with a budget of the day in it, in turn.
fn recording(calls: u32, rounds: usize) {
    let server = Server::start(THINKING, 200);
    let priced = "[backends.model.price]\ninput = 1.0\noutput = 2.0\n";
    let scenes = [
        ("no store", "[store]\nenabled = false\n"),
        ("tape and ledger", ""),
        ("and a budget of the day", "[budget]\nday = 1000000\n"),
    ];
    let mut scenes = scenes.map(|(name, more)| {
        let mut scene = Scene::new(calls, &format!("{more}{priced}"));
        scene.args.push("--refresh".to_owned());
        (name, scene, vec![], vec![])
    });
    for _ in 0..rounds {
        for (_, scene, times, work) in &mut scenes {
            let before = children();
            let start = Instant::now();
            scene.run(&server, IN_FLIGHT, 0);
            times.push(start.elapsed().as_secs_f64());
            let own = processor_time(&children()).saturating_sub(processor_time(&before));
            work.push(own.as_secs_f64() * 1e6 / f64::from(calls));
        }
    }
    let bare = median(&mut scenes[0].2);
    for (name, _, times, work) in &mut scenes {
        let took = median(times);
        say(&format!(
            "{calls} calls of {} ms, {IN_FLIGHT} in flight, {name}: {took:.3} s ({:+.1} %), {:.0} µs of \
             processor time a call",
            THINKING.as_millis(),
            (took / bare - 1.0) * 100.0,
            median(work),
        ));
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[expect(clippy::print_stdout, reason = "the figures are the result")]
fn say(line: &str) {
    println!("{line}");
}
