//! Times as the store has them: milliseconds since 1970, days and months in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Now, in milliseconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

/// `YYYY-MM-DDTHH:MM:SSZ` in UTC, for programs.
pub fn instant(at: i64) -> String {
    format(at, "%Y-%m-%dT%H:%M:%SZ")
}

/// The time that a text such as `2026-02-14T12:29:18Z` names (RFC 3339).
pub fn parse(text: &str) -> Option<i64> {
    let time: Timestamp = text.parse().ok()?;
    Some(time.as_millisecond())
}

/// `YYYY-MM-DD` in UTC.
pub fn day(at: i64) -> String {
    format(at, "%Y-%m-%d")
}

/// `YYYY-MM` in UTC.
pub fn month(at: i64) -> String {
    format(at, "%Y-%m")
}

/// When a day `YYYY-MM-DD` begins in UTC; none where it is no day.
pub fn start_of_day(day: &str) -> Option<i64> {
    let date: Date = (day.len() == 10).then(|| day.parse().ok())??;
    let start = date.to_zoned(TimeZone::UTC).ok()?;
    Some(start.timestamp().as_millisecond())
}

/// `YYYY-MM-DD HH:MM` in UTC, for people.
pub fn minute(at: i64) -> String {
    format(at, "%Y-%m-%d %H:%M")
}

fn format(at: i64, form: &str) -> String {
    let time = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    time.to_zoned(TimeZone::UTC).strftime(form).to_string()
}
