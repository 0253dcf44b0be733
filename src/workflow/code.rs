//! How much of a template is code. minijinja reads a chain of operators, filters or
//! `elif` as one tree as deep as the chain is long, and walks it by recursion: one of
//! some ten thousand links ends the process.

/// Bytes within the tags of one template, and of one expression.
pub(super) const MAX_CODE: usize = 2048;

/// Bytes between `{{` and `}}`, and `{%` and `%}`, of the whole template. Text in a
/// `raw` block counts as it looks.
pub(super) fn bytes(template: &str) -> usize {
    let mut rest = template;
    let mut code = 0;
    while let Some(at) = rest.find('{') {
        let (end, counts) = match rest.as_bytes().get(at + 1) {
            Some(b'{') => ("}}", true),
            Some(b'%') => ("%}", true),
            Some(b'#') => ("#}", false),
            _ => {
                rest = &rest[at + 1..];
                continue;
            }
        };
        let inside = &rest[at + 2..];
        let len = if counts {
            length(inside, end)
        } else {
            inside.find(end).unwrap_or(inside.len())
        };
        code += if counts { len } else { 0 };
        rest = &inside[len..];
    }
    code
}

/// Bytes up to `end`, which may stand in a string too.
fn length(inside: &str, end: &str) -> usize {
    let mut quote = None;
    let mut escaped = false;
    for (at, ch) in inside.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if ch == '\\' => escaped = true,
            Some(open) if ch == open => quote = None,
            None if inside[at..].starts_with(end) => return at,
            None if matches!(ch, '"' | '\'') => quote = Some(ch),
            Some(_) | None => {}
        }
    }
    inside.len()
}
