//! What calls cost: before they are made, and by what was used.

use std::time::Duration;

use llmux::backends::{Prompt, Request};
use llmux::context::Counter;
use llmux::engine::{Plan, Prices, Seat};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use wiremock::ResponseTemplate;

use super::clock::{Scripted, nothing, plan, seat};
use super::{ANALYZE, packets, run};
use crate::support::model::{Model, says};

const NOTHING: &str = "{\"findings\": []}";

/// Dollars that `alpha` cost in a run over one packet, with these lines of its table.
fn cost(model: &Model, lines: &str) -> serde_json::Value {
    let repo = packets(1);
    let table = model.table("alpha");
    repo.config(&format!("{table}local = false\n{lines}"));
    let (code, json, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
    assert_eq!(code, Some(0), "{stderr}");
    json["backends"][0]["cost_usd"].clone()
}

/// It says of each answer: 100 tokens read, 10 written.
#[tokio::test(flavor = "multi_thread")]
async fn the_model_that_is_asked_has_its_own_price() {
    let model = Model::by_model(|model| match model {
        "gpt-5-mini" => ResponseTemplate::new(400).set_body_string("no such model"),
        _ => says(NOTHING),
    })
    .await;
    let openai = "preset = \"openai\"\n";
    let cascade = format!("{openai}models = [\"gpt-5-mini\", \"gpt-5.5\"]\n");
    assert_eq!(cost(&model, &cascade), json!(0.0008));
    let own = format!("{openai}model = \"gpt-5-nano\"\n");
    assert_eq!(cost(&model, &own), json!(0.000_009));
    // The configuration's price wins, and 0 is one.
    let free = format!("{own}price = {{ input = 0, output = 0 }}\n");
    assert_eq!(cost(&model, &free), json!(0.0));
    let unlisted = format!("{openai}model = \"gpt-5-tiny\"\n");
    assert_eq!(cost(&model, &unlisted), json!(null));
    assert_eq!(cost(&model, "model = \"gpt-5.5\"\n"), json!(null));
    let here = "model = \"gpt-5.5\"\n";
    let table = |lines: &str| format!("{}{lines}", model.table("alpha"));
    let repo = packets(1);
    repo.config(&table(here));
    let (_, json, stderr) = run(&repo, ANALYZE, &["--backend", "alpha"]);
    assert_eq!(json["backends"][0]["cost_usd"], json!(0.0), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_from_a_cache_is_cheaper_and_the_rest_may_have_been_written_to_it() {
    let model = Model::new(|_, _| {
        let content = json!({ "role": "assistant", "content": NOTHING });
        says("").set_body_json(json!({
            "id": "c", "object": "chat.completion", "model": "m",
            "choices": [{ "index": 0, "finish_reason": "stop", "message": content }],
            "usage": {
                "prompt_tokens": 1000, "completion_tokens": 100,
                "prompt_tokens_details": { "cached_tokens": 400 }
            }
        }))
    })
    .await;
    let price = |more: &str| format!("model = \"m\"\nprice = {{ input = 2, output = 10{more} }}\n");
    assert_eq!(cost(&model, &price("")), json!(0.003));
    let cached = ", cached_input = 0.5";
    assert_eq!(cost(&model, &price(cached)), json!(0.0024));
    let written = ", cached_input = 0.5, cache_write = 2.5";
    assert_eq!(cost(&model, &price(written)), json!(0.0027));
}

/// A plan of one packet for a seat that costs so much.
fn planned(prices: Prices, models: &[&str], counter: Counter) -> Plan {
    planned_for(ANALYZE, prices, models, counter)
}

fn planned_for(workflow: &str, prices: Prices, models: &[&str], counter: Counter) -> Plan {
    let alpha = Scripted::new("alpha", Duration::ZERO, nothing);
    let seat = Seat {
        prices,
        counter,
        models: models.iter().map(|model| (*model).into()).collect(),
        ..seat(&alpha)
    };
    plan(workflow, vec![seat], 1, 3_500)
}

fn listed(preset: &str, model: Option<&str>) -> Prices {
    Prices::Listed {
        preset: preset.into(),
        model: model.map(Into::into),
    }
}

#[test]
fn a_call_costs_at_most_what_is_set_aside() {
    let text = "fn main() { println!(\"{}\", 1 + 2); }\n".repeat(100);
    let counter = Counter::openai("gpt-5.5");
    let plan = planned(listed("openai", Some("gpt-5.5")), &[], counter);
    let mut request = Request {
        roles: vec!["analyzer".to_owned()],
        prompt: Prompt {
            packet: text.as_str().into(),
            ..Default::default()
        },
        schema: None,
        model: None,
        sample: 1,
        files: Vec::new(),
        limits: plan.seats[0].limits.clone(),
        cancel: CancellationToken::new(),
    };
    request.limits.max_output_tokens = Some(1_000);
    let exact = tiktoken_rs::o200k_base_singleton()
        .encode_ordinary(text.as_str())
        .len() as u64;
    let most = plan.seats[0].highest_cost_of(&request).unwrap();
    // 5 and 30 dollars a million.
    let least = exact * 5_000 + 1_000 * 30_000;
    assert!(
        (least..least + 100 * 5_000).contains(&most),
        "{most} {least}"
    );
    // The model that is asked counts: one that has a price, and one that has none.
    request.model = Some("gpt-5-mini".into());
    let cheap = plan.seats[0].highest_cost_of(&request).unwrap();
    assert!(cheap * 10 < most, "{cheap}");
    request.model = Some("gpt-5-tiny".into());
    assert_eq!(plan.seats[0].highest_cost_of(&request), None);
    // What is written to the cache is dearer: 2.5 in place of 2.
    request.model = None;
    let plan = planned(
        listed("claude", Some("claude-sonnet-5-5")),
        &[],
        Counter::default(),
    );
    let most = plan.seats[0].highest_cost_of(&request).unwrap();
    assert!(most >= exact * 2_500 * 4 / 3 + 1_000 * 10_000, "{most}");
    let free = planned(Prices::FREE, &[], counter);
    assert_eq!(free.seats[0].highest_cost_of(&request), Some(0));
}

#[test]
fn the_dearest_model_of_a_cascade_counts() {
    let models = ["gpt-5-mini", "gpt-5.5-pro"];
    let mut plan = planned(listed("openai", None), &models, Counter::default());
    plan.seats[0].limits.max_output_tokens = Some(1_000_000);
    let cost = plan.estimate()[0].cost_usd.unwrap();
    // 180 dollars for the answer alone.
    assert!((180.0..181.0).contains(&cost), "{cost}");
    plan.seats[0].models.push("nobody-knows".into());
    assert_eq!(plan.estimate()[0].cost_usd, None);
}

#[test]
fn a_backend_without_a_price_says_what_to_write() {
    let known = planned(listed("openai", Some("gpt-5.5")), &[], Counter::default());
    assert_eq!(known.unpriced(), [""; 0]);
    let unknown = planned(Prices::Unknown, &[], Counter::default());
    assert_eq!(
        unknown.unpriced(),
        [
            "backend `alpha` has no known price, and a budget is set: add `price = { input = …, \
          output = … }` (US dollars for a million tokens; 0 where it is free) under \
          [backends.alpha]"
        ]
    );
    // A program without a model, a model that is not listed, one of a cascade.
    let program = planned(listed("claude", None), &[], Counter::default());
    assert!(program.unpriced()[0].starts_with("backend `alpha` has no known price"));
    let own = planned(
        listed("openai", Some("gpt-5.5-turbo")),
        &[],
        Counter::default(),
    );
    assert!(own.unpriced()[0].starts_with("the model `gpt-5.5-turbo` of backend `alpha` has no"));
    let cascade = planned(
        listed("openai", None),
        &["gpt-5", "gpt-x"],
        Counter::default(),
    );
    assert!(cascade.unpriced()[0].starts_with("the model `gpt-x` of backend `alpha` has no"));
    // A step's model counts in place of its own; a critic is asked its own.
    let step = format!("{ANALYZE}model = \"gpt-5\"\n");
    let mut plan = planned_for(
        &step,
        listed("openai", Some("gpt-x")),
        &[],
        Counter::default(),
    );
    plan.refuting.by_default = false;
    assert_eq!(plan.unpriced(), [""; 0]);
    plan.refuting.by_default = true;
    assert_eq!(plan.unpriced().len(), 1);
}
