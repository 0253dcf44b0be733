//! The posting job of a pair: it has the token and neither keys nor a clone.

use std::fs;

use serde_json::{Value, json};

use super::{Scene, claim, end};

async fn scene() -> (Scene, String) {
    let scene = Scene::new(&[("a.py", "x = 1\n")], &[("a.py", "x = items[9]\n")]).await;
    let mut claim = claim("a.py", 1, "x = items[9]", "Index past the end");
    claim["suggestion"] = "x = items[0]".into();
    scene.finds(json!([claim]));
    let part = scene.repo.outside("part.json").display().to_string();
    let mut command =
        scene
            .repo
            .llmux(&["diff", "base...HEAD", "--backend", "alpha", "--part", &part]);
    let model = end(&mut command);
    assert_eq!(model.code, Some(14), "{}", model.err);
    (scene, part)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_is_posted_without_a_clone_and_without_a_model() {
    let (scene, part) = scene().await;
    let calls = scene.model.calls().await;
    let empty = scene.repo.outside("empty");
    fs::create_dir(&empty).unwrap();
    let review = || {
        let mut command = scene.repo.llmux(&["review", "7", "--from", &part]);
        for (name, value) in scene.command(&[]).get_envs() {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        command.current_dir(&empty);
        command.env_remove("XDG_CONFIG_HOME");
        end(&mut command)
    };
    let posted = review();
    assert_eq!(posted.code, Some(14), "{}", posted.err);
    assert!(posted.out.contains("Index past the end"));
    {
        let state = scene.hub.state();
        assert_eq!(
            (state.threads.len(), state.notes.len()),
            (1, 1),
            "{}",
            posted.err
        );
        assert!(
            state.threads[0]
                .body
                .contains("```suggestion\nx = items[0]\n```")
        );
    }
    assert_eq!(scene.model.calls().await, calls);
    assert_eq!(fs::read_dir(&empty).unwrap().count(), 0);

    // A part of another commit is not posted.
    let writes = scene.hub.state().writes.len();
    scene.push(&[("b.py", "x = 1\n")]);
    let refused = review();
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(
        refused.err.contains("the part is of commit"),
        "{}",
        refused.err
    );
    assert_eq!(scene.hub.state().writes.len(), writes);
}

/// Whoever wrote the change may have written the part.
#[tokio::test(flavor = "multi_thread")]
async fn a_part_names_no_file_that_is_written() {
    let (scene, part) = scene().await;
    let evil = scene.repo.dir().join("evil.json");
    let mut written: Value = serde_json::from_str(&fs::read_to_string(&part).unwrap()).unwrap();
    let settings = written["recipe"]["settings"].as_str().unwrap().to_owned();
    let outputs = "outputs = [\"json=evil.json\"]";
    let changed = settings.replace("outputs = []", outputs);
    assert_ne!(settings, changed, "{settings}");
    written["recipe"]["settings"] = changed.into();
    fs::write(&part, written.to_string()).unwrap();
    let mut command = scene.repo.llmux(&["review", "7", "--from", &part]);
    for (name, value) in scene.command(&[]).get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let posted = end(&mut command);
    assert_eq!(posted.code, Some(14), "{}", posted.err);
    assert!(!evil.exists());
}
