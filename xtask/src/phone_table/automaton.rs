//! One minimal acyclic automaton for the national numbers of all calling codes: digits in, what the number is used for out.
//!
//! The patterns of one calling code become one deterministic automaton, each of whose states is labelled, for each length, with
//! libphonenumber's own decision; unrolled by length and built from the ends, equal states of the whole world become one.

use std::collections::HashMap;

use anyhow::Result;
use regex_automata::{
    Anchored, Input, MatchKind,
    dfa::{Automaton as _, StartKind, dense},
    util::{primitives::StateID, syntax},
};

use super::metadata::{Numbers, Plan, Region, Type};

/// What a number is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Unknown,
    Sms,
    /// Something else. Told apart from unknown for African calling codes only.
    Other,
}

/// Where a digit leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Target {
    /// Only the number of digits that follow matters now.
    Leaf(Masks),
    /// An index of [`Automaton::nodes`].
    Node(usize),
}

impl Target {
    /// Empty leaf, leaf, node.
    pub(super) fn shape(self) -> usize {
        match self {
            Target::Leaf(masks) if masks == Masks::default() => 0,
            Target::Leaf(_) => 1,
            Target::Node(_) => 2,
        }
    }
}

/// Bit n speaks for numbers of n more digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Masks {
    pub(super) sms: u32,
    pub(super) other: u32,
}

impl Masks {
    /// The use of numbers of so many more digits.
    pub(super) fn kind(self, digits: usize) -> Kind {
        match () {
            () if self.sms >> digits & 1 == 1 => Kind::Sms,
            () if self.other >> digits & 1 == 1 => Kind::Other,
            () => Kind::Unknown,
        }
    }
}

/// A state in which the next digit matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Node {
    /// When no digit follows.
    pub(super) end: Kind,
    pub(super) next: [Target; 10],
}

#[derive(Default)]
pub(super) struct Automaton {
    /// Each after all that it leads to.
    pub(super) nodes: Vec<Node>,
    masks: Vec<Masks>,
    known: HashMap<Node, usize>,
}

impl Automaton {
    /// Takes in a plan and gives its first state.
    pub(super) fn add(&mut self, plan: &Plan) -> Result<Target> {
        let mut patterns = Patterns::default();
        let regions: Vec<_> = plan
            .regions
            .iter()
            .map(|region| patterns.region(region))
            .collect();
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .match_kind(MatchKind::All);
        let dfa = dense::Builder::new()
            .configure(config)
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .build_many(&patterns.list)?;
        let start = dfa.start_state_forward(&Input::new("").anchored(Anchored::Yes))?;
        let code = plan.calling_code.to_string();
        let lengths = &plan.regions[0].general.lengths;
        let mut unrolling = Unrolling {
            automaton: self,
            dfa,
            regions,
            lengths: lengths
                .iter()
                .copied()
                .filter(|length| length + code.len() <= 15)
                .collect(),
            african: code.starts_with('2') && !matches!(code.as_str(), "297" | "298" | "299"),
            known: HashMap::new(),
        };
        Ok(unrolling.target(start, 0))
    }

    /// What numbers are behind a target.
    pub(super) fn masks(&self, target: Target) -> Masks {
        match target {
            Target::Leaf(masks) => masks,
            Target::Node(index) => self.masks[index],
        }
    }

    /// A target as a node, which a leaf is too.
    pub(super) fn node(&self, target: Target) -> Node {
        match target {
            Target::Node(index) => self.nodes[index],
            Target::Leaf(masks) => {
                let longer = Masks {
                    sms: masks.sms >> 1,
                    other: masks.other >> 1,
                };
                Node {
                    end: masks.kind(0),
                    next: [Target::Leaf(longer); 10],
                }
            }
        }
    }

    /// How many SMS-capable numbers are behind a target.
    pub(super) fn count_sms(&self, target: Target) -> f64 {
        match target {
            Target::Leaf(masks) => {
                let lengths = (0..=17).filter(|length| masks.kind(*length) == Kind::Sms);
                lengths.map(|length| 10f64.powi(length as i32)).sum()
            }
            Target::Node(index) => {
                let node = self.nodes[index];
                let here = if node.end == Kind::Sms { 1.0 } else { 0.0 };
                let longer = node.next.iter().map(|target| self.count_sms(*target));
                here + longer.sum::<f64>()
            }
        }
    }

    fn masks_of(&self, node: &Node) -> Masks {
        let ends = Masks {
            sms: u32::from(node.end == Kind::Sms),
            other: u32::from(node.end == Kind::Other),
        };
        let longer = node.next.iter().map(|target| self.masks(*target));
        longer.fold(ends, |masks, longer| Masks {
            sms: masks.sms | longer.sms << 1,
            other: masks.other | longer.other << 1,
        })
    }
}

/// The patterns of a plan, each once, and where they are.
#[derive(Default)]
struct Patterns {
    list: Vec<String>,
    places: HashMap<String, usize>,
}

/// A region with places in [`Patterns`] instead of patterns.
struct Places {
    leading_digits: Option<usize>,
    general: Option<(usize, Vec<usize>)>,
    types: Vec<Option<(usize, Vec<usize>)>>,
}

impl Patterns {
    fn region(&mut self, region: &Region) -> Places {
        let mut numbers = |numbers: &Numbers| {
            let place = self.place(format!("^(?:{})$", numbers.pattern));
            (place, numbers.lengths.clone())
        };
        let general = Some(numbers(&region.general));
        let types = region
            .types
            .iter()
            .map(|kind| kind.as_ref().map(&mut numbers))
            .collect();
        let leading_digits = region.leading_digits.as_ref();
        Places {
            leading_digits: leading_digits
                .map(|pattern| self.place(format!("^(?:{pattern})[0-9]*$"))),
            general,
            types,
        }
    }

    fn place(&mut self, pattern: String) -> usize {
        let list = &mut self.list;
        *self.places.entry(pattern).or_insert_with_key(|pattern| {
            list.push(pattern.clone());
            list.len() - 1
        })
    }
}

struct Unrolling<'a> {
    automaton: &'a mut Automaton,
    dfa: dense::DFA<Vec<u32>>,
    regions: Vec<Places>,
    /// That a number may have.
    lengths: Vec<usize>,
    african: bool,
    known: HashMap<(StateID, usize), Target>,
}

impl Unrolling<'_> {
    fn target(&mut self, state: StateID, depth: usize) -> Target {
        if let Some(target) = self.known.get(&(state, depth)) {
            return *target;
        }
        let target = self.build(state, depth);
        self.known.insert((state, depth), target);
        target
    }

    fn build(&mut self, state: StateID, depth: usize) -> Target {
        let end = self.kind(state, depth);
        let mut next = [Target::Leaf(Masks::default()); 10];
        if self.lengths.iter().any(|length| *length > depth) {
            for (target, digit) in next.iter_mut().zip(b'0'..) {
                *target = self.target(self.dfa.next_state(state, digit), depth + 1);
            }
        }
        let automaton = &mut self.automaton;
        let node = Node { end, next };
        let masks = automaton.masks_of(&node);
        if matches!(next[0], Target::Leaf(_)) && next.iter().all(|target| *target == next[0]) {
            return Target::Leaf(masks);
        }
        let index = automaton.known.entry(node).or_insert_with(|| {
            automaton.nodes.push(node);
            automaton.masks.push(masks);
            automaton.nodes.len() - 1
        });
        Target::Node(*index)
    }

    /// Libphonenumber's decision about a number that ends in this state.
    fn kind(&self, state: StateID, length: usize) -> Kind {
        if !self.lengths.contains(&length) {
            return Kind::Unknown;
        }
        let end = self.dfa.next_eoi_state(state);
        let matches: Vec<usize> = if self.dfa.is_match_state(end) {
            (0..self.dfa.match_len(end))
                .map(|index| self.dfa.match_pattern(end, index).as_usize())
                .collect()
        } else {
            Vec::new()
        };
        let is = |numbers: &Option<(usize, Vec<usize>)>| {
            numbers.as_ref().is_some_and(|(place, lengths)| {
                lengths.contains(&length) && matches.contains(place)
            })
        };
        let of_region = |region: &Places| {
            if !is(&region.general) {
                return Kind::Unknown;
            }
            let is_type = |kind: Type| is(&region.types[kind as usize]);
            // Libphonenumber asks in this order, and the mobile numbers last.
            const BEFORE: [Type; 8] = [
                Type::PremiumRate,
                Type::TollFree,
                Type::SharedCost,
                Type::Voip,
                Type::PersonalNumber,
                Type::Pager,
                Type::Uan,
                Type::Voicemail,
            ];
            match () {
                () if BEFORE.into_iter().any(is_type) => Kind::Other,
                () if is_type(Type::Mobile) => Kind::Sms,
                () if is_type(Type::FixedLine) => Kind::Other,
                () => Kind::Unknown,
            }
        };
        // A calling code's only country is not asked for its leading digits.
        let kind = match self.regions.as_slice() {
            [region] => of_region(region),
            regions => {
                let mut decided = regions
                    .iter()
                    .filter_map(|region| match region.leading_digits {
                        Some(place) => matches.contains(&place).then(|| of_region(region)),
                        None => Some(of_region(region)).filter(|kind| *kind != Kind::Unknown),
                    });
                decided.next().unwrap_or(Kind::Unknown)
            }
        };
        if kind == Kind::Other && !self.african {
            Kind::Unknown
        } else {
            kind
        }
    }
}
