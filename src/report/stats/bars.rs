//! Bars that lie, several for each name, as SVG.

use std::fmt::Write as _;

use super::terminal::cut;
use crate::html::escaped;

/// The picture's units across; what a screen shows at its full size.
pub(super) const ACROSS: f64 = 720.0;
/// Where bars begin; the names stand before it.
const LEFT: f64 = 150.0;
/// What the values behind the bars need.
const RIGHT: f64 = 72.0;
const BAR: f64 = 13.0;
/// Between the bars of two names.
const GAP: f64 = 12.0;
const TOP: f64 = 8.0;
/// What the scale needs below.
const BOTTOM: f64 = 28.0;
/// Names that are drawn; the tables have them all.
pub(super) const MOST: usize = 24;
/// Columns of a name.
const NAME: usize = 20;

/// A picture of bars.
pub(super) struct Bars<'b> {
    /// What it is called, unique on its page.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) about: &'static str,
    /// Each name's bars, by their class.
    pub(super) series: &'b [(&'static str, &'static str)],
    /// A name, cleaned, and its values in the order of the series.
    pub(super) rows: Vec<(String, Vec<f64>)>,
    /// How a value is written.
    pub(super) words: fn(f64) -> String,
    /// How a number of the scale is written.
    pub(super) scale: fn(f64) -> String,
}

impl Bars<'_> {
    /// The picture; none where there is nothing to draw.
    pub(super) fn svg(&self) -> Option<String> {
        let rows = self.rows.get(..MOST).unwrap_or(&self.rows);
        let values = rows.iter().flat_map(|(_, values)| values);
        let most = values.copied().fold(0.0, f64::max);
        if most <= 0.0 {
            return None;
        }
        let each = BAR * float(self.series.len()) + GAP;
        let height = each * float(rows.len());
        let mut out = open(self.id, self.title, self.about, TOP + height + BOTTOM);
        self.grid(&mut out, most, TOP + height);
        for (at, (name, values)) in rows.iter().enumerate() {
            let top = TOP + GAP / 2.0 + each * float(at);
            let middle = top + (each - GAP) / 2.0 + 4.0;
            let label = escaped(&cut(name, NAME));
            let _ = writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{middle:.1}\" text-anchor=\"end\">{label}</text>",
                LEFT - 10.0
            );
            for (line, (value, series)) in values.iter().zip(self.series).enumerate() {
                let y = top + BAR * float(line);
                self.bar(&mut out, name, *series, *value, x(*value, most), y);
            }
        }
        out.push_str("</svg>\n");
        Some(out)
    }

    /// The scale and its lines.
    fn grid(&self, out: &mut String, most: f64, bottom: f64) {
        // Values are whole numbers.
        let step = step(most).max(1.0);
        let mut tick = 0.0;
        while tick <= most {
            let at = x(tick, most);
            let word = (self.scale)(tick);
            let _ = writeln!(
                out,
                "<path class=\"grid\" d=\"M{at:.1} {TOP:.1}V{bottom:.1}\"/>\n\
                 <text class=\"dim\" x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{word}</text>",
                bottom + 17.0
            );
            tick += step;
        }
    }

    /// A bar up to `end`, with its value behind it.
    fn bar(
        &self,
        out: &mut String,
        name: &str,
        (what, class): (&str, &str),
        value: f64,
        end: f64,
        y: f64,
    ) {
        let word = (self.words)(value);
        let _ = writeln!(
            out,
            "<rect class=\"{class}\" x=\"{LEFT:.1}\" y=\"{y:.1}\" width=\"{:.1}\" \
             height=\"{:.1}\"><title>{}, {what}: {word}</title></rect>\n\
             <text class=\"value\" x=\"{:.1}\" y=\"{:.1}\">{word}</text>",
            end - LEFT,
            BAR - 2.0,
            escaped(name),
            end + 5.0,
            y + 9.5
        );
    }
}

/// Where a value ends.
fn x(value: f64, most: f64) -> f64 {
    LEFT + value / most * (ACROSS - LEFT - RIGHT)
}

/// The beginning of a picture with what a reader who does not see it hears.
pub(super) fn open(id: &str, title: &str, about: &str, height: f64) -> String {
    format!(
        "<svg id=\"{id}\" viewBox=\"0 0 {ACROSS:.0} {height:.0}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-desc\">\n\
         <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n",
        escaped(title),
        escaped(about)
    )
}

/// Between two lines of a scale up to `most`: 1, 2 or 5 times a power of ten, five lines or less.
pub(super) fn step(most: f64) -> f64 {
    let rough = most / 5.0;
    let power = 10_f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|it| it * power >= rough);
    factor.unwrap_or(10.0) * power
}

/// A small number of things as a length.
pub(super) fn float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}
