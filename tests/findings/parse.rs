use llmux::findings::{Complaint, RawClaim, Severity, parse, parse_lenient, schema};
use proptest::prelude::*;
use serde_json::{Value, json};

const ONE: &str = r#"{"file":"src/a.rs","line":12,"end_line":14,"quote":"let a = b;","severity":"high","category":"security","rule":"sql-injection","title":"T","message":"M","suggestion":null,"confidence":0.8}"#;

fn roles() -> Vec<String> {
    vec!["reviewer".to_owned()]
}

fn quotes(text: &str) -> Vec<String> {
    read(text).into_iter().map(|claim| claim.quote).collect()
}

fn read(text: &str) -> Vec<RawClaim> {
    parse(text, &roles()).unwrap_or_else(|complaint| panic!("{complaint}\n{text}"))
}

fn finding(quote: &str) -> String {
    json!({"file": "a.rs", "line": 1, "quote": quote, "severity": "low", "category": "bug", "rule": "logic-error", "title": "t", "message": "m"})
        .to_string()
}

#[test]
fn the_answer_of_the_contract() {
    let claims = read(&format!("{{\"findings\":[{ONE}]}}"));
    assert_eq!(
        claims,
        [RawClaim {
            role: Some("reviewer".to_owned()),
            file: "src/a.rs".to_owned(),
            line: Some(12),
            end_line: Some(14),
            quote: "let a = b;".to_owned(),
            severity: Some(Severity::High),
            category: "security".to_owned(),
            rule: "sql-injection".to_owned(),
            title: "T".to_owned(),
            message: "M".to_owned(),
            suggestion: None,
            confidence: Some(0.8),
        }]
    );
}

#[test]
fn an_empty_list_is_an_answer() {
    for text in [
        r#"{"findings":[]}"#,
        "```json\n{\"findings\": []}\n```",
        "I found nothing.\n\n{ findings: [] }",
        "[]",
        "```json\n[]\n```",
        r#"{"result":{"findings":[]}}"#,
        r#""{\"findings\":[]}""#,
        r#"{"type":"result","result":"Done.\n{\"findings\":[]}"}"#,
        "\u{feff}{\"findings\":[],}",
    ] {
        assert_eq!(quotes(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn what_is_read_all_the_same() {
    let [a, b, c] = ["first();", "second();", "third();"].map(finding);
    let both = ["first();", "second();"].as_slice();
    let cases: Vec<(&str, String, &[&str])> = vec![
        ("fence", format!("```json\n{{\"findings\":[{a},{b}]}}\n```"), both),
        ("prose around", format!("Here {{is}} it:\n{{\"findings\":[{a},{b}]}}\nThat [was] all {{}}."), both),
        ("trailing commas", format!("{{\"findings\":[{a},{b},],}}"), both),
        ("missing comma", format!("{{\"findings\":[{a}\n{b}]}}"), both),
        ("JSON lines of findings", format!("{a}\n{b}\n"), both),
        ("JSON lines of objects", format!("{{\"findings\":[{a}]}}\n{{\"findings\":[{b}]}}"), both),
        ("objects in two fences", format!("### a.rs\n```json\n{{\"findings\":[{a}]}}\n```\n### b.rs\n```json\n{{\"findings\":[{b}]}}\n```"), both),
        ("bare list", format!("[{a}, {b}]"), both),
        ("bare finding", format!("The finding: {a}"), &["first();"]),
        ("one object for a list", format!("{{\"findings\":{a}}}"), &["first();"]),
        ("list in a string", json!({"findings": format!("[{a},{b}]")}).to_string(), both),
        ("comments", format!("{{ // the answer\n\"findings\": /* two */ [{a}, # next\n{b}]}}"), both),
        ("wrapper", format!("{{\"answer\":{{\"findings\":[{a},{b}]}}}}"), both),
        ("envelope", json!({"choices":[{"message":{"content": format!("```json\n{{\"findings\":[{a},{b}]}}\n```")}}]}).to_string(), both),
        ("JSON in a JSON string", Value::String(format!("{{\"findings\":[{a},{b}]}}")).to_string(), both),
        ("an example before it", format!("As in {{\"findings\":[{c}]}} I answer:\n{{\"findings\":[{a},{b}]}}"), both),
        ("a draft before it", format!("{{\"findings\":[{c}]}}\nNo, better:\n{{\"findings\":[{a},{b}]}}"), both),
        ("an empty example behind it", format!("{{\"findings\":[{a},{b}]}}\nWithout them it were {{\"findings\":[]}}."), both),
        ("braces in prose", format!("fn main() {{ let x = [1, {{ findings }}]; }}\nso `{{\"findings\": [` …\n{{\"findings\":[{a},{b}]}}"), both),
        ("single quotes", "{'findings': [{'file': 'a.rs', 'quote': 'x == \"y\"', 'title': 'it'}]}".to_owned(), &["x == \"y\""]),
        ("raw line feed", "{\"findings\":[{\"file\":\"a.rs\",\"quote\":\"one\n\ttwo\u{1}\",\"title\":\"t\"}]}".to_owned(), &["one\n\ttwo\u{1}"]),
        ("unknown escape", r#"{"findings":[{"file":"a.rs","quote":"/\d+\.x/","title":"t"}]}"#.to_owned(), &[r"/\d+\.x/"]),
        ("stray quotation marks", r#"{"findings":[{"file":"a.rs","quote":"f("a", "b");","title":"say "no", please"}]}"#.to_owned(), &[r#"f("a", "b");"#]),
        ("half a surrogate pair", r#"{"findings":[{"file":"a.rs","quote":"\ud83d\ude00 \ud800!","title":"t"}]}"#.to_owned(), &["😀 \u{fffd}!"]),
        ("capitals and extra fields", r#"{"Findings":[{"File":"a.rs","Quote":"x y z","Title":"t","cvss":{"a":[1]}}],"model":"m"}"#.to_owned(), &["x y z"]),
        ("quote as lines", r#"{"findings":[{"file":"a.rs","quote":["one","two"],"title":"t"}]}"#.to_owned(), &["one\ntwo"]),
        ("synonyms of names", r#"{"findings":[{"path":"a.rs","start_line":3,"code":"x y z","description":"It fails. Always."}]}"#.to_owned(), &["x y z"]),
    ];
    for (name, text, expected) in cases {
        let read = parse(&text, &roles()).map(|claims| {
            claims
                .into_iter()
                .map(|claim| claim.quote)
                .collect::<Vec<_>>()
        });
        assert_eq!(
            read.as_deref(),
            Ok(expected
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .as_slice()),
            "{name}: {text}"
        );
    }
}

#[test]
fn lines_in_many_forms() {
    let cases = [
        ("\"line\":\"12\"", Some(12), None),
        ("\"line\":\"12-14\"", Some(12), Some(14)),
        ("\"line\":12-14", Some(12), Some(14)),
        ("\"line\":\"L12–L14\"", Some(12), Some(14)),
        ("\"line\":[12,14]", Some(12), Some(14)),
        ("\"line\":12.0", Some(12), None),
        ("\"line\":{\"start\":12,\"end\":14}", Some(12), Some(14)),
        ("\"line\":\"12:5\"", Some(12), None),
        ("\"line\":12,\"end_line\":\"14\"", Some(12), Some(14)),
        ("\"line\":14,\"end_line\":12", Some(14), None),
        ("\"line\":0", None, None),
        ("\"line\":-3", None, None),
        ("\"line\":null", None, None),
        ("\"line\":\"the end\"", None, None),
        ("\"line\":99999999999999999999", None, None),
    ];
    for (member, line, end_line) in cases {
        let text = format!(
            "{{\"findings\":[{{\"file\":\"a.rs\",\"quote\":\"xyz\",\"title\":\"t\",{member}}}]}}"
        );
        let claims = read(&text);
        assert_eq!(
            (claims[0].line, claims[0].end_line),
            (line, end_line),
            "{member}"
        );
    }
    for name in ["a.rs:7", "`a.rs:7`", "a.rs#L7"] {
        let text = json!({"findings":[{"file": name, "quote": "xyz", "title": "t"}]}).to_string();
        let claims = read(&text);
        assert_eq!(
            (claims[0].file.as_str(), claims[0].line),
            ("a.rs", Some(7)),
            "{name}"
        );
    }
}

#[test]
fn words_of_other_tools() {
    for (word, severity) in [
        ("info", Some(Severity::Note)),
        ("Warning", Some(Severity::Medium)),
        ("ERROR", Some(Severity::High)),
        ("blocker", Some(Severity::Critical)),
        ("minor", Some(Severity::Low)),
        ("P1", Some(Severity::High)),
        ("purple", None),
    ] {
        let text = json!({"findings":[{"file":"a","quote":"xyz","title":"t","severity":word}]})
            .to_string();
        assert_eq!(read(&text)[0].severity, severity, "{word}");
    }
    for (word, category) in [
        ("Correctness", "bug"),
        ("error_handling", "error-handling"),
        ("perf", "performance"),
        ("Maintainability", "style"),
        ("horoscope", "horoscope"),
    ] {
        let text = json!({"findings":[{"file":"a","quote":"xyz","title":"t","category":word}]})
            .to_string();
        assert_eq!(read(&text)[0].category, category, "{word}");
    }
    for (word, confidence) in [
        (json!(0.5), Some(0.5)),
        (json!("80%"), Some(0.8)),
        (json!(90), Some(0.9)),
        (json!("high"), Some(0.9)),
        (json!(-1), None),
        (json!("NaN"), None),
    ] {
        let text = json!({"findings":[{"file":"a","quote":"xyz","title":"t","confidence":word}]})
            .to_string();
        assert_eq!(read(&text)[0].confidence, confidence, "{word}");
    }
}

#[test]
fn roles_are_named_where_there_are_several() {
    let roles = ["reviewer".to_owned(), "security".to_owned()];
    let text = r#"{"findings":[{"role":"Security","file":"a","quote":"xyz","title":"t"},{"role":"cook","file":"a","quote":"xyz","title":"t"}]}"#;
    let claims = parse(text, &roles).unwrap();
    assert_eq!(claims[0].role.as_deref(), Some("security"));
    assert_eq!(claims[1].role, None);
}

#[test]
fn complaints_say_what_and_where() {
    let a = finding("first();");
    let cases = [
        ("", "no JSON object with `findings`"),
        ("Looks good to me!", "no JSON object with `findings`"),
        ("{}", "no JSON object with `findings`"),
        (r#"{"findings":null}"#, "no JSON object with `findings`"),
        (r#"{"findings":"none"}"#, "no JSON object with `findings`"),
        ("the list [] is empty", "no JSON object with `findings`"),
        (
            "{\"findings\":[\n  {\"file\": =}]}",
            "at line 2, column 12 a value was expected",
        ),
        (r#"{"findings":["#, "cut off at line 1, column 14"),
        (r#"{"findings":[{"file":"a.rs","quo"#, "cut off at line 1"),
        (
            r#"{"findings":[{"quote":"x","title":"t"}]}"#,
            "Element 1 of `findings` in your answer cannot be used: it has no `file`",
        ),
        (
            r#"{"findings":[{"file":"a","title":"t"}]}"#,
            "it has no `quote`",
        ),
        (
            r#"{"findings":[{"file":"a","quote":"q"}]}"#,
            "neither `title` nor `message`",
        ),
        (r#"{"findings":["a.rs is bad"]}"#, "no JSON object"),
    ];
    for (text, expected) in cases {
        let complaint = parse(text, &roles()).unwrap_err().to_string();
        assert!(complaint.contains(expected), "{text}\n→ {complaint}");
        assert!(
            complaint.ends_with("where there is nothing to report."),
            "{complaint}"
        );
    }
    let cut = [
        format!("{{\"findings\":[{a},{{\"file\":\"a.rs\",\"quo"),
        format!("{{\"findings\":[{a},"),
        format!("[{a},{{\"file\":"),
        format!("{a}\n{{\"file\":\"a.rs\",\"qu"),
        format!("{{\"findings\":[{a}]}}\n{{\"findings\":[{a},"),
        format!("{{\"findings\":[{a},{{\"file\":\"a.rs\",\"quote\":\"x(\"y\""),
    ];
    for text in cut {
        assert!(
            matches!(parse(&text, &roles()), Err(Complaint::Cut { .. })),
            "{text}"
        );
        let salvage = parse_lenient(&text, &roles()).unwrap();
        assert!(
            salvage.lost == 1 && !salvage.claims.is_empty(),
            "{text} {salvage:?}"
        );
    }
}

#[test]
fn an_empty_list_behind_findings_is_asked_about() {
    let a = finding("first();");
    for text in [
        format!("{{\"findings\":[{a}]}}\nNo, that was wrong.\n{{\"findings\":[]}}"),
        format!("{{\"findings\":[{a}]}}\n\nElse I had said:\n```json\n{{\"findings\":[]}}\n```"),
    ] {
        assert_eq!(parse(&text, &roles()), Err(Complaint::Several), "{text}");
        assert!(parse_lenient(&text, &roles()).unwrap().claims.is_empty());
    }
    // Parts of one answer: one file has findings, the other none.
    let text = format!("{{\"findings\":[{a}]}}\n{{\"findings\":[]}}\n");
    assert_eq!(quotes(&text), ["first();"]);
}

#[test]
fn the_second_round_keeps_what_can_be_read() {
    let a = finding("first();");
    let text = format!("{{\"findings\":[{a},{{\"file\":\"a.rs\"}},17,{a}]}}");
    assert!(matches!(
        parse(&text, &roles()),
        Err(Complaint::Element { index: 2, .. })
    ));
    let salvage = parse_lenient(&text, &roles()).unwrap();
    assert_eq!((salvage.claims.len(), salvage.lost), (2, 2));
    // Nothing readable is no empty list.
    assert!(parse_lenient(r#"{"findings":[17]}"#, &roles()).is_err());
    assert!(parse_lenient(r#"{"findings":["#, &roles()).is_err());
    assert!(parse_lenient("prose", &roles()).is_err());
    assert_eq!(
        parse_lenient(r#"{"findings":[]}"#, &roles()).unwrap().lost,
        0
    );
}

#[test]
fn hostile_texts_end_soon() {
    // Each would take hours if every bracket were read to the end of the text.
    for piece in [
        "{",
        "[",
        "{\"",
        "[{",
        "{\"a\":[",
        "[{\"a\":\"",
        "{\"findings\":[",
        "{\"a\":{\"b\":\"{",
        "\\\"{'",
        "[[],{\"\n",
    ] {
        let text = piece.repeat((1 << 18) / piece.len());
        assert!(parse(&text, &roles()).is_err());
    }
    let mut spaced = "{ ".repeat(1000);
    spaced.push_str(&" ".repeat(1 << 20));
    assert!(parse(&spaced, &roles()).is_err());
}

#[test]
fn schema_keeps_to_strict_mode() {
    fn check(schema: &Value) {
        if schema["type"] == "object" {
            assert_eq!(schema["additionalProperties"], false);
            let names: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
            assert_eq!(schema["required"], json!(names));
        }
        match schema {
            Value::Object(members) => members.values().for_each(check),
            Value::Array(elements) => elements.iter().for_each(check),
            _ => {}
        }
    }
    let one = schema(&roles());
    check(&one);
    let finding = &one["properties"]["findings"]["items"]["properties"];
    assert!(finding.get("role").is_none());
    let two = schema(&["reviewer".to_owned(), "security".to_owned()]);
    check(&two);
    let finding = &two["properties"]["findings"]["items"]["properties"];
    assert_eq!(finding["role"]["enum"], json!(["reviewer", "security"]));
    assert_eq!(finding["severity"]["enum"].as_array().unwrap().len(), 5);
    assert_eq!(finding["category"]["enum"].as_array().unwrap().len(), 10);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~\\n\\tä€😀\"\\\\]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z\"{\\[]{0,6}", inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn never_panics_on_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = parse(&text, &roles());
        let _ = parse_lenient(&text, &roles());
    }

    #[test]
    fn never_panics_on_brackets(text in "([\\[\\]{}\",:'\\\\/*# \\n`]|findings|\"findings\":|file|quote|ä|\\.\\.\\.|12){0,60}") {
        let strict = parse(&text, &roles());
        let lenient = parse_lenient(&text, &roles());
        if let Ok(claims) = strict {
            prop_assert_eq!(lenient.map(|salvage| (salvage.claims, salvage.lost)), Ok((claims, 0)));
        }
    }

    /// Valid JSON is read for what it says, wherever it stands.
    #[test]
    fn valid_json_is_read_exactly(
        quote in "[ -~\\n\\tä€😀\"\\\\]{1,60}",
        extra in any_json(),
        before in "[a-z{}\\[\\] .\n]{0,30}",
        pretty in any::<bool>(),
    ) {
        let value = json!({"extra": extra, "findings": [{"file": "a.rs", "extra": extra, "quote": quote, "title": "t"}]});
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let claims = parse(&format!("{before}\n{text}\n"), &roles());
        if quote != "null" {
            prop_assert_eq!(&claims.unwrap()[0].quote, &quote);
        }
    }

    /// An answer that ends too early is never taken for a whole one.
    #[test]
    fn a_cut_answer_is_noticed(at in 1_usize..400) {
        let text = format!("{{\"findings\":[{ONE},{ONE}]}}");
        let at = at.min(text.len() - 1);
        prop_assert!(parse(&text[..at], &roles()).is_err());
    }
}

#[test]
fn a_title_is_never_empty() {
    for message in [". Then more.", ".\nnothing", "\u{b7}", ". ", "…\n. a"] {
        let text = json!({"findings": [{"file": "a", "line": 1, "message": message}]});
        let claims = parse(&text.to_string(), &roles()).unwrap();
        assert!(!claims[0].title.is_empty(), "{message:?}");
    }
}
