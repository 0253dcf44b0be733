//! Durations, thresholds and severities as people write them, for every stage's `Settings`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How bad a finding is, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Small cost if left.
    Low,
    /// Wrong in some cases.
    Medium,
    /// Wrong in common cases, or a weakness that can be used.
    High,
    /// Loss of data or of control.
    Critical,
}

impl Severity {
    /// All, lowest first.
    pub const ALL: [Self; 5] = [
        Self::Note,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// The lower-case word that reports and configuration use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What confirms a finding: weight of votes as a number (`2`) or a share of the voters that were
/// asked (`"50%"`), `"auto"`: half of the voters that were asked, rounded up; or the probability
/// that the finding is real (`"p>=0.5"`).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ThresholdText", into = "ThresholdText")]
pub enum Threshold {
    /// That much weight.
    Weight(f64),
    /// Percent of the weight of the voters that were asked, 0 to 100.
    Share(f64),
    /// Half of the voters that were asked, rounded up.
    Auto,
    /// At least that probability, above 0 and up to 1.
    Probability(f64),
}

/// What a [`Threshold`] can be, as the end of "must be …" and "expected …".
pub const THRESHOLDS: &str =
    "a number above 0, a share such as \"50%\", a probability such as \"p>=0.5\", or \"auto\"";

/// [`Threshold`] as configuration and flags write it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ThresholdText {
    /// `2`, `1.5`
    Number(f64),
    /// `"50%"`, `"auto"`, `"2"`, `"p>=0.5"`
    Text(String),
}

impl TryFrom<ThresholdText> for Threshold {
    type Error = String;

    fn try_from(written: ThresholdText) -> Result<Self, String> {
        let (text, share) = match &written {
            ThresholdText::Number(number) => (number.to_string(), false),
            ThresholdText::Text(text) if text == "auto" => return Ok(Self::Auto),
            ThresholdText::Text(text) if text.trim_start().starts_with(['p', 'P']) => {
                return probability(text);
            }
            ThresholdText::Text(text) => match text.strip_suffix('%') {
                Some(percent) => (percent.trim().to_owned(), true),
                None => (text.clone(), false),
            },
        };
        match text.parse::<f64>() {
            Ok(percent) if share && percent > 0.0 && percent <= 100.0 => Ok(Self::Share(percent)),
            Ok(weight) if !share && weight > 0.0 && weight.is_finite() => Ok(Self::Weight(weight)),
            _ => Err(format!("`{text}` is no threshold: write {THRESHOLDS}")),
        }
    }
}

/// `p>=0.5`, and no other comparison: "more than" and "as much as" would be read as the same.
fn probability(text: &str) -> Result<Threshold, String> {
    let number = text.trim().strip_prefix('p').map(str::trim_start);
    let number = number.and_then(|rest| rest.strip_prefix(">="));
    let number = number.map(str::trim_start);
    let written = number.filter(|number| number.starts_with(|c: char| c.is_ascii_digit()));
    match written.and_then(|number| number.parse::<f64>().ok()) {
        Some(least) if least > 0.0 && least <= 1.0 => Ok(Threshold::Probability(least)),
        _ => Err(format!(
            "`{text}` is no threshold: a probability is written \"p>=0.5\", with a number above 0 \
             and up to 1"
        )),
    }
}

impl From<Threshold> for ThresholdText {
    fn from(threshold: Threshold) -> Self {
        match threshold {
            Threshold::Weight(weight) => Self::Number(weight),
            Threshold::Share(percent) => Self::Text(format!("{percent}%")),
            Threshold::Auto => Self::Text("auto".to_owned()),
            Threshold::Probability(least) => Self::Text(format!("p>={least}")),
        }
    }
}

/// As configuration writes it, without quotes.
impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match ThresholdText::from(*self) {
            ThresholdText::Number(number) => write!(f, "{number}"),
            ThresholdText::Text(text) => f.write_str(&text),
        }
    }
}

/// To four decimals, for programs: what is below is rounding.
pub fn rounded(number: f64) -> f64 {
    (number * 1e4).round() / 1e4
}

/// A weight or a sum of weights for people: two decimals at most.
pub fn brief(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// US dollars from billionths of them, in which money is added up: whole numbers have the same sum
/// in any order.
#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to nine million dollars"
)]
pub fn dollars(nano_usd: u64) -> f64 {
    nano_usd as f64 / 1e9
}

/// Billionths of US dollars, to the nearest; what is below zero or too much is cut to what the
/// ledger can hold.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "cut to the range"
)]
pub fn nano_usd(dollars: f64) -> u64 {
    (dollars.max(0.0) * 1e9).round().min(9e18) as u64
}

/// `"90s"`, `"5m"`, `"1h 30m"`, or a whole number of seconds.
pub mod duration {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Seconds(u64),
        Text(String),
    }

    /// Reads a duration.
    ///
    /// # Errors
    /// Where the text is no duration.
    pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Duration, D::Error> {
        match Written::deserialize(input)? {
            Written::Seconds(seconds) => Ok(Duration::from_secs(seconds)),
            Written::Text(text) => humantime::parse_duration(&text)
                .map_err(|error| D::Error::custom(format!("`{text}` is no duration: {error}"))),
        }
    }

    /// Writes a duration as text.
    ///
    /// # Errors
    /// Those of the output.
    pub fn serialize<S: Serializer>(value: &Duration, output: S) -> Result<S::Ok, S::Error> {
        output.collect_str(&humantime::format_duration(*value))
    }

    /// The same for a key that may be absent.
    pub mod option {
        use std::time::Duration;

        use serde::{Deserializer, Serializer};

        /// Reads a duration that is there.
        ///
        /// # Errors
        /// Where the text is no duration.
        pub fn deserialize<'de, D: Deserializer<'de>>(
            input: D,
        ) -> Result<Option<Duration>, D::Error> {
            super::deserialize(input).map(Some)
        }

        /// Writes a duration as text, or nothing.
        ///
        /// # Errors
        /// Those of the output.
        pub fn serialize<S: Serializer>(
            value: &Option<Duration>,
            output: S,
        ) -> Result<S::Ok, S::Error> {
            match value {
                Some(value) => super::serialize(value, output),
                None => output.serialize_none(),
            }
        }
    }
}

/// `"512MB"`, `"2 GiB"`, or a whole number of bytes.
pub mod size {
    use bytesize::ByteSize;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Reads a number of bytes.
    ///
    /// # Errors
    /// Where the text is no size.
    pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<u64, D::Error> {
        ByteSize::deserialize(input).map(|size| size.as_u64())
    }

    /// Writes a number of bytes.
    ///
    /// # Errors
    /// Those of the output.
    pub fn serialize<S: Serializer>(value: &u64, output: S) -> Result<S::Ok, S::Error> {
        output.serialize_u64(*value)
    }
}

/// Bytes in hexadecimal, in lower case.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}
