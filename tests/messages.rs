//! The judgement of messages: all faults at once, each with its index, and nothing private in their words.

use paydunya_crm::error::{ErrorCode, Field, Issue, Reason, Severity};
use paydunya_crm::message::{Batch, Given, PhoneCheck, Policy, Row, check};
use paydunya_crm::phone::Country;
use paydunya_crm::sender::Sender;
use paydunya_crm::text::SmartEncoding;
use paydunya_crm::{phone, text};

const NUMBER: &str = "+221776665544";

fn policy() -> Policy {
    Policy {
        sender: Sender::parse("MaBoutique").ok(),
        default_country: Country::parse("SN"),
        ..Policy::default()
    }
}

fn row(to: &str, text: &str) -> Row {
    Row {
        to: Given::Value(to.to_owned()),
        text: Given::Value(text.to_owned()),
        ..Row::default()
    }
}

fn issues(rows: &[Row], policy: &Policy) -> Vec<Issue> {
    match Batch::parse(rows, policy) {
        Ok(batch) => batch.warnings().to_vec(),
        Err(issues) => issues,
    }
}

fn reasons(issues: &[Issue]) -> Vec<(Option<usize>, Field, Reason)> {
    issues
        .iter()
        .map(|issue| (issue.index, issue.field, issue.reason))
        .collect()
}

#[test]
fn one_to_fifty_messages_make_a_batch() {
    for count in [1, 50] {
        let rows: Vec<Row> = (0..count)
            .map(|n| row(&format!("+2217766600{n:02}"), "a"))
            .collect();
        assert_eq!(
            Batch::parse(&rows, &policy()).map(|batch| batch.messages().len()),
            Ok(count)
        );
    }
    let none = issues(&[], &policy());
    assert_eq!(reasons(&none), [(None, Field::Batch, Reason::None)]);
    let rows: Vec<Row> = (0..51)
        .map(|n| row(&format!("+2217766600{n:02}"), "a"))
        .collect();
    let many = issues(&rows, &policy());
    assert_eq!(reasons(&many), [(None, Field::Batch, Reason::TooMany)]);
    assert_eq!(many[0].code, ErrorCode::parse("ERROR_111"));
}

#[test]
fn every_fault_of_a_batch_is_told_at_once() {
    let rows = [
        row("77 666 55 4", ""),
        row(NUMBER, "a"),
        Row {
            from: Given::Value("a name too long".to_owned()),
            ..row("poste 12", "b")
        },
        Row {
            to: Given::WrongType("a number"),
            text: Given::LoneSurrogate,
            id: Given::WrongType("a number"),
            ..Row::default()
        },
    ];
    let issues = issues(&rows, &policy());
    assert_eq!(
        reasons(&issues),
        [
            (Some(0), Field::To, Reason::Phone(phone::Reason::TooShort)),
            (Some(0), Field::Text, Reason::Text(text::Reason::EmptyText)),
            (Some(2), Field::To, Reason::Phone(phone::Reason::Letters)),
            (
                Some(2),
                Field::From,
                Reason::Sender(paydunya_crm::sender::Reason::SenderTooLong)
            ),
            (Some(3), Field::To, Reason::WrongType),
            (Some(3), Field::Text, Reason::LoneSurrogate),
            (Some(3), Field::Id, Reason::WrongType),
        ]
    );
    assert!(issues.iter().all(|issue| issue.severity == Severity::Error));
    assert_eq!(
        issues[0].message,
        "to: 8 digits after +221 (Senegal), expected 9"
    );
}

#[test]
fn without_a_sender_a_message_is_refused() {
    let policy = Policy {
        sender: None,
        ..policy()
    };
    assert_eq!(
        reasons(&issues(&[row(NUMBER, "a")], &policy)),
        [(Some(0), Field::From, Reason::Missing)]
    );
}

#[test]
fn a_range_that_takes_no_sms_warns_refuses_or_passes_as_asked() {
    // A landline of Dakar.
    let rows = [row("+221338891234", "a")];
    for (phone_check, severity) in [
        (PhoneCheck::Length, None),
        (PhoneCheck::Warn, Some(Severity::Warning)),
        (PhoneCheck::Strict, Some(Severity::Error)),
    ] {
        let found = issues(
            &rows,
            &Policy {
                phone_check,
                ..policy()
            },
        );
        assert_eq!(found.first().map(|issue| issue.severity), severity);
        assert!(found.iter().all(|issue| issue.reason == Reason::Landline));
    }
}

#[test]
fn says_what_a_dear_character_costs() {
    let text = format!("{}ê", "a".repeat(159));
    let found = issues(&[row(NUMBER, &text)], &policy());
    assert_eq!(reasons(&found), [(Some(0), Field::Text, Reason::Ucs2)]);
    assert_eq!(
        found[0].message,
        "text: ê at 159 makes this UCS-2: 3 segments instead of 1"
    );
}

#[test]
fn rewrites_only_when_asked_and_says_so() {
    let rows = [row(NUMBER, "Votre commande est prête.")];
    let plain = Batch::parse(&rows, &policy()).unwrap();
    assert_eq!(
        plain.messages()[0].text.as_str(),
        "Votre commande est prête."
    );
    let policy = Policy {
        smart_encoding: SmartEncoding::StripAccents,
        ..policy()
    };
    let rewritten = Batch::parse(&rows, &policy).unwrap();
    assert_eq!(
        rewritten.messages()[0].text.as_str(),
        "Votre commande est prete."
    );
    assert_eq!(
        reasons(rewritten.warnings()),
        [(Some(0), Field::Text, Reason::Rewritten)]
    );
}

#[test]
fn a_text_of_more_segments_than_allowed_is_refused_with_the_apis_own_code() {
    let policy = Policy {
        max_segments: 1,
        ..policy()
    };
    let found = issues(&[row(NUMBER, &"a".repeat(161))], &policy);
    assert_eq!(
        reasons(&found),
        [(
            Some(0),
            Field::Text,
            Reason::Text(text::Reason::TooManySegments)
        )]
    );
    assert_eq!(found[0].code, ErrorCode::parse("ERROR_113"));
}

#[test]
fn the_same_message_twice_is_sent_with_a_warning() {
    let rows = [row(NUMBER, "a"), row("77 666 55 44", "a"), row(NUMBER, "b")];
    let batch = Batch::parse(&rows, &policy()).unwrap();
    assert_eq!(batch.messages().len(), 3);
    assert_eq!(
        reasons(batch.warnings()),
        [(Some(1), Field::Batch, Reason::Duplicate)]
    );
}

#[test]
fn check_judges_as_send_does_and_adds_up() {
    let rows = [
        row(NUMBER, "a"),
        row("5", "ê"),
        row(NUMBER, "b"),
        row("77 666 55 44", "a"),
        row(NUMBER, "b"),
    ];
    let report = check(&rows, &policy());
    assert!(!report.ok);
    assert_eq!(
        report
            .messages
            .iter()
            .map(|message| message.ok)
            .collect::<Vec<_>>(),
        [true, false, true, true, true]
    );
    assert_eq!((report.segments, report.ucs2), (5, 1));
    assert_eq!(report.duplicates, [vec![0, 3], vec![2, 4]]);
    let sent: Vec<Issue> = issues(&rows, &policy());
    let checked: Vec<Issue> = report
        .messages
        .into_iter()
        .flat_map(|message| message.issues)
        .collect();
    assert_eq!(checked, sent);
}

#[test]
fn no_issue_repeats_a_number_or_a_text() {
    let text = "Bonjour Awa, le code est 4711 \u{1}";
    for number in [
        "+2217766655443",
        "77 666 55 4O",
        "+33 123",
        "2.21777E+11",
        "77 666 55 44 / 70 111 22 33",
    ] {
        for issue in issues(&[row(number, text)], &policy()) {
            assert!(
                !issue.message.contains(number) && !issue.message.contains("Awa"),
                "{}",
                issue.message
            );
            let digits = issue
                .message
                .split(|character: char| !character.is_ascii_digit());
            assert!(digits.clone().all(|run| run.len() < 7), "{}", issue.message);
        }
    }
}
