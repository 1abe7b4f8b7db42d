//! The numbering table against 20,000 numbers that libphonenumber judged.
#![allow(clippy::expect_used, reason = "the corpus is part of the project")]

use std::io::Read;

use flate2::read::GzDecoder;
use paydunya_crm::phone::{Kind, Phone, data_version};

/// One number and libphonenumber's judgement of it.
struct Row {
    input: String,
    /// Its length is that of a whole number, and E.164 allows it.
    possible: bool,
    /// MOBILE or FIXED_LINE_OR_MOBILE.
    sms: bool,
    /// Of any type.
    valid: bool,
    /// Without what libphonenumber takes for a trunk prefix. Empty where it finds no number.
    e164: String,
}

/// `+` and the 15 digits of E.164.
const LONGEST: usize = 16;

fn rows() -> Vec<Row> {
    let file = include_bytes!("data/numbers.tsv.gz");
    let mut text = String::new();
    let read = GzDecoder::new(file.as_slice()).read_to_string(&mut text);
    read.expect("the corpus is gzip");
    let rows = text.lines().skip(1).map(|line| {
        let mut fields = line.split('\t');
        let mut field = || fields.next().unwrap_or_default();
        let [
            input,
            _region,
            _possible,
            valid,
            kind,
            _national,
            reason,
            e164,
        ] = std::array::from_fn(|_| field());
        Row {
            input: input.to_owned(),
            // Libphonenumber knows numbers over the 15 digits of E.164, none of them mobile.
            possible: reason == "IS_POSSIBLE" && e164.len() <= LONGEST,
            sms: matches!(kind, "MOBILE" | "FIXED_LINE_OR_MOBILE"),
            valid: valid == "1",
            e164: e164.to_owned(),
        }
    });
    rows.collect()
}

/// Where libphonenumber changes more digits than a trunk prefix: it adds area codes (Madagascar, Norfolk Island) or drops carrier codes (Colombia).
const TRANSFORMED: [&str; 3] = ["+261", "+672", "+57"];

#[test]
fn the_labels_are_of_the_tables_version() {
    assert_eq!(
        data_version(),
        "9.0.43",
        "label the corpus anew when the table changes"
    );
    assert_eq!(rows().len(), 20_000);
}

#[test]
fn a_number_that_is_already_canonical_is_judged_as_libphonenumber_does() {
    let rows: Vec<Row> = rows()
        .into_iter()
        .filter(|row| row.input == row.e164)
        .collect();
    assert_eq!(rows.len(), 19_400);
    for row in rows {
        match Phone::parse(&row.input, None) {
            Err(refusal) => assert!(!row.possible, "{} {refusal:?}", row.input),
            Ok(phone) => {
                assert!(row.possible, "{}", row.input);
                assert_eq!(phone.kind() == Kind::Sms, row.sms, "{}", row.input);
                assert_eq!(phone.e164(), row.input);
                assert!(!phone.normalized());
            }
        }
    }
}

#[test]
fn only_transformed_numbers_differ_among_the_others() {
    let rows: Vec<Row> = rows()
        .into_iter()
        .filter(|row| row.input != row.e164)
        .collect();
    assert_eq!(rows.len(), 600);
    for row in rows {
        let phone = Phone::parse(&row.input, None).ok();
        let sms = phone
            .as_ref()
            .is_some_and(|phone| phone.kind() == Kind::Sms);
        let same = phone.is_some() == row.possible && sms == (row.sms && row.possible);
        let transformed = TRANSFORMED.iter().any(|code| row.input.starts_with(code));
        // Of a number that begins with 00 and has too many digits, libphonenumber may drop one 0.
        let refused_as_too_long = row.input.len() > LONGEST && phone.is_none();
        assert!(
            same || transformed || refused_as_too_long,
            "{} {phone:?}",
            row.input
        );
    }
}

#[test]
fn a_trunk_prefix_before_a_mobile_number_is_dropped() {
    let rows = rows()
        .into_iter()
        .filter(|row| row.input != row.e164 && row.sms);
    let rows: Vec<Row> = rows.filter(|row| !row.input.starts_with("+672")).collect();
    assert!(rows.len() > 50, "{}", rows.len());
    for row in rows {
        let phone = Phone::parse(&row.input, None).unwrap();
        assert_eq!(phone.e164(), row.e164);
        assert!(phone.normalized());
    }
}

#[test]
fn african_numbers_that_are_used_otherwise_are_told_from_unknown_ones() {
    let african = |code: &str| code.starts_with('2') && !matches!(code, "297" | "298" | "299");
    let mut seen = 0;
    for row in rows()
        .into_iter()
        .filter(|row| row.possible && row.input == row.e164)
    {
        let phone = Phone::parse(&row.input, None).unwrap();
        if african(phone.calling_code()) {
            let expected = match (row.sms, row.valid) {
                (true, _) => Kind::Sms,
                (false, true) => Kind::Landline,
                (false, false) => Kind::UnknownRange,
            };
            assert_eq!(phone.kind(), expected, "{}", row.input);
            seen += 1;
        } else {
            assert_ne!(phone.kind(), Kind::Landline, "{}", row.input);
        }
    }
    assert!(seen > 5_000, "{seen}");
}
