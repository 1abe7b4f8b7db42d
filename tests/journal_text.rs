//! Whatever stands in a journal, it is one or an error that names the line.

#[path = "properties/journal.rs"]
mod properties;

use proptest::prelude::*;

/// Two runs and a reconcile.
const WRITTEN: &str = include_str!("../fuzz/seeds/journal/campaign");

#[test]
fn what_campaigns_wrote_is_a_journal() {
    assert!(properties::hold(WRITTEN));
    assert!(properties::hold(""));
    assert!(!properties::hold("not one\nline of it\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn any_text_is_a_journal_or_an_error_that_names_the_line(
        cut in any::<prop::sample::Index>(),
        changed in prop::collection::vec((any::<prop::sample::Index>(), any::<char>()), 0..3),
        more in prop_oneof![Just(String::new()), any::<String>()],
    ) {
        let mut characters: Vec<char> = WRITTEN.chars().collect();
        for (place, character) in changed {
            if let Some(slot) = characters.get_mut(place.index(WRITTEN.len())) {
                *slot = character;
            }
        }
        let kept = cut.index(characters.len().saturating_add(1));
        let text: String = characters.into_iter().take(kept).chain(more.chars()).collect();
        properties::hold(&text);
    }
}
