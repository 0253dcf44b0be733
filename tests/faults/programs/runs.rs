//! Whole reviews by one program that misbehaves.

use std::time::Duration;

use super::scene::{NOTHING, Scene};

/// Memory of a debug build's review without any fault is about a fifth of it.
const SMALL_KIB: u64 = 100_000;

#[test]
fn a_program_that_ignores_sigterm_is_a_timeout() {
    let seen = Scene::new("trap '' TERM INT HUP; while :; do sleep 1; done").run();
    seen.assert_unread("failed", "gave no answer within 2s and was stopped");
    assert!(seen.took < Duration::from_secs(40), "{:?}", seen.took);
}

#[test]
fn half_an_answer_and_silence_is_a_timeout() {
    let seen = Scene::new("printf '{\"findings\": ['; sleep 600").run();
    seen.assert_unread("failed", "gave no answer within 2s");
}

#[test]
fn a_whole_answer_without_an_end_is_a_timeout() {
    let seen = Scene::new(&format!("{NOTHING}; exec >&- 2>&-; sleep 600")).run();
    seen.assert_unread("failed", "gave no answer within 2s");
}

#[test]
fn a_program_that_stops_itself_is_a_timeout() {
    let seen = Scene::new("kill -STOP $$; echo never").run();
    seen.assert_unread("failed", "gave no answer within 2s");
    // Its group, in which its guard is not.
    let seen = Scene::new("kill -STOP 0; echo never").run();
    seen.assert_unread("failed", "gave no answer within 2s");
}

#[test]
fn an_exit_code_of_0_and_no_answer_is_a_failure() {
    let seen = Scene::new("exit 0").run();
    seen.assert_unread("failed", "ended well but gave no answer: it said nothing");
    let seen = Scene::new("cat >/dev/null; echo 'out of credit' >&2").run();
    seen.assert_unread("failed", "gave no answer: out of credit");
}

#[test]
fn what_is_no_answer_is_an_abstention() {
    let seen = Scene::new("printf '\\377\\376\\000{\\200'").run();
    seen.assert_unread("abstained", "");
    let seen = Scene::new("echo 'Looks good to me!'").run();
    seen.assert_unread("abstained", "");
    let seen = Scene::new("printf '{\"findings\": [{\"file\": \"a.p'").run();
    seen.assert_unread("abstained", "");
}

#[test]
fn an_answer_among_bytes_that_are_no_text_counts() {
    Scene::new(&format!(
        "printf '\\377\\376\\n'; {NOTHING}; printf '\\200'"
    ))
    .run()
    .assert_read();
}

#[test]
fn an_answer_counts_whatever_child_stays_behind() {
    let children = [
        // Holds standard output open.
        "sleep 600 &",
        "sleep 600 >/dev/null 2>&1 </dev/null &",
        // Leaves the group, as a daemon does.
        "setsid sleep 600 >/dev/null 2>&1 </dev/null &",
        "setsid sh -c 'trap \"\" TERM HUP; setsid sleep 600 & sleep 600' &",
        // Many at once, deaf.
        "for i in $(seq 50); do sh -c 'trap \"\" TERM; sleep 600; :' & done",
        // Each starts the next one when it is killed, for a while.
        "sh -c 'for i in $(seq 20); do setsid sleep 600; done' &",
    ];
    for child in children {
        let seen = Scene::new(&format!("cat >/dev/null\n{child}\n{NOTHING}")).run();
        seen.assert_read();
    }
}

#[test]
fn what_left_the_group_is_killed_on_a_timeout_too() {
    let seen =
        Scene::new("setsid sh -c 'trap \"\" TERM HUP; sleep 600; :' >/dev/null 2>&1 & sleep 600")
            .run();
    seen.assert_unread("failed", "gave no answer within 2s");
}

#[test]
fn a_program_that_kills_its_own_group_fails_alone() {
    let seen = Scene::new("setsid sleep 600 & kill -TERM 0; sleep 600").run();
    seen.assert_unread("failed", "ended with signal: 15 (SIGTERM)");
    let seen = Scene::new("setsid sleep 600 & kill -KILL 0").run();
    seen.assert_unread("failed", "ended with signal: 9 (SIGKILL)");
}

#[test]
fn a_program_that_kills_its_guard_leaves_nothing_of_its_session() {
    let scene = Scene::new("sleep 600 & kill -KILL $PPID; sleep 600");
    scene.configure("timeout = \"1m\"\n");
    let seen = scene.run();
    seen.assert_unread("failed", "ended with signal: 9 (SIGKILL)");
    // It asks it to end, which is no answer either.
    let seen = Scene::new(&format!("kill -TERM $PPID; sleep 1; {NOTHING}; sleep 600")).run();
    seen.assert_unread("failed", "");
}

#[test]
fn a_gigabyte_of_answer_is_stopped_within_memory() {
    let scene = Scene::new("exec head -c 1000000000 /dev/zero");
    scene.configure("timeout = \"1m\"\n");
    let seen = scene.run();
    seen.assert_unread(
        "failed",
        "wrote more than 67108864 bytes to standard output",
    );
    assert!(seen.peak < 200_000, "{} KiB", seen.peak);
}

#[test]
fn words_without_end_are_stopped_within_memory() {
    let scene = Scene::new("exec yes 'warning: something is odd' >&2");
    scene.configure("timeout = \"1m\"\n");
    let seen = scene.run();
    seen.assert_unread("failed", "wrote more than 67108864 bytes to standard error");
    assert!(seen.peak < SMALL_KIB, "{} KiB", seen.peak);
}

#[test]
fn words_beside_an_answer_do_no_harm() {
    Scene::new(&format!(
        "cat >/dev/null; yes odd 2>/dev/null | head -c 5000000 >&2; {NOTHING}; yes odd 2>/dev/null | head -c 5000000 >&2"
    ))
    .run()
    .assert_read();
}
