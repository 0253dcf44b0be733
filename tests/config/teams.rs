use std::collections::BTreeMap;

use llmux::config::teams::{detect, resolve};
use llmux::config::{self, Inputs};
use llmux::workflow::TeamSettings;

use super::{load, snapshot, write};

fn builtin() -> BTreeMap<String, TeamSettings> {
    config::load(&Inputs::default()).unwrap().settings.teams
}

fn found(
    files: &[&str],
    teams: &BTreeMap<String, TeamSettings>,
) -> (Option<String>, Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    for file in files {
        write(&dir.path().join(file), "");
    }
    let detection = detect(
        &llmux::change::Project::Folder(dir.path().to_owned()),
        teams,
    );
    (detection.team, detection.warning)
}

#[test]
fn every_built_in_team_is_found_and_is_complete() {
    let teams = builtin();
    let markers = [
        ("rust", "Cargo.toml"),
        ("ruby", "Gemfile"),
        ("node", "package.json"),
        ("go", "go.mod"),
        ("python", "requirements-dev.txt"),
        ("java", "build.gradle.kts"),
        ("php", "composer.json"),
        ("dotnet", "My App.sln"),
        ("elixir", "mix.exs"),
        ("swift", "App.xcodeproj/project.pbxproj"),
        ("cpp", "CMakeLists.txt"),
        ("rails", "config/application.rb"),
        ("typescript", "tsconfig.json"),
    ];
    for (name, file) in markers {
        assert_eq!(found(&[file], &teams), (Some(name.to_owned()), None));
    }
    assert_eq!(teams.len(), markers.len());
    for name in teams.keys() {
        let team = resolve(name, &teams).unwrap();
        let focus = team.focus.unwrap();
        assert!(
            (200..=400).contains(&focus.len()),
            "{name}: {}",
            focus.len()
        );
        assert!(!focus.contains('\n'), "{name}");
        assert!(
            team.description.is_some() && team.verify.is_some(),
            "{name}"
        );
        assert!(
            team.context.iter().any(|file| file == "AGENTS.md"),
            "{name}"
        );
    }
}

#[test]
fn a_team_that_extends_another_wins_without_a_warning() {
    let teams = builtin();
    let (team, warning) = found(&["Gemfile", "bin/rails"], &teams);
    assert_eq!((team.as_deref(), warning), (Some("rails"), None));
}

#[test]
fn of_several_teams_the_order_decides_and_a_warning_names_the_rest() {
    let teams = builtin();
    let (team, warning) = found(&["package.json", "CMakeLists.txt", "Cargo.toml"], &teams);
    assert_eq!(team.as_deref(), Some("rust"));
    snapshot("team_several", warning.unwrap());

    let own = load("[teams.shop]\ndetect = ['*.shop']")
        .unwrap()
        .settings
        .teams;
    let (team, _) = found(&["Cargo.toml", "x.shop"], &own);
    assert_eq!(team.as_deref(), Some("shop"), "the user's own come first");
}

#[test]
fn no_team_is_a_warning_with_a_remedy() {
    // A marker counts in the top folder alone.
    let (team, warning) = found(&["README.md", "sub/Cargo.toml"], &builtin());
    assert_eq!(team, None);
    snapshot("team_none", warning.unwrap());
}

#[test]
fn a_child_stands_over_its_parents_and_roles_merge() {
    let teams = load(
        "[backends.a]\ncommand = 'a'\n[backends.b]\ncommand = 'b'\n\
         [teams.base]\ndescription = 'Base'\nverify = 'make'\nfocus = 'f'\ndetect = ['base.toml']\n\
         context = ['A.md']\nroles = { analyzer = ['a'], reviewer = ['a'] }\n\
         [teams.mid]\nextends = 'base'\nverify = 'make mid'\nroles = { analyzer = ['b'] }\n\
         [teams.leaf]\nextends = 'mid'\ndescription = 'Leaf'\ncontext = ['B.md']",
    )
    .unwrap()
    .settings
    .teams;
    let leaf = resolve("leaf", &teams).unwrap();
    assert_eq!(leaf.description.as_deref(), Some("Leaf"));
    assert_eq!(leaf.verify.as_deref(), Some("make mid"));
    assert_eq!(leaf.focus.as_deref(), Some("f"));
    assert_eq!(leaf.context, ["B.md"]);
    assert_eq!(leaf.roles["analyzer"], ["b"]);
    assert_eq!(leaf.roles["reviewer"], ["a"]);
    // Markers are passed on too, and the last of the line wins.
    let (team, warning) = found(&["base.toml"], &teams);
    assert_eq!((team.as_deref(), warning), (Some("leaf"), None));
}

#[test]
fn an_unknown_team_names_the_nearest() {
    let error = resolve("pyton", &builtin()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no team `pyton`: did you mean `python`?"
    );
}
