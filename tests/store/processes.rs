//! Many processes on one store, killed at any moment: what was once written stays.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::{Connection as _, Row as _};

use super::postgres::{Place, places};
use super::{arguments, configured, files};
use crate::support::Repo;
use crate::support::model::{Model, says_late};

const PROCESSES: usize = 8;
const KILLS: usize = 104;

#[expect(clippy::print_stdout, reason = "the count is a figure of the README")]
/// A line of progress comes after the call is written down: as many rows must be there.
#[tokio::test(flavor = "multi_thread", worker_threads = 12)]
async fn eight_processes_and_a_hundred_kills_lose_no_row() {
    for place in places().await {
        let alpha =
            Model::new(|_, _| says_late(super::NOTHING, std::time::Duration::from_millis(20)))
                .await;
        let repos: Vec<Repo> = (0..PROCESSES).map(|_| files(6)).collect();
        for (number, repo) in repos.iter().enumerate() {
            // Questions of their own: nobody answers for another one.
            for file in 0..6 {
                repo.write(&super::path(file), &super::text(file, number + 1));
            }
            repo.commit("other text");
            configured(
                repo,
                &alpha,
                &format!("max_concurrent = 2\n{}", place.table),
            );
        }
        let (told, kills) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for (number, repo) in repos.iter().enumerate() {
                let (told, kills, place) = (&told, &kills, &place);
                scope.spawn(move || {
                    for round in 0..KILLS / PROCESSES {
                        let lines = until_killed(repo, place, (number + round) % 6);
                        told.fetch_add(lines, Ordering::Relaxed);
                        kills.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(kills.load(Ordering::Relaxed), KILLS);
        let (told, asked) = (told.load(Ordering::Relaxed), alpha.calls().await);
        let rows = rows(&place).await;
        assert!(told > KILLS, "{}: {told}", place.name);
        assert!(
            told <= rows && rows <= asked,
            "{}: {told} told, {rows} rows, {asked} asked",
            place.name
        );
        println!(
            "{}: {KILLS} kills, {asked} asked, {rows} rows, {told} told",
            place.name
        );
    }
}

/// Lets a run tell of so many calls, kills it, and says of how many it told.
fn until_killed(repo: &Repo, place: &Place, calls: usize) -> usize {
    let mut command = repo.llmux_process(&[]);
    command
        .args(arguments(repo))
        .arg("--refresh")
        .envs(place.environment.clone())
        .env("LLMUX_LOG", "llmux=debug")
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut told = 0;
    let mut all = String::new();
    while told < calls {
        let Some(line) = lines.next() else { break };
        let line = line.unwrap();
        told += usize::from(line.starts_with("alpha: part"));
        all += &line;
    }
    child.kill().unwrap();
    for line in lines.map_while(Result::ok) {
        told += usize::from(line.starts_with("alpha: part"));
        all += &line;
    }
    child.wait().unwrap();
    assert!(!all.contains("the store"), "{}: {all}", place.name);
    told
}

/// Calls that stand in the store; its file is whole.
async fn rows(place: &Place) -> usize {
    let (store, warning) = llmux::store::Store::open(&place.location).await.unwrap();
    assert_eq!(warning, None);
    store.close().await;
    let url = match &place.location {
        llmux::store::Location::Folder(folder) => {
            format!("sqlite://{}/llmux.db", folder.display())
        }
        llmux::store::Location::Url(url) => format!("{url}?options=-csearch_path%3Dllmux"),
    };
    let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
    if place.name == "SQLite" {
        let row = sqlx::query("PRAGMA integrity_check");
        let row = row.fetch_one(&mut connection).await.unwrap();
        assert_eq!(row.get::<String, _>(0), "ok");
    }
    let both = "SELECT (SELECT count(*) FROM calls), (SELECT count(*) FROM tape)";
    let row = sqlx::query(both).fetch_one(&mut connection).await.unwrap();
    let (calls, tape): (i64, i64) = (row.get(0), row.get(1));
    assert_eq!(calls, tape, "a call and its reply are written together");
    usize::try_from(calls).unwrap()
}
