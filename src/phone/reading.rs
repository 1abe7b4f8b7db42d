//! From digits to a number: calling code, length, trunk prefix, and what to say when they don't fit.

use super::{Kind, Reason, plan::Plan, table::Table};

/// What digits can mean.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    /// Of the number or, where the calling code is missing, the one that it might have.
    pub(super) plan: Option<&'static Plan>,
    /// Without calling code and trunk prefix, as far as they were found. Always the last digits typed.
    pub(super) national: &'a [u8],
    pub(super) verdict: Result<Kind, Reason>,
}

impl Reading<'_> {
    /// Why this is no number, in words.
    pub(super) fn hint(&self, reason: Reason) -> String {
        let hint = reason.hint();
        let Some(plan) = self.plan.filter(|_| reason.is_about_a_plan()) else {
            return hint.to_owned();
        };
        let code = plan.calling_code.as_str();
        let [open, owner, close] = plan.owner();
        if reason == Reason::MissingCallingCode {
            let rest = ": if so, write + before it";
            return sentence(&["this may be a number of +", code, open, owner, close, rest]);
        }
        let count = self.national.len();
        let noun = if count == 1 { " digit" } else { " digits" };
        let beginning = match (reason, code) {
            (Reason::OldPlan, "225") => ": put 07 (Orange), 05 (MTN) or 01 (Moov)",
            (Reason::OldPlan, _) => ": put 01",
            _ => "",
        };
        sentence(&[
            &count.to_string(),
            noun,
            " after +",
            code,
            open,
            owner,
            close,
            ", expected ",
            &plan.expected_digits(),
            beginning,
            hint,
        ])
    }

    fn worth(&self) -> u8 {
        match self.verdict {
            Ok(Kind::Sms) => 2,
            Ok(_) => 1,
            Err(_) => 0,
        }
    }
}

/// Words put together. Each `format!` would cost the wasm more.
#[inline(never)]
pub(super) fn sentence(words: &[&str]) -> String {
    words.concat()
}

/// What digits mean with `+` before them.
pub(super) fn international<'a>(table: &'static Table, digits: &'a [u8]) -> Reading<'a> {
    match table.plan_of(digits) {
        Some((plan, national)) => complete(table, plan, national),
        None => Reading {
            plan: None,
            national: digits,
            verdict: Err(Reason::UnknownCallingCode),
        },
    }
}

/// What digits mean without `+`, where no country is given.
pub(super) fn anywhere<'a>(table: &'static Table, digits: &'a [u8]) -> Reading<'a> {
    if let Some(digits) = digits.strip_prefix(b"00") {
        return international(table, digits);
    }
    let reading = international(table, digits);
    let reason = match digits.len() < SUBSCRIBER {
        true => Reason::ShortCode,
        false => Reason::MissingCallingCode,
    };
    Reading {
        plan: reading.plan.filter(|_| reading.verdict.is_ok()),
        national: digits,
        verdict: Err(reason),
    }
}

/// What digits mean that are dialled inside a country. Of several possible readings an SMS-capable one wins; then one with an
/// international prefix, then the national one, then the one with a calling code without `+`.
pub(super) fn inside<'a>(
    table: &'static Table,
    home: &'static Plan,
    digits: &'a [u8],
) -> Reading<'a> {
    let longest = home.longest();
    let mut best = complete(table, home, digits);
    let mut national = true;
    let mut abroad = false;
    if let Some(rest) = digits.strip_prefix(home.calling_code.as_bytes()) {
        let reading = complete(table, home, rest);
        if reading.worth() > best.worth() || digits.len() > longest && best.worth() == 0 {
            best = reading;
            national = false;
        }
    }
    let prefixes = home.international_prefixes.as_bytes();
    for prefix in prefixes.split(|byte| *byte == b' ') {
        let Some(rest) = digits.strip_prefix(prefix) else {
            continue;
        };
        let reading = international(table, rest);
        let worth = reading.worth();
        if worth < best.worth() || worth == 0 && prefix != b"00" {
            continue;
        }
        let other = reading.national.len() != best.national.len();
        if abroad && other && worth > 0 && worth == best.worth() {
            best.verdict = Err(Reason::MissingCallingCode);
            best.plan = None;
            return best;
        }
        best = reading;
        national = false;
        abroad = true;
    }
    if national && best.worth() == 0 {
        let elsewhere = anywhere(table, digits);
        let foreign = elsewhere.plan.is_some() && digits.len() > longest.wrapping_add(1);
        if foreign || digits.len() < SUBSCRIBER {
            return elsewhere;
        }
    }
    best
}

/// Fewer digits than a subscriber's number has, but in the smallest countries.
const SUBSCRIBER: usize = 7;

/// A national number, with or without its trunk prefix.
fn complete<'a>(table: &'static Table, plan: &'static Plan, digits: &'a [u8]) -> Reading<'a> {
    let national = table.without_trunk_prefix(plan, digits);
    Reading {
        plan: Some(plan),
        national,
        verdict: match plan.allows(national.len()) {
            true => Ok(table.kind(plan, b"", national)),
            false => Err(wrong_length(table, plan, national)),
        },
    }
}

fn wrong_length(table: &Table, plan: &Plan, national: &[u8]) -> Reason {
    let count = national.len();
    let begins_with_zero = national.first() == Some(&b'0');
    let lost_zero = || {
        let longer = count.saturating_add(1);
        plan.allows(longer) && table.kind(plan, b"0", national) == Kind::Sms
    };
    match plan.calling_code.as_str() {
        "225" if count == 8 => Reason::OldPlan,
        "229" if count == 8 && !begins_with_zero => Reason::OldPlan,
        _ if begins_with_zero && plan.allows(count.saturating_sub(1)) => Reason::LeadingZero,
        _ if lost_zero() => Reason::LostLeadingZero,
        _ if count > plan.longest() => Reason::TooLong,
        _ if count < plan.shortest() => Reason::TooShort,
        _ => Reason::WrongLength,
    }
}
