//! The other half of the library's `src/phone/decoder.rs`: an adaptive binary arithmetic encoder.

/// How likely the next bit is a one, learned from those before exactly as the decoder learns it.
#[derive(Clone, Copy)]
pub(super) struct Chance {
    one: u16,
    seen: u8,
}

impl Chance {
    pub(super) const NEW: Chance = Chance {
        one: 1 << 15,
        seen: 0,
    };

    fn learn(&mut self, bit: bool) {
        let step =
            |distance: u16| (u32::from(distance) * 2 / (u32::from(self.seen) * 2 + 3)) as u16;
        self.one = if bit {
            self.one + step(!self.one)
        } else {
            self.one - step(self.one)
        };
        self.seen = (self.seen + 1).min(30);
    }
}

/// Writes bits into bytes.
pub(super) struct Encoder {
    bytes: Vec<u8>,
    low: u32,
    high: u32,
}

impl Encoder {
    pub(super) fn new() -> Self {
        Encoder {
            bytes: Vec::new(),
            low: 0,
            high: u32::MAX,
        }
    }

    pub(super) fn bit(&mut self, chance: &mut Chance, bit: bool) {
        let share = (u64::from(self.high - self.low) * u64::from(chance.one)) >> 16;
        let middle = self.low + share as u32;
        if bit {
            self.high = middle;
        } else {
            self.low = middle + 1;
        }
        chance.learn(bit);
        while (self.low ^ self.high) >> 24 == 0 {
            self.bytes.push((self.high >> 24) as u8);
            self.low <<= 8;
            self.high = self.high << 8 | 255;
        }
    }

    /// A symbol of 0 to N - 1, its bits from the highest down.
    pub(super) fn symbol<const N: usize>(&mut self, chances: &mut [Chance; N], symbol: usize) {
        assert!(symbol < N, "{symbol} is not one of {N}");
        let mut path = 1;
        for place in (0..N.trailing_zeros()).rev() {
            let bit = symbol >> place & 1;
            self.bit(&mut chances[path], bit == 1);
            path = path << 1 | bit;
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
