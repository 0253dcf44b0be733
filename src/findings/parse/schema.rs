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
    let required: Vec<_> = finding
        .as_object()
        .map(|members| members.keys().cloned().collect())
        .unwrap_or_default();
    json!({
        "type": "object",
        "properties": {
            "findings": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": finding,
                    "required": required,
                    "additionalProperties": false
                }
            }
        },
        "required": ["findings"],
        "additionalProperties": false
    })
}

/// The schema of a critic's answer, strict in the same way.
pub fn verdict_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "verdicts": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "id": { "type": "integer", "description": "the claim's number" },
                        "quote": { "type": "string", "description": "exact text of the lines that decide; empty for unsure" },
                        "reason": { "type": "string", "description": "why the quoted code decides it" },
                        "verdict": { "type": "string", "enum": ["confirm", "refute", "unsure"] }
                    },
                    "required": ["id", "quote", "reason", "verdict"],
                    "additionalProperties": false
                }
            }
        },
        "required": ["verdicts"],
        "additionalProperties": false
    })
}
