//! The README says what the code says.

use paydunya_crm::error::ErrorCode;

const README: &str = include_str!("../README.md");

#[test]
fn the_readme_has_a_row_for_each_of_the_24_codes() {
    let rows = |code: ErrorCode| {
        let row = format!(
            "| {} | {} | {} |",
            code.as_str(),
            code.message(),
            code.advice()
        );
        README.lines().filter(|line| **line == row).count()
    };
    for code in ErrorCode::all() {
        assert_eq!(rows(code), 1, "{}: {}", code.as_str(), code.advice());
    }
}
