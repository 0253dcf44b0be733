//! Checks that need all layers: names that must exist, keys that must or must not stand together.

use super::errors::Draft;
use super::mask;
use super::near::did_you_mean;
use super::source::{Node, Source, Value, dotted};
use super::values::{has_login, is_url};
use crate::backends::presets;
use crate::findings::confidence::backend_of;

/// Checks the merged tree.
pub(super) fn check(root: &Node, sources: &[Source], drafts: &mut Vec<Draft>) {
    let mut cross = Cross {
        root,
        sources,
        drafts,
    };
    for (name, backend) in cross.entries("backends") {
        cross.backend(name, backend);
    }
    for (name, role) in cross.entries("roles") {
        if let Some(list) = role.get("backends") {
            cross.backend_names(&["roles", name, "backends"], list);
        }
    }
    for (name, team) in cross.entries("teams") {
        cross.team(name, team);
    }
    if let Some(arbiter) = root.get("merge").and_then(|merge| merge.get("arbiter")) {
        cross.arbiter(arbiter);
    }
}

struct Cross<'a> {
    root: &'a Node,
    sources: &'a [Source],
    drafts: &'a mut Vec<Draft>,
}

impl<'a> Cross<'a> {
    fn entries(&self, section: &str) -> &'a [(String, Node)] {
        self.root.get(section).map_or(&[], Node::entries)
    }

    fn names(&self, section: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.entries(section).iter().map(|(name, _)| name.as_str())
    }

    /// Whether the name stands in the section, as far as one can know.
    fn knows(&self, section: &str, name: &str) -> bool {
        let section = self.root.get(section);
        section.is_none_or(|node| matches!(node.value, Value::Bad) || node.get(name).is_some())
    }

    fn push(&mut self, path: &[&str], node: &Node, message: String, help: Option<String>) {
        let draft = Draft::new(dotted(path), node.at, message);
        self.drafts.push(draft.help(help));
    }

    fn backend(&mut self, name: &str, backend: &Node) {
        if backend_of(name) != name {
            let path = dotted(&["backends", name]);
            let message = format!(
                "{} is what a sample of a backend is called",
                mask::quoted(name)
            );
            let draft = Draft::new(path, backend.key, message);
            self.drafts
                .push(draft.expected("a name that does not end in `#` and a number"));
        }
        self.address(name, backend);
        self.models(name, backend);
        let Some(price) = backend.get("price") else {
            return;
        };
        let missing: Vec<_> = ["input", "output"]
            .into_iter()
            .filter(|key| price.get(key).is_none())
            .collect();
        if !missing.is_empty() {
            let path = ["backends", name, "price"];
            let message = format!(
                "`{}` has no `{}`",
                dotted(&path),
                missing.join("` and no `")
            );
            let draft = Draft::new(dotted(&path), price.key, message);
            let draft = draft.expected("`input` and `output`, US dollars for a million tokens");
            self.drafts.push(draft);
        }
    }

    /// A backend asks for one model or for a cascade, whose models are different ones.
    fn models(&mut self, name: &str, backend: &Node) {
        let Some(models) = backend.get("models") else {
            return;
        };
        if let Some(model) = backend.get("model") {
            let (upper, lower, below) = if model.at.source > models.at.source {
                (model, models, "models")
            } else {
                (models, model, "model")
            };
            let table = dotted(&["backends", name]);
            let message = format!("`{table}` has both `model` and `models`");
            let origin = self.origin(lower);
            let help = format!("take one of them away; `{below}` comes from {origin}");
            self.push(&["backends", name], upper, message, Some(help));
        }
        let path = ["backends", name, "models"];
        if matches!(&models.value, Value::List(items) if items.is_empty()) {
            let message = format!("`{}` is empty", dotted(&path));
            let help = "name a model, or take the key away".to_owned();
            self.push(&path, models, message, Some(help));
        }
        let mut seen = Vec::new();
        for item in models.items() {
            let Some(model) = item.text() else { continue };
            if model.trim().is_empty() {
                let message = format!("`{}` names an empty model", dotted(&path));
                self.push(&path, item, message, None);
            } else if seen.contains(&model) {
                let message = format!("`{}` names {} twice", dotted(&path), mask::quoted(model));
                self.push(&path, item, message, None);
            }
            seen.push(model);
        }
    }

    /// What the backend is must follow from `kind`, `command` and `base_url`, without contradiction.
    fn address(&mut self, name: &str, backend: &Node) {
        let table = dotted(&["backends", name]);
        let key = |key: &str| backend.get(key);
        let (kind, command, base_url) = (key("kind"), key("command"), key("base_url"));
        let preset = key("preset").and_then(|node| Some((node, node.text()?)));
        if let Some((node, text)) = preset {
            self.preset(name, node, text);
        }
        let is_known = preset.is_some() || presets().any(|known| known == name);
        match (kind, command, base_url) {
            (_, Some(command), Some(base_url)) => {
                let (upper, lower, below) = if command.at.source > base_url.at.source {
                    (command, base_url, "base_url")
                } else {
                    (base_url, command, "command")
                };
                let message = format!("`{table}` has both `command` and `base_url`");
                let origin = self.origin(lower);
                let help = format!("take one of them away; `{below}` comes from {origin}");
                self.push(&["backends", name], upper, message, Some(help));
            }
            (None, None, None) if is_known => {}
            (None, None, None) => {
                let message = format!("`{table}` does not say what it is");
                let draft = Draft::new(&table, backend.key, message);
                let draft =
                    draft.expected("`command` (a program or URL), `base_url`, `preset`, or `kind`");
                self.drafts.push(draft);
            }
            _ => {
                let text = command.and_then(Node::text);
                if let (Some(node), Some(text)) = (command, text) {
                    self.command(name, node, text);
                }
                let word = kind.and_then(Node::text).unwrap_or_default();
                let url = text.map(is_url);
                // The highest layer brought the contradiction.
                let culprit = [base_url, command, kind].into_iter().flatten();
                if let Some(problem) = contradiction(word, command, base_url, url, is_known)
                    && let Some(node) = culprit.max_by_key(|node| node.at.source)
                {
                    let message = format!("`{table}` contradicts its kind: {problem}");
                    self.push(&["backends", name], node, message, None);
                }
            }
        }
    }

    fn preset(&mut self, name: &str, node: &Node, text: &str) {
        if presets().any(|known| known == text) {
            return;
        }
        let path = ["backends", name, "preset"];
        let message = format!("`{}` is none that llmux knows", dotted(&path));
        let help = did_you_mean(text, presets());
        let help = help.unwrap_or_else(|| list_of("presets", presets()));
        self.push(&path, node, message, Some(help));
    }

    fn command(&mut self, name: &str, node: &Node, text: &str) {
        let path = ["backends", name, "command"];
        if text.trim().is_empty() {
            let message = format!("`{}` is empty", dotted(&path));
            self.push(&path, node, message, None);
        } else if is_url(text) && has_login(text) {
            let message = "a login does not belong in a URL (it is not shown)";
            let message = format!("`{}`: {message}", dotted(&path));
            let help = "name the variable that holds the key: api_key = \"${NAME}\"";
            self.push(&path, node, message, Some(help.to_owned()));
        }
    }

    fn arbiter(&mut self, node: &Node) {
        if let Some(role) = node.text()
            && !self.knows("roles", role)
        {
            let (message, help) = self.no_role(&["merge", "arbiter"], role);
            self.push(&["merge", "arbiter"], node, message, Some(help));
        }
    }

    /// What is said of a role that there is not, and what may have been meant.
    fn no_role(&self, path: &[&str], role: &str) -> (String, String) {
        let message = format!(
            "`{}`: there is no role {}",
            dotted(path),
            mask::quoted(role)
        );
        let help = did_you_mean(role, self.names("roles"));
        let help = help.unwrap_or_else(|| list_of("roles", self.names("roles")));
        (message, help)
    }

    fn team(&mut self, name: &str, team: &Node) {
        for (role, list) in team.get("roles").map_or(&[][..], Node::entries) {
            let path = ["teams", name, "roles", role];
            if !self.knows("roles", role) {
                let (message, help) = self.no_role(&path, role);
                self.drafts
                    .push(Draft::new(dotted(&path), list.key, message).help(help));
            }
            self.backend_names(&path, list);
        }
        let Some((node, parent)) = team
            .get("extends")
            .and_then(|node| Some((node, node.text()?)))
        else {
            return;
        };
        let path = ["teams", name, "extends"];
        if !self.knows("teams", parent) {
            let message = format!(
                "`{}`: there is no team {}",
                dotted(&path),
                mask::quoted(parent)
            );
            let help = did_you_mean(parent, self.names("teams"));
            let help = help.unwrap_or_else(|| list_of("teams", self.names("teams")));
            self.push(&path, node, message, Some(help));
        } else if let Some(circle) = self.circle(name) {
            let message = format!(
                "`{}` goes in a circle: {}",
                dotted(&path),
                circle.join(" > ")
            );
            let help = "one of them must not extend another".to_owned();
            self.push(&path, node, message, Some(help));
        }
    }

    /// The teams from `name` back to `name`, if they go in a circle and `name` is its first by
    /// the alphabet: one complaint for a circle.
    fn circle(&self, name: &str) -> Option<Vec<&'a str>> {
        let mut chain: Vec<&str> = Vec::new();
        let mut at = name;
        loop {
            let (known, team) = self.entries("teams").iter().find(|(team, _)| team == at)?;
            if chain.first() == Some(&known.as_str()) {
                chain.push(known);
                break;
            }
            if chain.contains(&known.as_str()) {
                return None;
            }
            chain.push(known);
            at = team.get("extends")?.text()?;
        }
        (chain.iter().min() == chain.first()).then_some(chain)
    }

    fn backend_names(&mut self, path: &[&str], list: &Node) {
        let mut seen = Vec::new();
        for item in list.items() {
            let Some(name) = item.text() else { continue };
            if !self.knows("backends", name) {
                let message = format!(
                    "`{}`: there is no backend {}",
                    dotted(path),
                    mask::quoted(name)
                );
                let help = did_you_mean(name, self.names("backends"));
                let help = help.unwrap_or_else(|| list_of("backends", self.names("backends")));
                self.push(path, item, message, Some(help));
            } else if seen.contains(&name) {
                let message = format!("`{}` names {} twice", dotted(path), mask::quoted(name));
                self.push(path, item, message, None);
            }
            seen.push(name);
        }
    }

    fn origin(&self, node: &Node) -> String {
        self.sources
            .get(node.at.source)
            .map_or_else(String::new, |source| {
                source.origin(node.at.start).to_string()
            })
    }
}

/// Why a backend cannot be of that kind; `url` says whether `command` is a URL, and
/// `has_preset` whether something else may name program or server.
fn contradiction(
    kind: &str,
    command: Option<&Node>,
    base_url: Option<&Node>,
    url: Option<bool>,
    has_preset: bool,
) -> Option<&'static str> {
    match kind {
        "command" if base_url.is_some() => Some("a program has no `base_url`"),
        "command" if url == Some(true) => Some("`command` is a URL; a server is kind = \"http\""),
        "command" if command.is_none() && !has_preset => Some("`command` must name the program"),
        "http" if url == Some(false) => {
            Some("`command` is not a URL; a program is kind = \"command\"")
        }
        "http" if command.is_none() && base_url.is_none() && !has_preset => {
            Some("`base_url` must name the server")
        }
        "rules" if command.is_some() || base_url.is_some() => {
            Some("the built-in rules take no `command` and no `base_url`")
        }
        _ => None,
    }
}

/// "the backends are a, b, c"
fn list_of<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.map(mask::printable).collect();
    format!("the {what} are {}", names.join(", "))
}
