//! The automaton that knows what each national number is used for. It is read from the table plan by plan, and no further than it is
//! asked: see [`mod@super::table`].

use super::{
    Kind,
    decoder::{Decoder, group},
    plan::Plan,
};

/// One automaton for the national numbers of all calling codes.
pub(super) struct Automaton<'a> {
    nodes: Vec<Node>,
    leaves: Vec<Masks>,
    /// Where the plans start that were read so far, in their order.
    starts: Vec<Target>,
    decoder: Decoder<'a>,
    /// The leaves but the empty one, the one met last in front.
    recent: Vec<Target>,
    /// Of the plan that is read.
    lengths: u32,
}

/// Where a digit leads: the index of a node, or [`LEAF`] and the index of a leaf.
pub(super) type Target = u16;

const LEAF: Target = 1 << 15;
/// The first leaf: no numbers.
pub(super) const EMPTY: Target = LEAF;

/// A state in which the next digit matters.
struct Node {
    /// When no digit follows.
    end: Kind,
    next: [Target; 10],
}

/// Bit n speaks for numbers of n digits: they are SMS-capable; bit 16 + n: they are used otherwise.
type Masks = u32;

/// What masks have bits for.
const LENGTHS: usize = 16;

impl<'a> Automaton<'a> {
    /// Goes on where the plans end.
    pub(super) fn new(decoder: Decoder<'a>) -> Self {
        Automaton {
            nodes: Vec::new(),
            leaves: vec![0],
            starts: Vec::new(),
            decoder,
            recent: Vec::new(),
            lengths: 0,
        }
    }

    /// What a number is used for, in the plan of this place; its digits are the beginning and the rest.
    pub(super) fn kind(
        &mut self,
        plans: &[Plan],
        place: usize,
        beginning: &[u8],
        rest: &[u8],
    ) -> Kind {
        self.read(plans.get(..=place).unwrap_or(plans));
        let length = beginning.len().wrapping_add(rest.len());
        let mut target = self.starts.get(place).copied().unwrap_or(EMPTY);
        let mut digits = beginning.iter().chain(rest);
        while let Some(node) = self.nodes.get(usize::from(target)) {
            let Some(digit) = digits.next() else {
                return node.end;
            };
            let digit = usize::from(digit.wrapping_sub(b'0'));
            target = node.next.get(digit).copied().unwrap_or(EMPTY);
        }
        let masks = self.leaves.get(usize::from(target & !LEAF));
        let masks = masks.filter(|_| length < LENGTHS);
        match masks.map(|masks| masks >> length & 0x1_0001) {
            Some(0x1_0000) => Kind::Landline,
            None | Some(0) => Kind::UnknownRange,
            Some(_) => Kind::Sms,
        }
    }

    /// Reads where these plans start, the first of all, unless it did.
    pub(super) fn read(&mut self, plans: &[Plan]) {
        while let Some(plan) = plans.get(self.starts.len()) {
            self.lengths = plan.lengths;
            let start = self.target(0, &[]);
            self.starts.push(start);
        }
    }

    /// Of how many plans it was read where they start.
    #[cfg(test)]
    pub(super) fn plans_read(&self) -> usize {
        self.starts.len()
    }

    /// Whether more was read than there was.
    #[cfg(test)]
    pub(super) fn overran(&self) -> bool {
        self.decoder.overran()
    }

    fn target(&mut self, depth: usize, lower: &[Target]) -> Target {
        let context = depth << 3 | shapes(lower);
        if self.decoder.bit(group::NODE, context) {
            return self.node(depth);
        }
        if context & 1 == 0 && self.decoder.bit(group::EMPTY, context) {
            return EMPTY;
        }
        let place = self.decoder.number(group::LEAF).wrapping_sub(1);
        let leaf = self.recent.get(place).copied().unwrap_or_else(|| {
            let mut masks = 0;
            for length in (0..LENGTHS).filter(|length| self.lengths >> length & 1 == 1) {
                masks |= u32::from(self.decoder.bit(group::MASK, length)) << length;
                masks |= u32::from(self.decoder.bit(group::MASK, 16 | length)) << (16 | length);
            }
            let leaf = LEAF | self.leaves.len().min(MANY) as Target;
            self.leaves.push(masks);
            self.recent.push(leaf);
            leaf
        });
        to_front(&mut self.recent, place, leaf);
        leaf
    }

    fn node(&mut self, depth: usize) -> Target {
        let mut node = Node {
            end: Kind::UnknownRange,
            next: [EMPTY; 10],
        };
        if self.decoder.bit(group::END, 0) {
            let sms = self.decoder.bit(group::END, 1);
            node.end = if sms { Kind::Sms } else { Kind::Landline };
        }
        let mut lower = Vec::with_capacity(node.next.len());
        let mut answers = 0;
        for slot in &mut node.next {
            // A limit for damaged tables.
            if depth < LENGTHS && self.nodes.len() < MANY && !self.decoder.overran() {
                *slot = self.next(depth.wrapping_add(1), &mut lower, &mut answers);
            }
        }
        let index = self.nodes.len() as Target;
        self.nodes.push(node);
        index
    }

    /// The target of a node's next digit. `lower` are those of lower digits, the last one in front.
    fn next(&mut self, depth: usize, lower: &mut Vec<Target>, answers: &mut usize) -> Target {
        if let Some(front) = lower.first().copied() {
            let detail = *answers << 4 | shape(front) << 2 | lower.len().min(3);
            let again = self.decoder.bit(group::SAME, detail);
            *answers = *answers << 1 & 3 | usize::from(again);
            if again {
                return front;
            }
            let last = lower.len().wrapping_sub(1);
            if last > 0 && self.decoder.bit(group::LOWER, depth << 3 | shapes(lower)) {
                let mut place = 1;
                while place < last && !self.decoder.bit(group::PLACE, place.min(3)) {
                    place = place.wrapping_add(1);
                }
                let target = lower.get(place).copied().unwrap_or(front);
                to_front(lower, place, target);
                return target;
            }
        }
        let target = self.target(depth, lower);
        lower.push(target);
        to_front(lower, usize::MAX, target);
        target
    }
}

/// More than there are nodes, or leaves; a limit for damaged tables.
const MANY: usize = 10_000;

/// 0 for the empty leaf, 1 for another, 2 for a node.
fn shape(target: Target) -> usize {
    match target {
        EMPTY => 0,
        ..EMPTY => 2,
        _ => 1,
    }
}

/// Which shapes are among these.
#[inline(never)]
fn shapes(targets: &[Target]) -> usize {
    targets
        .iter()
        .fold(0, |shapes, target| shapes | 1 << shape(*target))
}

/// Puts an item in front, and moves those before its place up.
#[inline(never)]
fn to_front(items: &mut [Target], place: usize, mut item: Target) {
    for other in items.iter_mut().take(place.saturating_add(1)) {
        std::mem::swap(other, &mut item);
    }
}
