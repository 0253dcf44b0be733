//! Commits that a clone lacks.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::{End, Scene, claim};

/// A shallow clone of the last commit, as a runner makes it, whose remote is the stub.
fn clone(scene: &Scene, commits: usize) -> std::path::PathBuf {
    for at in 0..commits {
        scene
            .repo
            .git(&["commit", "-q", "--allow-empty", "-m", &format!("{at}")]);
    }
    let tip = || scene.repo.git(&["rev-parse", "HEAD"]).trim().to_owned();
    scene.hub.state().head = tip();
    // The base goes on too.
    scene.repo.git(&["switch", "-q", "base"]);
    scene.repo.commit("on the base");
    scene.hub.state().base = tip();
    scene.repo.git(&["switch", "-q", "main"]);
    let dir = scene.repo.outside("clone");
    let from = format!("file://{}", scene.repo.dir().display());
    scene.repo.git(&[
        "clone",
        "-q",
        "--depth=1",
        "--single-branch",
        "-b",
        "base",
        &from,
        dir.to_str().unwrap(),
    ]);
    let url = format!("{}/octo/shop", scene.hub.uri());
    scene.repo.git(&[
        "-C",
        dir.to_str().unwrap(),
        "remote",
        "set-url",
        "origin",
        &url,
    ]);
    dir
}

fn review(scene: &Scene, dir: &std::path::Path, token: bool) -> End {
    let mut command = scene.command(&["7"]);
    command.current_dir(dir);
    if !token {
        command.env_remove("GITHUB_TOKEN");
    }
    super::end(&mut command)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shallow_clone_is_deepened_until_the_two_part() {
    for commits in [3, 60] {
        let scene = Scene::new(&[("a.py", "x = 1\n")], &[("a.py", "x = items[9]\n")]).await;
        scene.finds(json!([claim(
            "a.py",
            1,
            "x = items[9]",
            "Index past the end"
        )]));
        let dir = clone(&scene, commits);
        // Git runs this hook whenever it writes a reference.
        let hook = dir.join(".git/hooks/reference-transaction");
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        fs::write(&hook, format!("#!/bin/sh\ntouch {}/ran\n", dir.display())).unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
        let end = review(&scene, &dir, true);
        assert_eq!(end.code, Some(14), "{}", end.err);
        assert_eq!(scene.hub.state().threads.len(), 1, "{}", end.err);
        assert!(!dir.join("ran").exists(), "a hook ran");
        let fetches = scene
            .hub
            .requests()
            .iter()
            .filter(|it| it.contains("POST /octo/shop/git-upload-pack"))
            .count();
        assert!(fetches > 0);
        let config = fs::read_to_string(dir.join(".git/config")).unwrap();
        assert!(!config.contains("extraheader"), "{config}");
        // Each step first asks with what the clone has, then with the token.
        let steps = scene
            .hub
            .requests()
            .iter()
            .filter(|it| it.starts_with("GET /octo/shop/info/refs"))
            .count();
        assert_eq!(
            steps,
            if commits > 50 { 4 } else { 2 },
            "no more than it takes"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_fetched_is_said_with_what_to_do() {
    let scene = Scene::new(&[("a.py", "x = 1\n")], &[("a.py", "x = items[9]\n")]).await;
    let dir = clone(&scene, 1);
    // Without a token git may not read, and asks nobody for a password.
    let event = scene.repo.outside("event.json");
    let payload = {
        let state = scene.hub.state();
        json!({"pull_request": {"number": 7, "base": {"sha": state.base}, "head": {"sha": state.head}}})
    };
    fs::write(&event, payload.to_string()).unwrap();
    let mut command = scene.command(&[]);
    command
        .current_dir(&dir)
        .env_remove("GITHUB_TOKEN")
        .env("GITHUB_EVENT_NAME", "pull_request")
        .env("GITHUB_EVENT_PATH", &event);
    let end = super::end(&mut command);
    assert_eq!(end.code, Some(1), "{}", end.err);
    for part in [
        "git cannot fetch them from 127.0.0.1",
        "fetch-depth: 0",
        "git fetch http",
    ] {
        assert!(end.err.contains(part), "{part}: {}", end.err);
    }
    assert!(scene.model.calls().await == 0);

    scene.hub.state().head = "1234567890123456789012345678901234567890".to_owned();
    let end = review(&scene, &dir, true);
    assert_eq!(end.code, Some(1), "{}", end.err);
    assert!(end.err.contains("git cannot fetch them"), "{}", end.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_that_names_a_local_folder_is_not_fetched_from() {
    let scene = Scene::new(&[("a.py", "x = 1\n")], &[("a.py", "x = items[9]\n")]).await;
    let dir = clone(&scene, 1);
    let uri = scene.hub.uri();
    let place = uri.trim_start_matches("http://");
    // Whatever an address is turned into, it is the network that is asked.
    let key = format!("url.file://{}.insteadOf", scene.repo.dir().display());
    scene.repo.git(&[
        "-C",
        dir.to_str().unwrap(),
        "config",
        &key,
        &format!("http://{place}/octo/shop"),
    ]);
    let end = review(&scene, &dir, true);
    assert_eq!(end.code, Some(1), "{}", end.err);
    assert!(end.err.contains("not allowed"), "{}", end.err);
}
