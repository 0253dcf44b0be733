//! Checks of `[routing]` over all layers: a policy wants something, of some files.

use super::errors::Draft;
use super::mask;
use super::source::{Node, Value, dotted};

/// Checks the merged tree.
pub(super) fn check(root: &Node, drafts: &mut Vec<Draft>) {
    let Some(routing) = root.get("routing") else {
        return;
    };
    if let Some(paths) = routing.get("risk").and_then(|risk| risk.get("paths")) {
        globs(&["routing", "risk", "paths"], paths, drafts);
    }
    let policies = routing.get("policies").map_or(&[][..], Node::entries);
    for (name, policy) in policies {
        if !matches!(policy.value, Value::Bad) {
            check_policy(name, policy, drafts);
        }
    }
}

fn check_policy(name: &str, policy: &Node, drafts: &mut Vec<Draft>) {
    let path = ["routing", "policies", name];
    let wants = |key: &str| match policy.get(key).map(|node| &node.value) {
        None | Some(Value::Flag(false)) => false,
        // Also what was complained about already.
        Some(_) => true,
    };
    if !["local", "max_cost", "max_latency"].into_iter().any(wants) {
        let message = format!("policy {} wants nothing", mask::quoted(name));
        let draft = Draft::new(dotted(&path), policy.key, message);
        drafts.push(draft.expected("`local = true`, `max_cost` or `max_latency`"));
    }
    if let Some(paths) = policy.get("paths") {
        let path = ["routing", "policies", name, "paths"];
        if matches!(&paths.value, Value::List(items) if items.is_empty()) {
            let message = format!(
                "`{}` is empty, so that the policy covers nothing",
                dotted(&path)
            );
            let draft = Draft::new(dotted(&path), paths.at, message);
            let help = "name files, or take the key away to cover all".to_owned();
            drafts.push(draft.help(help));
        }
        globs(&path, paths, drafts);
    }
}

fn globs(path: &[&str], list: &Node, drafts: &mut Vec<Draft>) {
    let is_empty = |item: &&Node| item.text().is_some_and(|text| text.trim().is_empty());
    for item in list.items().iter().filter(is_empty) {
        let message = format!("`{}` has an empty glob", dotted(path));
        let draft = Draft::new(dotted(path), item.at, message);
        drafts.push(draft.expected("a glob, such as \"legal/**\""));
    }
}
