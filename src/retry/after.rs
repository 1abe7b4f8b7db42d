use std::str::FromStr;

/// How long an answer asks to wait, in whole seconds: `Retry-After` of RFC 9110, section 10.2.3, a number of seconds
/// or a date in one of the three forms of section 5.6.7.
///
/// A date is held against the answer's own `Date` header where there is one, since the two come from one clock; else
/// against `now`, in ms since 1970. One that has passed is 0. `None` for anything else, a negative number too.
pub fn retry_after(value: &str, date: Option<&str>, now: u64) -> Option<u32> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // All digits and still no number: too many of them.
        return Some(value.parse().unwrap_or(u32::MAX));
    }
    let now = now / 1000;
    let until = seconds_since_1970(value, now)?;
    let since = date
        .and_then(|date| seconds_since_1970(date.trim(), now))
        .unwrap_or(now);
    Some(u32::try_from(until.saturating_sub(since)).unwrap_or(u32::MAX))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`; the separators are
/// not told apart. `now` is in seconds since 1970.
fn seconds_since_1970(date: &str, now: u64) -> Option<u64> {
    let parts: Vec<&str> = date
        .split([' ', ',', '-', ':'])
        .filter(|part| !part.is_empty())
        .collect();
    let (year, month, day, time) = match parts[..] {
        [_, day, month, year, hour, minute, second, "GMT"] => {
            (year, month, day, [hour, minute, second])
        }
        [_, month, day, hour, minute, second, year] => (year, month, day, [hour, minute, second]),
        _ => return None,
    };
    let [hour, minute, second] = time.map(number::<u64>);
    let (hour, minute, second) = (
        hour.filter(|hour| *hour < 24)?,
        minute.filter(|minute| *minute < 60)?,
        // A leap second is one.
        second.filter(|second| *second <= 60)?,
    );
    let month = MONTHS.iter().position(|name| *name == month)? as u64;
    let day = number::<u64>(day).filter(|day| (1..=31).contains(day))?;
    let year = match (year.len(), number::<u64>(year)?) {
        (4, year) => year,
        (2, year) => whole_year(year, now),
        _ => return None,
    };
    let days = days_since_1970(year, month, day)?;
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "days of four-digit years, and a time of the day"
    )]
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

fn number<N: FromStr>(digits: &str) -> Option<N> {
    let all = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| all)
}

/// RFC 9110, section 5.6.7: what seems to be more than 50 years in the future is the past.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "years of a clock of 64 bits in ms, and two digits"
)]
fn whole_year(two_digits: u64, now: u64) -> u64 {
    let this_year = 1970 + now / 31_556_952;
    let year = this_year / 100 * 100 + two_digits;
    if year > this_year + 50 {
        year - 100
    } else {
        year
    }
}

/// Of the Gregorian calendar, with `month` from 0; `None` before 1970.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a year of four digits, and 719,468 is taken only from what is not less"
)]
fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    // A year begins in March here, so that the leap day is its last.
    let year = year.checked_sub(u64::from(month < 2))?;
    let day_of_year = (153 * ((month + 10) % 12) + 2) / 5 + day - 1;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year;
    days.checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sun, 06 Nov 1994 08:49:07 GMT.
    const NOW: u64 = 784_111_747_000;

    #[test]
    fn takes_seconds() {
        for (value, seconds) in [
            ("0", 0),
            ("120", 120),
            (" 7 ", 7),
            ("007", 7),
            ("99999999999", u32::MAX),
        ] {
            assert_eq!(retry_after(value, None, NOW), Some(seconds), "{value}");
        }
    }

    #[test]
    fn takes_a_date_in_the_three_forms_of_rfc_9110() {
        for value in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(retry_after(value, None, NOW), Some(30), "{value}");
            assert_eq!(retry_after(value, None, NOW + 60_000), Some(0), "{value}");
        }
    }

    #[test]
    fn knows_the_calendar() {
        for (date, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Thu, 29 Feb 1996 00:00:00 GMT", 825_552_000),
            ("Fri, 01 Mar 1996 00:00:00 GMT", 825_638_400),
            ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799),
            ("Fri, 31 Dec 2100 23:59:60 GMT", 4_133_980_800),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
        ] {
            assert_eq!(seconds_since_1970(date, 0), Some(seconds), "{date}");
        }
    }

    #[test]
    fn a_year_of_two_digits_is_at_most_fifty_years_ahead() {
        let now = 1_767_225_600; // 2026
        for (year, whole) in [(26, 2026), (76, 2076), (77, 1977), (94, 1994), (0, 2000)] {
            assert_eq!(whole_year(year, now), whole);
        }
    }

    #[test]
    fn holds_a_date_against_the_answers_own_clock() {
        // This machine's clock is an hour behind.
        let value = "Sun, 06 Nov 1994 09:49:37 GMT";
        let date = Some("Sun, 06 Nov 1994 09:49:17 GMT");
        assert_eq!(retry_after(value, date, NOW), Some(20));
        assert_eq!(retry_after(value, Some("yesterday"), NOW), Some(3630));
    }

    #[test]
    fn ignores_what_is_neither() {
        for value in [
            "",
            " ",
            "-5",
            "+5",
            "1.5",
            "soon",
            "5, 10",
            "1e3",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:00 GMT",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nev 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov +994 08:49:37 GMT",
            "Sun, 06 Nov 0000 08:49:37 GMT",
            "Wed, 31 Dec 1969 23:59:59 GMT",
            "Sun, 06 Nov 19940000000000000000 08:49:37 GMT",
        ] {
            assert_eq!(retry_after(value, None, NOW), None, "{value}");
        }
    }
}
