//! What is known of where two statements stand.

use super::Statement;

/// Lines between two statements that may still be one.
pub(super) const MAX_LINES: u32 = 40;
/// Lines at which nearness counts half.
const HALF_LINES: f64 = 6.0;

/// Whether the places of two statements allow that they are one: not known of one of them,
/// or in one file with few lines between.
pub(super) fn may_be_one(one: &Statement<'_>, other: &Statement<'_>) -> bool {
    match (one.place, other.place) {
        (Some(left), Some(right)) => {
            left.path == right.path && apart(one, other).is_some_and(|lines| lines <= MAX_LINES)
        }
        _ => true,
    }
}

/// Lines between two statements of one file; 0 where they share some.
pub(super) fn apart(one: &Statement<'_>, other: &Statement<'_>) -> Option<u32> {
    let (left, right) = (one.place?, other.place?);
    let after = right.start_line.saturating_sub(left.end_line);
    let before = left.start_line.saturating_sub(right.end_line);
    Some(after.max(before))
}

/// 1 for places that share lines, falling with the lines between; 0 where a place is not
/// known.
pub(super) fn nearness(one: &Statement<'_>, other: &Statement<'_>) -> f64 {
    apart(one, other).map_or(0.0, |lines| HALF_LINES / (HALF_LINES + f64::from(lines)))
}

/// How much of the lines of the quoted code two statements share, by the smaller one: 0 to 1.
pub(super) fn shared_quote(one: &Statement<'_>, other: &Statement<'_>) -> f64 {
    if one.quote.is_empty() || other.quote.is_empty() {
        return 0.0;
    }
    let (left, right) = (telling_lines(one.quote), telling_lines(other.quote));
    let least = left.len().min(right.len());
    if least == 0 {
        return 0.0;
    }
    let shared = left.iter().filter(|line| right.contains(line)).count();
    #[expect(clippy::cast_precision_loss, reason = "quotes are short")]
    let share = shared.min(least) as f64 / least as f64;
    share
}

/// Lines that say something, without the white space around them.
fn telling_lines(quote: &str) -> Vec<&str> {
    let tells = |line: &&str| line.chars().filter(|ch| ch.is_alphanumeric()).count() > 2;
    quote.lines().map(str::trim).filter(tells).collect()
}
