//! What a backend's models cost.

use std::sync::Arc;

use super::Seat;
use super::breaker::Line;
use crate::backends::{Listed, Price, Request, list_price};

/// What a backend's calls cost, by the model that is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Prices {
    /// Nobody knows.
    #[default]
    Unknown,
    /// The same whatever model is asked: the configuration's, or nothing.
    Fixed(Price),
    /// As the provider lists it.
    Listed {
        /// Preset of the program or provider.
        preset: Arc<str>,
        /// The backend's own model: that of a call which names none.
        model: Option<Arc<str>>,
    },
}

impl Prices {
    /// What costs nothing: a scanner, a server on this machine.
    pub const FREE: Self = Self::Fixed(Price {
        input: 0.0,
        output: 0.0,
        cached_input: None,
        cache_write: None,
    });

    /// US dollars for a million tokens of the model that is asked, or of the backend's own.
    pub fn of(&self, model: Option<&str>) -> Option<Price> {
        match self {
            Self::Fixed(price) => Some(*price),
            Self::Unknown | Self::Listed { .. } => self.listed(model).map(|it| it.price),
        }
    }

    /// The same with its date and source, where it is the list's.
    pub fn listed(&self, model: Option<&str>) -> Option<Listed> {
        match self {
            Self::Unknown | Self::Fixed(_) => None,
            Self::Listed { preset, model: own } => list_price(preset, model.or(own.as_deref())?),
        }
    }

    /// The dearest of what models of a cascade cost; none where one of them is not known.
    pub(super) fn dearest(&self, models: &[Line]) -> Option<Price> {
        let prices = models.iter().map(|model| self.of(model.as_deref()));
        let prices: Option<Vec<Price>> = prices.collect();
        prices?.into_iter().reduce(|one, other| Price {
            input: dearest_input(one).max(dearest_input(other)),
            output: one.output.max(other.output),
            cached_input: None,
            cache_write: None,
        })
    }
}

/// The most that a token of a question can cost: one that is also written to the cache is
/// dearer with some providers.
fn dearest_input(price: Price) -> f64 {
    [price.cached_input, price.cache_write]
        .into_iter()
        .flatten()
        .fold(price.input, f64::max)
}

/// Billionths of a US dollar for so many tokens, rounded up.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "token counts are far below 2^52, and `as` keeps what is not to the range"
)]
fn nano_usd(input: usize, output: usize, price: Price) -> u64 {
    // A million-th of a dollar for a token is a thousand billionths.
    let nano = (input as f64 * dearest_input(price) + output as f64 * price.output) * 1e3;
    nano.ceil() as u64
}

impl Seat {
    /// Billionths of a US dollar that a call costs at most: more tokens than the question has
    /// (see [`most`](crate::context::Counter::most)), none of them cached, and an answer as
    /// long as it may be. None where the price of the model that is asked is not known. The
    /// answer's bound is that of the request, else of the seat; without any it counts nothing.
    pub fn highest_cost_of(&self, request: &Request) -> Option<u64> {
        let price = self.prices.of(request.model.as_deref())?;
        let output = request.limits.max_output_tokens;
        let output = output.or(self.limits.max_output_tokens).unwrap_or(0);
        if price.output == 0.0 && dearest_input(price) == 0.0 {
            // Nothing to count: it takes its time.
            return Some(0);
        }
        let schema = request.schema.as_ref().map(ToString::to_string);
        let prompt = &request.prompt;
        let texts = [&*prompt.fixed, &*prompt.packet, &*prompt.task];
        let input = self
            .counter
            .most(texts.into_iter().chain(schema.as_deref()));
        Some(nano_usd(input, output as usize, price))
    }

    /// Billionths of a US dollar for so many calls to such models with so many tokens of
    /// prompts together, were every answer as long as it may be and the dearest model asked;
    /// none where a price is not known.
    pub(super) fn highest_cost(
        &self,
        models: &[Line],
        calls: usize,
        input_tokens: usize,
    ) -> Option<u64> {
        let price = self.prices.dearest(models)?;
        let output = calls * self.limits.max_output_tokens.unwrap_or(0) as usize;
        Some(nano_usd(input_tokens, output, price))
    }

    /// What to write into the configuration where the price of one of these models (the
    /// backend's own where none is named) is not known, and a budget must be kept.
    pub fn unpriced<'m>(
        &self,
        models: impl IntoIterator<Item = Option<&'m str>>,
    ) -> Option<String> {
        let mut models = models.into_iter();
        let model = models.find(|model| self.prices.of(*model).is_none())?;
        let name = self.backend.name();
        let own = match &self.prices {
            Prices::Listed { model, .. } => model.as_deref(),
            Prices::Unknown | Prices::Fixed(_) => None,
        };
        let what = match model.or(own) {
            Some(model) => format!("the model `{model}` of backend `{name}`"),
            None => format!("backend `{name}`"),
        };
        Some(format!(
            "{what} has no known price, and a budget is set: add `price = {{ input = …, output = \
             … }}` (US dollars for a million tokens; 0 where it is free) under {}",
            table(name)
        ))
    }
}

/// `[backends.NAME]` as TOML wants it.
fn table(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if !name.is_empty() && name.bytes().all(is_bare) {
        return format!("[backends.{name}]");
    }
    // Strings of JSON are strings of TOML.
    format!("[backends.{}]", serde_json::Value::from(name))
}

/// What a backend's configured or listed price makes of an answer's tokens; none where it
/// tells none. What the provider wrote to its cache is not told by all: with a price for it,
/// all that was not read from there counts as written.
#[expect(
    clippy::cast_precision_loss,
    reason = "token counts are far below 2^52"
)]
pub(super) fn of_usage(usage: crate::backends::Usage, price: Price) -> f64 {
    let cached = usage.cached_input.min(usage.input);
    let fresh = usage.input - cached;
    let cached_price = price.cached_input.unwrap_or(price.input);
    let fresh_price = price.cache_write.unwrap_or(price.input).max(price.input);
    let millionths = fresh as f64 * fresh_price
        + cached as f64 * cached_price
        + usage.output as f64 * price.output;
    millionths / 1e6
}
