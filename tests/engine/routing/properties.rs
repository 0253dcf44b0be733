//! What is true of every choice, whatever the crew.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use llmux::backends::{Backend, BoxFuture, CallError, Price, Reply, Request};
use llmux::change::{Change, FileChange, Hunk, Kind, Line, LineKind, RepoPath, Text};
use llmux::context;
use llmux::engine::routing::{Candidate, Known, Policy, Rules, Settings, Size, choose, fit};
use llmux::engine::{Plan, Prices, Routes, Seat, voters_of};
use llmux::findings::VoteSettings;
use llmux::units::Threshold;
use proptest::prelude::*;

use super::super::clock;
use super::ANALYZE;

fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
    let one = (0_u8..4, proptest::option::of(0_u64..20), any::<bool>());
    let one = one.prop_map(|(weight, cost, is_avoided)| Candidate {
        weight: f64::from(weight),
        cost,
        is_avoided,
    });
    proptest::collection::vec(one, 0..7)
}

fn size() -> impl Strategy<Value = Size> {
    prop_oneof![
        Just(Size::Whole),
        (0_usize..5).prop_map(Size::Cheapest),
        (0_usize..5).prop_map(Size::Strongest),
    ]
}

/// Unknown prices come after all known ones.
fn cost(candidates: &[Candidate], set: &[usize]) -> (usize, u64) {
    let costs = set.iter().map(|at| candidates[*at].cost);
    (
        costs.clone().filter(Option::is_none).count(),
        costs.flatten().sum(),
    )
}

fn subsets(of: &[usize]) -> Vec<Vec<usize>> {
    let masks = 0_usize..1 << of.len();
    let members = |mask: usize| (0..of.len()).filter(move |bit| mask >> bit & 1 == 1);
    masks
        .map(|mask| members(mask).map(|bit| of[bit]).collect())
        .collect()
}

proptest! {
    #[test]
    fn a_choice_reaches_what_is_needed_or_is_everybody(
        all in candidates(), size in size(), needed in 1_u8..9,
    ) {
        let weight = |set: &[usize]| set.iter().map(|at| all[*at].weight).sum::<f64>();
        let reaches = |set: &[usize]| weight(set) >= f64::from(needed);
        let everybody: Vec<usize> = (0..all.len()).collect();
        let choice = choose(&all, size, &reaches);
        prop_assert_eq!(choice.reaches, reaches(&everybody));
        if !choice.reaches {
            prop_assert_eq!(&choice.members, &everybody);
            return Ok(());
        }
        prop_assert!(reaches(&choice.members));
        prop_assert!(choice.members.is_sorted());
        let welcome: Vec<usize> = everybody.iter().copied().filter(|at| !all[*at].is_avoided).collect();
        let avoids = |set: &[usize]| set.iter().all(|at| !all[*at].is_avoided);
        prop_assert_eq!(avoids(&choice.members), reaches(&welcome));
        if reaches(&welcome) {
            let least = match size {
                Size::Whole => welcome.len(),
                Size::Cheapest(least) | Size::Strongest(least) => least.min(welcome.len()),
            };
            prop_assert!(choice.members.len() >= least);
        }
    }

    /// By trying all.
    #[test]
    fn no_other_crew_is_cheaper(all in candidates(), least in 0_usize..5, needed in 1_u8..9) {
        let weight = |set: &[usize]| set.iter().map(|at| all[*at].weight).sum::<f64>();
        let reaches = |set: &[usize]| weight(set) >= f64::from(needed);
        let choice = choose(&all, Size::Cheapest(least), &reaches);
        let everybody: Vec<usize> = (0..all.len()).collect();
        let welcome: Vec<usize> = everybody.into_iter().filter(|at| !all[*at].is_avoided).collect();
        prop_assume!(choice.reaches && reaches(&welcome));
        for other in subsets(&welcome) {
            if other.len() >= least.min(welcome.len()) && reaches(&other) {
                prop_assert!(cost(&all, &choice.members) <= cost(&all, &other), "{other:?}");
            }
        }
    }

    /// The last give in first, no more of them than needed, and only for less money.
    #[test]
    fn packets_give_in_from_the_end(
        costs in proptest::collection::vec((0_u64..50, proptest::option::of(0_u64..50)), 0..8),
        remaining in 0_u64..200,
    ) {
        let keeps = fit(&costs, remaining);
        let paid = |keeps: &[bool]| -> u64 {
            let each = costs.iter().zip(keeps);
            each.map(|((first, cheaper), keeps)| if *keeps { *first } else { cheaper.unwrap() }).sum()
        };
        let could = |at: usize| costs[at].1.is_some_and(|cheaper| cheaper < costs[at].0);
        for at in 0..costs.len() {
            if !keeps[at] {
                prop_assert!(could(at));
                // Everything behind it had given in, and that was not enough.
                let mut before = keeps.clone();
                before[..=at].fill(true);
                prop_assert!(paid(&before) > remaining);
                prop_assert!((at..costs.len()).all(|later| !keeps[later] || !could(later)));
            }
        }
        if paid(&keeps) > remaining {
            prop_assert!((0..costs.len()).all(|at| !keeps[at] || !could(at)));
        }
    }
}

#[derive(Debug)]
struct Named(String);

impl Backend for Named {
    fn name(&self) -> &str {
        &self.0
    }

    fn available(&self) -> Result<(), String> {
        Ok(())
    }

    fn identity(&self) -> String {
        String::new()
    }

    fn ask<'a>(&'a self, _: &'a Request) -> BoxFuture<'a, Result<Reply, CallError>> {
        unreachable!("nothing is asked")
    }
}

fn price(input: u8) -> Price {
    Price {
        input: f64::from(input),
        output: 1.0,
        cached_input: None,
        cache_write: None,
    }
}

fn added(path: &str, lines: u32) -> Arc<FileChange> {
    let text = |line: u32| format!("line {line} of {path}");
    let all: Vec<String> = (1..=lines).map(text).collect();
    let line = |(number, text): (u32, &String)| Line {
        kind: LineKind::Added,
        number,
        text: text.as_str().into(),
        no_newline: false,
    };
    Arc::new(FileChange {
        path: RepoPath::new(path),
        old_path: None,
        kind: Kind::Added,
        old_mode: None,
        new_mode: None,
        new: Text::whole(all.join("\n").as_bytes()),
        hunks: vec![Hunk {
            old_start: 0,
            old_count: 0,
            new_start: 1,
            new_count: lines,
            lines: (1..).zip(&all).map(line).collect(),
        }],
    })
}

/// Weight, price and whether it is local of each model; lines of each file, and whether it must
/// stay here; what confirms.
type Case = (Vec<(u8, Option<u8>, bool)>, Vec<(u32, bool)>, Threshold);

fn case() -> impl Strategy<Value = Case> {
    let seat = (1_u8..4, proptest::option::of(0_u8..30), any::<bool>());
    let threshold = prop_oneof![
        Just(Threshold::Auto),
        (1_u8..6).prop_map(|weight| Threshold::Weight(f64::from(weight))),
        Just(Threshold::Share(75.0)),
        Just(Threshold::Probability(0.8)),
    ];
    (
        proptest::collection::vec(seat, 1..6),
        proptest::collection::vec((1_u32..200, any::<bool>()), 1..7),
        threshold,
    )
}

fn settings() -> Settings {
    let mut settings = Settings {
        enabled: true,
        ..Settings::default()
    };
    settings.risk.tokens = 900;
    let policy = Policy {
        paths: Some(vec!["legal/**".to_owned()]),
        local: true,
        ..Policy::default()
    };
    settings.policies.insert("home".to_owned(), policy);
    settings
}

fn plan((seats, files, threshold): &Case) -> (Plan, Rules, Known) {
    let base = clock::seat(&Arc::new(Named("any".to_owned())));
    let named = seats
        .iter()
        .enumerate()
        .map(|(at, (weight, input, _))| Seat {
            backend: Arc::new(Named(format!("m{at}"))),
            weight: f64::from(*weight),
            prices: input.map_or(Prices::Unknown, |input| Prices::Fixed(price(input))),
            ..base.clone()
        });
    let mut plan = clock::plan(ANALYZE, named.collect(), 0, 0);
    let mut files: Vec<_> = files
        .iter()
        .enumerate()
        .map(|(at, (lines, stays))| {
            let folder = if *stays { "legal" } else { "src" };
            added(&format!("{folder}/f{at}.txt"), *lines)
        })
        .collect();
    files.sort_by(|left, right| left.path.cmp(&right.path));
    let change = Change {
        files,
        ..Change::default()
    };
    let rules = Rules::new(&settings()).unwrap();
    let cut = context::Settings {
        max_tokens: 1200,
        context_lines: 3,
        max_enclosing_lines: 12,
    };
    let parts = rules.parts(&change);
    plan.packets = parts
        .iter()
        .flat_map(|part| context::pack(part, &cut, 1200))
        .collect();
    plan.change = Arc::new(change);
    plan.vote = VoteSettings::of(*threshold);
    let locals = seats
        .iter()
        .enumerate()
        .filter(|(_, (.., is_local))| *is_local);
    let known = Known {
        locals: locals.map(|(at, _)| format!("m{at}")).collect(),
        ..Known::default()
    };
    (plan, rules, known)
}

fn routed(plan: &mut Plan, rules: &Rules, known: &Known) -> Routes {
    plan.route(rules, known);
    plan.routes.clone().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_must_stay_is_asked_of_local_ones_alone(case in case()) {
        let (mut plan, rules, known) = plan(&case);
        let routes = routed(&mut plan, &rules, &known);
        for (packet, route) in plan.packets.iter().zip(&routes.packets) {
            let stays = |path: &RepoPath| path.to_string().starts_with("legal/");
            let staying = packet.slices.iter().filter(|slice| stays(&slice.file.path)).count();
            // What must stay takes nothing else with it.
            prop_assert!(staying == 0 || staying == packet.slices.len());
            for step in &route.steps {
                let asked: BTreeSet<String> = step.asked.iter().cloned().collect();
                if staying > 0 {
                    prop_assert!(asked.is_subset(&known.locals), "{asked:?}");
                }
            }
        }
    }

    /// Or are all that may be asked.
    #[test]
    fn those_that_are_asked_make_a_quorum(case in case()) {
        let (mut plan, rules, known) = plan(&case);
        let routes = routed(&mut plan, &rules, &known);
        for route in &routes.packets {
            let step = &route.steps[0];
            let crew: Vec<String> = plan.seats.iter().map(|seat| seat.backend.name().to_owned()).collect();
            let stays = route.files.iter().any(|path| path.to_string().starts_with("legal/"));
            let permitted: Vec<&String> = crew
                .iter()
                .filter(|name| !stays || known.locals.contains(*name))
                .collect();
            let everybody = permitted.len() == step.asked.len();
            let mut whole = clock::plan(ANALYZE, plan.seats.clone(), 0, 0);
            whole.vote = plan.vote.clone();
            let confirmation = llmux::engine::Confirmation::new(
                &whole.workflow.steps[0], &whole.crews[0], &whole.seats, &whole.vote, &whole.priors,
            );
            let quorum = llmux::engine::Quorum::new(
                &whole.crews[0], llmux::workflow::Execution::Parallel, &confirmation, &|_| false,
            );
            let asked = plan.seats.iter().filter(|seat| step.asked.iter().any(|name| name == seat.backend.name()));
            let readers: Vec<_> = asked.flat_map(|seat| voters_of(seat, 1)).collect();
            prop_assert!(everybody || quorum.shortfall(&readers).is_none(), "{:?}", step);
            if permitted.is_empty() {
                prop_assert!(!routes.gaps.is_empty());
            }
        }
    }

    #[test]
    fn a_packet_goes_its_way_wherever_it_stands(case in case()) {
        let (mut plan, rules, known) = plan(&case);
        let routes = routed(&mut plan, &rules, &known);
        plan.packets.reverse();
        let mut turned = routed(&mut plan, &rules, &known);
        turned.packets.reverse();
        prop_assert_eq!(routes, turned);
    }
}

/// Three models at one, two and three dollars a million tokens; three long files, all risky.
fn three() -> (Plan, Rules, Known) {
    let seats = [1, 2, 3].map(|input| (1, Some(input), false));
    let files = [(60, false), (60, false), (60, false)];
    let (mut plan, _, known) = plan(&(seats.to_vec(), files.to_vec(), Threshold::Auto));
    let mut settings = settings();
    settings.voters = 1;
    settings.risk.tokens = 1;
    let rules = Rules::new(&settings).unwrap();
    let cut = context::Settings {
        max_tokens: 600,
        context_lines: 3,
        max_enclosing_lines: 12,
    };
    plan.packets = context::pack(&plan.change, &cut, 600);
    (plan, rules, known)
}

fn readers(routes: &Routes) -> Vec<usize> {
    let packets = routes.packets.iter();
    packets.map(|route| route.steps[0].asked.len()).collect()
}

#[test]
fn risky_packets_give_in_where_money_is_short() {
    let (mut plan, rules, known) = three();
    let routes = routed(&mut plan, &rules, &known);
    assert_eq!(readers(&routes), [3, 3, 3]);
    assert_eq!(routes.budget, None);
    // No output is counted, so a packet with all three takes six dollars a million tokens.
    let tokens: Vec<u64> = plan.packets.iter().map(|it| it.tokens as u64).collect();
    let prompt = plan.prompt_tokens().unwrap() as u64;
    let full = tokens
        .iter()
        .map(|tokens| (tokens + prompt) * 6_000)
        .sum::<u64>();
    let with = |plan: &mut Plan, remaining| {
        let known = Known {
            remaining_nano_usd: Some(remaining),
            ..known.clone()
        };
        routed(plan, &rules, &known)
    };
    assert_eq!(
        readers(&with(&mut plan, full + 9)),
        [3, 3, 3],
        "rounding aside"
    );
    let short = with(&mut plan, full - 1_000);
    assert_eq!(
        readers(&short),
        [3, 3, 1],
        "the last gives in: {:?}",
        short.budget
    );
    assert!(short.packets[2].is_cut && !short.packets[2].risks.is_empty());
    let told = short.budget.clone().unwrap();
    assert!(
        told.ends_with("are left: 1 risky packet is read as an ordinary one"),
        "{told}"
    );

    let broke = with(&mut plan, 1);
    assert_eq!(readers(&broke), [1, 1, 1]);
    let told = broke.budget.clone().unwrap();
    assert!(
        told.contains(
            "3 risky packets are read as ordinary ones; what is left to do may take up to $"
        ),
        "{told}"
    );
}

#[test]
fn a_slow_backend_breaks_a_policy_on_latency() {
    let (mut plan, _, mut known) = three();
    let mut settings = settings();
    settings.enabled = false;
    let policy = Policy {
        max_latency: Some(Duration::from_secs(30)),
        ..Policy::default()
    };
    settings.policies = [("quick".to_owned(), policy)].into();
    let rules = Rules::new(&settings).unwrap();
    let routes = routed(&mut plan, &rules, &known);
    assert_eq!(readers(&routes), [3, 3, 3], "nothing is known");
    known
        .latencies
        .insert("m0".to_owned(), Duration::from_secs(30));
    known
        .latencies
        .insert("m1".to_owned(), Duration::from_secs(31));
    let routes = routed(&mut plan, &rules, &known);
    assert_eq!(routes.packets[0].steps[0].asked, ["m0", "m2"]);
    assert_eq!(
        (routes.policies[0].violations, routes.policies[0].prevented),
        (0, 3)
    );
}

/// What is known of money and time may differ when a run goes on; what is wanted may not.
#[test]
fn a_plan_is_known_by_what_its_routing_wants() {
    let (mut plan, rules, mut known) = three();
    let bare = plan.key();
    plan.route(&rules, &known);
    let key = plan.key();
    assert_ne!(bare, key);
    known.remaining_nano_usd = Some(1);
    plan.route(&rules, &known);
    assert_eq!(plan.key(), key);
    known.locals.insert("m0".to_owned());
    plan.route(&rules, &known);
    assert_ne!(plan.key(), key);
}
