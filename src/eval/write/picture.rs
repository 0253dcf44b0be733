//! Precision over recall, as SVG in the page.

use std::fmt::Write as _;

use super::super::result::{Evaluation, Score};
use super::threshold;
use crate::html::escaped;

/// Edges of the drawing area, in the picture's units.
const LEFT: f64 = 52.0;
const TOP: f64 = 16.0;
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 380.0;
/// Between the lowest line of one label and the next.
const LABEL: f64 = 13.0;

/// A point with its name.
struct Dot {
    x: f64,
    y: f64,
    name: String,
}

pub(super) fn svg(evaluation: &Evaluation) -> String {
    let mut out = String::from(
        "<svg viewBox=\"0 0 720 475\" role=\"img\" aria-label=\"Precision over recall\">\n",
    );
    grid(&mut out);
    let at = |is_votes: bool| {
        evaluation
            .thresholds
            .iter()
            .filter(move |at| at.threshold.is_str() != is_votes && at.score.reported > 0.0)
            .map(|at| dot(&at.score, threshold(&at.threshold)))
            .collect::<Vec<_>>()
    };
    let alone: Vec<Dot> = evaluation
        .backends
        .iter()
        .map(|backend| dot(&backend.score, backend.name.clone()))
        .collect();
    let mut taken = Vec::new();
    for one in &alone {
        let _ = writeln!(
            out,
            "<circle class=\"dot-alone\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\"/>",
            one.x, one.y
        );
        label(&mut out, one, Side::Right, &mut taken);
    }
    series(&mut out, &at(true), "votes", &mut taken);
    series(&mut out, &at(false), "odds", &mut taken);
    legend(&mut out);
    out.push_str("</svg>\n");
    out
}

fn dot(score: &Score, name: String) -> Dot {
    Dot {
        x: x(score.recall.value),
        y: y(score.precision.value),
        name,
    }
}

fn x(recall: f64) -> f64 {
    LEFT + recall * WIDTH
}

fn y(precision: f64) -> f64 {
    TOP + (1.0 - precision) * HEIGHT
}

fn grid(out: &mut String) {
    for tenth in (0..=10).step_by(2) {
        let share = f64::from(tenth) / 10.0;
        let _ = writeln!(
            out,
            "<path class=\"grid\" d=\"M{:.1} {:.1}H{:.1}M{:.1} {:.1}V{:.1}\"/>\n\
             <text class=\"dim\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{share:.1}</text>\n\
             <text class=\"dim\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{share:.1}</text>",
            x(0.0),
            y(share),
            x(1.0),
            x(share),
            y(0.0),
            y(1.0),
            LEFT - 8.0,
            y(share) + 4.0,
            x(share),
            y(0.0) + 18.0
        );
    }
    for tenth in (2..=8).step_by(2) {
        let f1 = f64::from(tenth) / 10.0;
        let mut path = String::new();
        // Precision from recall at equal F1, where it is a share.
        for step in 0..=100 {
            let recall = f64::from(step) / 100.0;
            let precision = f1 * recall / (2.0 * recall - f1);
            if recall > f1 / 2.0 && precision <= 1.0 {
                let move_or_line = if path.is_empty() { 'M' } else { 'L' };
                let _ = write!(path, "{move_or_line}{:.1} {:.1}", x(recall), y(precision));
            }
        }
        let end = f1 / (2.0 - f1);
        let _ = writeln!(
            out,
            "<path class=\"iso\" d=\"{path}\"/>\n\
             <text class=\"dim\" x=\"{:.1}\" y=\"{:.1}\">F1 {f1:.1}</text>",
            x(1.0) + 6.0,
            y(end) + 4.0
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">Recall</text>\n\
         <text x=\"14\" y=\"{:.1}\" text-anchor=\"middle\" transform=\"rotate(-90 14 {:.1})\">Precision</text>",
        x(0.5),
        y(0.0) + 38.0,
        y(0.5),
        y(0.5)
    );
}

fn series(out: &mut String, dots: &[Dot], class: &str, taken: &mut Vec<(f64, f64)>) {
    let points: Vec<String> = dots
        .iter()
        .map(|one| format!("{:.1},{:.1}", one.x, one.y))
        .collect();
    let _ = writeln!(
        out,
        "<polyline class=\"{class}\" points=\"{}\"/>",
        points.join(" ")
    );
    for one in dots {
        let _ = writeln!(
            out,
            "<circle class=\"dot-{class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.5\"/>",
            one.x, one.y
        );
        // The two lines run close together.
        let side = if class == "odds" {
            Side::Left
        } else {
            Side::Right
        };
        label(out, one, side, taken);
    }
}

/// Of its point a name stands on.
#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

/// A name beside its point, lower or higher where another one stands already.
fn label(out: &mut String, one: &Dot, side: Side, taken: &mut Vec<(f64, f64)>) {
    let (x, anchor) = match side {
        Side::Left => (one.x - 7.0, "end"),
        Side::Right => (one.x + 7.0, "start"),
    };
    let mut y = one.y + 4.0;
    let is_taken = |y: f64, taken: &[(f64, f64)]| {
        taken
            .iter()
            .any(|(other_x, other_y)| (other_x - x).abs() < 60.0 && (other_y - y).abs() < LABEL)
    };
    let mut step = 1.0_f64;
    // Below, above, further below …, within the picture.
    while is_taken(y, taken) && step < 12.0 {
        let down = if step % 2.0 == 0.0 { -1.0 } else { 1.0 };
        y = one.y + 4.0 + down * (step / 2.0).ceil() * LABEL;
        step += 1.0;
    }
    taken.push((x, y));
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
        escaped(&one.name)
    );
}

fn legend(out: &mut String) {
    let entries = [
        ("<path class=\"votes\" d=\"M0 -4H18\"/>", "all, by votes"),
        (
            "<path class=\"odds\" d=\"M0 -4H18\"/>",
            "all, by probability",
        ),
        (
            "<circle class=\"dot-alone\" cx=\"9\" cy=\"-4\" r=\"4\"/>",
            "one alone",
        ),
    ];
    for (at, (mark, name)) in (0_u32..).zip(entries) {
        let _ = writeln!(
            out,
            "<g transform=\"translate({:.1} {:.1})\">{mark}<text x=\"26\" y=\"0\">{name}</text></g>",
            x(0.0) + f64::from(at) * 170.0,
            TOP + HEIGHT + 66.0
        );
    }
}
