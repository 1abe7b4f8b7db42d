//! What a caller may ask the stats.

use crate::error::{ErrorCode, Field, Issue, Reason, Severity};
use crate::message::Given;
use crate::phone::{Country, Phone};

/// A stats query that may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    receivers: Vec<Receiver>,
    start: Option<Instant>,
    end: Option<Instant>,
}

impl Query {
    /// Judges receivers and period; an absent date is open.
    ///
    /// # Errors
    /// Every fault, each receiver's with its index.
    pub fn parse(
        receivers: &[Given],
        start: &Given,
        end: &Given,
        default_country: Option<Country>,
    ) -> Result<Query, Vec<Issue>> {
        let mut issues = Vec::new();
        if receivers.is_empty() {
            let message = "receivers: none: give at least one number".to_owned();
            issues.push(error(Field::Receivers, Reason::None, "ERROR_109", message));
        }
        let receivers = receivers
            .iter()
            .enumerate()
            .filter_map(
                |(index, given)| match Receiver::parse(given, default_country) {
                    Ok(receiver) => Some(receiver),
                    Err((reason, message)) => {
                        issues.push(Issue {
                            index: Some(index),
                            ..error(
                                Field::Receivers,
                                reason,
                                "ERROR_110",
                                format!("receivers: {message}"),
                            )
                        });
                        None
                    }
                },
            )
            .collect();
        let start = instant(start, Field::StartDate, "ERROR_114", &mut issues);
        let end = instant(end, Field::EndDate, "ERROR_115", &mut issues);
        if let (Some(start), Some(end)) = (&start, &end)
            && start > end
        {
            let message = "startDate: it lies after endDate: exchange them".to_owned();
            issues.push(error(
                Field::StartDate,
                Reason::StartAfterEnd,
                "ERROR_114",
                message,
            ));
        }
        if issues.is_empty() {
            Ok(Query {
                receivers,
                start,
                end,
            })
        } else {
            Err(issues)
        }
    }

    /// In the order asked.
    pub fn receivers(&self) -> &[Receiver] {
        &self.receivers
    }

    /// From when on.
    pub fn start(&self) -> Option<&Instant> {
        self.start.as_ref()
    }

    /// Until when.
    pub fn end(&self) -> Option<&Instant> {
        self.end.as_ref()
    }
}

/// A number that may be asked for. It need not fit its country's plan: the API sorts those out itself (the
/// document's own example holds one).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    asked: String,
    number: String,
}

impl Receiver {
    fn parse(
        given: &Given,
        default_country: Option<Country>,
    ) -> Result<Receiver, (Reason, String)> {
        let asked = match given {
            Given::Value(asked) => asked,
            Given::Absent => return Err((Reason::Missing, "missing: give a number".to_owned())),
            Given::WrongType(kind) => {
                return Err((
                    Reason::WrongType,
                    format!("expected a string, got {kind}: write the number as \"+221…\""),
                ));
            }
            Given::LoneSurrogate => {
                return Err((
                    Reason::LoneSurrogate,
                    "half of a character in the number".to_owned(),
                ));
            }
        };
        let number = match Phone::parse(asked, default_country) {
            Ok(phone) => phone.e164().to_owned(),
            Err(refusal) => digits(asked).ok_or((Reason::Phone(refusal.reason), refusal.hint))?,
        };
        Ok(Receiver {
            asked: asked.clone(),
            number,
        })
    }

    /// As the caller wrote it.
    pub fn asked(&self) -> &str {
        &self.asked
    }

    /// `+` and digits.
    pub fn number(&self) -> &str {
        &self.number
    }
}

/// `+` and the digits of what could be an international number of E.164, whatever its country's plan. Without `+` they
/// could be those of any country.
fn digits(typed: &str) -> Option<String> {
    let bare: String = typed
        .chars()
        .filter(|character| !matches!(character, ' ' | '-' | '.' | '\u{a0}' | '\u{202f}'))
        .collect();
    let digits = bare.strip_prefix('+')?;
    let fits = (5..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    fits.then(|| format!("+{digits}"))
}

/// A point in time as the API writes it: `YYYY-MM-DD HH:MM:SS`, in UTC. Their order is that of the letters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(String);

impl Instant {
    /// Reads `YYYY-MM-DD HH:MM:SS`; the day must exist.
    pub fn parse(text: &str) -> Option<Instant> {
        let form = text.len() == 19
            && text.bytes().enumerate().all(|(index, byte)| match index {
                4 | 7 => byte == b'-',
                10 => byte == b' ',
                13 | 16 => byte == b':',
                _ => byte.is_ascii_digit(),
            });
        if !form {
            return None;
        }
        let number = |from, to| text.get(from..to)?.parse::<u32>().ok();
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let exists = (1..=days(year, month)).contains(&day)
            && number(11, 13)? < 24
            && number(14, 16)? < 60
            && number(17, 19)? < 60;
        exists.then(|| Instant(text.to_owned()))
    }

    /// Of a time in ms since 1970, up to the year 9999.
    pub fn at(ms: u64) -> Instant {
        let seconds = ms / 1000;
        // A year begins in March here, so that the leap day is its last; the era of 400 years in which 1970 lies began in
        // March 2000 - 400.
        let days = (seconds / 86_400).saturating_add(719_468);
        let (era, day) = (days / 146_097, days % 146_097);
        let year = day.saturating_sub(day / 1460).saturating_add(day / 36_524);
        let year = year.saturating_sub(day / 146_096) / 365;
        let before = (year.saturating_mul(365)).saturating_add(year / 4);
        let of_year = day.saturating_sub(before.saturating_sub(year / 100));
        let month = of_year.saturating_mul(5).saturating_add(2) / 153;
        let start = month.saturating_mul(153).saturating_add(2) / 5;
        let day = of_year.saturating_sub(start).saturating_add(1);
        let year = era.saturating_mul(400).saturating_add(year);
        let (year, month) = match month {
            0..=9 => (year, month.saturating_add(3)),
            _ => (year.saturating_add(1), month.saturating_sub(9)),
        };
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        Instant(format!(
            "{:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}",
            year.min(9999)
        ))
    }

    /// The form of the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        1..=12 => 31,
        _ => 0,
    }
}

fn instant(given: &Given, field: Field, code: &str, issues: &mut Vec<Issue>) -> Option<Instant> {
    let parsed = match given {
        Given::Absent => return None,
        // The API's own way to say "no limit".
        Given::Value(text) if text.is_empty() => return None,
        Given::Value(text) => Instant::parse(text),
        Given::WrongType(_) | Given::LoneSurrogate => None,
    };
    if parsed.is_none() {
        let message = format!(
            "{}: expected a Date or a string YYYY-MM-DD HH:MM:SS in UTC, as 2026-01-31 23:59:59",
            field.as_str()
        );
        issues.push(error(field, Reason::BadDate, code, message));
    }
    parsed
}

fn error(field: Field, reason: Reason, code: &str, message: String) -> Issue {
    Issue {
        severity: Severity::Error,
        field,
        index: None,
        reason,
        code: ErrorCode::parse(code),
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_that_of_the_clock() {
        for (ms, text) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_400_000, "2000-02-29 00:00:00"),
            (1_700_000_000_999, "2023-11-14 22:13:20"),
            (4_107_542_399_000, "2100-02-28 23:59:59"),
            (4_107_542_400_000, "2100-03-01 00:00:00"),
            (1_735_689_599_000, "2024-12-31 23:59:59"),
        ] {
            assert_eq!(Instant::at(ms).as_str(), text);
        }
    }

    #[test]
    fn an_instant_is_a_day_that_exists() {
        for text in [
            "2018-01-01 00:00:00",
            "2024-02-29 23:59:59",
            "2000-02-29 12:00:00",
        ] {
            assert!(Instant::parse(text).is_some(), "{text}");
        }
        for text in [
            "2018-01-01",
            "2018-01-01T00:00:00",
            "2018-1-1 0:00:00",
            "2023-02-29 00:00:00",
            "1900-02-29 00:00:00",
            "2018-13-01 00:00:00",
            "2018-00-01 00:00:00",
            "2018-01-00 00:00:00",
            "2018-04-31 00:00:00",
            "2018-01-01 24:00:00",
            "2018-01-01 00:60:00",
            "2018-01-01 00:00:60",
            "２018-01-01 00:00",
            "+018-01-01 00:00:00",
        ] {
            assert!(Instant::parse(text).is_none(), "{text}");
        }
    }
}
