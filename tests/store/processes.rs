//! Many processes on one store, killed at any moment: what was once written stays.

use std::collections::BTreeSet;
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
#[tokio::test(flavor = "multi_thread", worker_threads = 12)]
async fn eight_processes_and_a_hundred_kills_lose_no_row() {
    for place in places().await {
        let pause = std::time::Duration::from_millis(20);
        let alpha = Model::new(move |_, _| says_late(super::NOTHING, pause)).await;
        let repos: Vec<Repo> = (0..PROCESSES).map(|_| files(6)).collect();
        for (number, repo) in repos.iter().enumerate() {
            // Questions of their own: nobody answers for another one.
            for file in 0..6 {
                repo.write(&super::path(file), &super::text(file, number + 1));
            }
            repo.commit("other text");
            let more = format!("max_concurrent = 2\n{}", place.table);
            configured(repo, &alpha, &more);
        }
        let (told, kept) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let runtime = tokio::runtime::Handle::current();
        std::thread::scope(|scope| {
            for (number, repo) in repos.iter().enumerate() {
                let (told, kept, place, runtime) = (&told, &kept, &place, &runtime);
                scope.spawn(move || {
                    let project = repo.dir().canonicalize().unwrap().display().to_string();
                    let mut seen = BTreeSet::new();
                    for round in 0..KILLS / PROCESSES {
                        let lines = until_killed(repo, place, (number + round) % 6);
                        told.fetch_add(lines, Ordering::Relaxed);
                        let now = runtime.block_on(rows(place, &project));
                        assert!(now.is_superset(&seen), "{}: a row is lost", place.name);
                        seen = now;
                    }
                    kept.fetch_add(seen.len(), Ordering::Relaxed);
                });
            }
        });
        let all = rows(&place, "").await.len();
        let (told, kept) = (told.into_inner(), kept.into_inner());
        let asked = alpha.calls().await;
        println!(
            "{}: {KILLS} kills, {asked} asked, {told} told, {all} rows",
            place.name
        );
        assert_eq!(
            all, kept,
            "{}: what each saw of its own is there",
            place.name
        );
        // A line of progress comes after its call is written down.
        assert!(
            told > KILLS && told <= all && all <= asked,
            "{}",
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

/// Run and key of each call of a project that stands in the store, with its reply; of all
/// projects where none is named. The file is whole.
async fn rows(place: &Place, project: &str) -> BTreeSet<(String, String)> {
    // Who was killed at once may not have made it.
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
    let text = "SELECT c.run, c.key FROM calls c JOIN runs r ON r.id = c.run \
                JOIN tape t ON t.id = c.tape WHERE $1 = '' OR r.project = $1";
    let rows = sqlx::query(text).bind(project.to_owned());
    let rows = rows.fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}
