//! Writes the numbering table. Its format is documented where it is read, in the library's `src/phone/table.rs`.

use anyhow::{Context, Result, bail};
use regex_automata::{
    Anchored, Input,
    dfa::{Automaton as _, StartKind, dense},
    util::syntax,
};

use super::{
    automaton::{Automaton, Target},
    encoder::{Encoder, group},
    metadata::{Plan, Region},
    names,
    targets::Targets,
};

/// The bytes of a table made from these plans.
pub(super) fn write(version: &str, plans: &[Plan]) -> Result<Vec<u8>> {
    let mut encoder = Encoder::new();
    text(&mut encoder, group::TEXT, version);
    calling_codes(&mut encoder, "", plans)?;
    let mut automaton = Automaton::default();
    let starts = plans.iter().map(|plan| automaton.add(plan));
    let starts: Vec<Target> = starts.collect::<Result<_>>()?;
    let mut targets = Targets::new(&automaton);
    for (plan, start) in plans.iter().zip(starts) {
        targets.start(&mut encoder, &plan.regions[0].general.lengths, start);
    }
    Ok(encoder.finish())
}

fn calling_codes(encoder: &mut Encoder, beginning: &str, plans: &[Plan]) -> Result<()> {
    let level = beginning.len();
    let mut before = false;
    for digit in u8::from(level == 0)..10 {
        let code = format!("{beginning}{digit}");
        let plan = plans
            .iter()
            .find(|plan| plan.calling_code.to_string() == code);
        encoder.bit(
            group::CALLING_CODE,
            level << 1 | usize::from(before),
            plan.is_some(),
        );
        before = plan.is_some();
        if let Some(plan) = plan {
            write_plan(encoder, plan).with_context(|| format!("+{code}"))?;
        } else if level < 2 {
            calling_codes(encoder, &code, plans)?;
        }
    }
    Ok(())
}

fn write_plan(encoder: &mut Encoder, plan: &Plan) -> Result<()> {
    let main = &plan.regions[0];
    let mut before = false;
    for length in 1..=17 {
        let possible = main.general.lengths.contains(&length);
        encoder.bit(group::LENGTH, length << 1 | usize::from(before), possible);
        before = possible;
    }
    encoder.symbol(group::TRUNK, 0, 4, trunk(main)?);
    let prefixes = international_prefixes(main.international_prefix.as_deref());
    let unusual = prefixes.iter().filter(|prefix| *prefix != "00");
    let ended: String = unusual.map(|prefix| format!("{prefix} ")).collect();
    text(encoder, group::TEXT, &ended);
    let isos: Vec<&str> = plan
        .regions
        .iter()
        .filter_map(|region| region.iso.as_deref())
        .collect();
    text(encoder, group::ISO, &isos.concat());
    let name = isos.first().and_then(|iso| names::african(iso));
    text(encoder, group::NAME, name.unwrap_or_default());
    Ok(())
}

fn text(encoder: &mut Encoder, group: usize, text: &str) {
    let mut last = 0u8;
    for (place, character) in text.chars().chain(['\0']).enumerate() {
        let context = match group {
            group::ISO => place & 1,
            _ => usize::from(last.is_ascii_lowercase()),
        };
        last = u8::try_from(character).expect("names are Latin-1");
        encoder.symbol(group, context << 8, 8, usize::from(last));
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
