//! From digits to a number: calling code, length, trunk prefix, and what to say when they don't fit.

use super::{Country, Kind, Phone, Reason, Refusal, plan::Plan, table::Table, typed::Typed};

/// The one number that these digits can mean. The index of a refusal counts digits from the end, because prefixes come off the front.
pub(super) fn read(
    table: &Table,
    typed: &Typed,
    default: Option<Country>,
) -> Result<Phone, Refusal> {
    let digits = typed.digits.as_str();
    let home = default.and_then(|country| table.plan_at(country.plan));
    match (typed.plus, home) {
        (true, _) => international(table, digits),
        (false, Some(plan)) => national(table, plan, digits),
        (false, None) => match digits.strip_prefix("00") {
            Some(digits) => international(table, digits),
            None => Err(without_country(table, digits)),
        },
    }
}

/// Digits that begin with a calling code.
fn international(table: &Table, digits: &str) -> Result<Phone, Refusal> {
    let Some((plan, national)) = table.plan_of(digits) else {
        let hint = if digits.starts_with('0') {
            "no calling code begins with 0: write + or 00, not both".to_owned()
        } else {
            let beginning: String = digits.chars().take(3).collect();
            format!("+{beginning} is no calling code")
        };
        return Err(refusal(Reason::UnknownCallingCode, hint));
    };
    complete(table, plan, national)
}

/// Digits as they are dialled inside a country.
fn national(table: &Table, plan: &Plan, digits: &str) -> Result<Phone, Refusal> {
    let abroad = |prefix: &str| international(table, digits.strip_prefix(prefix)?).ok();
    let own = plan
        .international_prefixes
        .iter()
        .find_map(|prefix| abroad(prefix));
    let usual = abroad("00");
    let local = complete(table, plan, digits);
    let with_code = digits
        .strip_prefix(plan.calling_code.as_str())
        .map(|digits| complete(table, plan, digits));
    let coded = with_code.as_ref().and_then(|reading| reading.as_ref().ok());

    if let (Some(own), Some(usual)) = (&own, &usual)
        && own.e164 != usual.e164
        && own.kind == usual.kind
    {
        let hint = "the digits can be read in two ways: write + and the calling code";
        return Err(refusal(Reason::MissingCallingCode, hint.to_owned()));
    }
    let readings = [own.as_ref(), usual.as_ref(), local.as_ref().ok(), coded];
    let possible = || readings.into_iter().flatten();
    if let Some(phone) = possible()
        .find(|phone| phone.kind == Kind::Sms)
        .or_else(|| possible().next())
    {
        return Ok(phone.clone());
    }
    if let Some(digits) = digits.strip_prefix("00") {
        return international(table, digits);
    }
    match with_code {
        Some(reading) if digits.len() > plan.longest() => reading,
        _ if digits.len() < SUBSCRIBER => Err(short_code(digits)),
        _ if digits.len() > plan.longest().saturating_add(1)
            && international(table, digits).is_ok() =>
        {
            Err(without_country(table, digits))
        }
        _ => local,
    }
}

/// Fewer digits than a subscriber's number has, in countries of more than a few thousand people.
const SUBSCRIBER: usize = 7;

/// A national number, with or without its trunk prefix.
fn complete(table: &Table, plan: &Plan, digits: &str) -> Result<Phone, Refusal> {
    let national = table.without_trunk_prefix(plan, digits);
    if !plan.allows(national.len()) {
        return Err(wrong_digits(table, plan, national));
    }
    Ok(Phone {
        e164: ["+", &plan.calling_code, national].concat(),
        code_length: plan.calling_code.len(),
        country: plan.only_country(),
        kind: table.kind(plan, national),
        normalized: false,
    })
}

/// What is wrong with a national number that has not the digits it should.
fn wrong_digits(table: &Table, plan: &Plan, national: &str) -> Refusal {
    let count = national.len();
    let label = plan.label();
    let digits = if count == 1 { "digit" } else { "digits" };
    let what = format!(
        "{count} {digits} after {label}, expected {}",
        plan.expected_digits()
    );
    let lost_zero = || {
        plan.allows(count.saturating_add(1))
            && table.kind(plan, &format!("0{national}")) == Kind::Sms
    };
    let (reason, advice) = match (plan.calling_code.as_str(), count) {
        ("225", 8) => (
            Reason::OldPlan,
            ": before old numbers goes 07 (Orange), 05 (MTN) or 01 (Moov)",
        ),
        ("229", 8) if !national.starts_with('0') => {
            (Reason::OldPlan, ": before old numbers goes 01")
        }
        _ if national.starts_with('0') && plan.allows(count.saturating_sub(1)) => {
            (Reason::LeadingZero, ": no 0 goes before them")
        }
        _ if lost_zero() => (
            Reason::LostLeadingZero,
            ": a 0 before them may have been lost",
        ),
        _ if count > plan.longest() => (Reason::TooLong, ""),
        _ if count < plan.shortest() => (Reason::TooShort, ""),
        _ => (Reason::WrongLength, ""),
    };
    Refusal {
        index: (reason == Reason::LeadingZero).then_some(count),
        ..refusal(reason, format!("{what}{advice}"))
    }
}

/// Digits without `+`, and no country to read them in.
fn without_country(table: &Table, digits: &str) -> Refusal {
    if digits.len() < SUBSCRIBER {
        return short_code(digits);
    }
    let hint = match international(table, digits)
        .ok()
        .and_then(|_| table.plan_of(digits))
    {
        Some((plan, _)) => format!(
            "the digits begin like {}: write + before them if that is meant",
            plan.label()
        ),
        None => {
            "no country is given: write + and the calling code, or set defaultCountry".to_owned()
        }
    };
    refusal(Reason::MissingCallingCode, hint)
}

fn short_code(digits: &str) -> Refusal {
    let count = digits.len();
    refusal(
        Reason::ShortCode,
        format!("{count} digits are a short code, not a subscriber's number"),
    )
}

fn refusal(reason: Reason, hint: String) -> Refusal {
    Refusal {
        reason,
        hint,
        index: None,
    }
}
