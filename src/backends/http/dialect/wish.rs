//! What a server may refuse and an answer is possible without.

/// A part of a question that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(in crate::backends::http) enum Wish {
    /// That the answer keeps to a schema.
    Schema = 1,
    /// A temperature, which reasoning models refuse.
    Temperature = 2,
    /// That the answer comes piece by piece.
    Stream = 4,
    /// That a stream ends with the tokens used.
    StreamUsage = 8,
    /// The mark of the part to cache.
    CacheMark = 16,
    /// The dialect's own word for the limit of the answer's tokens; without it the other one is
    /// used: `max_completion_tokens` or `max_tokens`.
    LimitWord = 32,
}

impl Wish {
    /// All there are.
    pub(in crate::backends::http) const ALL: [Self; 6] = [
        Self::Schema,
        Self::Temperature,
        Self::Stream,
        Self::StreamUsage,
        Self::CacheMark,
        Self::LimitWord,
    ];

    /// What it is, for a message: "the server takes no …".
    pub(in crate::backends::http) fn words(self) -> &'static str {
        match self {
            Self::Schema => "schema of the answer",
            Self::Temperature => "temperature",
            Self::Stream => "streaming",
            Self::StreamUsage => "count of tokens in a stream",
            Self::CacheMark => "marks for a cache",
            Self::LimitWord => "token limit by that name",
        }
    }
}

/// The wishes that a server has not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::backends::http) struct Wishes(u8);

impl Wishes {
    /// All of them.
    pub(in crate::backends::http) fn all() -> Self {
        Wish::ALL
            .into_iter()
            .fold(Self(0), |set, wish| Self(set.0 | wish as u8))
    }

    /// Whether it is granted.
    pub(in crate::backends::http) fn grants(self, wish: Wish) -> bool {
        self.0 & wish as u8 != 0
    }

    /// The rest of them.
    #[must_use]
    pub(in crate::backends::http) fn without(self, wish: Wish) -> Self {
        Self(self.0 & !(wish as u8))
    }
}
