//! The rate of calls against wrk's on the same loopback server in the same run, in turn;
//! the memory they take; what a backend that is down costs. `cargo bench --bench calls`.
//!
//! `-- --quick` makes few calls and one round, to see that it runs. Without `wrk` on the
//! PATH only llmux is measured.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up has no figure"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

#[path = "calls/scene.rs"]
mod scene;
#[path = "calls/server.rs"]
mod server;
use scene::{Scene, children};
use server::Server;

/// Calls in flight, and wrk's connections.
const IN_FLIGHT: usize = 64;
/// How long the server takes over an answer.
const THINKING: [u64; 3] = [0, 5, 20];

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (calls, rounds, seconds) = if quick { (200, 1, 1) } else { (3000, 5, 3) };
    // What the store takes is another figure: `--bench store`.
    let scene = Scene::new(calls, "[store]\nenabled = false\n");
    for thinking in THINKING {
        rate(&scene, Duration::from_millis(thinking), rounds, seconds);
    }
    say(&format!(
        "memory: {} MB at most (under 100 wanted)",
        children().max_rss() / 1024
    ));
    for in_flight in [1, IN_FLIGHT] {
        let server = Server::start(Duration::ZERO, 500);
        scene.run(&server, in_flight, 3);
        say(&format!(
            "a server that always fails, {in_flight} in flight: {} of {calls} calls were made",
            server.seen().calls
        ));
    }
}

/// Medians over the rounds of what llmux and wrk reach in turn.
fn rate(scene: &Scene, thinking: Duration, rounds: usize, seconds: u64) {
    let server = Server::start(thinking, 200);
    // Brings the body that wrk sends, and warms the caches.
    scene.run(&server, IN_FLIGHT, 0);
    let script = script(scene, &server.body());
    let (mut whole, mut asking, mut theirs, mut work) = (vec![], vec![], vec![], vec![]);
    for _ in 0..rounds {
        theirs.extend(wrk(&server, &script, seconds));
        server.forget();
        let start = Instant::now();
        let cpu = scene.run(&server, IN_FLIGHT, 0);
        let took = start.elapsed();
        let seen = server.seen();
        assert_eq!(seen.calls, scene.calls, "one call for each packet");
        whole.push(per_second(seen.calls, took));
        asking.push(per_second(seen.calls, seen.last - seen.first));
        work.push(cpu.as_secs_f64() * 1e6 / f64::from(seen.calls));
    }
    let (whole, asking, work) = (median(whole), median(asking), median(work));
    let mut line = format!(
        "{} calls, {IN_FLIGHT} in flight, {} ms of thinking, {} bytes each: llmux {asking:.0} a second \
         from first to last call, {whole:.0} from start to exit, {work:.0} µs of processor time each",
        scene.calls,
        thinking.as_millis(),
        server.body().len(),
    );
    if !theirs.is_empty() {
        let theirs = median(theirs);
        let (ours, all) = (asking / theirs * 100.0, whole / theirs * 100.0);
        write!(line, "; wrk {theirs:.0}: {ours:.0} % and {all:.0} %").unwrap();
    }
    say(&line);
}

/// For wrk: the same question again and again.
fn script(scene: &Scene, body: &[u8]) -> PathBuf {
    fs::write(scene.outside("body"), body).unwrap();
    let script = scene.outside("ask.lua");
    let text = format!(
        "wrk.method = \"POST\"\nlocal file = io.open({:?}, \"rb\")\nwrk.body = file:read(\"*a\")\n\
         wrk.headers[\"content-type\"] = \"application/json\"\n",
        scene.outside("body").display().to_string()
    );
    fs::write(&script, text).unwrap();
    script
}

/// Answers a second; none where there is no wrk.
fn wrk(server: &Server, script: &Path, seconds: u64) -> Option<f64> {
    let output = Command::new("wrk")
        .args([
            "-t2",
            &format!("-c{IN_FLIGHT}"),
            &format!("-d{seconds}s"),
            "-s",
        ])
        .arg(script)
        .arg(format!("{}/v1/chat/completions", server.url()))
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains("Non-2xx"), "{text}");
    let rate = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Requests/sec:"));
    Some(rate.unwrap().trim().parse().unwrap())
}

fn per_second(calls: u32, took: Duration) -> f64 {
    f64::from(calls) / took.as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[expect(clippy::print_stdout, reason = "the figures are the result")]
fn say(line: &str) {
    println!("{line}");
}
