//! Texts, character by character.

/// The first character and what follows it. One decoder of UTF-8 in the wasm, where [`str::chars`] would put one into each loop.
#[inline(never)]
pub(crate) fn split_first(text: &str) -> Option<(char, &str)> {
    let mut characters = text.chars();
    let first = characters.next()?;
    Some((first, characters.as_str()))
}
