//! In what servers of one protocol differ.

/// What a provider takes of OpenAI's protocol. The default is what most servers take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::backends) struct Quirks {
    /// How an answer is held to a schema.
    pub(in crate::backends) schema: SchemaForm,
    /// Whether the limit of the answer is called `max_completion_tokens` and not `max_tokens`.
    pub(in crate::backends) completion_tokens: bool,
    /// Whether `stream_options` is taken.
    pub(in crate::backends) stream_usage: bool,
    /// How the part to cache is marked.
    pub(in crate::backends) cache: CacheMark,
    /// The header of the key.
    pub(in crate::backends) key: KeyHeader,
}

impl Quirks {
    /// What most servers take.
    pub(in crate::backends) const COMMON: Self = Self {
        schema: SchemaForm::Strict,
        completion_tokens: false,
        stream_usage: true,
        cache: CacheMark::None,
        key: KeyHeader::Bearer,
    };
}

/// How an answer is held to a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::backends) enum SchemaForm {
    /// `json_schema` with `strict`.
    Strict,
    /// `json_object`: some JSON; the prompt says which.
    Object,
}

/// How the part to cache is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::backends) enum CacheMark {
    /// Not at all: the provider finds equal beginnings itself, or has no cache.
    None,
    /// `prompt_cache_key`, which sends equal beginnings to the same machine.
    Key,
    /// `cache_control` in the content's parts, for models that want it.
    Parts,
}

/// The header that carries the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::backends) enum KeyHeader {
    /// `Authorization: Bearer`.
    Bearer,
    /// `api-key`, as Azure has it.
    ApiKey,
}
