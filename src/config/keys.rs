//! Every key that configuration may hold, with the kind of its value. A test holds this
//! table to the stages' serde structs, in both directions.

use crate::findings::taxonomy::CATEGORIES;
use crate::report::Format;

/// A key of a table.
#[derive(Debug)]
pub struct Key {
    /// As written.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Debug)]
pub enum Kind {
    /// A table with these keys.
    Table(&'static [Key]),
    /// A table whose names are the user's: `[backends.NAME]`.
    Named(&'static Kind),
    /// A list of values of one kind.
    List(&'static Kind),
    /// `true` or `false`.
    Flag,
    /// A whole number between these, both included.
    Whole(i64, i64),
    /// A number between these, both included.
    Number(f64, f64),
    /// Any text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A duration above zero.
    Duration,
    /// A number of bytes above zero, or text such as "512MB".
    Size,
    /// A `postgres://` URL without a password, or `"${NAME}"`.
    StoreUrl,
    /// A threshold (`units::Threshold`).
    Threshold,
    /// A glob.
    Glob,
    /// A path inside the project, relative to its top folder.
    ProjectPath,
    /// An `http` or `https` URL without a password.
    Url,
    /// The name of an environment variable.
    Variable,
    /// `"${NAME}"`.
    KeyReference,
    /// `FORMAT` or `FORMAT=PATH`.
    Output,
}

const U32: i64 = u32::MAX as i64;
/// They err together: a hundredth sample of one model adds nothing but its price.
const MAX_SAMPLES: i64 = 100;

const fn key(name: &'static str, kind: Kind) -> Key {
    Key { name, kind }
}

/// Report formats that `report.outputs` knows.
pub const FORMATS: &[&str] = &Format::WORDS;

const SEVERITIES: &[&str] = &["note", "low", "medium", "high", "critical"];

/// The whole configuration.
pub const ROOT: Kind = Kind::Table(&[
    key("backends", Kind::Named(&BACKEND)),
    key("roles", Kind::Named(&ROLE)),
    key("teams", Kind::Named(&TEAM)),
    key(
        "change",
        Kind::Table(&[
            key("include", Kind::List(&Kind::Glob)),
            key("exclude", Kind::List(&Kind::Glob)),
            key("max_file_size", Kind::Whole(1, i64::MAX)),
            key("generated", Kind::Flag),
            key("lock_files", Kind::Flag),
            key("vendored", Kind::Flag),
            key("minified", Kind::Flag),
        ]),
    ),
    key(
        "packets",
        Kind::Table(&[
            key("max_tokens", Kind::Whole(1, U32)),
            key("context_lines", Kind::Whole(0, U32)),
            key("max_enclosing_lines", Kind::Whole(0, U32)),
        ]),
    ),
    key(
        "anchor",
        Kind::Table(&[key("scope", Kind::Word(&["diff", "files"]))]),
    ),
    key(
        "merge",
        Kind::Table(&[
            key("threshold", Kind::Number(0.0, 1.0)),
            key("arbiter", Kind::Text),
        ]),
    ),
    key("vote", VOTE),
    key("feedback", Kind::Table(&[key("learn", Kind::Flag)])),
    key("taxonomy", Kind::Named(&SLUG)),
    key("baseline", Kind::Table(&[key("file", Kind::ProjectPath)])),
    key("suppress", Kind::Table(&[key("allow_new", Kind::Flag)])),
    key(
        "gate",
        Kind::Table(&[
            key(
                "fail_on",
                Kind::Word(&["note", "low", "medium", "high", "critical", "never"]),
            ),
            key("allow_incomplete", Kind::Flag),
        ]),
    ),
    key(
        "run",
        Kind::Table(&[
            key("timeout", Kind::Duration),
            key("call_timeout", Kind::Duration),
            key("call_deadline", Kind::Duration),
            key("idle_timeout", Kind::Duration),
            key("max_in_flight", Kind::Whole(1, U32)),
            key("retries", Kind::Whole(0, U32)),
        ]),
    ),
    key("routing", ROUTING),
    key(
        "rules",
        Kind::Table(&[
            key("files", Kind::List(&Kind::Glob)),
            key("disable", Kind::List(&Kind::Text)),
        ]),
    ),
    key(
        "store",
        Kind::Table(&[
            key("enabled", Kind::Flag),
            key("url", Kind::StoreUrl),
            key("project", Kind::Text),
            key("content", Kind::Flag),
            key("max_size", Kind::Size),
            key("ttl", Kind::Duration),
        ]),
    ),
    key(
        "budget",
        Kind::Table(&[
            key("run", USD),
            key("day", USD),
            key("month", USD),
            key("per_backend", Kind::Named(&CAPS)),
            key("teams", Kind::Named(&CAPS)),
            key("organisation", CAPS),
        ]),
    ),
    key(
        "report",
        Kind::Table(&[key("outputs", Kind::List(&Kind::Output))]),
    ),
]);

/// US dollars.
const USD: Kind = Kind::Number(0.0, 1e6);

const CAPS: Kind = Kind::Table(&[key("run", USD), key("day", USD), key("month", USD)]);

const ROUTING: Kind = Kind::Table(&[
    key("enabled", Kind::Flag),
    key("voters", Kind::Whole(1, U32)),
    key("risky_voters", Kind::Whole(0, U32)),
    key(
        "risk",
        Kind::Table(&[
            key("tokens", Kind::Whole(1, U32)),
            key("paths", Kind::List(&Kind::Glob)),
            key("security", Kind::Flag),
        ]),
    ),
    key(
        "policies",
        Kind::Named(&Kind::Table(&[
            key("paths", Kind::List(&Kind::Glob)),
            key("local", Kind::Flag),
            key("max_cost", Kind::Number(0.0, 1e6)),
            key("max_latency", Kind::Duration),
            key("enforce", Kind::Word(&["hard", "soft", "monitor"])),
        ])),
    ),
]);

/// Beside the common threshold those of the taxonomy's categories and of the severities.
const VOTE: Kind = Kind::Table(&[
    key("threshold", Kind::Threshold),
    key("refute", Kind::Flag),
    key("priors", Kind::ProjectPath),
    key("bug", OWN_THRESHOLD),
    key("security", OWN_THRESHOLD),
    key("concurrency", OWN_THRESHOLD),
    key("performance", OWN_THRESHOLD),
    key("error-handling", OWN_THRESHOLD),
    key("api", OWN_THRESHOLD),
    key("data", OWN_THRESHOLD),
    key("test", OWN_THRESHOLD),
    key("docs", OWN_THRESHOLD),
    key("style", OWN_THRESHOLD),
    key("note", OWN_THRESHOLD),
    key("low", OWN_THRESHOLD),
    key("medium", OWN_THRESHOLD),
    key("high", OWN_THRESHOLD),
    key("critical", OWN_THRESHOLD),
]);

const OWN_THRESHOLD: Kind = Kind::Table(&[key("threshold", Kind::Threshold)]);

const BACKEND: Kind = Kind::Table(&[
    key("kind", Kind::Word(&["command", "http", "rules"])),
    key("preset", Kind::Text),
    key("command", Kind::Text),
    key("base_url", Kind::Url),
    key(
        "dialect",
        Kind::Word(&[
            "openai",
            "openai-responses",
            "anthropic",
            "gemini",
            "ollama",
        ]),
    ),
    key("model", Kind::Text),
    key("models", Kind::List(&Kind::Text)),
    key("args", Kind::List(&Kind::Text)),
    key("env", Kind::List(&Kind::Variable)),
    key("api_key", Kind::KeyReference),
    key("input", Kind::Word(&["stdin", "argument"])),
    key("timeout", Kind::Duration),
    key("idle_timeout", Kind::Duration),
    key("stream", Kind::Flag),
    key("max_concurrent", Kind::Whole(1, U32)),
    key("requests_per_minute", Kind::Whole(1, U32)),
    key("tokens_per_minute", Kind::Whole(1, U32)),
    key("retries", Kind::Whole(0, U32)),
    key("context_tokens", Kind::Whole(1, U32)),
    key("max_output_tokens", Kind::Whole(1, U32)),
    key("temperature", Kind::Number(0.0, 2.0)),
    key("weight", Kind::Number(0.0, 1000.0)),
    key("samples", Kind::Whole(1, MAX_SAMPLES)),
    key("authoritative", Kind::Flag),
    key("local", Kind::Flag),
    key(
        "price",
        Kind::Table(&[
            key("input", Kind::Number(0.0, 1e6)),
            key("output", Kind::Number(0.0, 1e6)),
            key("cached_input", Kind::Number(0.0, 1e6)),
            key("cache_write", Kind::Number(0.0, 1e6)),
        ]),
    ),
]);

const SLUG: Kind = Kind::Table(&[
    key("category", Kind::Word(&CATEGORIES)),
    key("cwe", Kind::Whole(1, 9_999)),
    key("severity", Kind::Word(SEVERITIES)),
    key("min", Kind::Word(SEVERITIES)),
    key("max", Kind::Word(SEVERITIES)),
    key("title", Kind::Text),
    key("description", Kind::Text),
    key("help", Kind::Text),
]);

const ROLE: Kind = Kind::Table(&[
    key("description", Kind::Text),
    key("backends", Kind::List(&Kind::Text)),
    key("execution", Kind::Word(&["first", "parallel", "fallback"])),
    key("combine", Kind::Word(&["vote", "union", "synthesize"])),
    key("threshold", Kind::Threshold),
    key("samples", Kind::Whole(1, MAX_SAMPLES)),
    key("refute", Kind::Flag),
]);

const TEAM: Kind = Kind::Table(&[
    key("description", Kind::Text),
    key("detect", Kind::List(&Kind::Glob)),
    key("verify", Kind::Text),
    key("context", Kind::List(&Kind::ProjectPath)),
    key("focus", Kind::Text),
    key("extends", Kind::Text),
    key("roles", Kind::Named(&Kind::List(&Kind::Text))),
]);

impl Kind {
    /// What a reader is told to write, as the end of "expected …".
    pub fn expected(&self) -> String {
        match self {
            Self::Table(_) | Self::Named(_) => "a table".to_owned(),
            Self::List(item) => format!("a list, each value {}", item.expected()),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Whole(least, most) if *most >= U32 => {
                format!("a whole number, {least} or more")
            }
            Self::Whole(least, most) => format!("a whole number from {least} to {most}"),
            Self::Number(least, most) => format!("a number from {least} to {most}"),
            Self::Text => "text in quotes".to_owned(),
            Self::Word(words) => {
                let quoted: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("one of {}", quoted.join(", "))
            }
            Self::Duration => "a duration above zero, such as \"90s\" or \"5m\"".to_owned(),
            Self::Size => "a size above zero, such as \"512MB\", or a number of bytes".to_owned(),
            Self::StoreUrl => "a URL such as postgres://user@host/database without a password, or \
                               the variable that holds one, written \"${NAME}\""
                .to_owned(),
            Self::Threshold => crate::units::THRESHOLDS.to_owned(),
            Self::Glob => "a glob, such as \"src/**/*.rs\"".to_owned(),
            Self::ProjectPath => "a path inside the project, without `..`".to_owned(),
            Self::Url => "a URL that starts with http:// or https://".to_owned(),
            Self::Variable => "the name of an environment variable".to_owned(),
            Self::KeyReference => {
                "the name of an environment variable, written \"${NAME}\"".to_owned()
            }
            Self::Output => format!("FORMAT or FORMAT=PATH, with one of {}", FORMATS.join(", ")),
        }
    }

    /// The kind of `name` in this table, if it is a table and knows that name.
    pub fn child(&self, name: &str) -> Option<&'static Kind> {
        match self {
            Self::Table(keys) => keys
                .iter()
                .find(|key| key.name == name)
                .map(|key| &key.kind),
            Self::Named(kind) => Some(kind),
            _ => None,
        }
    }

    /// The names that this table knows; none where it is no table, or one of the user's names.
    pub fn names(&self) -> Option<impl Iterator<Item = &'static str> + use<>> {
        match self {
            Self::Table(keys) => Some(keys.iter().map(|key| key.name)),
            _ => None,
        }
    }
}
