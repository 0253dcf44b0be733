//! Whatever is wrong with the store: a warning, and a review that goes on without it.

use std::fs;
use std::path::PathBuf;

use super::{Ended, arguments, claim, configured, files, review, silent};
use crate::support::Repo;
use crate::support::model::{Model, says};

fn store(repo: &Repo) -> PathBuf {
    repo.outside("home/.cache/llmux/llmux.db")
}

fn put(repo: &Repo, bytes: &[u8]) {
    fs::create_dir_all(store(repo).parent().unwrap()).unwrap();
    fs::write(store(repo), bytes).unwrap();
}

/// The review is what it is without a store, and one line says why.
fn goes_on(ended: &Ended, why: &[&str]) {
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.json["status"], "success", "{}", ended.stderr);
    let warnings: Vec<&str> = ended
        .stderr
        .lines()
        .filter(|line| line.starts_with("warning: ") && line.contains("store"))
        .collect();
    assert_eq!(warnings.len(), 1, "{}", ended.stderr);
    for word in why {
        assert!(warnings[0].contains(word), "{word}: {}", warnings[0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_is_set_aside_and_made_again() {
    let repo = files(2);
    let alpha = silent().await;
    configured(&repo, &alpha, "");
    put(&repo, b"this is no database, and never was one");
    goes_on(&review(&repo, &[]), &["is broken", "llmux.broken-"]);
    let aside = fs::read_dir(store(&repo).parent().unwrap()).unwrap();
    let aside = aside.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("llmux.broken-")
    });
    assert_eq!(aside.count(), 1, "nothing is thrown away");
    review(&repo, &[]);
    assert_eq!(alpha.calls().await, 2, "the new one works");
}

/// Pages that are garbage behind a sound beginning show only while they are used.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_broken_pages_costs_no_answer() {
    let repo = files(3);
    let alpha = silent().await;
    configured(&repo, &alpha, "");
    review(&repo, &[]);
    let mut bytes = fs::read(store(&repo)).unwrap();
    for byte in &mut bytes[4096..] {
        *byte = 0x5a;
    }
    fs::write(store(&repo), bytes).unwrap();
    let second = review(&repo, &[]);
    assert_eq!(second.code, Some(0), "{}", second.stderr);
    assert!(
        second.stderr.contains("warning: the store"),
        "{}",
        second.stderr
    );
    review(&repo, &[]);
    let calls = alpha.calls().await;
    review(&repo, &[]);
    assert_eq!(alpha.calls().await, calls, "a new store is in use");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_database_is_left_alone() {
    let repo = files(1);
    let alpha = silent().await;
    configured(&repo, &alpha, "");
    put(&repo, b"");
    let script = "import sqlite3, sys\nd = sqlite3.connect(sys.argv[1])\n\
                  d.execute('create table songs (title text)')\n\
                  d.execute(\"insert into songs values ('Yesterday')\")\nd.commit()\n";
    let made = std::process::Command::new("python3")
        .args(["-c", script, &store(&repo).display().to_string()])
        .status();
    assert!(made.unwrap().success());
    let before = fs::read(store(&repo)).unwrap();
    goes_on(&review(&repo, &[]), &["another program"]);
    assert!(
        fs::read(store(&repo)).unwrap() == before,
        "it was written to"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_a_newer_llmux_is_left_alone() {
    let repo = files(1);
    let alpha = silent().await;
    configured(&repo, &alpha, "");
    review(&repo, &[]);
    let script = "import sqlite3, sys\nd = sqlite3.connect(sys.argv[1])\n\
                  d.execute(\"insert into _sqlx_migrations values \
                  (9999, 'later', current_timestamp, 1, x'00', 0)\")\nd.commit()\n";
    let made = std::process::Command::new("python3")
        .args(["-c", script, &store(&repo).display().to_string()])
        .status();
    assert!(made.unwrap().success());
    goes_on(&review(&repo, &[]), &["newer llmux"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_none_stops_nothing() {
    let repo = files(1);
    let alpha = silent().await;
    configured(&repo, &alpha, "");
    fs::create_dir_all(repo.outside("home/.cache")).unwrap();
    fs::write(repo.outside("home/.cache/llmux"), "").unwrap();
    goes_on(&review(&repo, &[]), &["goes on without"]);
}

/// Root may write what it may not: the test asks another user then.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_may_not_be_written_stops_nothing() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;

    let repo = files(1);
    let alpha = silent().await;
    configured(&repo, &alpha, "");
    review(&repo, &[]);
    let calls = alpha.calls().await;
    let folder = store(&repo).parent().unwrap().to_owned();
    let is_root = fs::metadata(&folder).unwrap().uid() == 0;
    let (file, dir) = if is_root {
        (0o444, 0o755)
    } else {
        (0o400, 0o500)
    };
    fs::set_permissions(store(&repo), fs::Permissions::from_mode(file)).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(dir)).unwrap();
    // Another text, so that the run is another one.
    repo.write(&super::path(0), &super::text(0, 1));
    repo.commit("a push");
    let mut command = repo.llmux_process(&[]);
    command.args(arguments(&repo));
    if is_root {
        let top = folder.ancestors().nth(3).unwrap().to_owned();
        for dir in top.ancestors().take(2).chain(folder.ancestors().take(3)) {
            fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
        }
        command.uid(65534).gid(65534).env("GIT_CONFIG_COUNT", "1");
        command
            .env("GIT_CONFIG_KEY_0", "safe.directory")
            .env("GIT_CONFIG_VALUE_0", "*");
    }
    let output = command.output().unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    goes_on(
        &Ended {
            code: output.status.code(),
            json: serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{stderr}")),
            stderr,
        },
        &["without"],
    );
    assert_eq!(alpha.calls().await, calls + 1);
}

/// The limit on a file's size stands in for a full disk.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_costs_no_answer() {
    let repo = files(6);
    let long = format!(
        "{}{}",
        "x".repeat(50_000),
        serde_json::json!({"findings": [claim()]})
    );
    let alpha = Model::new(move |_, _| says(&long)).await;
    configured(&repo, &alpha, "max_concurrent = 1\n");
    let own = arguments(&repo).join("' '");
    let script = format!(
        "trap '' XFSZ; ulimit -f 200; exec '{}' '{own}'",
        env!("CARGO_BIN_EXE_llmux")
    );
    let mut command = repo.llmux_process(&[]);
    let environment: Vec<_> = command
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect();
    command = std::process::Command::new("bash");
    command
        .args(["-c", &script])
        .current_dir(repo.dir())
        .env_clear()
        .envs(environment);
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(14), "{stderr}");
    assert_eq!(alpha.calls().await, 6, "{stderr}");
    let warnings = stderr.matches("warning: the store").count();
    assert_eq!(warnings, 1, "{stderr}");
}
