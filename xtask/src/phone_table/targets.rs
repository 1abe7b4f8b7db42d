//! Writes the automaton into the numbering table: the mirror of the library's `src/phone/automaton.rs`.

use super::{
    automaton::{Automaton, Kind, Masks, Target},
    encoder::{Encoder, group},
};

/// Writes the targets of one plan after another.
pub(super) struct Targets<'a> {
    automaton: &'a Automaton,
    /// The masks of leaves, as if no digit had been read, the one met last in front.
    recent: Vec<Masks>,
    lengths: &'a [usize],
}

impl<'a> Targets<'a> {
    pub(super) fn new(automaton: &'a Automaton) -> Self {
        Targets {
            automaton,
            recent: Vec::new(),
            lengths: &[],
        }
    }

    /// Writes where the next plan starts.
    pub(super) fn start(&mut self, encoder: &mut Encoder, lengths: &'a [usize], start: Target) {
        self.lengths = lengths;
        self.target(encoder, start, 0, &[]);
    }

    fn target(&mut self, encoder: &mut Encoder, target: Target, depth: usize, lower: &[Target]) {
        let context = depth << 3 | shapes(lower);
        match target {
            Target::Node(index) => {
                encoder.bit(group::NODE, context, true);
                self.node(encoder, index, depth);
            }
            Target::Leaf(masks) => {
                let empty = masks == Masks::default();
                encoder.bit(group::NODE, context, false);
                if context & 1 == 0 {
                    encoder.bit(group::EMPTY, context, empty);
                }
                if !empty {
                    self.leaf(encoder, masks, depth);
                }
            }
        }
    }

    fn leaf(&mut self, encoder: &mut Encoder, masks: Masks, depth: usize) {
        let masks = Masks {
            sms: masks.sms << depth,
            other: masks.other << depth,
        };
        if let Some(place) = self.recent.iter().position(|known| *known == masks) {
            encoder.number(group::LEAF, place + 1);
            self.recent[..=place].rotate_right(1);
            return;
        }
        encoder.number(group::LEAF, 0);
        for length in self.lengths.iter().filter(|length| **length < 16) {
            encoder.bit(group::MASK, *length, masks.sms >> length & 1 == 1);
            encoder.bit(group::MASK, 16 | length, masks.other >> length & 1 == 1);
        }
        self.recent.insert(0, masks);
    }

    fn node(&mut self, encoder: &mut Encoder, index: usize, depth: usize) {
        let node = self.automaton.nodes[index];
        encoder.bit(group::END, 0, node.end != Kind::Unknown);
        if node.end != Kind::Unknown {
            encoder.bit(group::END, 1, node.end == Kind::Sms);
        }
        let mut lower = Vec::new();
        let mut answers = 0;
        for target in node.next {
            self.next(encoder, target, depth + 1, &mut lower, &mut answers);
        }
    }

    fn next(
        &mut self,
        encoder: &mut Encoder,
        target: Target,
        depth: usize,
        lower: &mut Vec<Target>,
        answers: &mut usize,
    ) {
        let place = lower.iter().position(|known| *known == target);
        if let Some(front) = lower.first() {
            let again = place == Some(0);
            let detail = *answers << 4 | front.shape() << 2 | lower.len().min(3);
            encoder.bit(group::SAME, detail, again);
            *answers = *answers << 1 & 3 | usize::from(again);
            if again {
                return;
            }
            if lower.len() > 1 {
                encoder.bit(group::LOWER, depth << 3 | shapes(lower), place.is_some());
            }
        }
        let Some(place) = place else {
            self.target(encoder, target, depth, lower);
            lower.insert(0, target);
            return;
        };
        for other in (1..lower.len() - 1).take_while(|other| *other <= place) {
            encoder.bit(group::PLACE, other.min(3), other == place);
        }
        lower[..=place].rotate_right(1);
    }
}

/// Which shapes are among these.
fn shapes(targets: &[Target]) -> usize {
    targets
        .iter()
        .fold(0, |shapes, target| shapes | 1 << target.shape())
}
