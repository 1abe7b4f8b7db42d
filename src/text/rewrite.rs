use std::borrow::Cow;

use super::gsm7::{leading_singles, septets};
use crate::characters::split_first;

/// Which characters may be replaced so that a text fits GSM-7.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SmartEncoding {
    /// None: a text leaves as it is.
    #[default]
    Off,
    /// Quotation marks, dashes, spaces, ellipses, ligatures and invisible characters; the spelling stays.
    Typographic,
    /// These, and letters that GSM-7 lacks become plain: `ê` `e`, `ç` `c`, `œ` `oe`, `ɲ` `ny`. This changes the spelling.
    StripAccents,
}

impl SmartEncoding {
    /// Reads `off`, `typographic` or `strip-accents`.
    pub fn parse(word: &str) -> Option<SmartEncoding> {
        [
            SmartEncoding::Off,
            SmartEncoding::Typographic,
            SmartEncoding::StripAccents,
        ]
        .into_iter()
        .find(|known| known.as_str() == word)
    }

    /// The word that JavaScript sees.
    pub const fn as_str(self) -> &'static str {
        match self {
            SmartEncoding::Off => "off",
            SmartEncoding::Typographic => "typographic",
            SmartEncoding::StripAccents => "strip-accents",
        }
    }
}

/// Replaces what forces UCS-2, where that makes the whole text GSM-7; else the text stays as it is.
///
/// All or nothing: beside an emoji that must stay, `pret` for `prêt` would spoil the spelling and save no segment.
/// For the same reason a character that GSM-7 has is never touched: `é` stays `é`. Give it NFC.
/// The result is borrowed exactly when nothing changed.
pub fn rewrite(text: &str, mode: SmartEncoding) -> Cow<'_, str> {
    let replacement = match mode {
        SmartEncoding::Off => return Cow::Borrowed(text),
        SmartEncoding::Typographic => typographic,
        SmartEncoding::StripAccents => suggestion,
    };
    let mut rewritten = String::new();
    let mut done = text;
    let mut rest = text;
    loop {
        rest = rest.get(leading_singles(rest)..).unwrap_or_default();
        let Some((character, after)) = split_first(rest) else {
            break;
        };
        if septets(character) == 0 {
            let Some(plain) = replacement(character) else {
                return Cow::Borrowed(text);
            };
            let same = done.len().saturating_sub(rest.len());
            rewritten.push_str(done.get(..same).unwrap_or_default());
            rewritten.push_str(plain);
            done = after;
        }
        rest = after;
    }
    if done.len() == text.len() {
        return Cow::Borrowed(text);
    }
    rewritten.push_str(done);
    Cow::Owned(rewritten)
}

/// The GSM-7 text that stands best in the place of a character outside of GSM-7.
pub(super) fn suggestion(character: char) -> Option<&'static str> {
    typographic(character).or_else(|| plain_letter(character))
}

/// The same sign as a typewriter writes it; empty for what nobody sees.
///
/// The invisible marks matter to emoji and to right-to-left scripts; a text with these isn't rewritten at all.
pub(super) fn typographic(character: char) -> Option<&'static str> {
    match character {
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => Some(""),
        '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => Some(""),
        '\t' => Some(" "),
        '`' | 'ʻ' | 'ʼ' | 'ʽ' => Some("'"),
        '−' => Some("-"),
        '×' => Some("x"),
        '…' => Some("..."),
        _ => table(character).filter(|sign| {
            !sign
                .as_bytes()
                .first()
                .is_some_and(u8::is_ascii_alphanumeric)
        }),
    }
}

/// The letter without its mark, or the letters that are written where it can't be typed.
fn plain_letter(character: char) -> Option<&'static str> {
    match character {
        'Œ' => Some("OE"),
        'œ' => Some("oe"),
        'Ŋ' => Some("NG"),
        'ŋ' => Some("ng"),
        'Ɲ' => Some("NY"),
        'ɲ' => Some("ny"),
        // Marks that have no letter to be composed with, as in `ɔ́`.
        '\u{300}'..='\u{36f}' => Some(""),
        _ => table(character),
    }
}

/// The single character that stands for another in the tables.
fn table(character: char) -> Option<&'static str> {
    let code = character as usize;
    let (first, row) = match code {
        0x2000.. => (0x2000, FROM_U_2000),
        0x1e00..0x2000 => (0x1e00, FROM_U_1E00),
        _ => (0xa0, FROM_U_00A0),
    };
    let place = code.checked_sub(first)?;
    row.get(place..place.saturating_add(1))
        .filter(|&plain| plain != "?")
}

/// U+00A0 (no-break space) to U+028B (`ʋ`), thirty-two in a row; a question mark where nothing plain stands for it.
#[rustfmt::skip]
static FROM_U_00A0: &str = "\
    \x20?????????a\"????o?23'u?.??o\"????\
    AAAA????E?EEIIIID?OOOO???UUU?Y??\
    ?aaa???c??ee?iiid??ooo?/??uu?y?y\
    AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGg\
    GgGgHhHhIiIiIiIiIi??JjKk?LlLlLlL\
    lLlNnNnNnn??OoOoOo??RrRrRrSsSsSs\
    SsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs\
    bBBb??OCcDDDd?EEEFfGG?IIKkl???nO\
    Oo??Pp?????tTtTUuUVYyZz?????????\
    ?????????????AaIiOoUuUuUuUuUueAa\
    Aa??GgGgKkOoOo??j?D?Gg??NnAa??Oo\
    AaAaEeEeIiIiOoOoRrRrUuUuSsTt??Hh\
    Nd??ZzAaEeOoOoOoOoYylntj??ACcLTs\
    z??B?VEeJj?qRrYya??bocdd?e?e????\
    g??g??h?ii?????????n????????????\
    ?????????uuv";

/// U+1E00 (`Ḁ`) to U+1EFF (`ỿ`).
#[rustfmt::skip]
static FROM_U_1E00: &str = "\
    AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFf\
    GgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMm\
    MmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRr\
    SsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVv\
    WwWwWwWwWwXxXxYyZzZzZzhtwyasss??\
    AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEe\
    EeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOo\
    OoOoUuUuUuUuUuUuUuYyYyYyYy????Yy";

/// U+2000 (en quad) to U+2044 (fraction slash).
#[rustfmt::skip]
static FROM_U_2000: &str = "\
    \x20          ?????------??''''\"\"\"\"\
    ??-?????\n\n????? ??'\"?????''?????\
    ????/";
