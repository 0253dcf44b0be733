//! What programs and servers say of a failure, where no status tells which.

/// Words of a prompt that a model or a program does not read whole: OpenAI's code; what
/// Anthropic, vLLM, llama.cpp, Gemini and Mistral say; codex, claude, copilot and opencode.
const TOO_LONG: &[&str] = &[
    "context_length_exceeded",
    "prompt is too long",
    "context length",
    "context window",
    "contextoverflow",
    "exceeds the available context size",
    "exceed_context_size",
    "maximum number of tokens",
    "max_prompt_tokens",
    "too large for model",
    "input exceeds the maximum length of",
    "stdin input exceeds",
];

/// Words of an account that has nothing left to spend.
const SPENT: &[&str] = &[
    "insufficient_quota",
    "credit balance is too low",
    "exceeded_current_quota_error",
    "insufficient balance",
];

/// Whether a prompt was too long.
pub(super) fn is_too_long(said: &str) -> bool {
    holds(said, TOO_LONG)
}

/// Whether an account has nothing left to spend.
pub(super) fn is_spent(said: &str) -> bool {
    holds(said, SPENT)
}

/// Whether one of these stands in it, whatever the case; they are in lower case.
pub(super) fn holds(said: &str, words: &[&str]) -> bool {
    let said = said.to_lowercase();
    words.iter().any(|words| said.contains(words))
}
