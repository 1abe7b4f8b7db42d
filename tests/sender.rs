//! Which senders are taken, which are doubtful, and what is said of the others.

use paydunya_crm::sender::{Reason, Sender};
use proptest::prelude::*;

#[track_caller]
fn assert_doubts(sender: &str, doubts: &[Reason]) {
    let parsed = Sender::parse(sender).map(|parsed| {
        assert_eq!(parsed.as_str(), sender);
        Vec::from_iter(parsed.warnings().map(|warning| warning.reason))
    });
    assert_eq!(parsed.as_deref(), Ok(doubts), "{sender:?}");
}

#[track_caller]
fn assert_refused(sender: &str, reason: Reason, hint: &str) {
    let refusal = Sender::parse(sender).err();
    let refusal = refusal.map(|refusal| (refusal.reason, refusal.hint));
    assert_eq!(refusal, Some((reason, hint.to_owned())));
}

#[test]
fn takes_names_without_a_doubt() {
    // The first two are the API document's own.
    for sender in [
        "SENDER-ID",
        "SMS-TEST",
        "MaBoutique",
        "A",
        "Chez Awa 2",
        "2345678901A",
    ] {
        assert_doubts(sender, &[]);
    }
}

#[test]
fn doubts_what_some_networks_refuse() {
    assert_doubts(" Awa", &[Reason::OuterSpace]);
    assert_doubts("Awa ", &[Reason::OuterSpace]);
    assert_doubts("Awa_Shop", &[Reason::SenderSymbols]);
    assert_doubts("~Awa~", &[Reason::SenderSymbols]);
    assert_doubts("Awa & Cie", &[Reason::SenderSymbols]);
    assert_doubts("36000", &[Reason::NumericSender]);
    assert_doubts("221776665544", &[Reason::NumericSender]);
    assert_doubts("123456789012345", &[Reason::NumericSender]);
    assert_doubts("360-00", &[Reason::SenderWithoutLetter]);
    assert_doubts(
        " 36.000",
        &[
            Reason::OuterSpace,
            Reason::SenderSymbols,
            Reason::SenderWithoutLetter,
        ],
    );
}

#[test]
fn every_doubt_says_what_to_do() {
    let hints: Vec<_> = [" A.", "36000", "360-00"]
        .into_iter()
        .flat_map(|sender| {
            Sender::parse(sender)
                .unwrap()
                .warnings()
                .collect::<Vec<_>>()
        })
        .map(|warning| warning.hint)
        .collect();
    assert_eq!(
        hints,
        [
            "begins or ends with a space: remove it",
            "some networks refuse signs other than letters, digits, spaces and hyphens: leave them out",
            "some networks replace a number: prefer a name",
            "some networks refuse a name without a letter: add one",
        ]
    );
}

#[test]
fn refuses_what_the_standard_has_no_room_for() {
    let nothing = "no character: give a name of 1 to 11 letters or digits";
    assert_refused("", Reason::EmptySender, nothing);
    assert_refused("   ", Reason::EmptySender, nothing);
    assert_refused(
        "MaBoutique12",
        Reason::SenderTooLong,
        "12 characters, at most 11: shorten it",
    );
    assert_refused(
        "1234567890123456",
        Reason::SenderTooLong,
        "16 digits, at most 15: shorten it",
    );
    assert_refused(
        "+221776665544",
        Reason::SenderTooLong,
        "13 characters, at most 11: write the number without +",
    );
    assert_refused(
        "Société",
        Reason::NonAsciiSender,
        "the character at index 4 is not ASCII: write it without accents",
    );
    assert_refused(
        "Awa\u{a0}Shop",
        Reason::NonAsciiSender,
        "the character at index 3 is not ASCII: write it without accents",
    );
    assert_refused(
        "Awa\n",
        Reason::ControlCharacter,
        "the character at index 3 is a control character: remove it",
    );
    assert_refused(
        "Awa\u{7f}",
        Reason::ControlCharacter,
        "the character at index 3 is a control character: remove it",
    );
}

#[test]
fn each_reason_has_its_own_word() {
    let words = [
        (Reason::EmptySender, "empty-sender"),
        (Reason::SenderTooLong, "sender-too-long"),
        (Reason::NonAsciiSender, "non-ascii-sender"),
        (Reason::ControlCharacter, "control-character"),
        (Reason::OuterSpace, "outer-space"),
        (Reason::SenderSymbols, "sender-symbols"),
        (Reason::NumericSender, "numeric-sender"),
        (Reason::SenderWithoutLetter, "sender-without-letter"),
    ];
    for (reason, word) in words {
        assert_eq!(reason.as_str(), word);
    }
}

proptest! {
    #[test]
    fn any_sender_gets_an_answer(sender in prop_oneof![any::<String>(), "[ -~]{0,18}", "[0-9]{0,18}"]) {
        if let Ok(parsed) = Sender::parse(&sender) {
            prop_assert_eq!(parsed.as_str(), &sender);
            let digits = sender.bytes().all(|byte| byte.is_ascii_digit());
            let limit = if digits { 15 } else { 11 };
            prop_assert!((1..=limit).contains(&sender.len()));
            prop_assert!(sender.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        }
    }
}
