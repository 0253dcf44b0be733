//! How many tokens a model makes of a text: exactly where its tokenizer is known.

use tiktoken_rs::{CoreBPE, cl100k_base_singleton, o200k_base_singleton};

use super::tokens;

/// Tokens that a chat adds to its one or two messages: three a message, one for its role, three
/// for the answer's begin (<https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken_for_chat>).
const FRAME: usize = 11;
/// The most of it: what servers put before the messages of models that reason.
const MOST_FRAME: usize = 64;

/// Counts the tokens of what one model is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Counter {
    vocabulary: Vocabulary,
    /// Bytes that a program adds to each question: its own instructions.
    own_bytes: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Vocabulary {
    /// Nobody outside knows it.
    #[default]
    Unknown,
    Cl100k,
    O200k,
}

impl Counter {
    /// That of a model of OpenAI's, by its name with or without `openai/`: exact where OpenAI
    /// publishes its tokenizer, as it does of all from GPT-3.5 to GPT-5.
    pub fn openai(model: &str) -> Self {
        let name = model.strip_prefix("openai/").unwrap_or(model);
        let is = |family: &&str| {
            let rest = name.strip_prefix(*family);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.', ':']))
        };
        // The same names as in OpenAI's tiktoken/model.py.
        let vocabulary = if [
            "gpt-4o",
            "chatgpt-4o",
            "gpt-4.1",
            "gpt-4.5",
            "gpt-5",
            "gpt-oss",
        ]
        .iter()
        .chain(&["o1", "o3", "o4"])
        .any(is)
        {
            Vocabulary::O200k
        } else if ["gpt-4", "gpt-3.5-turbo"].iter().any(is) {
            Vocabulary::Cl100k
        } else {
            Vocabulary::Unknown
        };
        Self {
            vocabulary,
            own_bytes: 0,
        }
    }

    /// The same for a program that adds so many bytes to each question.
    #[must_use]
    pub fn with_own_bytes(self, own_bytes: usize) -> Self {
        Self { own_bytes, ..self }
    }

    /// Whether [`Counter::tokens`] is no estimate.
    pub fn is_exact(&self) -> bool {
        self.vocabulary != Vocabulary::Unknown
    }

    /// Tokens of a text: exact, or as [`tokens`] estimates them.
    pub fn tokens(&self, text: &str) -> usize {
        match self.tokenizer() {
            Some(tokenizer) => tokenizer.encode_ordinary(text).len(),
            None => tokens(text),
        }
    }

    /// Tokens that a question has beside its texts.
    pub fn frame(&self) -> usize {
        FRAME + self.own_bytes.saturating_mul(2).div_ceil(7)
    }

    /// More tokens than a question of these texts has, for what is set aside before it is
    /// asked.
    ///
    /// Exact where the tokenizer is known, else see [`over`]; beside that what a chat and a
    /// program add.
    pub fn most<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> usize {
        let most = |text: &str| match self.tokenizer() {
            Some(tokenizer) => tokenizer.encode_ordinary(text).len(),
            None => over(text),
        };
        let texts: usize = texts.into_iter().map(most).sum();
        texts + MOST_FRAME + self.own_bytes.div_ceil(2)
    }

    fn tokenizer(&self) -> Option<&'static CoreBPE> {
        match self.vocabulary {
            Vocabulary::Unknown => None,
            Vocabulary::Cl100k => Some(cl100k_base_singleton()),
            Vocabulary::O200k => Some(o200k_base_singleton()),
        }
    }
}

/// An over-estimate of a text's tokens for models whose tokenizer is not known: a token for
/// every two small letters of a word, for the first blank of a row and every second one after
/// it, and for every other byte.
///
/// All tokenizers of today join the letters of words and blanks of a row; some take each digit,
/// mark or capital by itself, and letters outside of ASCII byte by byte. No token is shorter
/// than a byte, so that no text has more tokens than bytes; bytes / 2 alone would be too few for
/// tables of numbers. It is well above what OpenAI's tokenizers count (tests hold it there, on
/// this project's own files with a third to spare, which is what Anthropic says that its newer
/// tokenizers need more). The one text of which it can be too few is letters thrown together.
fn over(text: &str) -> usize {
    let kind = |byte: u8| match byte {
        b'a'..=b'z' => Kind::Letter,
        b' ' | b'\t' => Kind::Blank,
        _ => Kind::Other,
    };
    let rows = text.as_bytes().chunk_by(|a, b| kind(*a) == kind(*b));
    let most = |row: &[u8]| match kind(row[0]) {
        Kind::Letter => row.len().div_ceil(2),
        // The last one goes with the word after it.
        Kind::Blank => 1 + row.len() / 2,
        Kind::Other => row.len(),
    };
    rows.map(most).sum()
}

#[derive(PartialEq)]
enum Kind {
    Letter,
    Blank,
    Other,
}
