//! One line of a journal: a checksum, two counts and a record, in text.

use std::fmt::Write;

/// A line that is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Its place among the lines, from 0; one that was lost has left a gap.
    pub(super) place: u32,
    /// Every line before this place was durable when this one was written: it cannot be missing.
    pub(super) durable: u32,
    pub(super) record: &'a str,
}

impl<'a> Line<'a> {
    /// Without a line end.
    pub(super) fn write(&self) -> String {
        let Line {
            place,
            durable,
            record,
        } = self;
        let body = format!("{place} {durable} {record}");
        let mut line = String::with_capacity(body.len().saturating_add(9));
        // Writing to a string cannot fail.
        let _ = write!(line, "{:08x} ", crc32(body.as_bytes()));
        line.push_str(&body);
        line
    }

    /// None where a part of it is missing or other than it was written.
    pub(super) fn read(text: &'a str) -> Option<Line<'a>> {
        let (checksum, body) = text.split_once(' ')?;
        if checksum.len() != 8 || u32::from_str_radix(checksum, 16).ok()? != crc32(body.as_bytes())
        {
            return None;
        }
        let (place, rest) = body.split_once(' ')?;
        let (durable, record) = rest.split_once(' ')?;
        Some(Line {
            place: place.parse().ok()?,
            durable: durable.parse().ok()?,
            record,
        })
    }
}

/// CRC-32 as in ISO 3309, which `cksum` and zip files know. Bit by bit: a table would be the larger part of a
/// kilobyte of wasm, and a journal is read once.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (crc & 1).wrapping_mul(0xEDB8_8320);
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_standard_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_line_comes_back_and_no_other_does() {
        let line = Line {
            place: 12,
            durable: 10,
            record: "[\"é\"]",
        };
        let written = line.write();
        assert_eq!(Line::read(&written), Some(line));
        for (at, character) in written.char_indices() {
            let mut other = written.clone();
            other.replace_range(at..at + character.len_utf8(), "~");
            assert_eq!(Line::read(&other), None, "{other}");
            assert_eq!(Line::read(&written[..at]), None);
        }
    }
}
