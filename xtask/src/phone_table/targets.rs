//! Writes the automaton into the numbering table: the mirror of the library's `src/phone/automaton.rs`.

use super::{
    automaton::{Automaton, Kind, Masks, Target},
    encoder::{Chance, Encoder},
};

/// Writes the targets of one plan after another.
pub(super) struct Targets<'a> {
    automaton: &'a Automaton,
    /// The nodes that were written.
    written: Vec<usize>,
    /// As if no digit had been read, the last one first.
    recent: Vec<Masks>,
    lengths: &'a [usize],
    chances: Chances,
}

impl<'a> Targets<'a> {
    pub(super) fn new(automaton: &'a Automaton) -> Self {
        Targets {
            automaton,
            written: Vec::new(),
            recent: Vec::new(),
            lengths: &[],
            chances: Chances::NEW,
        }
    }

    /// Writes where the next plan starts.
    pub(super) fn start(&mut self, encoder: &mut Encoder, lengths: &'a [usize], start: Target) {
        self.lengths = lengths;
        self.target(encoder, start, 0, &[]);
    }

    fn target(&mut self, encoder: &mut Encoder, target: Target, depth: usize, lower: &[Target]) {
        let shapes = lower
            .iter()
            .fold(0, |shapes, target| shapes | 1 << target.shape());
        let is_node = &mut self.chances.node[depth][shapes];
        match target {
            Target::Leaf(masks) => {
                encoder.bit(is_node, false);
                if shapes & 1 == 0 {
                    let is_empty = &mut self.chances.empty[depth][shapes];
                    encoder.bit(is_empty, masks == Masks::default());
                }
                if masks != Masks::default() {
                    self.masks(encoder, 0, masks, depth);
                }
            }
            Target::Node(index) => {
                encoder.bit(is_node, true);
                let known = self.written.contains(&index);
                encoder.bit(&mut self.chances.known[depth], known);
                if known {
                    let masks = self.automaton.masks(target);
                    self.masks(encoder, 1, masks, depth);
                    let alike = |node: &&usize| self.automaton.masks(Target::Node(**node)) == masks;
                    let back = self
                        .written
                        .iter()
                        .rev()
                        .filter(alike)
                        .position(|node| *node == index);
                    self.chances
                        .back
                        .write(encoder, back.expect("the node was written"));
                } else {
                    self.node(encoder, index, depth);
                }
            }
        }
    }

    fn node(&mut self, encoder: &mut Encoder, index: usize, depth: usize) {
        let node = self.automaton.nodes[index];
        encoder.bit(&mut self.chances.end, node.end != Kind::Unknown);
        if node.end != Kind::Unknown {
            encoder.bit(&mut self.chances.end_sms, node.end == Kind::Sms);
        }
        let mut lower = Vec::new();
        let mut answers = 0;
        for target in node.next {
            self.next(encoder, target, depth + 1, &mut lower, &mut answers);
        }
        self.written.push(index);
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
            let counted = lower.len().min(3) - 1;
            encoder.bit(
                &mut self.chances.repeated[*answers][front.shape()][counted],
                again,
            );
            *answers = *answers << 1 & 3 | usize::from(again);
            if again {
                return;
            }
            if lower.len() > 1 {
                encoder.bit(&mut self.chances.lower[lower.len().min(5)], place.is_some());
            }
        }
        if let Some(place) = place {
            for other in 1..lower.len() - 1 {
                if other <= place {
                    encoder.bit(&mut self.chances.place[other.min(3)], other == place);
                }
            }
            lower[..=place].rotate_right(1);
        } else {
            self.target(encoder, target, depth, lower);
            lower.insert(0, target);
        }
    }

    fn masks(&mut self, encoder: &mut Encoder, of: usize, masks: Masks, depth: usize) {
        let whole = Masks {
            sms: masks.sms << depth,
            other: masks.other << depth,
        };
        let rank = &mut self.chances.rank[of];
        if let Some(place) = self.recent.iter().position(|known| *known == whole) {
            rank.write(encoder, place + 1);
            self.recent[..=place].rotate_right(1);
            return;
        }
        rank.write(encoder, 0);
        for length in self.lengths {
            let [sms, other] = &mut self.chances.new_masks[*length];
            encoder.bit(sms, whole.sms >> length & 1 == 1);
            encoder.bit(other, whole.other >> length & 1 == 1);
        }
        self.recent.insert(0, whole);
    }
}

/// What has been learned, as in the library.
struct Chances {
    node: [[Chance; 8]; 18],
    empty: [[Chance; 8]; 18],
    known: [Chance; 18],
    back: Number,
    rank: [Number; 2],
    new_masks: [[Chance; 2]; 18],
    end: Chance,
    end_sms: Chance,
    repeated: [[[Chance; 3]; 3]; 4],
    lower: [Chance; 6],
    place: [Chance; 4],
}

impl Chances {
    const NEW: Chances = Chances {
        node: [[Chance::NEW; 8]; 18],
        empty: [[Chance::NEW; 8]; 18],
        known: [Chance::NEW; 18],
        back: Number::NEW,
        rank: [Number::NEW; 2],
        new_masks: [[Chance::NEW; 2]; 18],
        end: Chance::NEW,
        end_sms: Chance::NEW,
        repeated: [[[Chance::NEW; 3]; 3]; 4],
        lower: [Chance::NEW; 6],
        place: [Chance::NEW; 4],
    };
}

struct Number {
    longer: [Chance; 12],
    digits: [[Chance; 12]; 12],
}

impl Number {
    const NEW: Number = Number {
        longer: [Chance::NEW; 12],
        digits: [[Chance::NEW; 12]; 12],
    };

    fn write(&mut self, encoder: &mut Encoder, number: usize) {
        let successor = number + 1;
        let length = successor.ilog2() as usize;
        for chance in &mut self.longer[..length] {
            encoder.bit(chance, true);
        }
        encoder.bit(&mut self.longer[length], false);
        for (chance, place) in self.digits[length].iter_mut().zip((0..length).rev()) {
            encoder.bit(chance, successor >> place & 1 == 1);
        }
    }
}
