//! Where a store can be: a file, and a database of its own on the server that
//! `LLMUX_TEST_POSTGRES` names.

use std::collections::BTreeMap;

use llmux::store::Location;
use serde_json::json;
use sqlx::{Connection as _, Executor as _};
use tempfile::TempDir;

use super::{claim, configured, files, review, runs};
use crate::support::model::{Model, says};

/// A place for a store, empty so far.
pub(super) struct Place {
    pub(super) name: &'static str,
    /// What the configuration says of it.
    pub(super) table: String,
    /// What each process must see.
    pub(super) environment: BTreeMap<String, String>,
    pub(super) location: Location,
    _folder: TempDir,
}

/// A file, and a database where there is a server.
pub(super) async fn places() -> Vec<Place> {
    let mut places = vec![file()];
    places.extend(database().await);
    places
}

fn file() -> Place {
    let folder = TempDir::new().unwrap();
    let path = folder.path().to_owned();
    Place {
        name: "SQLite",
        table: String::new(),
        environment: BTreeMap::from([("LLMUX_CACHE_DIR".to_owned(), path.display().to_string())]),
        location: Location::Folder(path),
        _folder: folder,
    }
}

#[expect(clippy::print_stderr, reason = "what was not tried must be seen")]
async fn database() -> Option<Place> {
    let Ok(server) = std::env::var("LLMUX_TEST_POSTGRES") else {
        eprintln!("not tried with PostgreSQL: LLMUX_TEST_POSTGRES names no server");
        return None;
    };
    let name = format!("llmux_{}", llmux::store::new_id());
    let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
    let make = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    connection.execute(sqlx::raw_sql(make)).await.unwrap();
    let (start, _) = server.rsplit_once('/').unwrap();
    let url = format!("{start}/{name}");
    Some(Place {
        name: "PostgreSQL",
        table: "[store]\nurl = \"${TEST_STORE}\"\n".to_owned(),
        environment: BTreeMap::from([("TEST_STORE".to_owned(), url.clone())]),
        location: Location::Url(url),
        _folder: TempDir::new().unwrap(),
    })
}

/// Two runners, one database: what one paid answers the other.
#[tokio::test(flavor = "multi_thread")]
async fn runners_share_a_tape() {
    for place in places().await {
        let repo = files(3);
        let alpha = Model::new(|_, _| says(&json!({"findings": [claim()]}).to_string())).await;
        configured(&repo, &alpha, &place.table);
        for home in ["one", "two"] {
            let mut command = repo.llmux(&[]);
            command.args(super::arguments(&repo));
            command.envs(place.environment.clone());
            let home = repo.outside(home).display().to_string();
            let output = command.env("XDG_CONFIG_HOME", home).output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(14), "{}: {stderr}", place.name);
        }
        assert_eq!(alpha.calls().await, 3, "{}", place.name);
        let (store, _) = llmux::store::Store::open(&place.location).await.unwrap();
        let kept = store.runs(None, 10).await.unwrap();
        assert_eq!(kept.len(), 1, "{}", place.name);
        assert_eq!((kept[0].calls, kept[0].status.as_str()), (3, "success"));
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_stops_no_review() {
    let repo = files(1);
    let alpha = Model::new(|_, _| says(super::NOTHING)).await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = port.local_addr().unwrap().port();
    let url = format!("[store]\nurl = \"postgres://nobody@127.0.0.1:{port}/none\"\n");
    configured(&repo, &alpha, &url);
    let ended = review(&repo, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("warning: the store"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("goes on without"), "{}", ended.stderr);
}

/// A password in a file that others read is refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_does_not_stand_in_the_configuration() {
    let repo = files(1);
    repo.config("[store]\nurl = \"postgres://me:hunter2@db.example/llmux\"\n");
    let output = repo.llmux(&["runs"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("${NAME}") && !stderr.contains("hunter2"),
        "{stderr}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_that_is_not_set_stops_no_review() {
    let repo = files(1);
    let alpha = Model::new(|_, _| says(super::NOTHING)).await;
    configured(&repo, &alpha, "[store]\nurl = \"${NOT_SET}\"\n");
    let ended = review(&repo, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("NOT_SET, which is not set"),
        "{}",
        ended.stderr
    );
    let output = repo.llmux(&["runs"]).output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(2),
        "a command about the store needs it"
    );
    configured(&repo, &alpha, "");
    review(&repo, &[]);
    assert_eq!(runs(&repo).len(), 1);
}
