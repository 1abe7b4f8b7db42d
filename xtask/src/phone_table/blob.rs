//! Writes the numbering table. Its format is documented where it is read, in the library's `src/phone/table.rs`.

use anyhow::{Context, Result, bail};
use regex_automata::{
    Anchored, Input,
    dfa::{Automaton as _, StartKind, dense},
    util::syntax,
};

use super::{
    automaton::{Automaton, Target},
    encoder::{Chance, Encoder},
    metadata::{Plan, Region},
    names,
    targets::Targets,
};

/// The bytes of a table made from these plans.
pub(super) fn write(version: &str, plans: &[Plan]) -> Result<Vec<u8>> {
    let mut writer = Writer::new();
    writer.text(version);
    writer.calling_codes("", plans);
    for plan in plans {
        writer
            .plan(plan)
            .with_context(|| format!("+{}", plan.calling_code))?;
    }
    let mut automaton = Automaton::default();
    let starts = plans.iter().map(|plan| automaton.add(plan));
    let starts: Vec<Target> = starts.collect::<Result<_>>()?;
    let mut targets = Targets::new(&automaton);
    for (plan, start) in plans.iter().zip(starts) {
        targets.start(&mut writer.encoder, &plan.regions[0].general.lengths, start);
    }
    Ok(writer.encoder.finish())
}

/// The encoder and what it has learned.
struct Writer {
    encoder: Encoder,
    codes: [[Chance; 2]; 3],
    lengths: [[Chance; 2]; 18],
    trunk: [Chance; 16],
    double_zero: Chance,
    prefix_count: [Chance; 4],
    prefix_length: [Chance; 4],
    prefix_digit: [Chance; 16],
    another_country: [Chance; 2],
    letters: [[Chance; 32]; 2],
    named: Chance,
    text: [[Chance; 256]; 2],
}

impl Writer {
    fn new() -> Self {
        Writer {
            encoder: Encoder::new(),
            codes: [[Chance::NEW; 2]; 3],
            lengths: [[Chance::NEW; 2]; 18],
            trunk: [Chance::NEW; 16],
            double_zero: Chance::NEW,
            prefix_count: [Chance::NEW; 4],
            prefix_length: [Chance::NEW; 4],
            prefix_digit: [Chance::NEW; 16],
            another_country: [Chance::NEW; 2],
            letters: [[Chance::NEW; 32]; 2],
            named: Chance::NEW,
            text: [[Chance::NEW; 256]; 2],
        }
    }

    fn calling_codes(&mut self, beginning: &str, plans: &[Plan]) {
        let level = beginning.len();
        let mut before = false;
        for digit in u8::from(level == 0)..10 {
            let code = format!("{beginning}{digit}");
            let is_code = plans
                .iter()
                .any(|plan| plan.calling_code.to_string() == code);
            self.encoder
                .bit(&mut self.codes[level][usize::from(before)], is_code);
            before = is_code;
            if !is_code && level < 2 {
                self.calling_codes(&code, plans);
            }
        }
    }

    fn plan(&mut self, plan: &Plan) -> Result<()> {
        let main = &plan.regions[0];
        let mut before = false;
        for length in 1..=17 {
            let possible = main.general.lengths.contains(&length);
            self.encoder
                .bit(&mut self.lengths[length][usize::from(before)], possible);
            before = possible;
        }
        self.encoder.symbol(&mut self.trunk, trunk(main)?);
        self.international_prefixes(&international_prefixes(
            main.international_prefix.as_deref(),
        ));
        self.countries(&plan.regions);
        let name = main.iso.as_deref().and_then(names::african);
        self.encoder.bit(&mut self.named, name.is_some());
        if let Some(name) = name {
            self.text(name);
        }
        Ok(())
    }

    fn international_prefixes(&mut self, prefixes: &[String]) {
        self.encoder.bit(&mut self.double_zero, prefixes == ["00"]);
        if prefixes == ["00"] {
            return;
        }
        self.encoder.symbol(&mut self.prefix_count, prefixes.len());
        for prefix in prefixes {
            self.encoder.symbol(&mut self.prefix_length, prefix.len());
            for digit in prefix.bytes() {
                self.encoder
                    .symbol(&mut self.prefix_digit, usize::from(digit - b'0'));
            }
        }
    }

    fn countries(&mut self, regions: &[Region]) {
        let mut more = false;
        for iso in regions.iter().filter_map(|region| region.iso.as_ref()) {
            self.encoder
                .bit(&mut self.another_country[usize::from(more)], true);
            more = true;
            for (letter, chances) in iso.bytes().zip(&mut self.letters) {
                self.encoder.symbol(chances, usize::from(letter - b'A'));
            }
        }
        self.encoder
            .bit(&mut self.another_country[usize::from(more)], false);
    }

    fn text(&mut self, text: &str) {
        let mut after_letter = false;
        for byte in text.bytes().chain([0]) {
            self.encoder
                .symbol(&mut self.text[usize::from(after_letter)], usize::from(byte));
            after_letter = byte.is_ascii_alphabetic();
        }
    }
}

/// The symbol of a country's trunk prefixes.
fn trunk(region: &Region) -> Result<usize> {
    let parsed = region.national_prefix_for_parsing.as_deref();
    Ok(match (region.national_prefix.as_deref(), parsed) {
        // Gabon has no national prefix, but a 0 is dropped before its mobile numbers.
        (None, Some(pattern)) if pattern.starts_with("0(11") => 3,
        (None, _) => 0,
        // Colombia's 0 is the first digit of carrier codes, which swallow that of a mobile number.
        (Some("0"), Some(pattern)) if pattern.starts_with("0([3579]") => 0,
        (Some("0"), Some("[08]")) => 7,
        (Some("0"), _) if begins_with_zero(&region.general.pattern)? => 2,
        (Some("0"), _) => 1,
        (Some("1"), _) => 4,
        (Some("8"), Some("0|80?")) => 8,
        (Some("8"), _) => 5,
        (Some("06"), _) => 6,
        (Some(new), _) => {
            bail!("the trunk prefix {new} is new: the library's table.rs has no symbol for it")
        }
    })
}

/// Whether numbers begin with 0 and another digit. What begins with 00 is international and toll-free, and is never dialled with 0.
fn begins_with_zero(pattern: &str) -> Result<bool> {
    let config = dense::Config::new().start_kind(StartKind::Anchored);
    let ascii = syntax::Config::new().unicode(false).utf8(false);
    let dfa = dense::Builder::new()
        .configure(config)
        .syntax(ascii)
        .build(&format!("^(?:{pattern})$"))?;
    let start = dfa.start_state_forward(&Input::new("").anchored(Anchored::Yes))?;
    let zero = dfa.next_state(start, b'0');
    Ok((b'1'..=b'9').any(|digit| !dfa.is_dead_state(dfa.next_state(zero, digit))))
}

/// What is dialled before a calling code, where that is one of up to three short ways; otherwise `00`.
fn international_prefixes(pattern: Option<&str>) -> Vec<String> {
    let double_zero = vec!["00".to_owned()];
    let Some(pattern) = pattern else {
        return double_zero;
    };
    let (beginning, ends) = match pattern.split_once('[') {
        None => (pattern, vec![String::new()]),
        Some((beginning, class)) => {
            let ends = class.trim_end_matches(']').chars().map(String::from);
            (beginning, ends.collect())
        }
    };
    let prefixes: Vec<String> = ends.iter().map(|end| format!("{beginning}{end}")).collect();
    let short =
        |prefix: &String| prefix.len() <= 3 && prefix.bytes().all(|byte| byte.is_ascii_digit());
    if prefixes.len() <= 3 && prefixes.iter().all(short) {
        prefixes
    } else {
        double_zero
    }
}
