use proptest::prelude::*;

use super::{file, scan};

/// Pieces that begin and end strings and comments, pieces that rules look for, and anything.
fn piece() -> impl Strategy<Value = String> {
    let marks = prop::sample::select(vec![
        "\n",
        "\r\n",
        " ",
        "\"",
        "'",
        "`",
        "\"\"\"",
        "r#\"",
        "\"#",
        "/*",
        "*/",
        "//",
        "#",
        "${",
        "}",
        "{",
        "<<EOF\n",
        "EOF\n",
        "<<<",
        "\\",
        "=begin\n",
        "\n=end\n",
        "<!--",
        "-->",
        "```\n",
        "#[cfg(test)]\n",
        "mod tests {",
        "run: |\n",
        "  ",
        "- ",
        "@\"",
        "é",
        "🦀",
        "'\\",
        "/",
    ]);
    let words = prop::sample::select(vec![
        "breakpoint()",
        "dbg!(x)",
        "eval(x)",
        "debugger;",
        "subprocess.run(f\"{x}\", shell=True)",
        "cur.execute(f\"\"\"select {x}\"\"\")",
        "password = \"k7Qz9rTb2Lw8Xn4V\"",
        "verify=False requests",
        "yaml.load(x)",
        "uses: a/b@main",
        "${{ github.head_ref }}",
        "InsecureSkipVerify: true",
        "<<<<<<< a",
        "curl x | sh",
        "fn f<'a>() {}",
    ]);
    prop_oneof![
        4 => marks.prop_map(str::to_owned),
        3 => words.prop_map(str::to_owned),
        1 => ".{0,12}",
    ]
}

fn path() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "a.rs",
        "a.py",
        "a.js",
        "a.vue",
        "a.go",
        "a.rb",
        "a.php",
        "a.java",
        "a.cs",
        "a.sh",
        "a.c",
        "a.ex",
        "a.swift",
        "a.md",
        "a.sql",
        "a.html",
        "a.tf",
        "a.json",
        "a.kt",
        "a",
        ".env",
        "Dockerfile",
        ".github/workflows/a.yml",
        "tests/a.py",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_quote_is_the_exact_text_of_its_lines(
        path in path(),
        pieces in prop::collection::vec(piece(), 0..60),
        every in 1_u32..4,
    ) {
        let text = pieces.concat();
        let file = file(path, &text, |line| line % every == 0);
        for hit in scan(file.clone()) {
            let lines: Vec<_> = (hit.line..=hit.end_line)
                .map(|number| file.new.line(number).expect("a line of the file"))
                .collect();
            prop_assert_eq!(hit.quote.replace("\r\n", "\n"), lines.join("\n"));
            prop_assert!(text.contains(&hit.quote));
            let touched = (hit.line..=hit.end_line).any(|line| line % every == 0);
            prop_assert!(touched, "{} is on no added line", hit.rule.id);
        }
    }
}
