use llmux::backends::rules::Rules;
use llmux::change::{FileChange, Fragment, Kind};
use std::sync::Arc;

use super::{change, file, hits, new_file, places, scan, user};

#[test]
fn only_added_lines_are_looked_at() {
    let text = "breakpoint()\nbreakpoint()\nbreakpoint()\n";
    let found = scan(file("a.py", text, |line| line == 2));
    assert_eq!(places(&found), ["python-breakpoint:2"]);
}

#[test]
fn a_rule_may_look_at_the_whole_file() {
    let rules = user(
        "[[rule]]\nid = \"x\"\ntitle = \"A\"\nmessage = \"B.\"\nrule = \"dead-code\"\n\
         category = \"style\"\nseverity = \"note\"\npattern = 'xyzzy'\nscope = \"file\"\n",
    );
    let found = rules.scan(&[file("a.txt", "xyzzy\nnew\n", |line| line == 2)]);
    assert_eq!(places(&found), ["x:1"]);
}

#[test]
fn a_match_over_several_lines_counts_where_one_of_them_is_new() {
    let text = "subprocess.run(\n    f\"rm {x}\",\n    shell=True,\n)\n";
    for added in 1..=3 {
        let found = scan(file("a.py", text, |line| line == added));
        assert_eq!(places(&found), ["python-shell-command:1"], "line {added}");
        assert_eq!(found[0].end_line, 3);
        assert_eq!(
            found[0].quote,
            "subprocess.run(\n    f\"rm {x}\",\n    shell=True,"
        );
    }
    assert_eq!(places(&scan(file("a.py", text, |line| line == 4))), [""; 0]);
}

#[test]
fn comments_and_strings_are_not_code() {
    let quiet = [
        (
            "a.rs",
            "// dbg!(x)\n/* dbg!(x)\n /* dbg!(x) */ dbg!(x) */\n",
        ),
        ("a.rs", "let s = r##\"a\"# dbg!(x)\n\"##;\n"),
        ("a.rs", "let c = '\"'; // dbg!(x)\n"),
        ("a.py", "\"\"\"\nbreakpoint()\n\"\"\"\n"),
        ("a.js", "const s = `\ndebugger;\n`;\n"),
        ("a.js", "const r = /[`\"']/; // debugger;\n"),
        ("a.rb", "=begin\nbinding.pry\n=end\n"),
        ("a.rb", "puts <<~TEXT\n  binding.pry\nTEXT\n"),
        ("a.sh", "cat <<'END'\neval $x\nEND\n"),
        ("a.php", "$x = <<<EOT\nvar_dump($x);\nEOT;\n"),
        ("a.go", "s := `\n\tspew.Dump(x)\n`\n"),
        ("a.cs", "var s = @\"\n Debugger.Break();\n\";\n"),
        ("a.ex", "@doc \"\"\"\n    IO.inspect(x)\n\"\"\"\n"),
    ];
    for (path, text) in quiet {
        assert_eq!(hits(path, text), [""; 0], "{text}");
    }
    let loud = [
        ("a.rs", "let c = 'a'; dbg!(x);\n", "rust-dbg:1"),
        ("a.rs", "fn f<'a>(x: &'a str) { dbg!(x) }\n", "rust-dbg:1"),
        ("a.rs", "/* /* */ */ dbg!(x)\n", "rust-dbg:1"),
        (
            "a.py",
            "\"\"\"doc\"\"\"; breakpoint()\n",
            "python-breakpoint:1",
        ),
        (
            "a.py",
            "x = 'don\\'t'; breakpoint()\n",
            "python-breakpoint:1",
        ),
        ("a.js", "x = `${f(`a`)}`\ndebugger;\n", "js-debugger:2"),
        ("a.js", "x = a / b / c\ndebugger;\n", "js-debugger:2"),
        ("a.js", "// it's\ndebugger;\n", "js-debugger:2"),
        ("a.rb", "x << y\nbinding.pry\n", "ruby-breakpoint:2"),
        ("a.sh", "echo \"it's\"\neval $x\n", "shell-eval:2"),
    ];
    for (path, text, hit) in loud {
        assert_eq!(hits(path, text), [hit], "{text}");
    }
}

#[test]
fn tests_may_do_what_programs_should_not() {
    let quiet = [
        ("tests/a.rs", "dbg!(x);\n"),
        (
            "src/a_test.go",
            "cfg := tls.Config{InsecureSkipVerify: true}\n",
        ),
        ("src/cart.spec.ts", "console.log(x)\n"),
        ("test_a.py", "requests.get(u, verify=False)\n"),
        ("src/main/CartTest.java", "e.printStackTrace();\n"),
        (
            "src/a.rs",
            "#[cfg(test)]\n#[allow(x)]\nmod tests {\n    fn f() { dbg!(1); }\n}\n",
        ),
    ];
    for (path, text) in quiet {
        assert_eq!(hits(path, text), [""; 0], "{path}");
    }
    let after = "#[cfg(test)]\nmod tests {\n}\nfn f() { dbg!(1); }\n#[cfg(test)]\nuse x;\nfn g() { dbg!(1); }\n";
    assert_eq!(hits("src/a.rs", after), ["rust-dbg:4", "rust-dbg:7"]);
    // A key is a key wherever it stands.
    let key = super::aws_key();
    assert_eq!(
        hits("tests/a.py", &format!("k = '{key}'\n")),
        ["aws-access-key:1"]
    );
}

#[test]
fn the_language_is_in_the_name_or_the_first_line() {
    let python = [
        ("run", "#!/usr/bin/env python3\nbreakpoint()\n"),
        ("run", "#!/usr/bin/python3.12 -u\nbreakpoint()\n"),
        ("run", "#!/usr/bin/env -S X=1 python3 -u\nbreakpoint()\n"),
        ("A.PY", "# a\nbreakpoint()\n"),
    ];
    for (path, text) in python {
        assert_eq!(hits(path, text), ["python-breakpoint:2"], "{text}");
    }
    assert_eq!(
        hits("Dockerfile.dev", "FROM node:latest\n"),
        ["docker-latest:1"]
    );
    assert_eq!(hits("run", "breakpoint()\n"), [""; 0]);
}

#[test]
fn quotes_are_the_exact_lines() {
    let found = scan(new_file("a.py", "a\r\n    breakpoint()  # é\r\nb\r\n"));
    assert_eq!(found[0].quote, "    breakpoint()  # é");
    assert_eq!((found[0].line, found[0].end_line), (2, 2));
}

#[test]
fn parts_of_a_file_keep_their_line_numbers() {
    let parts = vec![
        Fragment::new(10, b"a\nbreakpoint()\n"),
        Fragment::new(90, b"breakpoint()\n"),
    ];
    let found = scan(change("a.py", parts, |_| true));
    assert_eq!(
        places(&found),
        ["python-breakpoint:11", "python-breakpoint:90"]
    );
}

#[test]
fn a_deleted_file_holds_nothing() {
    let file = new_file("a.py", "breakpoint()\n");
    let deleted = FileChange {
        kind: Kind::Deleted,
        ..(*file).clone()
    };
    assert_eq!(Rules::builtin().scan(&[Arc::new(deleted)]).len(), 0);
}

#[test]
fn suggestions_replace_the_quoted_lines() {
    let found = scan(new_file("a.go", "\tc.InsecureSkipVerify = true // why\n"));
    assert_eq!(
        found[0].suggestion.as_deref(),
        Some("\tc.InsecureSkipVerify = false // why")
    );
    let found = scan(new_file("a.py", "x = yaml.load(f.read())\n"));
    assert_eq!(
        found[0].suggestion.as_deref(),
        Some("x = yaml.safe_load(f.read())")
    );
}

#[test]
fn a_conflict_is_one_report() {
    let marks = ["<".repeat(7), "=".repeat(7), ">".repeat(7)];
    let text = format!(
        "{} HEAD\na\n{}\nb\n{} topic\n",
        marks[0], marks[1], marks[2]
    );
    assert_eq!(hits("a.py", &text), ["conflict-marker:1"]);
    assert_eq!(hits("a.md", &text), ["conflict-marker-prose:1"]);
    assert_eq!(hits("a.md", &format!("```\n{text}```\n")), [""; 0]);
    assert_eq!(hits("a.md", "Title\n=======\n"), [""; 0]);
    // In a docstring it is one all the same.
    assert_eq!(
        hits("a.py", &format!("\"\"\"\n{text}\"\"\"\n")),
        ["conflict-marker:2"]
    );
}

#[test]
fn a_hostile_line_costs_no_square() {
    // Ten thousand matches, each of which an exception throws out.
    let line = "password=\"xxxxxxxxxxxxxxxx1\" ".repeat(10_000);
    assert_eq!(hits("a.py", &line), [""; 0]);
}

#[test]
fn files_and_lines_come_in_order() {
    let files = [
        new_file("b.py", "breakpoint()\neval(x)\nbreakpoint()\n"),
        new_file("a.py", "breakpoint()\n"),
    ];
    let rules = Rules::builtin();
    let places: Vec<_> = rules
        .scan(&files)
        .iter()
        .map(|hit| format!("{}:{}", hit.path, hit.line))
        .collect();
    assert_eq!(places, ["b.py:1", "b.py:2", "b.py:3", "a.py:1"]);
}
