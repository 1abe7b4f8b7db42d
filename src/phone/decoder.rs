//! An adaptive binary arithmetic decoder: what makes the numbering table small.
//!
//! Each bit is read under a [`Chance`] that learns from the bits it has seen, so what is nearly always the same costs next to
//! nothing. The coder is the carry-less one of Matt Mahoney's lpaq: two 32-bit bounds that give up a byte whenever their top bytes
//! agree. Arithmetic wraps, because damaged bytes must give damaged answers and no panic.

/// How likely the next bit is a one, learned from those before.
#[derive(Clone, Copy)]
pub(super) struct Chance {
    one: u16,
    seen: u8,
}

impl Chance {
    /// Nothing known: one half.
    pub(super) const NEW: Chance = Chance {
        one: 1 << 15,
        seen: 0,
    };

    /// The longer it has learned, the less one bit moves it, down to about 1/32.
    const LIMIT: u8 = 30;

    fn learn(&mut self, bit: bool) {
        let seen = u32::from(self.seen);
        let step = |distance: u16| {
            let step = u32::from(distance)
                .wrapping_mul(2)
                .checked_div(seen.wrapping_mul(2).wrapping_add(3));
            step.unwrap_or_default() as u16
        };
        self.one = if bit {
            self.one.wrapping_add(step(!self.one))
        } else {
            self.one.wrapping_sub(step(self.one))
        };
        self.seen = self.seen.saturating_add(1).min(Chance::LIMIT);
    }
}

/// Reads bits from bytes. Past their end it reads zeros, and [`Decoder::overran`] says so.
pub(super) struct Decoder<'a> {
    bytes: std::slice::Iter<'a, u8>,
    low: u32,
    high: u32,
    value: u32,
    missing: u32,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut decoder = Decoder {
            bytes: bytes.iter(),
            low: 0,
            high: u32::MAX,
            value: 0,
            missing: 0,
        };
        for _ in 0..4 {
            decoder.shift();
        }
        decoder
    }

    /// Whether more was read than there was. The encoder leaves out up to four bytes that any value would do for.
    pub(super) fn overran(&self) -> bool {
        self.missing > 4
    }

    /// The next bit.
    pub(super) fn bit(&mut self, chance: &mut Chance) -> bool {
        let width = u64::from(self.high.wrapping_sub(self.low));
        let share = width.wrapping_mul(u64::from(chance.one)) >> 16;
        let middle = self.low.wrapping_add(share as u32);
        let bit = self.value <= middle;
        if bit {
            self.high = middle;
        } else {
            self.low = middle.wrapping_add(1);
        }
        chance.learn(bit);
        while (self.low ^ self.high) >> 24 == 0 {
            self.low <<= 8;
            self.high = self.high << 8 | 255;
            self.shift();
        }
        bit
    }

    /// A symbol of 0 to N - 1, its bits from the highest down. N is a power of two; `chances[0]` is unused.
    pub(super) fn symbol<const N: usize>(&mut self, chances: &mut [Chance; N]) -> usize {
        let mut path = 1;
        while let Some(chance) = chances.get_mut(path) {
            path = path << 1 | usize::from(self.bit(chance));
        }
        path.wrapping_sub(N)
    }

    fn shift(&mut self) {
        let byte = self.bytes.next().copied().unwrap_or_else(|| {
            self.missing = self.missing.saturating_add(1);
            0
        });
        self.value = self.value << 8 | u32::from(byte);
    }
}
