//! Numbers as people read them.

use crate::report::words::grouped;
use crate::store::Calls;

/// What stands in a table.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    /// A name, cleaned.
    Name(String),
    /// Calls, tokens, findings.
    Count(u64),
    /// Calls that should not be: they stand out where there are any.
    Bad(u64),
    /// Money, as text.
    Money(String),
    /// Milliseconds.
    Time(Option<u64>),
    /// From 0 to 1.
    Share(Option<f64>),
}

impl Cell {
    /// With every digit.
    pub(super) fn exact(&self) -> String {
        match self {
            Self::Count(number) | Self::Bad(number) => count(*number),
            other => other.brief(),
        }
    }

    /// As short as a terminal wants it.
    pub(super) fn brief(&self) -> String {
        match self {
            Self::Name(text) | Self::Money(text) => text.clone(),
            Self::Count(number) | Self::Bad(number) => brief_count(*number),
            Self::Time(time) => time.map_or_else(|| "-".to_owned(), seconds),
            Self::Share(share) => {
                share.map_or_else(|| "-".to_owned(), |share| format!("{:.0}%", share * 100.0))
            }
        }
    }
}

/// `34,000`
pub(super) fn count(number: u64) -> String {
    grouped(number)
}

/// `99,999`, `100k`, `1.23M`
fn brief_count(number: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let float = number as f64;
    match number {
        0..100_000 => grouped(number),
        100_000..999_500 => format!("{:.0}k", float / 1e3),
        999_500..999_500_000 => format!("{}M", three_digits(float / 1e6)),
        _ => format!("{}G", three_digits(float / 1e9)),
    }
}

fn three_digits(number: f64) -> String {
    if number < 9.995 {
        format!("{number:.2}")
    } else if number < 99.95 {
        format!("{number:.1}")
    } else {
        format!("{number:.0}")
    }
}

/// `0.42 s`, `12.3 s`, `140 s`
pub(super) fn seconds(milliseconds: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let seconds = milliseconds as f64 / 1e3;
    format!("{} s", three_digits(seconds))
}

/// `$0.0312`, from billionths; what is more than nothing never reads as nothing.
pub(super) fn dollars(nano_usd: u64) -> String {
    if nano_usd > 0 && nano_usd < 50_000 {
        return "<$0.0001".to_owned();
    }
    let parts = nano_usd.saturating_add(50_000) / 100_000;
    format!("${}.{:04}", grouped(parts / 10_000), parts % 10_000)
}

/// What calls cost: `+` where some are of unknown price.
pub(super) fn money(calls: &Calls) -> String {
    match (calls.nano_usd, calls.unpriced) {
        (known, 0) => dollars(known),
        (0, _) => "unknown".to_owned(),
        (known, _) => format!("{}+", dollars(known)),
    }
}
