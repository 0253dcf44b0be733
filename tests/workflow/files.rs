//! Where workflow files are found.

use std::fs;
use std::path::Path;

use llmux::change::Project;
use llmux::workflow::{FindError, find, load};

fn write(folder: &Path, name: &str, text: &str) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(name), text)
}

#[test]
fn project_before_user_before_built_in() {
    let project = tempfile::tempdir().unwrap();
    let user = tempfile::tempdir().unwrap();
    let look = || {
        find(
            "diff",
            &Project::Folder(project.path().to_owned()),
            Some(user.path()),
        )
        .unwrap()
    };

    let (text, source) = look();
    assert_eq!(source, "built-in workflow diff");
    assert!(text.contains("name = \"diff\""));

    write(&user.path().join("workflows"), "diff.toml", "user's").unwrap();
    assert_eq!(look().0, "user's");

    let folder = project.path().join(".llmux/workflows");
    write(&folder, "diff.toml", "project's").unwrap();
    let (text, source) = look();
    assert_eq!(text, "project's");
    assert_eq!(Path::new(&source), folder.join("diff.toml"));
}

#[test]
fn a_path_is_read_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "mine.toml", "text").unwrap();
    let path = folder.path().join("mine.toml");
    let path = path.to_str().unwrap();
    assert_eq!(
        find(path, &Project::Nowhere, None).unwrap(),
        ("text".to_owned(), path.to_owned())
    );

    let absent = find("absent.toml", &Project::Nowhere, None).unwrap_err();
    assert!(matches!(&absent, FindError::Read { .. }));
    assert!(
        absent
            .to_string()
            .starts_with("cannot read the workflow absent.toml: "),
        "{absent}"
    );
}

#[test]
fn an_unknown_name_lists_the_known_ones() {
    let project = tempfile::tempdir().unwrap();
    let folder = project.path().join(".llmux/workflows");
    write(&folder, "nightly.toml", "").unwrap();
    write(&folder, "README.md", "").unwrap();
    let message = |name| {
        let error = find(name, &Project::Folder(project.path().to_owned()), None).unwrap_err();
        error.to_string()
    };
    assert_eq!(
        message("unheard_of"),
        "there is no workflow `unheard_of`; known workflows: diff, nightly"
    );
    assert_eq!(
        message("nightl"),
        "there is no workflow `nightl`; did you mean `nightly`?"
    );
}

#[test]
fn a_file_that_is_there_and_cannot_be_read_is_not_passed_over() {
    let project = tempfile::tempdir().unwrap();
    let folder = project.path().join(".llmux/workflows");
    // A folder in its place, since permissions do not stop root.
    fs::create_dir_all(folder.join("diff.toml")).unwrap();
    let error = find("diff", &Project::Folder(project.path().to_owned()), None).unwrap_err();
    assert!(matches!(error, FindError::Read { .. }), "{error}");
    fs::remove_dir(folder.join("diff.toml")).unwrap();
    fs::write(folder.join("diff.toml"), b"name = \"\xff\"").unwrap();
    let error = find("diff", &Project::Folder(project.path().to_owned()), None).unwrap_err();
    assert!(matches!(error, FindError::Read { .. }), "{error}");
}

#[test]
fn loading_names_the_file_in_its_problems() {
    let project = tempfile::tempdir().unwrap();
    write(
        &project.path().join(".llmux/workflows"),
        "w.toml",
        "name = \"w\"\n",
    )
    .unwrap();
    let error = load("w", &Project::Folder(project.path().to_owned()), None).unwrap_err();
    let message = error.to_string();
    assert!(
        message.ends_with("w.toml:1:1: a workflow needs steps; add a table `[[steps]]`"),
        "{message}"
    );
    assert_eq!(load("diff", &Project::Nowhere, None).unwrap().name, "diff");
}

/// A user's workflow need not say again what packets look like and what an answer is.
#[test]
fn a_workflow_without_a_fixed_part_gets_the_shared_one() {
    let text = "name = \"own\"\n[[steps]]\nname = \"a\"\nrole = \"analyzer\"\nprompt = \"Find bugs.\"\nproduces = \"findings\"\n";
    let own = llmux::workflow::Workflow::parse(text, "own.toml").unwrap();
    assert!(own.fixed.contains("{\"findings\":["), "{}", own.fixed);
    let (diff, _) = find("diff", &Project::Nowhere, None).unwrap();
    let diff = llmux::workflow::Workflow::parse(&diff, "diff").unwrap();
    assert_eq!(own.fixed, diff.fixed);
}
