use llmux::backends::rules::shannon;

#[test]
fn entropy_in_bits_per_character() {
    let table = [
        ("", 0.0),
        ("aaaa", 0.0),
        ("ab", 1.0),
        ("aabb", 1.0),
        ("abcd", 2.0),
        ("0123456789abcdef", 4.0),
        ("aaab", 0.811_278),
        ("password", 2.75),
        // Counted by character, not by byte.
        ("äöüß", 2.0),
    ];
    for (text, bits) in table {
        let found = shannon(text);
        assert!((found - bits).abs() < 1e-6, "{text}: {found}");
    }
    assert!(shannon("").is_sign_positive());
}
