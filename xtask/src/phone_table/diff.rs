//! What another version of the metadata would change, calling code by calling code.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::Result;

use super::{
    automaton::{Automaton, Kind, Target},
    metadata::Plan,
    names,
};

/// The changes, in lines for people to read; empty where nothing changes.
pub(super) fn report(old: &[Plan], new: &[Plan]) -> Result<String> {
    let mut report = String::new();
    let mut automaton = Automaton::default();
    let same_code = |plan: &Plan, plans: &[Plan]| {
        plans
            .iter()
            .position(|other| other.calling_code == plan.calling_code)
    };
    for plan in old.iter().filter(|plan| same_code(plan, new).is_none()) {
        writeln!(report, "{}: no calling code any more", label(plan))?;
    }
    for plan in new {
        let Some(before) = same_code(plan, old).map(|index| &old[index]) else {
            writeln!(report, "{}: a new calling code", label(plan))?;
            continue;
        };
        // In one automaton, what is equal is one and the same.
        let (start_before, start) = (automaton.add(before)?, automaton.add(plan)?);
        let mut ranges = Ranges {
            automaton: &automaton,
            changes: BTreeMap::new(),
            opened: 0.0,
        };
        ranges.compare(start_before, start, "");
        let mut lines = other_changes(before, plan);
        if ranges.opened > 0.0 {
            let share = 100.0 * ranges.opened / automaton.count_sms(start);
            lines.push(format!("{share:.1} % of the SMS-capable numbers are new"));
        }
        lines.extend(ranges.lines());
        if !lines.is_empty() {
            writeln!(report, "{}\n  {}", label(plan), lines.join("\n  "))?;
        }
    }
    Ok(report)
}

/// `+221 SN Senegal`.
fn label(plan: &Plan) -> String {
    let isos: Vec<&str> = plan
        .regions
        .iter()
        .filter_map(|region| region.iso.as_deref())
        .collect();
    let name = isos
        .first()
        .and_then(|iso| names::african(iso))
        .unwrap_or_default();
    format!("+{} {} {name}", plan.calling_code, isos.join(" "))
        .trim_end()
        .to_owned()
}

/// What changes besides ranges of numbers.
fn other_changes(before: &Plan, after: &Plan) -> Vec<String> {
    let facts = |plan: &Plan| {
        let main = &plan.regions[0];
        let isos: Vec<&str> = plan
            .regions
            .iter()
            .filter_map(|region| region.iso.as_deref())
            .collect();
        [
            ("countries", isos.join(" ")),
            ("national digits", format!("{:?}", main.general.lengths)),
            ("trunk prefix", format!("{:?}", main.national_prefix)),
            (
                "trunk prefix as parsed",
                format!("{:?}", main.national_prefix_for_parsing),
            ),
            (
                "international prefix",
                format!("{:?}", main.international_prefix),
            ),
        ]
    };
    let pairs = facts(before).into_iter().zip(facts(after));
    let changed = pairs.filter(|((_, before), (_, after))| before != after);
    changed
        .map(|((what, before), (_, after))| format!("{what}: {before} -> {after}"))
        .collect()
}

/// The ranges of one calling code whose use changes.
struct Ranges<'a> {
    automaton: &'a Automaton,
    /// By number of digits, use before and use after: what the numbers begin with.
    changes: BTreeMap<(usize, Kind, Kind), Vec<String>>,
    /// How many numbers become SMS-capable.
    opened: f64,
}

impl Ranges<'_> {
    fn compare(&mut self, old: Target, new: Target, beginning: &str) {
        if old == new {
            return;
        }
        if let (Target::Leaf(old), Target::Leaf(new)) = (old, new) {
            for left in 0..=17 {
                self.note(old.kind(left), new.kind(left), beginning, left);
            }
            return;
        }
        let (old, new) = (self.automaton.node(old), self.automaton.node(new));
        self.note(old.end, new.end, beginning, 0);
        for (digit, (old, new)) in old.next.into_iter().zip(new.next).enumerate() {
            self.compare(old, new, &format!("{beginning}{digit}"));
        }
    }

    fn note(&mut self, old: Kind, new: Kind, beginning: &str, left: usize) {
        if old == new {
            return;
        }
        if new == Kind::Sms {
            self.opened += 10f64.powi(left as i32);
        }
        let place = (beginning.len() + left, old, new);
        self.changes
            .entry(place)
            .or_default()
            .push(beginning.to_owned());
    }

    fn lines(&self) -> Vec<String> {
        const SHOWN: usize = 12;
        let changes = self.changes.iter().map(|((digits, old, new), beginnings)| {
            let shown = beginnings[..beginnings.len().min(SHOWN)].join(" ");
            let more = match beginnings.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("{digits} digits, {old:?} -> {new:?}: {shown}{more}")
        });
        changes.collect()
    }
}
