//! What a plan will cost at most, before the first call.

use super::run::waves;
use super::{Plan, Seat, refute, vars};
use crate::context::tokens;
use crate::workflow::{ForEach, Produces, TemplateError};

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
    /// Tokens of all prompts, by [`tokens`].
    pub input_tokens: usize,
    /// US dollars, were every answer as long as it may be; none where no price is known.
    pub cost_usd: Option<f64>,
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

    /// What each backend will be asked, sorted by name.
    pub fn estimate(&self) -> Vec<Estimate> {
        let prompt = self.prompt_tokens().unwrap_or_default();
        let packets: usize = self.packets.iter().map(|packet| packet.tokens).sum();
        let all: Vec<usize> = (0..self.workflow.steps.len()).collect();
        let lanes: Vec<_> = waves(&self.workflow, &all)
            .into_iter()
            .flat_map(|wave| self.lanes(&wave, self.workflow.fold))
            .collect();
        let mut estimates: Vec<Estimate> = self
            .seats
            .iter()
            .filter(|seat| self.is_in_a_crew(seat.backend.name()))
            .map(|seat| {
                let name = seat.backend.name();
                let mut estimate = Estimate {
                    backend: name.to_owned(),
                    calls: 0,
                    samples: 1,
                    further_models: 0,
                    input_tokens: 0,
                    cost_usd: None,
                };
                for lane in lanes
                    .iter()
                    .filter(|lane| lane.candidates[0].backend == name)
                {
                    let more = lane.candidates[0].models.len() - 1;
                    estimate.further_models = estimate.further_models.max(more);
                    let step = &self.workflow.steps[lane.steps[0]];
                    if step.for_each == Some(ForEach::Packets) {
                        let samples = lane.calls();
                        estimate.samples = estimate.samples.max(samples);
                        estimate.calls += samples * self.packets.len();
                        estimate.input_tokens += samples * (packets + self.packets.len() * prompt);
                    } else {
                        estimate.calls += 1;
                        estimate.input_tokens += prompt;
                    }
                }
                estimate.cost_usd = seat.highest_cost(estimate.calls, estimate.input_tokens);
                if !seat.backend.writes_text() {
                    // A scanner on this machine: nothing to pay.
                    estimate.cost_usd = Some(0.0);
                }
                estimate
            })
            .collect();
        estimates.sort_by(|a, b| a.backend.cmp(&b.backend));
        estimates
    }
}

impl Seat {
    /// US dollars for so many calls with so many tokens of prompts together, were every answer
    /// as long as it may be; none where no price is known.
    pub(super) fn highest_cost(&self, calls: usize, input_tokens: usize) -> Option<f64> {
        let price = self.price?;
        let output = calls * self.limits.max_output_tokens.unwrap_or(0) as usize;
        Some(dollars(input_tokens, price.input) + dollars(output, price.output))
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "token counts are far below 2^52"
)]
fn dollars(tokens: usize, per_million: f64) -> f64 {
    tokens as f64 * per_million / 1e6
}
