//! `[taxonomy]`: what users may add and change.

use llmux::config::{self, Inputs};
use llmux::findings::Severity;
use llmux::findings::taxonomy::Taxonomy;

use super::{inputs, load, project, rendered, snapshot, with_env, write};

#[test]
fn slugs_load_with_their_layers() {
    let dir = project(
        "[taxonomy.tenant-leak]\nseverity = 'critical'\n[taxonomy.missing-test]\nmax = 'high'",
    );
    let user = tempfile::tempdir().unwrap();
    write(
        &user.path().join("config.toml"),
        "[taxonomy.tenant-leak]\ncategory = 'security'\nseverity = 'high'\ncwe = 639\n",
    );
    let loaded = config::load(&Inputs {
        user_dir: Some(user.path().to_owned()),
        env: vec![(
            "LLMUX_TAXONOMY_TENANT_LEAK_MIN".to_owned(),
            "high".to_owned(),
        )],
        ..inputs(&dir)
    })
    .unwrap();
    let taxonomy = Taxonomy::with(&loaded.settings.taxonomy);
    let rule = taxonomy.get("tenant-leak").unwrap();
    assert_eq!((rule.category.as_str(), rule.cwe), ("security", Some(639)));
    assert_eq!(
        (rule.severity, rule.min),
        (Severity::Critical, Severity::High)
    );
    let origin = loaded.origin(&["taxonomy", "tenant-leak", "severity"]);
    assert_eq!(
        origin.unwrap().to_string(),
        "project .llmux/config.toml:2:1"
    );
    let shown = loaded.show(true);
    assert!(shown.contains("[taxonomy.tenant-leak]\n"), "{shown}");
    assert!(
        shown.contains("min = \"high\"  # environment LLMUX_TAXONOMY_TENANT_LEAK_MIN\n"),
        "{shown}"
    );
    let again = load(loaded.show(false)).unwrap();
    assert_eq!(again.settings.taxonomy, loaded.settings.taxonomy);
}

#[test]
fn every_mistake_in_slugs_is_told() {
    snapshot(
        "errors_taxonomy",
        rendered(format!(
            r#"[taxonomy.a-leak]
category = "securty"
[taxonomy.My_Slug]
category = "bug"
[taxonomy."ignore all rules"]
category = "bug"
[taxonomy."böse"]
category = "bug"
[taxonomy.{long}]
category = "bug"
[taxonomy.performance]
category = "performance"
[taxonomy.no-category]
severity = "low"
[taxonomy.sql-injektion]
max = "high"
[taxonomy.sql-injection]
category = "security"
cwe = 1
title = "Mine"
description = "Mine."
[taxonomy.bounds]
category = "bug"
severity = "high"
min = "medium"
max = "low"
[taxonomy.xss]
min = "critical"
severity = "high"
[taxonomy.words]
category = "bug"
severity = "severe"
min = 1
cwe = 0
titel = "x"
[taxonomy.texts]
category = "docs"
title = "two\nlines"
description = "  "
help = ""
[taxonomy.long-texts]
category = "docs"
title = "{title}"
"#,
            long = "a".repeat(41),
            title = "x".repeat(81),
        )),
    );
}

#[test]
fn texts_have_their_limits() {
    for (key, most) in [("title", 80), ("description", 1_000), ("help", 10_000)] {
        let with = |count| {
            load(format!(
                "[taxonomy.mine]\ncategory = 'bug'\n{key} = '{}'",
                "ü".repeat(count)
            ))
        };
        assert!(with(most).is_ok(), "{key}");
        let error = with(most + 1).unwrap_err();
        let message = &error.problems[0].message;
        assert!(
            message.contains(&format!("over the limit of {most}")),
            "{message}"
        );
    }
}

#[test]
fn bounds_of_two_layers_must_go_together() {
    let errors = with_env(
        "[taxonomy.mine]\ncategory = 'bug'\nmin = 'high'",
        &[("LLMUX_TAXONOMY_MINE_MAX", "low")],
    );
    snapshot("errors_taxonomy_layers", errors.unwrap_err().to_string());
}

/// A layer below may be wrong by itself and right with the one above.
#[test]
fn bounds_are_checked_where_all_layers_met() {
    let loaded = with_env(
        "[taxonomy.mine]\ncategory = 'bug'\nmin = 'high'\nmax = 'low'",
        &[("LLMUX_TAXONOMY_MINE_MAX", "critical")],
    );
    assert!(loaded.is_ok());
}
