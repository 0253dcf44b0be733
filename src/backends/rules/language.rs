//! What language a file is in: by its name, its extension, or its first line.

use crate::change::FileChange;

/// A language, or a group of languages that share their rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// C and C++.
    C,
    /// Dockerfiles and Containerfiles.
    Dockerfile,
    /// C#, F# and Visual Basic.
    Dotnet,
    /// Elixir and its templates.
    Elixir,
    /// Go.
    Go,
    /// HTML.
    Html,
    /// Java.
    Java,
    /// JSON.
    Json,
    /// Kotlin.
    Kotlin,
    /// Markdown.
    Markdown,
    /// JavaScript, TypeScript, Vue and Svelte.
    Node,
    /// PHP.
    Php,
    /// Python.
    Python,
    /// Ruby.
    Ruby,
    /// Rust.
    Rust,
    /// Scala.
    Scala,
    /// Shells of the Bourne family.
    Shell,
    /// SQL.
    Sql,
    /// Swift.
    Swift,
    /// Terraform and other HCL.
    Terraform,
    /// TOML, INI, properties and dotenv files.
    Toml,
    /// YAML.
    Yaml,
}

/// Name in rule files, extensions, whole file names (lower case), shebang programs.
struct Row(
    Language,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

/// In the order of [`Language`].
const TABLE: [Row; Language::COUNT] = [
    Row(
        Language::C,
        "c",
        &[
            "c", "h", "cc", "cpp", "cxx", "hpp", "hh", "hxx", "m", "mm", "cu", "ino",
        ],
        &[],
        &[],
    ),
    Row(
        Language::Dockerfile,
        "dockerfile",
        &["dockerfile", "containerfile"],
        &["dockerfile", "containerfile"],
        &[],
    ),
    Row(
        Language::Dotnet,
        "dotnet",
        &["cs", "fs", "vb", "cshtml", "razor", "csx"],
        &[],
        &[],
    ),
    Row(
        Language::Elixir,
        "elixir",
        &["ex", "exs", "eex", "heex", "leex"],
        &[],
        &["elixir"],
    ),
    Row(Language::Go, "go", &["go"], &[], &[]),
    Row(Language::Html, "html", &["html", "htm", "xhtml"], &[], &[]),
    Row(Language::Java, "java", &["java"], &[], &[]),
    Row(
        Language::Json,
        "json",
        &["json", "jsonc", "json5"],
        &[],
        &[],
    ),
    Row(Language::Kotlin, "kotlin", &["kt", "kts"], &[], &[]),
    Row(
        Language::Markdown,
        "markdown",
        &["md", "markdown", "mdx"],
        &[],
        &[],
    ),
    Row(
        Language::Node,
        "node",
        &[
            "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte",
        ],
        &[],
        &["node", "deno", "bun", "ts-node", "tsx"],
    ),
    Row(
        Language::Php,
        "php",
        &["php", "phtml", "php5", "inc"],
        &[],
        &["php"],
    ),
    Row(
        Language::Python,
        "python",
        &["py", "pyi", "pyw"],
        &["sconstruct", "wscript"],
        &["python", "python2", "python3", "uv"],
    ),
    Row(
        Language::Ruby,
        "ruby",
        &["rb", "rake", "gemspec", "ru", "erb", "haml"],
        &["gemfile", "rakefile", "vagrantfile", "fastfile", "podfile"],
        &["ruby"],
    ),
    Row(Language::Rust, "rust", &["rs"], &[], &[]),
    Row(Language::Scala, "scala", &["scala", "sc", "sbt"], &[], &[]),
    Row(
        Language::Shell,
        "shell",
        &["sh", "bash", "zsh", "ksh", "bats"],
        &[".bashrc", ".zshrc", ".profile", ".bash_profile", "pkgbuild"],
        &["sh", "bash", "zsh", "ksh", "dash"],
    ),
    Row(Language::Sql, "sql", &["sql"], &[], &[]),
    Row(Language::Swift, "swift", &["swift"], &[], &["swift"]),
    Row(
        Language::Terraform,
        "terraform",
        &["tf", "tfvars", "hcl"],
        &[],
        &[],
    ),
    Row(
        Language::Toml,
        "toml",
        &["toml", "ini", "cfg", "conf", "properties", "env"],
        &[".env", ".npmrc", ".pypirc", ".netrc"],
        &[],
    ),
    Row(Language::Yaml, "yaml", &["yaml", "yml"], &[], &[]),
];

impl Language {
    /// How many there are.
    pub(super) const COUNT: usize = Self::Yaml as usize + 1;

    /// The word in rule files.
    pub fn as_str(self) -> &'static str {
        TABLE[self as usize].1
    }

    /// All words that rule files may use, sorted.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TABLE.iter().map(|row| row.1)
    }

    /// The language of that word.
    pub fn named(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// A file name in this language, for examples.
    pub(super) fn example_path(self) -> String {
        match self {
            Self::Dockerfile => "Dockerfile".to_owned(),
            other => format!("src/example.{}", TABLE[other as usize].2[0]),
        }
    }

    /// The language of a file, where its name or its first line tells.
    pub fn of(file: &FileChange) -> Option<Self> {
        let name = file.path.file_name().to_string().to_ascii_lowercase();
        by_name(&name).or_else(|| by_shebang(file.new.line(1)?))
    }
}

fn by_name(name: &str) -> Option<Language> {
    if let Some(row) = TABLE.iter().find(|row| row.3.contains(&name)) {
        return Some(row.0);
    }
    // `Dockerfile.alpine`, `.env.production`.
    match name.split_once('.') {
        Some(("dockerfile" | "containerfile", _)) => return Some(Language::Dockerfile),
        Some(("", rest)) if rest.starts_with("env.") => return Some(Language::Toml),
        _ => {}
    }
    let (_, extension) = name.rsplit_once('.')?;
    TABLE
        .iter()
        .find(|row| row.2.contains(&extension))
        .map(|row| row.0)
}

fn by_shebang(first_line: &str) -> Option<Language> {
    let mut words = first_line.strip_prefix("#!")?.split_whitespace();
    let mut program = words.next()?.rsplit('/').next()?;
    if program == "env" {
        program = words.find(|word| !word.starts_with('-') && !word.contains('='))?;
    }
    // `python3.12` is `python3`.
    let program = program.split('.').next()?;
    TABLE
        .iter()
        .find(|row| row.4.contains(&program))
        .map(|row| row.0)
}
