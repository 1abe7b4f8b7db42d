//! The other half of the library's `src/phone/decoder.rs`: an adaptive binary arithmetic encoder.

/// How likely the next bit in a context is a one, learned exactly as the decoder learns it.
#[derive(Clone, Copy)]
struct Chance {
    one: u16,
    seen: u32,
}

/// The groups of contexts, as in the decoder.
pub(super) mod group {
    pub(crate) const TEXT: usize = 0;
    pub(crate) const CALLING_CODE: usize = 1;
    pub(crate) const LENGTH: usize = 2;
    pub(crate) const TRUNK: usize = 3;
    pub(crate) const NAME: usize = 4;
    pub(crate) const ISO: usize = 5;
    pub(crate) const NODE: usize = 6;
    pub(crate) const EMPTY: usize = 7;
    pub(crate) const LEAF: usize = 8;
    pub(crate) const MASK: usize = 9;
    pub(crate) const END: usize = 10;
    pub(crate) const SAME: usize = 11;
    pub(crate) const LOWER: usize = 12;
    pub(crate) const PLACE: usize = 13;
}

const GROUPS: usize = 14;
const DETAILS: usize = 512;

/// Writes bits into bytes.
pub(super) struct Encoder {
    bytes: Vec<u8>,
    low: u32,
    high: u32,
    chances: [[Chance; DETAILS]; GROUPS],
}

impl Encoder {
    pub(super) fn new() -> Self {
        let even = Chance {
            one: 1 << 15,
            seen: 0,
        };
        Encoder {
            bytes: Vec::new(),
            low: 0,
            high: u32::MAX,
            chances: [[even; DETAILS]; GROUPS],
        }
    }

    pub(super) fn bit(&mut self, group: usize, detail: usize, bit: bool) {
        let Chance { one, seen } = &mut self.chances[group][detail];
        let share = (u64::from(self.high - self.low) * u64::from(*one)) >> 16;
        let middle = self.low + share as u32;
        let distance = u32::from(if bit { !*one } else { *one });
        let step = (distance * 2 / (*seen * 2 + 3)) as u16;
        if bit {
            self.high = middle;
            *one += step;
        } else {
            self.low = middle + 1;
            *one -= step;
        }
        *seen = (*seen + 1).min(20);
        while (self.low ^ self.high) >> 24 == 0 {
            self.bytes.push((self.high >> 24) as u8);
            self.low <<= 8;
            self.high = self.high << 8 | 255;
        }
    }

    /// A symbol of so many bits, the highest first.
    pub(super) fn symbol(&mut self, group: usize, detail: usize, bits: u32, symbol: usize) {
        assert!(symbol < 1 << bits, "{symbol} has more than {bits} bits");
        let mut path = 1;
        for place in (0..bits).rev() {
            let bit = symbol >> place & 1;
            self.bit(group, detail | path, bit == 1);
            path = path << 1 | bit;
        }
    }

    /// The length of a number's successor, and its bits.
    pub(super) fn number(&mut self, group: usize, number: usize) {
        let successor = number + 1;
        let length = successor.ilog2() as usize;
        assert!(length <= 12, "{number} is too large");
        for before in 0..length {
            self.bit(group, before, true);
        }
        if length < 12 {
            self.bit(group, length, false);
        }
        for place in 0..length {
            let bit = successor >> (length - 1 - place) & 1;
            self.bit(group, (length + 1) << 4 | place, bit == 1);
        }
    }

    /// The bytes. Past their end the decoder reads zeros, so one byte more is enough to name a number between the bounds.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.low > 0 {
            self.bytes.push((self.low >> 24) as u8 + 1);
        }
        self.bytes
    }
}
