//! The JSON schema of an answer, for backends that can enforce one.

use serde_json::{Value, json};

use super::super::Severity;
use super::super::taxonomy::CATEGORIES;

/// The schema of an answer to these roles. It keeps to what OpenAI's strict mode
/// takes: every property required, optional ones nullable, nothing besides. With more
/// than one role each finding names its own.
pub fn schema(roles: &[String]) -> Value {
    let severities = Severity::ALL.map(Severity::as_str);
    let mut finding = json!({
        "file": { "type": "string", "description": "path as shown" },
        "line": { "type": ["integer", "null"], "description": "first line of the quote" },
        "end_line": { "type": ["integer", "null"], "description": "last line of the quote" },
        "quote": { "type": "string", "description": "exact text of the lines" },
        "severity": { "type": "string", "enum": severities },
        "category": { "type": "string", "enum": CATEGORIES },
        "rule": { "type": "string", "description": "a listed slug" },
        "title": { "type": "string", "description": "one line" },
        "message": { "type": "string", "description": "what is wrong, why, and when it shows" },
        "suggestion": { "type": ["string", "null"], "description": "replacement of the quoted lines" },
        "confidence": { "type": ["number", "null"], "description": "0 to 1" }
    });
    if roles.len() > 1 {
        finding["role"] = json!({ "type": "string", "enum": roles });
    }
    list("findings", &finding)
}

/// The schema of a critic's answer, strict in the same way.
pub fn verdict_schema() -> Value {
    list(
        "verdicts",
        &json!({
            "id": { "type": "integer", "description": "the claim's number" },
            "quote": { "type": "string", "description": "exact text of the lines that decide; empty for unsure" },
            "reason": { "type": "string", "description": "why the quoted code decides it" },
            "verdict": { "type": "string", "enum": ["confirm", "refute", "unsure"] }
        }),
    )
}

/// The schema of an arbiter's answer, strict in the same way.
pub fn pair_schema() -> Value {
    list(
        "pairs",
        &json!({
            "id": { "type": "integer", "description": "the pair's number" },
            "same": { "type": "boolean", "description": "whether its two claims are one defect" }
        }),
    )
}

/// An object with one list, whose elements have these members and no others.
fn list(name: &str, members: &Value) -> Value {
    let names = members.as_object();
    let required: Vec<_> = names
        .map(|members| members.keys().cloned().collect())
        .unwrap_or_default();
    json!({
        "type": "object",
        "properties": {
            name: {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": members,
                    "required": required,
                    "additionalProperties": false
                }
            }
        },
        "required": [name],
        "additionalProperties": false
    })
}
