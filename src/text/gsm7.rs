//! The GSM 7 bit default alphabet and its extension table, 3GPP TS 23.038 sections 6.2.1 and 6.2.1.1.

/// What a character takes in GSM-7: 1 septet of the default alphabet, 2 of the extension table, 0 when it is in neither.
///
/// The escape U+001B is not a character but the code that announces the extension table, so it is in neither.
#[inline]
pub(super) fn septets(character: char) -> usize {
    match LATIN_1.get(character as usize) {
        Some(digit) => usize::from(digit & 3),
        None => match character {
            'Γ' | 'Δ' | 'Θ' | 'Λ' | 'Ξ' | 'Π' | 'Σ' | 'Φ' | 'Ψ' | '\u{3a9}' => 1,
            '€' => 2,
            _ => 0,
        },
    }
}

/// How many characters of ASCII that take 1 septet stand first.
pub(super) fn leading_singles(text: &str) -> usize {
    let single = |byte: &u8| byte.is_ascii() && LATIN_1.get(usize::from(*byte)) == Some(&b'1');
    text.as_bytes()
        .iter()
        .take_while(|byte| single(byte))
        .count()
}

/// The septets of U+0000 to U+00FF as digits, sixteen in a row.
#[rustfmt::skip]
static LATIN_1: &[u8; 256] = b"\
    0000000000102100\
    0000000000000000\
    1111111111111111\
    1111111111111111\
    1111111111111111\
    1111111111122221\
    0111111111111111\
    1111111111122220\
    0000000000000000\
    0000000000000000\
    0101110100000000\
    0000000000000001\
    0000111101000000\
    0100001010001001\
    1000111011001000\
    0110001011001000";
