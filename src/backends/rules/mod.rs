//! The `rules` backend: patterns instead of a model. No network, no key, the
//! same answer every time.
//!
//! The rules are data: TOML files in `rules/`, built in, and the user's own in
//! the same format (`docs/rules.md`). They look at the lines that a change added
//! and answer with the object that every backend answers with, so that what
//! they find is anchored, merged and reported like everything else.

use std::sync::{Arc, LazyLock};

use sha2::{Digest as _, Sha256};

use crate::change::FileChange;

mod backend;
mod entropy;
mod errors;
mod examples;
mod language;
mod lexer;
mod load;
mod pattern;
mod read;
mod region;
mod rule;
mod scan;
mod syntax;
mod view;

pub use entropy::shannon;
pub use errors::{Place, RuleError, RuleErrors};
pub use language::Language;
pub use lexer::{Class, Classes};
pub use rule::{Examples, Kinds, Rule};
pub use scan::Hit;

use crate::units::hex;
use load::Loader;
use scan::Scanner;

/// The shipped files. Order decides between rules that hit the same line for the
/// same reason with the same severity: the special before the general.
const BUILTIN: [(&str, &str); 17] = [
    ("secrets.toml", include_str!("../../../rules/secrets.toml")),
    (
        "conflict.toml",
        include_str!("../../../rules/conflict.toml"),
    ),
    (
        "injection.toml",
        include_str!("../../../rules/injection.toml"),
    ),
    ("debug.toml", include_str!("../../../rules/debug.toml")),
    ("rust.toml", include_str!("../../../rules/rust.toml")),
    ("python.toml", include_str!("../../../rules/python.toml")),
    ("node.toml", include_str!("../../../rules/node.toml")),
    ("go.toml", include_str!("../../../rules/go.toml")),
    ("ruby.toml", include_str!("../../../rules/ruby.toml")),
    ("php.toml", include_str!("../../../rules/php.toml")),
    ("java.toml", include_str!("../../../rules/java.toml")),
    ("dotnet.toml", include_str!("../../../rules/dotnet.toml")),
    ("shell.toml", include_str!("../../../rules/shell.toml")),
    ("c.toml", include_str!("../../../rules/c.toml")),
    ("elixir.toml", include_str!("../../../rules/elixir.toml")),
    ("swift.toml", include_str!("../../../rules/swift.toml")),
    ("ci.toml", include_str!("../../../rules/ci.toml")),
];

/// The shipped rules, read when they are first asked for: a run over nothing must
/// not pay for them.
static SHIPPED: LazyLock<Arc<Loaded>> = LazyLock::new(|| match shipped().finish() {
    Ok(rules) => Arc::new(Loaded::new(rules, &[], &[])),
    Err(errors) => unreachable!("the shipped rules are tested: {errors}"),
});

/// Rules that were read, and a name for exactly these.
#[derive(Debug)]
struct Loaded {
    /// Of the files' text and the disabled ids, hexadecimal.
    hash: String,
    scanner: Scanner,
}

impl Loaded {
    fn new(rules: Vec<Arc<Rule>>, files: &[(String, String)], disable: &[String]) -> Self {
        let shipped = BUILTIN.iter().map(|(_, text)| *text);
        let own = files.iter().map(|(_, text)| text.as_str());
        Self {
            hash: hash(shipped.chain(own), disable),
            scanner: Scanner::new(rules),
        }
    }
}

fn shipped<'k>() -> Loader<'k> {
    let mut loader = Loader::default();
    for (name, text) in BUILTIN {
        loader.file(&format!("rules/{name}"), text, true);
    }
    loader
}

/// A set of rules, as a backend and for itself.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The name under `[backends]`.
    name: Arc<str>,
    /// None for those that llmux ships.
    own: Option<Arc<Loaded>>,
}

impl Rules {
    /// The rules that llmux ships. Costs nothing until they are used.
    pub fn builtin() -> Self {
        Self {
            name: "rules".into(),
            own: None,
        }
    }

    /// The shipped rules and the user's, without those whose id is in `disable`.
    ///
    /// `files` are pairs of a name for messages and a text, `kinds` the taxonomy. The user's
    /// rules are tried on their own examples.
    ///
    /// # Errors
    /// Every mistake of all files, and ids in `disable` that no rule has.
    pub fn with_user_files(
        files: &[(String, String)],
        disable: &[String],
        kinds: Kinds,
    ) -> Result<Self, RuleErrors> {
        let mut loader = shipped();
        loader.kinds = kinds;
        let count = loader.rules.len();
        for (name, text) in files {
            loader.file(name, text, false);
        }
        loader.check_disabled(disable);
        let mut rules = loader.finish()?;
        let failures = examples::failures(&rules[count..]);
        if !failures.is_empty() {
            return Err(RuleErrors(failures));
        }
        rules.retain(|rule| !disable.contains(&rule.id));
        Ok(Self {
            own: Some(Arc::new(Loaded::new(rules, files, disable))),
            ..Self::builtin()
        })
    }

    /// The same rules under another name in `[backends]`.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self {
            name: name.into(),
            ..self
        }
    }

    /// The ids in the order of the files.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.rules().iter().map(|rule| rule.id.as_str())
    }

    /// The rules in the order of the files.
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.loaded().scanner.rules
    }

    /// The hits in the order of `files` and their lines; at most one for each
    /// line and taxonomy slug.
    pub fn scan(&self, files: &[Arc<FileChange>]) -> Vec<Hit> {
        files
            .iter()
            .flat_map(|file| self.loaded().scanner.scan(file))
            .collect()
    }

    /// What the rules' own examples show wrong; empty where all hold. Checks every
    /// expression too.
    pub fn check(&self) -> Vec<RuleError> {
        examples::failures(self.rules())
    }

    fn loaded(&self) -> &Arc<Loaded> {
        self.own.as_ref().unwrap_or_else(|| &SHIPPED)
    }
}

fn hash<'a>(texts: impl Iterator<Item = &'a str>, disable: &[String]) -> String {
    let mut hasher = Sha256::new();
    let mut update = |text: &str| {
        // With lengths: two texts must not pass for one.
        hasher.update(text.len().to_le_bytes());
        hasher.update(text);
    };
    texts.for_each(&mut update);
    update("disable");
    for id in disable {
        update(id);
    }
    hex(&hasher.finalize()[..16])
}
