//! What opens a function, a type or a section, by language.
//!
//! These patterns are tried on lines that enclose another by their indentation, not
//! on every line, so that they can be short: a call or a condition that looks like a
//! definition does harm only where something is indented under it.

use std::sync::LazyLock;

use regex::Regex;

/// How a file shows its structure.
#[derive(Clone, Copy, Debug)]
pub(super) enum Language {
    /// Blocks by indentation; headings by this pattern.
    Code(&'static Pattern),
    /// Sections from `#` headings; fenced code is no heading.
    Markdown,
    /// Sections from `[name]` lines.
    Sections,
    /// No structure that is known.
    Prose,
}

/// A pattern for a trimmed line; none if it does not compile, which the tests exclude.
type Pattern = LazyLock<Option<Regex>>;

static RUST: Pattern = LazyLock::new(|| {
    Regex::new(
        r#"^(pub(\([^)]*\))?\s+)?((async|const|unsafe|default|extern(\s+"[^"]*")?)\s+)*(fn|struct|enum|union|trait|impl|mod|macro_rules!)\b"#,
    )
    .ok()
});
static GO: Pattern = LazyLock::new(|| Regex::new(r"^(func|type)\b").ok());
static PYTHON: Pattern = LazyLock::new(|| Regex::new(r"^(async\s+)?(def|class)\s").ok());
static RUBY: Pattern = LazyLock::new(|| {
    Regex::new(r"^((private|public|protected)\s+)?(def|class|module)\s|^(RSpec\.)?(describe|context|it|task|namespace)\b.*\bdo\b").ok()
});
static ELIXIR: Pattern =
    LazyLock::new(|| Regex::new(r"^(def\w*|describe|test)\b.*(\bdo$|,$|\($)").ok());
/// Functions, types, functions in variables, methods, tests.
static SCRIPT: Pattern = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(export\s+)?(default\s+)?(declare\s+)?(abstract\s+)?(async\s+)?(function|class|interface|enum|namespace|module|type)\b",
        r"|^(export\s+)?(const|let|var)\s+[\w$]+\s*(:[^=]+)?=\s*(async\s*)?(\(|<|function\b|[\w$]+\s*=>|[\w.]+\(\(?)",
        r"|^((static|async|get|set|public|private|protected|readonly|override|abstract)\s+)*[#*]?[\w$]+\s*(<[^>]*>)?\(([^'=)]|=[^>])*\)\s*(:[^={]+)?\{$",
        r"|^(describe|context|suite|it|test|beforeEach|afterEach|beforeAll|afterAll)(\.\w+)*\(",
        r"|^[\w$.]+\s*[=:]\s*(async\s*)?(function\b|\([^)]*\)\s*=>)",
        r"|^<(script|template|style)\b",
    ))
    .ok()
});
/// Java, Kotlin, C#, Scala, Swift, PHP, Dart: keywords, or a type and a name before a parenthesis.
static CURLY: Pattern = LazyLock::new(|| {
    Regex::new(concat!(
        r"^([\w@]+(\([^)]*\))?\s+)*(class|interface|enum|record|struct|trait|object|namespace|module|extension|protocol|actor|fun|func|function|def|init|constructor|deinit)\b",
        r"|^[\w$<>\[\],.?@&*\s]*[\w$>\]]\s+[\w$~]+\s*(<[^>]*>)?\s*\([^;]*$",
    ))
    .ok()
});
static C: Pattern = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(typedef\s+|static\s+|template\s*<.*>\s*)*(struct|class|union|enum|namespace)\b[^;(]*$",
        r"|^[A-Za-z_][\w:<>,*&~\s\[\]]*[\s*&][\w:~]+\s*\([^;]*$",
        r"|^[A-Za-z_~][\w:~]*\s*\([^;]*\)?\s*\{?$",
        r"|^[-+]\s*\(|^@(interface|implementation|protocol)\b",
    ))
    .ok()
});
static SHELL: Pattern = LazyLock::new(|| {
    Regex::new(r"^((local\s+)?function\b|sub\s|[\w.-]+\s*\(\)|package\s|[\w.:]+\s*=\s*function\b)")
        .ok()
});
static SQL: Pattern = LazyLock::new(|| Regex::new(r"(?i)^(create|alter|with|insert)\b").ok());
/// Configuration, markup and what has no entry: whatever something is indented under.
static PLAIN: Pattern = LazyLock::new(|| Regex::new(r#"^[\w"'$<.#@&-]"#).ok());

/// First words of lines that open a block inside a function.
const INSIDE: [&str; 40] = [
    "if",
    "else",
    "elif",
    "elsif",
    "elseif",
    "for",
    "foreach",
    "while",
    "until",
    "unless",
    "do",
    "loop",
    "switch",
    "match",
    "case",
    "when",
    "default",
    "try",
    "catch",
    "except",
    "rescue",
    "finally",
    "ensure",
    "return",
    "throw",
    "raise",
    "new",
    "await",
    "yield",
    "with",
    "using",
    "lock",
    "guard",
    "select",
    "go",
    "defer",
    "assert",
    "begin",
    "then",
    "synchronized",
];

impl Language {
    /// By the file's name.
    pub(super) fn of(name: &str) -> Self {
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        Self::Code(match extension.to_ascii_lowercase().as_str() {
            "md" | "markdown" | "mdx" => return Self::Markdown,
            "toml" | "ini" | "cfg" | "conf" | "editorconfig" | "gitconfig" => {
                return Self::Sections;
            }
            "txt" | "csv" | "tsv" | "svg" | "rst" | "adoc" | "tex" | "po" | "snap" => {
                return Self::Prose;
            }
            "rs" => &RUST,
            "go" => &GO,
            "py" | "pyi" | "pyx" => &PYTHON,
            "rb" | "rake" | "gemspec" => &RUBY,
            "ex" | "exs" => &ELIXIR,
            "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" | "vue" | "svelte" => {
                &SCRIPT
            }
            "java" | "kt" | "kts" | "cs" | "scala" | "swift" | "php" | "dart" | "groovy"
            | "gradle" => &CURLY,
            "c" | "h" | "cc" | "cpp" | "cxx" | "hh" | "hpp" | "hxx" | "m" | "mm" | "cu" => &C,
            "sh" | "bash" | "zsh" | "lua" | "pl" | "pm" => &SHELL,
            "sql" => &SQL,
            _ => &PLAIN,
        })
    }

    /// Whether `line` opens a function, type or section when something is indented under it.
    pub(super) fn is_heading(self, line: &str) -> bool {
        let line = line.trim();
        match self {
            Self::Code(pattern) => {
                let word = line
                    .split(|c: char| !c.is_alphanumeric() && c != '_')
                    .next()
                    .unwrap_or("");
                !INSIDE.contains(&word)
                    && pattern
                        .as_ref()
                        .is_some_and(|pattern| pattern.is_match(line))
            }
            Self::Markdown | Self::Sections => true,
            Self::Prose => false,
        }
    }
}
