//! What a plan will cost at most, before the first call.

use std::collections::BTreeMap;

use super::breaker::Line;
use super::run::waves;
use super::{Plan, Seat, refute, vars};
use crate::context::tokens;
use crate::units::dollars;
use crate::workflow::{Produces, TemplateError};

mod asked;

use asked::Asked;

/// What one backend will be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Its name.
    pub backend: String,
    /// Calls, of the first model alone; repairs and retries not counted.
    pub calls: usize,
    /// Most calls about one packet of one question.
    pub samples: usize,
    /// Models that are asked where the first of a cascade gives no answer.
    pub further_models: usize,
    /// Tokens of all questions, as its [`Counter`](crate::context::Counter) counts them; 0 of a scanner.
    pub input_tokens: usize,
    /// US dollars, were every answer as long as it may be and the dearest of its models asked;
    /// none where a price is not known.
    pub cost_usd: Option<f64>,
    /// The day of the price list, where the price is the list's.
    pub listed: Option<&'static str>,
}

impl Plan {
    /// Tokens of the longest prompt for findings without its packet.
    ///
    /// # Errors
    /// Where a template cannot be rendered.
    pub fn prompt_tokens(&self) -> Result<usize, TemplateError> {
        let vars = vars::vars(self, &[], &vars::Texts::new());
        let fixed = tokens(&self.templates.render_fixed(&vars)?);
        let mut tasks = 0;
        let mut longest = 0;
        for step in &self.workflow.steps {
            if step.when.is_some() || step.produces != Produces::Findings {
                continue;
            }
            let task = tokens(&self.templates.render_task(step, &vars)?);
            tasks += task;
            longest = longest.max(task);
        }
        // Folded tasks stand in one prompt.
        Ok(fixed + if self.workflow.fold { tasks } else { longest })
    }

    /// The same of a critic's longest prompt; 0 where nothing goes before critics.
    ///
    /// # Errors
    /// Where a template cannot be rendered.
    pub fn critics_prompt_tokens(&self) -> Result<usize, TemplateError> {
        if !self.may_refute() {
            return Ok(0);
        }
        let vars = vars::vars(self, &[], &vars::Texts::new());
        let fixed = tokens(&self.templates.render_fixed(&vars)?);
        Ok(fixed + refute::longest_task())
    }

    /// Tokens of the longest prompt for findings, repairs left aside.
    pub(super) fn largest_prompt(&self) -> usize {
        let longest = self.packets.iter().map(|packet| packet.tokens).max();
        longest.unwrap_or_default() + self.prompt_tokens().unwrap_or_default()
    }

    /// What each backend will be asked, sorted by name: what is asked in any case. What steps
    /// write and find is not known before, so that a step which reads that has a longer prompt.
    pub fn estimate(&self) -> Vec<Estimate> {
        let asked = Asked::new(self);
        let mut estimates: BTreeMap<&str, (Estimate, u64)> = BTreeMap::new();
        for seat in &self.seats {
            let name = seat.backend.name();
            if self.is_in_a_crew(name) {
                estimates.insert(name, (Estimate::of_nothing(name), 0));
            }
        }
        for (lane, packets) in self
            .waves_in_turn()
            .iter()
            .flat_map(|wave| self.assignments(wave, self.workflow.fold))
        {
            let first = &lane.candidates[0];
            let seat = self.seat(&first.backend);
            let (Some(seat), Some((estimate, nano_usd))) =
                (seat, estimates.get_mut(&*first.backend))
            else {
                continue;
            };
            let (calls, input) = asked.of(&lane, &packets, seat);
            estimate.calls += calls;
            estimate.input_tokens += input;
            estimate.further_models = estimate.further_models.max(first.models.len() - 1);
            if asked.is_over_packets(&lane) {
                estimate.samples = estimate.samples.max(lane.calls());
            }
            let listed = first
                .models
                .iter()
                .find_map(|model| seat.prices.listed(model.as_deref()));
            estimate.listed = estimate.listed.or(listed.map(|it| it.as_of));
            match seat.highest_cost(&first.models, calls, input) {
                Some(cost) => *nano_usd = nano_usd.saturating_add(cost),
                None => estimate.cost_usd = None,
            }
        }
        let sum = |(mut estimate, nano_usd): (Estimate, u64)| {
            estimate.cost_usd = estimate.cost_usd.map(|_| dollars(nano_usd));
            estimate
        };
        estimates.into_values().map(sum).collect()
    }

    /// Which steps run together, as they do where all that are ready start and end at once.
    fn waves_in_turn(&self) -> Vec<Vec<usize>> {
        let steps = &self.workflow.steps;
        let mut turns = Vec::new();
        let mut waiting: Vec<usize> = (0..steps.len()).collect();
        while !waiting.is_empty() {
            let waits_for = |step: &usize| {
                let mut others = waiting.iter();
                let names = &steps[*step].depends_on;
                others.any(|other| names.contains(&steps[*other].name))
            };
            let (later, mut ready): (Vec<usize>, Vec<usize>) =
                waiting.iter().partition(|step| waits_for(step));
            // A circle; workflows are checked, and have none.
            if ready.is_empty() {
                ready.clone_from(&later);
                waiting.clear();
            } else {
                waiting = later;
            }
            turns.extend(waves(&self.workflow, &ready));
        }
        turns
    }

    /// What to write into the configuration so that the price of all that may be asked is
    /// known, where a budget must be kept. One sentence a backend.
    pub fn unpriced(&self) -> Vec<String> {
        let all: Vec<usize> = (0..self.workflow.steps.len()).collect();
        let lanes = self.lanes(&all, false);
        let candidates = lanes.iter().flat_map(|lane| &lane.candidates);
        let mut models: BTreeMap<&str, Vec<Line>> = BTreeMap::new();
        for candidate in candidates {
            let own = models.entry(&candidate.backend).or_default();
            own.extend(candidate.models.iter().cloned());
        }
        let critics = self.may_refute().then_some(&self.refuting.critics);
        let judges = critics.into_iter().chain(&self.arbiter);
        for judge in judges.flat_map(|crew| &crew.backends) {
            let own = models.entry(judge).or_default();
            own.extend(self.own_models(judge));
        }
        let sentence = |seat: &Seat| {
            let models = models.get(seat.backend.name())?;
            seat.unpriced(models.iter().map(Option::as_deref))
        };
        self.seats.iter().filter_map(sentence).collect()
    }
}

impl Estimate {
    fn of_nothing(backend: &str) -> Self {
        Self {
            backend: backend.to_owned(),
            calls: 0,
            samples: 1,
            further_models: 0,
            input_tokens: 0,
            cost_usd: Some(0.0),
            listed: None,
        }
    }
}
