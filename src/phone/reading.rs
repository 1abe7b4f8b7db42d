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
        let label = plan.label();
        if reason == Reason::MissingCallingCode {
            return format!("this may be a number of {label}: if so, write + before it");
        }
        let count = self.national.len();
        let plural = if count == 1 { "" } else { "s" };
        let expected = plan.expected_digits();
        let beginning = match (reason, plan.calling_code.as_str()) {
            (Reason::OldPlan, "225") => ": put 07 (Orange), 05 (MTN) or 01 (Moov)",
            (Reason::OldPlan, _) => ": put 01",
            _ => "",
        };
        format!("{count} digit{plural} after {label}, expected {expected}{beginning}{hint}")
    }

    fn worth(&self) -> u8 {
        match self.verdict {
            Ok(Kind::Sms) => 2,
            Ok(_) => 1,
            Err(_) => 0,
        }
    }
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
    let own = home
        .international_prefixes
        .as_bytes()
        .split(|byte| *byte == b' ');
    for prefix in own.chain([b"00".as_slice()]) {
        if let Some(rest) = digits.strip_prefix(prefix) {
            let reading = international(table, rest);
            let possible = reading.worth() > 0;
            if reading.worth() >= best.worth() && (possible || prefix == b"00") {
                if abroad
                    && possible
                    && reading.worth() == best.worth()
                    && reading.national != best.national
                {
                    best.verdict = Err(Reason::MissingCallingCode);
                    best.plan = None;
                    return best;
                }
                best = reading;
                national = false;
                abroad = true;
            }
        }
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
            true => Ok(table.kind(plan, national)),
            false => Err(wrong_length(table, plan, national)),
        },
    }
}

fn wrong_length(table: &Table, plan: &Plan, national: &[u8]) -> Reason {
    let count = national.len();
    let begins_with_zero = national.first() == Some(&b'0');
    let lost_zero = || {
        let longer = count.saturating_add(1);
        plan.allows(longer) && table.kind(plan, &[b"0", national].concat()) == Kind::Sms
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
