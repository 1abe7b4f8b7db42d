/// Reads `YYYY-MM-DD HH:MM:SS` as UTC: seconds since 1970. `None` for another form, and for a day that no calendar has.
pub(crate) fn parse(date: &str) -> Option<i64> {
    let (day, time) = date.split_once(' ')?;
    let [year, month, day] = numbers(day, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days_since_1970(year, month, day)?;
    days.checked_mul(24)?
        .checked_add(hour)?
        .checked_mul(60)?
        .checked_add(minute)?
        .checked_mul(60)?
        .checked_add(second)
}

fn numbers(text: &str, separator: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let mut read = |width: usize| {
        let part = parts.next()?;
        let digits = part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse().ok()).flatten()
    };
    let [first, second, third] = widths;
    let all = [read(first)?, read(second)?, read(third)?];
    parts.next().is_none().then_some(all)
}

fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [
        31,
        if leap { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let before = usize::try_from(month.checked_sub(1)?).ok()?;
    if day < 1 || day > *lengths.get(before)? {
        return None;
    }
    let in_year = lengths.iter().take(before).sum::<i64>().checked_add(day)?;

    // Counted from the year 0; 719,528 of these days lie before 1970-01-01, which is day 1 of its year.
    let last = year.checked_sub(1)?;
    let leaps = last
        .div_euclid(4)
        .checked_sub(last.div_euclid(100))?
        .checked_add(last.div_euclid(400))?;
    year.checked_mul(365)?
        .checked_add(leaps)?
        .checked_add(in_year)?
        .checked_sub(719_528)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn counts_seconds_from_1970_in_utc() {
        for (date, seconds) in [
            ("1970-01-01 00:00:00", 0),
            ("1970-01-01 00:00:01", 1),
            ("1969-12-31 23:59:59", -1),
            ("2000-02-29 12:00:00", 951_825_600),
            ("2018-01-01 00:00:00", 1_514_764_800),
            ("2026-11-22 08:27:05", 1_795_336_025),
            ("0000-01-01 00:00:00", -62_167_219_200),
        ] {
            assert_eq!(parse(date), Some(seconds), "{date}");
        }
    }

    #[test]
    fn takes_the_documented_form_alone() {
        for date in [
            "",
            "2018-01-01",
            "2018-01-01T00:00:00",
            "2018-1-1 0:0:0",
            "2018-01-01 00:00:00 ",
            "2018-01-01 00:00:00:00",
            "2018-01-01 24:00:00",
            "2018-01-01 00:60:00",
            "2018-01-01 00:00:60",
            "2018-13-01 00:00:00",
            "2018-00-01 00:00:00",
            "2018-01-00 00:00:00",
            "2018-04-31 00:00:00",
            "2018-02-29 00:00:00",
            "1900-02-29 00:00:00",
            "+018-01-01 00:00:00",
            "٢٠١٨-01-01 00:00:00",
        ] {
            assert_eq!(parse(date), None, "{date}");
        }
    }
}
