use std::borrow::Cow;

use super::gsm7::septets;

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
    if text.chars().all(|character| septets(character) > 0) {
        return Cow::Borrowed(text);
    }
    let mut rewritten = String::with_capacity(text.len());
    for character in text.chars() {
        if septets(character) > 0 {
            rewritten.push(character);
        } else if let Some(plain) = replacement(character) {
            rewritten.push_str(plain);
        } else {
            return Cow::Borrowed(text);
        }
    }
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
    Some(match character {
        '\u{ad}' | '\u{61c}' | '\u{180e}' => "",
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => "",
        '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' => "",
        '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => "",
        '\t' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' => " ",
        '\u{202f}' | '\u{205f}' | '\u{3000}' => " ",
        '\u{2028}' | '\u{2029}' => "\n",
        '`' | '´' | 'ʹ' | 'ʻ' | 'ʼ' | 'ʽ' | '‘' | '’' | '‚' | '‛' => "'",
        '′' | '‹' | '›' | 'ꞌ' => "'",
        '«' | '»' | '“' | '”' | '„' | '‟' | '″' => "\"",
        '\u{2010}'..='\u{2015}' | '−' | '•' => "-",
        '·' => ".",
        '…' => "...",
        '→' => "->",
        '×' => "x",
        '÷' | '⁄' => "/",
        '©' => "(c)",
        '®' => "(R)",
        '™' => "(TM)",
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        _ => return None,
    })
}

/// The letter without its mark, or the letters that are written where it can't be typed.
fn plain_letter(character: char) -> Option<&'static str> {
    Some(match character {
        'Œ' => "OE",
        'œ' => "oe",
        'Ŋ' => "NG",
        'ŋ' => "ng",
        'Ɲ' => "NY",
        'ɲ' => "ny",
        'Ɣ' => "GH",
        'ɣ' => "gh",
        '°' | 'º' => "o",
        'ª' => "a",
        'µ' => "u",
        '²' => "2",
        '³' => "3",
        '№' => "No",
        '₦' => "N",
        '₵' => "C",
        // Marks that have no letter to be composed with, as in `ɔ́`.
        '\u{300}'..='\u{36f}' => "",
        _ => {
            return [(0xc0, FROM_U_00C0), (0x1e00, FROM_U_1E00)]
                .into_iter()
                .find_map(|(first, letters)| {
                    let place = (character as usize).checked_sub(first)?;
                    letters.get(place..place.saturating_add(1))
                })
                .filter(|&letter| letter != ".");
        }
    })
}

/// The plain letters of U+00C0 (`À`) to U+028B (`ʋ`), thirty-two in a row; a full stop where there is none.
#[rustfmt::skip]
static FROM_U_00C0: &str = "\
    AAAA....E.EEIIIID.OOOO...UUU.Y..\
    .aaa...c..ee.iiid..ooo....uu.y.y\
    AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGg\
    GgGgHhHhIiIiIiIiIi..JjKk.LlLlLlL\
    lLlNnNnNnn..OoOoOo..RrRrRrSsSsSs\
    SsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs\
    bBBb..OCcDDDd.EEEFfG..IIKkl...nO\
    Oo..Pp.....tTtTUuUVYyZz.........\
    .............AaIiOoUuUuUuUuUueAa\
    Aa..GgGgKkOoOo..j.D.Gg..NnAa..Oo\
    AaAaEeEeIiIiOoOoRrRrUuUuSsTt..Hh\
    Nd..ZzAaEeOoOoOoOoYylntj..ACcLTs\
    z..B.VEeJj.qRrYya..bocdd.e.e...j\
    g....hh.ii.lll...m.n.....rrrrrrr\
    ..s.j..tt.uv";

/// The plain letters of U+1E00 (`Ḁ`) to U+1EFF (`ỿ`).
#[rustfmt::skip]
static FROM_U_1E00: &str = "\
    AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFf\
    GgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMm\
    MmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRr\
    SsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVv\
    WwWwWwWwWwXxXxYyZzZzZzhtwyasss..\
    AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEe\
    EeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOo\
    OoOoUuUuUuUuUuUuUuYyYyYyYy....Yy";
