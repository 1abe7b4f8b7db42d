//! The automaton that knows what each national number is used for, and how it is read from the table: see [`super::table`].

use super::{
    Kind,
    decoder::{Chance, Decoder},
    table::LONGEST,
};

/// One automaton for the national numbers of all calling codes.
#[derive(Default)]
pub(super) struct Automaton {
    nodes: Vec<Node>,
    leaves: Vec<Masks>,
}

impl Automaton {
    /// What a number is used for, in the plan that starts here.
    pub(super) fn kind(&self, start: Target, national: &str) -> Kind {
        let mut target = start;
        let mut digits = national.bytes();
        loop {
            let index = match target {
                Target::Leaf(leaf) => {
                    let masks = self.leaves.get(usize::from(leaf));
                    return masks.copied().unwrap_or_default().kind(digits.len());
                }
                Target::Node(node) => usize::from(node),
            };
            let (Some(node), Some(digit)) = (self.nodes.get(index), digits.next()) else {
                let node = self.nodes.get(index);
                return node.map_or(Kind::UnknownRange, |node| node.end);
            };
            let digit = usize::from(digit.wrapping_sub(b'0'));
            target = node.next.get(digit).copied().unwrap_or_default();
        }
    }
}

/// Where a digit leads: an index of leaves or of nodes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Leaf(u16),
    Node(u16),
}

impl Default for Target {
    /// The empty leaf, which is the first.
    fn default() -> Self {
        Target::Leaf(0)
    }
}

impl Target {
    /// Empty leaf, leaf, node.
    fn shape(self) -> usize {
        match self {
            Target::Leaf(0) => 0,
            Target::Leaf(_) => 1,
            Target::Node(_) => 2,
        }
    }
}

struct Node {
    /// When no digit follows.
    end: Kind,
    next: [Target; 10],
}

/// Bit n speaks for numbers of n more digits.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Masks {
    sms: u32,
    other: u32,
}

impl Masks {
    fn kind(self, digits: usize) -> Kind {
        let says = |mask: u32| digits <= LONGEST && mask >> digits & 1 == 1;
        match () {
            () if says(self.sms) => Kind::Sms,
            () if says(self.other) => Kind::Landline,
            () => Kind::UnknownRange,
        }
    }

    /// Those of a node with these and others among its targets.
    fn or_longer(self, target: Masks) -> Masks {
        Masks {
            sms: self.sms | target.sms << 1,
            other: self.other | target.other << 1,
        }
    }
}

/// Reads the targets of one plan after another.
pub(super) struct Builder<'a> {
    decoder: Decoder<'a>,
    automaton: Automaton,
    /// Of the nodes.
    masks: Vec<Masks>,
    /// The nodes that have the same masks.
    alike: Vec<(Masks, Vec<u16>)>,
    /// As if no digit had been read, the last one first.
    recent: Vec<Masks>,
    /// Of the plan.
    lengths: u32,
    chances: Chances,
}

impl<'a> Builder<'a> {
    pub(super) fn new(decoder: Decoder<'a>) -> Self {
        Builder {
            decoder,
            automaton: Automaton {
                nodes: Vec::new(),
                leaves: vec![Masks::default()],
            },
            masks: Vec::new(),
            alike: Vec::new(),
            recent: Vec::new(),
            lengths: 0,
            chances: Chances::NEW,
        }
    }

    /// Reads where the next plan starts.
    pub(super) fn start(&mut self, lengths: u32) -> Option<Target> {
        self.lengths = lengths;
        self.target(0, &[])
    }

    /// The automaton, unless there were not as many bytes as it took.
    pub(super) fn finish(self) -> Option<Automaton> {
        (!self.decoder.overran()).then_some(self.automaton)
    }

    fn target(&mut self, depth: usize, lower: &[Target]) -> Option<Target> {
        let shapes = lower
            .iter()
            .fold(0, |shapes, target| shapes | 1 << target.shape());
        let is_node = self.chances.node.get_mut(depth)?.get_mut(shapes)?;
        if self.decoder.bit(is_node) {
            return if self.decoder.bit(self.chances.known.get_mut(depth)?) {
                self.known_node(depth)
            } else {
                self.node(depth)
            };
        }
        if shapes & 1 == 0 {
            let is_empty = self.chances.empty.get_mut(depth)?.get_mut(shapes)?;
            if self.decoder.bit(is_empty) {
                return Some(Target::default());
            }
        }
        let masks = self.masks(0, depth)?;
        let leaves = &mut self.automaton.leaves;
        if leaves.len() > MASKS {
            return None;
        }
        let index = leaves
            .iter()
            .position(|leaf| *leaf == masks)
            .unwrap_or_else(|| {
                leaves.push(masks);
                leaves.len().wrapping_sub(1)
            });
        Some(Target::Leaf(u16::try_from(index).ok()?))
    }

    fn known_node(&mut self, depth: usize) -> Option<Target> {
        let masks = self.masks(1, depth)?;
        let back = self.chances.back.read(&mut self.decoder)?;
        let (_, nodes) = self.alike.iter().find(|(known, _)| *known == masks)?;
        nodes.iter().nth_back(back).copied().map(Target::Node)
    }

    fn node(&mut self, depth: usize) -> Option<Target> {
        let end = match () {
            () if !self.decoder.bit(&mut self.chances.end) => Kind::UnknownRange,
            () if self.decoder.bit(&mut self.chances.end_sms) => Kind::Sms,
            () => Kind::Landline,
        };
        let mut masks = Masks {
            sms: u32::from(end == Kind::Sms),
            other: u32::from(end == Kind::Landline),
        };
        let mut next = [Target::default(); 10];
        let mut lower = Vec::with_capacity(next.len());
        let mut answers = 0;
        for slot in &mut next {
            *slot = self.next(depth.wrapping_add(1), &mut lower, &mut answers)?;
            masks = masks.or_longer(self.masks_of(*slot));
        }
        let index = u16::try_from(self.masks.len())
            .ok()
            .filter(|index| *index < NODES)?;
        self.automaton.nodes.push(Node { end, next });
        self.masks.push(masks);
        match self.alike.iter_mut().find(|(known, _)| *known == masks) {
            Some((_, nodes)) => nodes.push(index),
            None => self.alike.push((masks, vec![index])),
        }
        Some(Target::Node(index))
    }

    /// The target of a node's next digit. `lower` are those of lower digits, the last one in front.
    fn next(
        &mut self,
        depth: usize,
        lower: &mut Vec<Target>,
        answers: &mut usize,
    ) -> Option<Target> {
        if let Some(front) = lower.first().copied() {
            let counted = lower.len().min(3).wrapping_sub(1);
            let repeated = self
                .chances
                .repeated
                .get_mut(*answers)?
                .get_mut(front.shape())?;
            let again = self.decoder.bit(repeated.get_mut(counted)?);
            *answers = *answers << 1 & 3 | usize::from(again);
            if again {
                return Some(front);
            }
            let is_lower = self.chances.lower.get_mut(lower.len().min(5))?;
            if lower.len() > 1 && self.decoder.bit(is_lower) {
                let mut place = 1;
                let last = lower.len().wrapping_sub(1);
                while place < last && !self.decoder.bit(self.chances.place.get_mut(place.min(3))?) {
                    place = place.wrapping_add(1);
                }
                lower.get_mut(..=place)?.rotate_right(1);
                return lower.first().copied();
            }
        }
        let target = self.target(depth, lower)?;
        lower.insert(0, target);
        Some(target)
    }

    fn masks(&mut self, of: usize, depth: usize) -> Option<Masks> {
        let rank = self.chances.rank.get_mut(of)?.read(&mut self.decoder)?;
        match rank.checked_sub(1) {
            Some(rank) => self.recent.get_mut(..=rank)?.rotate_right(1),
            None if self.recent.len() > MASKS => return None,
            None => {
                let mut new = Masks::default();
                for (length, [sms, other]) in self.chances.new_masks.iter_mut().enumerate() {
                    if self.lengths >> length & 1 == 1 {
                        new.sms |= u32::from(self.decoder.bit(sms)) << length;
                        new.other |= u32::from(self.decoder.bit(other)) << length;
                    }
                }
                self.recent.insert(0, new);
            }
        }
        let masks = self.recent.first()?;
        Some(Masks {
            sms: masks.sms >> depth,
            other: masks.other >> depth,
        })
    }

    fn masks_of(&self, target: Target) -> Masks {
        let masks = match target {
            Target::Leaf(leaf) => self.automaton.leaves.get(usize::from(leaf)),
            Target::Node(node) => self.masks.get(usize::from(node)),
        };
        masks.copied().unwrap_or_default()
    }
}

/// Twice the nodes there are; a limit for damaged tables.
const NODES: u16 = 4096;
/// More than there are different masks; a limit for damaged tables.
const MASKS: usize = 1000;

/// What has been learned.
struct Chances {
    /// By depth and the shapes of lower targets.
    node: [[Chance; 8]; DEPTHS],
    /// By depth and the shapes of lower targets.
    empty: [[Chance; 8]; DEPTHS],
    /// By depth.
    known: [Chance; DEPTHS],
    back: Number,
    /// Of leaves, of nodes.
    rank: [Number; 2],
    /// By length, for `sms` and `other`.
    new_masks: [[Chance; 2]; LONGEST + 1],
    end: Chance,
    end_sms: Chance,
    /// By the last two answers, the shape in front and the number of lower targets.
    repeated: [[[Chance; 3]; 3]; 4],
    /// By the number of lower targets.
    lower: [Chance; 6],
    /// By place.
    place: [Chance; 4],
}

/// From before the first digit to after the last.
const DEPTHS: usize = LONGEST + 1;

impl Chances {
    const NEW: Chances = Chances {
        node: [[Chance::NEW; 8]; DEPTHS],
        empty: [[Chance::NEW; 8]; DEPTHS],
        known: [Chance::NEW; DEPTHS],
        back: Number::NEW,
        rank: [Number::NEW; 2],
        new_masks: [[Chance::NEW; 2]; LONGEST + 1],
        end: Chance::NEW,
        end_sms: Chance::NEW,
        repeated: [[[Chance::NEW; 3]; 3]; 4],
        lower: [Chance::NEW; 6],
        place: [Chance::NEW; 4],
    };
}

/// The chances of a number.
struct Number {
    /// Whether there is one more binary digit.
    longer: [Chance; BINARY_DIGITS],
    /// By how many there are and the place.
    digits: [[Chance; BINARY_DIGITS]; BINARY_DIGITS],
}

/// Enough for an index of nodes.
const BINARY_DIGITS: usize = 12;

impl Number {
    const NEW: Number = Number {
        longer: [Chance::NEW; BINARY_DIGITS],
        digits: [[Chance::NEW; BINARY_DIGITS]; BINARY_DIGITS],
    };

    fn read(&mut self, decoder: &mut Decoder<'_>) -> Option<usize> {
        let mut length = 0;
        while decoder.bit(self.longer.get_mut(length)?) {
            length = length.wrapping_add(1);
        }
        let mut successor = 1;
        for chance in self.digits.get_mut(length)?.iter_mut().take(length) {
            successor = successor << 1 | usize::from(decoder.bit(chance));
        }
        Some(usize::wrapping_sub(successor, 1))
    }
}
