//! An adaptive binary arithmetic decoder: what makes the numbering table small.
//!
//! Each bit is read in a *context*, a [group] and a detail that stand for what the bit depends on. In each context the decoder learns
//! how likely a one is from the bits that it has seen there, so what is nearly always the same costs next to nothing. The coder is the
//! carry-less one of Matt Mahoney's lpaq: two 32-bit bounds that give up a byte whenever their top bytes agree. Arithmetic wraps,
//! because damaged bytes must give damaged answers and no panic.

/// How likely the next bit in a context is a one.
#[derive(Clone, Copy)]
struct Chance {
    /// In 1/65536.
    one: u16,
    /// Bits learned from, up to [`LEARNED`].
    seen: u8,
}

/// From here on, one bit moves a chance by no less than about 1/20.
const LEARNED: u8 = 20;

/// The groups of contexts, one for each thing that is read.
pub(super) mod group {
    pub(in crate::phone) const TEXT: usize = 0;
    pub(in crate::phone) const CALLING_CODE: usize = 1;
    pub(in crate::phone) const LENGTH: usize = 2;
    pub(in crate::phone) const TRUNK: usize = 3;
    pub(in crate::phone) const NAME: usize = 4;
    pub(in crate::phone) const ISO: usize = 5;
    pub(in crate::phone) const NODE: usize = 6;
    pub(in crate::phone) const EMPTY: usize = 7;
    pub(in crate::phone) const LEAF: usize = 8;
    pub(in crate::phone) const MASK: usize = 9;
    pub(in crate::phone) const END: usize = 10;
    pub(in crate::phone) const SAME: usize = 11;
    pub(in crate::phone) const LOWER: usize = 12;
    pub(in crate::phone) const PLACE: usize = 13;
}

const GROUPS: usize = 14;
/// Details in a group: 512.
const DETAIL_BITS: usize = 9;

/// Reads bits from bytes. Past their end it reads zeros, and [`Decoder::overran`] says so.
pub(super) struct Decoder<'a> {
    bytes: std::slice::Iter<'a, u8>,
    low: u32,
    high: u32,
    value: u32,
    missing: u32,
    chances: Vec<Chance>,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let even = Chance {
            one: 1 << 15,
            seen: 0,
        };
        Decoder {
            bytes: bytes.iter(),
            low: 0,
            high: 0,
            value: 0,
            missing: 0,
            chances: vec![even; GROUPS << DETAIL_BITS],
        }
    }

    /// Whether more was read than there was. The encoder leaves out what any value would do for: up to four bytes.
    pub(super) fn overran(&self) -> bool {
        self.missing > 4
    }

    /// The next bit.
    pub(super) fn bit(&mut self, group: usize, detail: usize) -> bool {
        self.shift();
        let Some(chance) = self.chances.get_mut(group << DETAIL_BITS | detail) else {
            return false;
        };
        let width = u64::from(self.high.wrapping_sub(self.low));
        let share = width.wrapping_mul(u64::from(chance.one)) >> 16;
        let middle = self.low.wrapping_add(share as u32);
        let bit = self.value <= middle;
        if bit {
            self.high = middle;
        } else {
            self.low = middle.wrapping_add(1);
        }
        let distance = u32::from(if bit { !chance.one } else { chance.one }) << 1;
        let patience = (u32::from(chance.seen) << 1).wrapping_add(3);
        let step = distance.checked_div(patience).unwrap_or_default() as u16;
        chance.one = if bit {
            chance.one.wrapping_add(step)
        } else {
            chance.one.wrapping_sub(step)
        };
        chance.seen = chance.seen.wrapping_add(1).min(LEARNED);
        bit
    }

    /// A symbol of so many bits, the highest first. A bit's detail is `detail` with 1 and the bits before it at its end.
    pub(super) fn symbol(&mut self, group: usize, detail: usize, bits: u32) -> usize {
        let mut path = 1;
        for _ in 0..bits {
            path = path << 1 | usize::from(self.bit(group, detail | path));
        }
        path ^ 1 << bits
    }

    /// A number: as many ones, up to 12, as its successor has bits behind the first, a zero, and those bits. The detail of the ones is
    /// how many came before, that of the bits is 16 for each bit that there is and one, and the bits before.
    pub(super) fn number(&mut self, group: usize) -> usize {
        let mut length = 0;
        while length < 12 && self.bit(group, length) {
            length = usize::wrapping_add(length, 1);
        }
        let mut successor = 1;
        for place in 0..length {
            let detail = length.wrapping_add(1) << 4 | place;
            successor = successor << 1 | usize::from(self.bit(group, detail));
        }
        usize::wrapping_sub(successor, 1)
    }

    fn shift(&mut self) {
        while (self.low ^ self.high) >> 24 == 0 {
            self.low <<= 8;
            self.high = self.high << 8 | 255;
            let byte = self.bytes.next().copied();
            self.missing = self.missing.wrapping_add(u32::from(byte.is_none()));
            self.value = self.value << 8 | u32::from(byte.unwrap_or_default());
        }
    }
}
