//! The providers of models that llmux knows, and how each is asked.

use reqwest::Url;

use crate::backends::DialectName;
use crate::backends::http::{CacheMark, KeyHeader, Quirks, SchemaForm};

/// A provider, or a server that many have.
#[derive(Debug)]
pub(crate) struct Provider {
    /// As `preset` names it.
    pub(crate) name: &'static str,
    /// Where it is asked; none where each customer has an address.
    pub(super) base_url: Option<&'static str>,
    /// Further hosts of its own, that may get its key.
    pub(super) hosts: &'static [&'static str],
    /// Ends of hosts that behave as it does; they get no key from here.
    host_ends: &'static [&'static str],
    /// What it speaks there.
    pub(super) dialect: DialectName,
    /// Variables that hold its key; the first that is set counts.
    pub(crate) keys: &'static [&'static str],
    /// The variable that its own programs take an address from.
    pub(super) address: Option<&'static str>,
    /// The model where none is configured: one that was offered without an end date in
    /// November 2026, or an alias that stays. None where there is no such one.
    pub(super) model: Option<&'static str>,
    /// How its protocol differs.
    pub(super) quirks: Quirks,
}

const PLAIN: Provider = Provider {
    name: "",
    base_url: None,
    hosts: &[],
    host_ends: &[],
    dialect: DialectName::Openai,
    keys: &[],
    address: None,
    model: None,
    quirks: Quirks::COMMON,
};

/// In the order in which they are found on a machine.
pub(crate) const PROVIDERS: [Provider; 12] = [
    // https://platform.openai.com/docs/api-reference/chat/create,
    // https://platform.openai.com/docs/guides/prompt-caching; OPENAI_BASE_URL:
    // https://github.com/openai/openai-python
    Provider {
        name: "openai",
        base_url: Some("https://api.openai.com/v1"),
        keys: &["OPENAI_API_KEY"],
        address: Some("OPENAI_BASE_URL"),
        model: Some("gpt-5.5"),
        quirks: Quirks {
            completion_tokens: true,
            cache: CacheMark::Key,
            ..Quirks::COMMON
        },
        ..PLAIN
    },
    // https://platform.claude.com/docs/en/models/sonnet-5-5/overview; ANTHROPIC_BASE_URL:
    // https://github.com/anthropics/anthropic-sdk-python
    Provider {
        name: "anthropic",
        base_url: Some("https://api.anthropic.com/v1"),
        dialect: DialectName::Anthropic,
        keys: &["ANTHROPIC_API_KEY"],
        address: Some("ANTHROPIC_BASE_URL"),
        model: Some("claude-sonnet-5-5"),
        ..PLAIN
    },
    // https://ai.google.dev/api/generate-content, https://ai.google.dev/gemini-api/docs/api-key;
    // GOOGLE_GEMINI_BASE_URL: https://github.com/google-gemini/gemini-cli
    Provider {
        name: "google",
        base_url: Some("https://generativelanguage.googleapis.com/v1beta"),
        dialect: DialectName::Gemini,
        keys: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        address: Some("GOOGLE_GEMINI_BASE_URL"),
        model: Some("gemini-3.8-flash"),
        ..PLAIN
    },
    // https://docs.mistral.ai/api/endpoint/chat: refuses members that it does not know, and
    // ends a stream with the tokens used unasked.
    Provider {
        name: "mistral",
        base_url: Some("https://api.mistral.ai/v1"),
        keys: &["MISTRAL_API_KEY"],
        model: Some("mistral-medium-latest"),
        quirks: Quirks {
            stream_usage: false,
            ..Quirks::COMMON
        },
        ..PLAIN
    },
    // https://docs.x.ai/docs/api-reference
    Provider {
        name: "xai",
        base_url: Some("https://api.x.ai/v1"),
        keys: &["XAI_API_KEY"],
        model: Some("grok-4.3"),
        quirks: Quirks {
            completion_tokens: true,
            ..Quirks::COMMON
        },
        ..PLAIN
    },
    // https://api-docs.deepseek.com/api/create-chat-completion, /guides/json_mode
    Provider {
        name: "deepseek",
        base_url: Some("https://api.deepseek.com/v1"),
        keys: &["DEEPSEEK_API_KEY"],
        model: Some("deepseek-flash"),
        quirks: Quirks {
            schema: SchemaForm::Object,
            ..Quirks::COMMON
        },
        ..PLAIN
    },
    // https://platform.kimi.ai/docs/api/chat; in China https://platform.kimi.com/docs/api/chat
    Provider {
        name: "kimi",
        base_url: Some("https://api.moonshot.ai/v1"),
        hosts: &["api.moonshot.cn"],
        keys: &["MOONSHOT_API_KEY", "KIMI_API_KEY"],
        model: Some("kimi-k3"),
        quirks: Quirks {
            schema: SchemaForm::Object,
            ..Quirks::COMMON
        },
        ..PLAIN
    },
    // https://console.groq.com/docs/api-reference
    Provider {
        name: "groq",
        base_url: Some("https://api.groq.com/openai/v1"),
        keys: &["GROQ_API_KEY"],
        model: Some("openai/gpt-oss-120b"),
        quirks: Quirks {
            completion_tokens: true,
            ..Quirks::COMMON
        },
        ..PLAIN
    },
    // https://openrouter.ai/docs/guides/features/prompt-caching,
    // https://openrouter.ai/docs/use-cases/usage-accounting: tells tokens and cost unasked.
    Provider {
        name: "openrouter",
        base_url: Some("https://openrouter.ai/api/v1"),
        keys: &["OPENROUTER_API_KEY"],
        model: Some("openrouter/auto"),
        quirks: Quirks {
            stream_usage: false,
            cache: CacheMark::Parts,
            ..Quirks::COMMON
        },
        ..PLAIN
    },
    // https://docs.requesty.ai/api-reference/endpoint/chat-completions-create
    Provider {
        name: "requesty",
        base_url: Some("https://router.requesty.ai/v1"),
        keys: &["REQUESTY_API_KEY"],
        ..PLAIN
    },
    // https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle: the v1 API below
    // the resource's address; `model` is the deployment.
    Provider {
        name: "azure",
        host_ends: &[".openai.azure.com", ".services.ai.azure.com"],
        keys: &["AZURE_OPENAI_API_KEY"],
        address: Some("AZURE_OPENAI_ENDPOINT"),
        quirks: Quirks {
            completion_tokens: true,
            cache: CacheMark::Key,
            key: KeyHeader::ApiKey,
            ..Quirks::COMMON
        },
        ..PLAIN
    },
    // https://docs.ollama.com/api/chat, https://docs.ollama.com/faq
    Provider {
        name: "ollama",
        base_url: Some("http://localhost:11434"),
        dialect: DialectName::Ollama,
        address: Some("OLLAMA_HOST"),
        ..PLAIN
    },
];

impl Provider {
    /// The provider of that name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        PROVIDERS.iter().find(|provider| provider.name == name)
    }

    /// The variables that are read for it.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.keys.iter().copied().chain(self.address)
    }

    /// The provider whose host that is. What is without a key is no host of anybody's.
    pub(super) fn at(url: &Url) -> Option<&'static Self> {
        let host = url.host_str()?;
        let mut hosted = PROVIDERS
            .iter()
            .filter(|provider| !provider.keys.is_empty());
        hosted.find(|provider| {
            provider.is_at_home(url) || provider.host_ends.iter().any(|end| host.ends_with(end))
        })
    }

    /// Whether the address is the provider's own, so that its key may go there.
    pub(super) fn is_at_home(&self, url: &Url) -> bool {
        let written = self.base_url.and_then(|url| Url::parse(url).ok());
        let is_other = url.scheme() == "https"
            && url.port().is_none()
            && url
                .host_str()
                .is_some_and(|host| self.hosts.contains(&host));
        is_other || written.is_some_and(|home| home.origin() == url.origin())
    }
}
