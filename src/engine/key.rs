//! What a plan is known by: two plans with the same key ask the same.

use sha2::{Digest as _, Sha256};

use super::{Plan, vars};
use crate::backends::configuration_of;
use crate::units::hex;

impl Plan {
    /// SHA-256 in hexadecimal over all that decides what is asked first: packets, prompts, crews
    /// and their configuration. What is made of the answers (thresholds, the gate, reports) is
    /// not in it.
    pub fn key(&self) -> String {
        let mut digest = Sha256::new();
        let mut part = |text: &str| {
            digest.update((text.len() as u64).to_le_bytes());
            digest.update(text);
        };
        part(env!("CARGO_PKG_VERSION"));
        part(&self.workflow.name);
        let vars = vars::vars(self, &[], &vars::Texts::new());
        part(&self.templates.render_fixed(&vars).unwrap_or_default());
        for (step, crew) in self.workflow.steps.iter().zip(&self.crews) {
            part(&step.name);
            part(&step.role);
            part(&self.templates.render_task(step, &vars).unwrap_or_default());
            part(&crew.backends.join("\n"));
        }
        for seat in &self.seats {
            let limits = &seat.limits;
            let models = seat.models.join("\n");
            part(seat.backend.name());
            part(&configuration_of(&*seat.backend));
            part(&format!(
                "{models}\n{} {:?} {:?}",
                seat.samples, limits.max_output_tokens, limits.temperature
            ));
        }
        for (name, value) in &self.args {
            part(name);
            part(value);
        }
        for file in &self.change.files {
            part(&file.path.to_string());
        }
        for packet in &self.packets {
            part(&packet.text);
        }
        if let Some(routes) = &self.routes {
            // Who is needed for a quorum decides who is asked.
            part(&format!("{:?}", self.vote));
            for (step, crew) in self.workflow.steps.iter().zip(&self.crews) {
                part(&format!("{:?} {:?}", step.threshold, crew.threshold));
            }
            for seat in &self.seats {
                part(&format!("{} {}", seat.weight, seat.authoritative));
            }
            part(&routes.basis);
        }
        hex(&digest.finalize())
    }
}
