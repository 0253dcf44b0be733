//! What weights and priors were learned from.

use serde::Serialize;

use crate::engine::Learning;

#[derive(Debug, Serialize)]
pub(super) struct JsonLearned<'o> {
    judgements: usize,
    priors: bool,
    backends: Vec<JsonLesson<'o>>,
}

#[derive(Debug, Serialize)]
struct JsonLesson<'o> {
    name: &'o str,
    judged: usize,
    real: usize,
    factor: f64,
}

impl<'o> From<&'o Learning> for JsonLearned<'o> {
    fn from(learning: &'o Learning) -> Self {
        let lessons = learning.learned.backends.iter();
        let lesson = lessons.map(|(name, lesson)| JsonLesson {
            name,
            judged: lesson.judged,
            real: lesson.real,
            factor: lesson.factor,
        });
        Self {
            judgements: learning.learned.judgements,
            priors: learning.priors,
            backends: lesson.collect(),
        }
    }
}
