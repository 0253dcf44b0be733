//! `llmux:ignore[rule] reason` in every comment syntax.

use llmux::findings::remember::IgnoreState::{self, Malformed, Unknown, Unused, Used};
use llmux::findings::remember::Witness;
use llmux::findings::{Memory, Scope};

use super::super::{added, file};
use super::recalled;

const NAME: &str = "llmux:ignore[sql-injection] checked above";

/// Whether a finding on `line` of a file is taken out.
fn is_ignored(path: &str, text: &str, line: u32) -> bool {
    let files = [added(path, text)];
    let found = recalled(&files, &[((line, line), "sql-injection", "Injected")]);
    found[0].suppression.is_some()
}

#[test]
fn behind_the_code_and_above_it_in_every_comment_syntax() {
    let cases = [
        ("a.rs", "run(x); // M", "// M"),
        ("a.c", "run(x); /* M */", "/* M */"),
        ("a.go", "run(x) // M", "/* M */"),
        ("a.ts", "run(x); // M", "/* M */"),
        ("a.jsx", "run(x) // M", "{/* M */}"),
        ("a.java", "run(x); // M", " * M"),
        ("a.php", "run($x); # M", "// M"),
        ("a.py", "run(x)  # M", "# M"),
        ("a.rb", "run(x) # M", "# M"),
        ("a.sh", "run x # M", "# M"),
        ("a.ex", "run(x) # M", "# M"),
        ("a.cs", "run(x); // M", "/* M */"),
        ("a.vb", "run(x) ' M", "Rem M"),
        ("a.sql", "select run(x); -- M", "/* M */"),
        ("a.lua", "run(x) -- M", "--[[ M ]]"),
        ("a.hs", "run x -- M", "{- M -}"),
        ("a.ml", "run x (* M *)", "(* M *)"),
        ("a.fs", "run x // M", "(* M *)"),
        ("a.html", "<p>run(x)</p> <!-- M -->", "<!-- M -->"),
        ("a.xml", "<run x=\"1\"/> <!-- M -->", "<!-- M -->"),
        ("a.md", "Run this. <!-- M -->", "<!-- M -->"),
        ("a.vue", "<p>run</p> <!-- M -->", "<!-- M -->"),
        ("a.css", "run { x: 1 } /* M */", "/* M */"),
        ("a.lisp", "(run x) ; M", ";; M"),
        ("a.clj", "(run x) ; M", ";; M"),
        ("a.tex", "\\run{x} % M", "% M"),
        ("a.erl", "run(X). % M", "%% M"),
        ("a.vim", "call run(x) \" M", "\" M"),
        ("a.ini", "run = x ; M", "; M"),
        ("a.toml", "run = 1 # M", "# M"),
        ("a.yaml", "run: x # M", "# M"),
        ("a.tf", "run = x // M", "# M"),
        ("Dockerfile", "RUN x # M", "# M"),
        ("Makefile", "run: x # M", "# M"),
        ("a.bat", "run x\nrem M", "REM M"),
        ("a.m4", "run(x) dnl M", "dnl M"),
        ("a.f90", "call run(x) ! M", "! M"),
        ("a.ps1", "Run-It x # M", "<# M #>"),
        ("a.pl", "run($x); # M", "# M"),
        ("a.erb", "<%= run(x) %> <%# M %>", "<%# M %>"),
        ("a.hbs", "{{run x}} {{!-- M --}}", "{{!-- M --}}"),
        ("a.j2", "{{ run(x) }} {# M #}", "{# M #}"),
        ("a.unheard-of", "run x  # M", "-- M"),
    ];
    for (path, behind, above) in cases {
        let line = behind.replace(" M", &format!(" {NAME}"));
        let line = line.lines().next().unwrap();
        if line.contains(NAME) {
            assert!(
                is_ignored(path, &format!("one two\n{line}\n"), 2),
                "{path}: {line}"
            );
        }
        let above = above.replace(" M", &format!(" {NAME}"));
        let text = if above.starts_with(" *") {
            format!("/**\n{above}\n */\nrun(x);\n")
        } else {
            format!("{above}\nrun(x);\n")
        };
        let last = u32::try_from(text.lines().count()).unwrap();
        assert!(is_ignored(path, &text, last), "{path}: {above}");
    }
}

#[test]
fn within_blocks_of_lines() {
    let ruby = format!("=begin\n{NAME}\n=end\nrun(x)\n");
    assert!(is_ignored("a.rb", &ruby, 4), "{ruby}");
    let perl = format!("=begin\n\n{NAME}\n\n=end\nrun(x)\n");
    assert!(!is_ignored("a.pl", &perl, 3), "the comment itself");
    let ocaml = format!("(* long\n   {NAME} *)\nrun x\n");
    assert!(is_ignored("a.ml", &ocaml, 3), "{ocaml}");
    let rust = format!("// first\n// {NAME}\n// last\nrun(x);\n");
    assert!(is_ignored("a.rs", &rust, 4), "a comment of several lines");
    let apart = format!("// {NAME}\n\nrun(x);\n");
    assert!(!is_ignored("a.rs", &apart, 3), "an empty line is between");
}

#[test]
fn what_is_no_comment_is_no_ignore() {
    for (path, line) in [
        ("a.rs", "run(\"// M\");"),
        ("a.rs", "run(x); # M"),
        ("a.py", "run(\"# M\")"),
        ("a.py", "run('''\n# M\n''')"),
        ("a.ts", "run(`// M`);"),
        ("a.sh", "run '# M'"),
        ("a.json", "{\"run\": \"// M\"}"),
        ("a.md", "Write `llmux:ignore[sql-injection] reason`."),
        ("a.lua", "run(\"-- M\")"),
        ("a.vim", "echo \"M\""),
        ("a.unheard-of", "run \"# M\""),
        ("a.txt", "A plain sentence with M in it."),
        ("a.rs", "run(x); // say `llmux:ignore[sql-injection] why`"),
        ("a.rs", "run(x); // xllmux:ignore[sql-injection] why"),
    ] {
        let text = format!("{}\n", line.replace('M', NAME));
        for number in 1..=u32::try_from(text.lines().count()).unwrap() {
            assert!(!is_ignored(path, &text, number), "{path}: {text}");
        }
    }
}

#[test]
fn rules_and_categories_by_name_and_nothing_else() {
    for (list, wanted) in [
        ("[sql-injection]", true),
        ("[SQL-Injection]", true),
        ("[off-by-one, sql-injection]", true),
        ("[security]", true),
        ("[off-by-one]", false),
        ("[bug]", false),
        ("[*]", false),
        ("[]", false),
        ("", false),
    ] {
        let text = format!("run(x); // llmux:ignore{list} checked above\n");
        assert_eq!(is_ignored("a.rs", &text, 1), wanted, "{text}");
    }
    assert!(
        !is_ignored("a.rs", "run(x); // llmux:ignore[sql-injection]\n", 1),
        "no reason"
    );
    assert!(!is_ignored(
        "a.rs",
        "run(x); /* llmux:ignore[sql-injection] - */\n",
        1
    ));
}

#[test]
fn it_reaches_its_own_finding_and_no_farther() {
    let code = "fn f() {\n    a(\n        b, // llmux:ignore[sql-injection] checked above\n    );\n    run(x);\n}\n";
    let files = [added("a.rs", code)];
    let said = [
        ((2, 4), "sql-injection", "The whole call"),
        ((5, 5), "sql-injection", "Another line"),
    ];
    let found = recalled(&files, &said);
    assert!(found[0].suppression.is_some());
    assert!(found[1].suppression.is_none());
    let long = format!(
        "fn f() {{\n{}}}\n",
        "    run(x); // llmux:ignore[sql-injection] ok\n".repeat(20)
    );
    let files = [added("a.rs", &long)];
    let found = recalled(&files, &[((1, 22), "sql-injection", "All of it")]);
    assert!(found[0].suppression.is_none(), "a line of a long place");
}

#[test]
fn one_that_the_change_adds_can_be_refused_and_is_told() {
    let line = "    run(x); // llmux:ignore[sql-injection] checked above";
    let old = file("a.rs", &format!("{line}\n"), "+    walk(y);\n", "");
    let new = file("a.rs", "fn f() {\n", &format!("+{line}\n"), "}\n");
    for (file, line, is_new) in [(old, 1, false), (new, 2, true)] {
        let files = [file];
        let mut found = super::findings(&files, &[((line, line), "sql-injection", "Injected")]);
        let memory = Memory {
            allow_new: false,
            ..Memory::default()
        };
        memory.recall(&mut found, &files);
        assert_eq!(found[0].suppression.is_none(), is_new);
        let found = recalled(&files, &[((line, line), "sql-injection", "Injected")]);
        let suppression = found[0].suppression.as_ref().unwrap();
        assert_eq!(suppression.added_by_change, is_new);
        assert_eq!(suppression.reason, "checked above");
        assert_eq!(suppression.place, format!("a.rs:{line}"));
    }
}

/// (line, state, problem) of the ignores that matter.
fn told(
    text: &str,
    said: &[((u32, u32), &str, &str)],
    everybody_read: bool,
) -> Vec<(u32, IgnoreState, String)> {
    let files = [added("a.rs", text)];
    let memory = Memory::default();
    let found = recalled(&files, said);
    let witness = |_: &llmux::change::RepoPath| Witness {
        covered: true,
        read: vec!["alpha".to_owned()],
        silent: if everybody_read {
            Vec::new()
        } else {
            vec!["beta".to_owned()]
        },
    };
    let remembered = memory.conclude(&found, &files, Scope::Diff, &witness);
    let ignores = remembered.ignores.into_iter();
    ignores
        .map(|ignore| {
            (
                ignore.line,
                ignore.state,
                ignore.problem.unwrap_or_default(),
            )
        })
        .collect()
}

#[test]
fn idle_and_wrong_ones_are_told() {
    let text = "\
run(x); // llmux:ignore[sql-injection] checked above
run(y); // llmux:ignore[off-by-one] the list has one more
run(z); // llmux:ignore[sql-injektion] typo
run(z); // llmux:ignore[sql-injection]
run(z); // llmux:ignore
run(z); // llmux:ignore[sql-injection
run(z); // see llmux:ignore for how to do it
run(z); // llmux:ignore[sql-injection, no-such-thing] half of it
";
    let said = [((1, 1), "sql-injection", "Injected")];
    let all = told(text, &said, true);
    let states: Vec<_> = all.iter().map(|(line, state, _)| (*line, *state)).collect();
    assert_eq!(
        states,
        [
            (1, Used),
            (2, Unused),
            (3, Malformed),
            (4, Malformed),
            (5, Malformed),
            (6, Malformed),
            (8, Unused)
        ]
    );
    assert!(
        all[2].2.contains("did you mean `sql-injection`?"),
        "{all:?}"
    );
    assert!(all[3].2.contains("reason"), "{all:?}");
    assert!(all[6].2.contains("no-such-thing"), "{all:?}");
    let all = told(text, &said, false);
    assert_eq!(all[1].1, Unknown, "somebody gave no answer");
}
