//! Which steps come before which.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Step, Workflow};

impl Workflow {
    /// The step of that name.
    pub fn step(&self, name: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == name)
    }

    /// Steps that are not done and whose dependencies all are, in the file's order. A
    /// caller that asks again while some of them run leaves those out itself.
    pub fn ready(&self, done: &BTreeSet<&str>) -> Vec<&Step> {
        self.steps
            .iter()
            .filter(|step| !done.contains(step.name.as_str()))
            .filter(|step| {
                step.depends_on
                    .iter()
                    .all(|name| done.contains(name.as_str()))
            })
            .collect()
    }

    /// Every step after its dependencies, otherwise in the file's order.
    pub fn order(&self) -> Vec<&Step> {
        let mut done = BTreeSet::new();
        let mut order = Vec::with_capacity(self.steps.len());
        while let Some(step) = self.ready(&done).first().copied() {
            done.insert(step.name.as_str());
            order.push(step);
        }
        order
    }

    /// Names of the steps that `name` depends on, directly or not.
    pub fn upstream(&self, name: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut open: Vec<&Step> = self.step(name).into_iter().collect();
        while let Some(step) = open.pop() {
            for dependency in &step.depends_on {
                if let Some(next) = self.step(dependency)
                    && found.insert(next.name.as_str())
                {
                    open.push(next);
                }
            }
        }
        found
    }

    /// A shortest circle for each step that stands in one and in none before it: names
    /// from that step back to itself. A step that depends on itself is no such circle.
    pub(super) fn circles(&self) -> Vec<Vec<&str>> {
        let mut reported = BTreeSet::new();
        let mut circles = Vec::new();
        for step in &self.steps {
            if reported.contains(step.name.as_str()) {
                continue;
            }
            if let Some(circle) = self.shortest_circle(step) {
                reported.extend(circle.iter().copied());
                circles.push(circle);
            }
        }
        circles
    }

    fn shortest_circle<'w>(&'w self, start: &'w Step) -> Option<Vec<&'w str>> {
        // Step → the step that led there.
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut open = VecDeque::from([start]);
        while let Some(step) = open.pop_front() {
            for dependency in step.depends_on.iter().filter(|name| **name != step.name) {
                if *dependency == start.name {
                    let mut circle = vec![start.name.as_str()];
                    let mut at = step.name.as_str();
                    while at != start.name {
                        circle.push(at);
                        at = came_from.get(at)?;
                    }
                    circle.push(start.name.as_str());
                    circle.reverse();
                    return Some(circle);
                }
                if let Some(next) = self.step(dependency)
                    && !came_from.contains_key(next.name.as_str())
                {
                    came_from.insert(&next.name, &step.name);
                    open.push_back(next);
                }
            }
        }
        None
    }
}
