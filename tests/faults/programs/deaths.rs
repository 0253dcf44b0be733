//! The death of llmux itself, in every form.

use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use super::scene::{Scene, Seen};

/// A program, deaf to SIGTERM, with children inside and outside its group, that waits.
fn busy() -> Scene {
    let scene = Scene::new("");
    scene.rewrite(&format!(
        "trap '' TERM INT HUP\n\
         setsid sh -c 'sleep 600; :' >/dev/null 2>&1 &\n\
         sleep 600 &\n\
         touch left-over ../left-over\n\
         echo $$ > {}\n\
         while :; do sleep 1; done",
        scene.outside("started").display()
    ));
    scene.configure("timeout = \"10m\"\n");
    scene
}

/// llmux while it waits for the program, in a group of its own as a shell starts it.
fn under_way(scene: &Scene) -> Child {
    let child = scene.review().process_group(0).spawn().unwrap();
    scene.wait_for("started");
    assert!(scene.processes().len() >= 5, "{:#?}", scene.processes());
    child
}

fn id(child: &Child) -> Pid {
    Pid::from_raw(child.id().try_into().unwrap())
}

#[test]
fn a_signal_writes_what_is_known_and_leaves_nothing() {
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let scene = busy();
        let child = under_way(&scene);
        let sent = Instant::now();
        // To the whole group, as a terminal sends it.
        killpg(id(&child), signal).unwrap();
        let seen = Seen::of(child, sent);
        assert_eq!(seen.code, Some(code), "{}", seen.stderr);
        assert_eq!(seen.json["status"], "partial", "{:#}", seen.json);
        assert_eq!(seen.json["verdict"], "incomplete");
        scene.assert_nothing_left();
    }
}

#[test]
fn nothing_is_left_when_llmux_is_killed() {
    let scene = busy();
    let mut child = under_way(&scene);
    kill(id(&child), Signal::SIGKILL).unwrap();
    child.wait().unwrap();
    scene.assert_nothing_left();
}

#[test]
fn nothing_is_left_when_the_group_of_llmux_is_killed() {
    let scene = busy();
    let mut child = under_way(&scene);
    killpg(id(&child), Signal::SIGKILL).unwrap();
    child.wait().unwrap();
    scene.assert_nothing_left();
}

#[test]
fn nothing_is_left_when_llmux_is_killed_while_programs_end() {
    // At moments spread over start, work and end of many short calls.
    for after in [5, 40, 75, 110, 145, 180, 215, 250] {
        let scene = Scene::new("sleep 0.02; echo prose");
        for number in 0..30 {
            scene
                .repo
                .write(&format!("f{number}.py"), &"y = 1\n".repeat(200));
        }
        scene.repo.commit("many");
        scene.configure("max_concurrent = 4\n[packets]\nmax_tokens = 600\n");
        let mut child = scene.review().spawn().unwrap();
        let end = Instant::now() + Duration::from_secs(20);
        while scene.files().is_empty() && Instant::now() < end {
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_millis(after));
        kill(id(&child), Signal::SIGKILL).unwrap();
        child.wait().unwrap();
        assert_no_process_left(&scene);
    }
}

/// A folder is left where llmux is killed in the instant between making it and starting its
/// guard: one for a call in flight at most, and there are four.
fn assert_no_process_left(scene: &Scene) {
    let end = Instant::now() + Duration::from_secs(20);
    while !scene.processes().is_empty() {
        assert!(Instant::now() < end, "{:#?}", scene.processes());
        thread::sleep(Duration::from_millis(20));
    }
    let files = scene.files();
    assert!(files.len() <= 4, "{files:#?}");
}

#[test]
fn the_time_limit_of_the_run_leaves_nothing() {
    let scene = busy();
    let mut review = scene.review();
    review.args(["--timeout", "3s"]);
    let seen = Seen::of(review.spawn().unwrap(), Instant::now());
    assert_eq!(seen.code, Some(3), "{}", seen.stderr);
    assert_eq!(seen.json["status"], "timeout");
    scene.assert_nothing_left();
}

#[test]
fn a_second_ctrl_c_does_not_wait_for_a_reader_of_the_report() {
    let scene = busy();
    // A report that no pipe holds.
    for number in 0..1500 {
        scene.repo.write(
            &format!("a/rather/long/path/to/make/a/large/report/f{number}.py"),
            "y = 1\n",
        );
    }
    scene.repo.commit("many");
    let mut child = under_way(&scene);
    kill(id(&child), Signal::SIGINT).unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut first = [0];
    stdout.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"{", "llmux writes its report");
    thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "nobody reads the rest");

    // The first half second after the first one is for its echoes.
    let end = Instant::now() + Duration::from_secs(20);
    let status = loop {
        let _ = kill(id(&child), Signal::SIGINT);
        thread::sleep(Duration::from_millis(100));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(Instant::now() < end, "it does not end");
    };
    assert_eq!(status.code(), Some(130));
    scene.assert_nothing_left();
}

#[test]
fn an_echo_of_ctrl_c_does_not_cost_the_report() {
    let scene = busy();
    let child = under_way(&scene);
    kill(id(&child), Signal::SIGINT).unwrap();
    let _ = kill(id(&child), Signal::SIGINT);
    let seen = Seen::of(child, Instant::now());
    assert_eq!(seen.code, Some(130), "{}", seen.stderr);
    assert_eq!(seen.json["status"], "partial");
    scene.assert_nothing_left();
}
