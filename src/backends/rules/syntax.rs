//! How each language writes comments and strings.

use super::language::Language;

/// A kind of string literal.
pub(super) struct Quote {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    /// Whether a backslash hides the next byte.
    pub(super) escapes: bool,
    /// Whether it may go on in the next line.
    pub(super) multiline: bool,
}

/// Comments and strings of a language.
pub(super) struct Syntax {
    pub(super) line_comments: &'static [&'static str],
    /// Whether a line comment needs white space before it.
    pub(super) comment_after_space: bool,
    /// Open, close, nested.
    pub(super) block_comments: &'static [(&'static str, &'static str, bool)],
    /// Longest mark first.
    pub(super) quotes: &'static [Quote],
    /// Back-quoted text with `${…}`.
    pub(super) templates: bool,
    pub(super) heredocs: bool,
}

const fn quote(mark: &'static str) -> Quote {
    Quote {
        open: mark,
        close: mark,
        escapes: true,
        multiline: false,
    }
}

const fn long(mark: &'static str) -> Quote {
    Quote {
        open: mark,
        close: mark,
        escapes: true,
        multiline: true,
    }
}

const fn raw(open: &'static str, close: &'static str) -> Quote {
    Quote {
        open,
        close,
        escapes: false,
        multiline: true,
    }
}

const NONE: Syntax = Syntax {
    line_comments: &[],
    comment_after_space: false,
    block_comments: &[],
    quotes: &[],
    templates: false,
    heredocs: false,
};

const SLASHES: Syntax = Syntax {
    line_comments: &["//"],
    block_comments: &[("/*", "*/", false)],
    quotes: &[quote("\""), quote("'")],
    ..NONE
};

static C: Syntax = SLASHES;
static NODE: Syntax = Syntax {
    block_comments: &[("/*", "*/", false), ("<!--", "-->", false)],
    templates: true,
    ..SLASHES
};
static GO: Syntax = Syntax {
    quotes: &[quote("\""), quote("'"), raw("`", "`")],
    ..SLASHES
};
static JVM: Syntax = Syntax {
    quotes: &[long("\"\"\""), quote("\""), quote("'")],
    ..SLASHES
};
static DOTNET: Syntax = Syntax {
    quotes: &[
        raw("\"\"\"", "\"\"\""),
        raw("@\"", "\""),
        raw("$@\"", "\""),
        quote("\""),
        quote("'"),
    ],
    ..SLASHES
};
static RUST: Syntax = Syntax {
    block_comments: &[("/*", "*/", true)],
    // Characters and raw strings need more than a mark: see the lexer.
    quotes: &[long("\"")],
    ..SLASHES
};
static SWIFT: Syntax = Syntax {
    block_comments: &[("/*", "*/", true)],
    quotes: &[long("\"\"\""), quote("\"")],
    ..SLASHES
};
static PHP: Syntax = Syntax {
    line_comments: &["//", "#"],
    block_comments: &[("/*", "*/", false), ("<!--", "-->", false)],
    heredocs: true,
    ..SLASHES
};
static PYTHON: Syntax = Syntax {
    line_comments: &["#"],
    quotes: &[long("\"\"\""), long("'''"), quote("\""), quote("'")],
    ..NONE
};
static RUBY: Syntax = Syntax {
    line_comments: &["#"],
    comment_after_space: true,
    block_comments: &[("=begin", "\n=end", false), ("<!--", "-->", false)],
    quotes: &[quote("\""), quote("'")],
    heredocs: true,
    ..NONE
};
static ELIXIR: Syntax = Syntax {
    line_comments: &["#"],
    comment_after_space: true,
    quotes: &[long("\"\"\""), long("'''"), quote("\""), quote("'")],
    ..NONE
};
static SHELL: Syntax = Syntax {
    line_comments: &["#"],
    comment_after_space: true,
    quotes: &[
        quote("\""),
        Quote {
            open: "'",
            close: "'",
            escapes: false,
            multiline: false,
        },
    ],
    heredocs: true,
    ..NONE
};
/// Values of settings are what rules for them read: strings count as code.
static SETTINGS: Syntax = Syntax {
    line_comments: &["#"],
    comment_after_space: true,
    ..NONE
};
static HTML: Syntax = Syntax {
    block_comments: &[("<!--", "-->", false)],
    ..NONE
};
static SQL: Syntax = Syntax {
    line_comments: &["--"],
    block_comments: &[("/*", "*/", false)],
    quotes: &[quote("'")],
    ..NONE
};
static PLAIN: Syntax = NONE;

/// How the language writes comments and strings.
pub(super) fn syntax(language: Language) -> &'static Syntax {
    match language {
        Language::C => &C,
        Language::Node => &NODE,
        Language::Go => &GO,
        Language::Java | Language::Kotlin | Language::Scala => &JVM,
        Language::Dotnet => &DOTNET,
        Language::Rust => &RUST,
        Language::Swift => &SWIFT,
        Language::Php => &PHP,
        Language::Python => &PYTHON,
        Language::Ruby => &RUBY,
        Language::Elixir => &ELIXIR,
        Language::Shell => &SHELL,
        Language::Yaml | Language::Toml | Language::Dockerfile | Language::Terraform => &SETTINGS,
        Language::Html => &HTML,
        Language::Sql => &SQL,
        Language::Json | Language::Markdown => &PLAIN,
    }
}
