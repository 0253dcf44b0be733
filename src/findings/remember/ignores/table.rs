//! How comments are written in files that the rules' lexer does not know, or not wholly.

/// How comments open that end with their line.
pub(super) type Lines = &'static [&'static str];
/// How comments over several lines open and close.
pub(super) type Blocks = &'static [(&'static str, &'static str)];

/// File name extensions, and the comments in files of that name beside those that the lexer finds.
pub(super) const TABLE: &[(&[&str], Lines, Blocks)] = &[
    (&["vb", "vbs", "bas", "frm", "cls"], &["'", "Rem "], &[]),
    (
        &["cshtml", "razor"],
        &["//"],
        &[("@*", "*@"), ("<!--", "-->")],
    ),
    (
        &[
            "fs", "fsx", "fsi", "ml", "mli", "sml", "pas", "pp", "dpr", "v",
        ],
        &["//"],
        &[("(*", "*)"), ("{", "}")],
    ),
    (
        &["ini", "cfg", "conf", "properties", "reg", "inf"],
        &[";", "#", "!"],
        &[],
    ),
    (&["tf", "tfvars", "hcl"], &["//", "#"], &[("/*", "*/")]),
    (&["md", "markdown", "mdx"], &[], &[("<!--", "-->")]),
    (
        &[
            "html", "htm", "xhtml", "xml", "svg", "xsl", "xsd", "xaml", "csproj", "props", "plist",
            "vue", "svelte", "astro",
        ],
        &["//"],
        &[("<!--", "-->"), ("/*", "*/"), ("{/*", "*/}")],
    ),
    (&["jsonc", "json5"], &["//"], &[("/*", "*/")]),
    (
        &["erb", "eex", "heex", "leex", "ejs"],
        &["#"],
        &[
            ("<%#", "%>"),
            ("<%!--", "--%>"),
            ("<%--", "--%>"),
            ("<!--", "-->"),
        ],
    ),
    (
        &["jsp", "jspx", "asp", "aspx"],
        &["//", "'"],
        &[("<%--", "--%>"), ("<!--", "-->")],
    ),
    (&["haml", "slim"], &["-#", "/"], &[]),
    (
        &["j2", "jinja", "jinja2", "twig", "liquid", "njk"],
        &[],
        &[("{#", "#}"), ("<!--", "-->")],
    ),
    (
        &["hbs", "handlebars", "mustache"],
        &[],
        &[("{{!--", "--}}"), ("{{!", "}}"), ("<!--", "-->")],
    ),
    (&["lua"], &["--"], &[("--[[", "]]")]),
    (
        &["hs", "lhs", "elm", "purs", "agda", "idr"],
        &["--"],
        &[("{-", "-}")],
    ),
    (
        &["sql", "ddl", "adb", "ads", "vhd", "vhdl", "applescript"],
        &["--", "#"],
        &[("/*", "*/"), ("(*", "*)")],
    ),
    (
        &[
            "lisp", "lsp", "cl", "el", "clj", "cljs", "cljc", "edn", "scm", "ss", "rkt", "fnl",
            "asm", "s", "nas",
        ],
        &[";", "#", "//"],
        &[("#|", "|#"), ("/*", "*/")],
    ),
    (
        &[
            "tex", "sty", "bib", "ltx", "dtx", "erl", "hrl", "pro", "ps", "eps", "mat",
        ],
        &["%"],
        &[("/*", "*/"), ("%{", "%}")],
    ),
    (&["vim", "vimrc", "abap"], &["\"", "*"], &[]),
    (&["m4", "ac", "am"], &["dnl", "#"], &[]),
    (&["bat", "cmd"], &["rem ", "Rem ", "REM ", "::"], &[]),
    (
        &["pl", "pm", "t", "pod", "raku"],
        &["#"],
        &[("=begin", "=end"), ("=pod", "=cut"), ("=for", "=cut")],
    ),
    (&["ps1", "psm1", "psd1"], &["#"], &[("<#", "#>")]),
    (&["jl"], &["#"], &[("#=", "=#")]),
    (&["nim", "coffee"], &["#"], &[("#[", "]#"), ("###", "###")]),
    (
        &[
            "r",
            "tcl",
            "mk",
            "mak",
            "make",
            "cmake",
            "fish",
            "awk",
            "nix",
            "graphql",
            "gql",
            "cr",
            "rego",
            "bzl",
            "bazel",
            "star",
            "gd",
            "just",
            "po",
            "csh",
            "dockerignore",
            "gitignore",
            "gitattributes",
            "editorconfig",
            "pyx",
            "pxd",
            "ninja",
            "lock",
        ],
        &["#"],
        &[("/*", "*/")],
    ),
    (&["f", "f90", "f95", "f03", "f08", "for"], &["!"], &[]),
    (
        &["css", "scss", "sass", "less", "styl"],
        &["//"],
        &[("/*", "*/")],
    ),
    (
        &[
            "proto",
            "dart",
            "groovy",
            "gradle",
            "zig",
            "d",
            "sol",
            "thrift",
            "hx",
            "vala",
            "odin",
            "glsl",
            "wgsl",
            "hlsl",
            "sv",
            "svh",
            "prisma",
            "cue",
            "rescript",
            "res",
            "re",
            "move",
            "cairo",
            "bicep",
            "jsonnet",
            "libsonnet",
            "cob",
        ],
        &["//", "#"],
        &[("/*", "*/"), ("/+", "+/")],
    ),
];

/// Of any language.
pub(super) const ANY: (Lines, Blocks) = (
    &[
        "//", "#", "--", ";", "%", "'", "\"", "!", "::", "dnl", "Rem ", "rem ", "REM ",
    ],
    &[
        ("/*", "*/"),
        ("<!--", "-->"),
        ("(*", "*)"),
        ("{-", "-}"),
        ("=begin", "=end"),
        ("{#", "#}"),
        ("<%#", "%>"),
        ("@*", "*@"),
        ("#|", "|#"),
        ("<#", "#>"),
    ],
);

/// Whole names of files whose comments begin with `#`.
pub(super) const HASHES: [&str; 8] = [
    "makefile",
    "gnumakefile",
    "justfile",
    "cmakelists.txt",
    "codeowners",
    "jenkinsfile",
    ".gitignore",
    "procfile",
];

/// Extensions of files in which the lexer of their rules would take an apostrophe for a string.
pub(super) const UNLEXED: &[&str] = &[
    "vb", "cshtml", "razor", "erb", "eex", "heex", "leex", "haml", "vue", "svelte",
];
