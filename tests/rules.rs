//! The rules: the shipped ones on their own examples, users' files, the scan.

use llmux::backends::rules::Rules;

#[test]
fn shipped_rules_do_what_their_examples_say() {
    let failures = Rules::builtin().check();
    let text: Vec<_> = failures.iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{}", text.join("\n"));
}
