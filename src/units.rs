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

/// Weight needed: a number (`2`), a share of the voters that were asked (`"50%"`), or
/// `"auto"`: half of the voters that were asked, rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ThresholdText", into = "ThresholdText")]
pub enum Threshold {
    /// That much weight.
    Weight(f64),
    /// Percent of the weight of the voters that were asked, 0 to 100.
    Share(f64),
    /// Half of the voters that were asked, rounded up.
    Auto,
}

/// [`Threshold`] as configuration and flags write it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ThresholdText {
    /// `2`, `1.5`
    Number(f64),
    /// `"50%"`, `"auto"`, `"2"`
    Text(String),
}

impl TryFrom<ThresholdText> for Threshold {
    type Error = String;

    fn try_from(written: ThresholdText) -> Result<Self, String> {
        let (text, share) = match &written {
            ThresholdText::Number(number) => (number.to_string(), false),
            ThresholdText::Text(text) if text == "auto" => return Ok(Self::Auto),
            ThresholdText::Text(text) => match text.strip_suffix('%') {
                Some(percent) => (percent.trim().to_owned(), true),
                None => (text.clone(), false),
            },
        };
        match text.parse::<f64>() {
            Ok(percent) if share && percent > 0.0 && percent <= 100.0 => Ok(Self::Share(percent)),
            Ok(weight) if !share && weight > 0.0 && weight.is_finite() => Ok(Self::Weight(weight)),
            _ => Err(format!(
                "`{text}` is no threshold: a number above 0, a share such as \"50%\", or \"auto\""
            )),
        }
    }
}

impl From<Threshold> for ThresholdText {
    fn from(threshold: Threshold) -> Self {
        match threshold {
            Threshold::Weight(weight) => Self::Number(weight),
            Threshold::Share(percent) => Self::Text(format!("{percent}%")),
            Threshold::Auto => Self::Text("auto".to_owned()),
        }
    }
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
