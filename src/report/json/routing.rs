//! Who read which packet, and why.

use serde::Serialize;

use crate::engine::Routes;
use crate::engine::routing::{PassedOver, PolicyReport, Risk, Route, StepRoute};

/// What was decided before the first call.
#[derive(Debug, Serialize)]
pub(super) struct JsonRouting<'o> {
    packets: Vec<JsonRoute<'o>>,
    policies: &'o [PolicyReport],
    budget: Option<&'o str>,
}

#[derive(Debug, Serialize)]
struct JsonRoute<'o> {
    files: Vec<String>,
    tokens: usize,
    risks: &'o [Risk],
    cut_by_budget: bool,
    steps: Vec<JsonStep<'o>>,
}

#[derive(Debug, Serialize)]
struct JsonStep<'o> {
    step: &'o str,
    asked: &'o [String],
    not_asked: Vec<JsonPassedOver<'o>>,
}

#[derive(Debug, Serialize)]
struct JsonPassedOver<'o> {
    backend: &'o str,
    reason: &'static str,
    policy: Option<&'o str>,
}

impl<'o> From<&'o Routes> for JsonRouting<'o> {
    fn from(routes: &'o Routes) -> Self {
        Self {
            packets: routes.packets.iter().map(JsonRoute::from).collect(),
            policies: &routes.policies,
            budget: routes.budget.as_deref(),
        }
    }
}

impl<'o> From<&'o Route> for JsonRoute<'o> {
    fn from(route: &'o Route) -> Self {
        Self {
            files: route.files.iter().map(ToString::to_string).collect(),
            tokens: route.tokens,
            risks: &route.risks,
            cut_by_budget: route.is_cut,
            steps: route.steps.iter().map(JsonStep::from).collect(),
        }
    }
}

impl<'o> From<&'o StepRoute> for JsonStep<'o> {
    fn from(route: &'o StepRoute) -> Self {
        let passed = route.passed_over.iter().map(|(backend, why)| {
            let (reason, policy) = PassedOver::parts(why);
            JsonPassedOver {
                backend,
                reason,
                policy,
            }
        });
        Self {
            step: &route.name,
            asked: &route.asked,
            not_asked: passed.collect(),
        }
    }
}
