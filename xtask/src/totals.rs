//! How many tests passed and failed, by what the test programs write.

use std::iter::Sum;
use std::ops::Add;

/// Counted tests. What was skipped is in neither number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Totals {
    /// One test that passed or failed.
    pub(crate) fn one(passed: bool) -> Totals {
        Totals {
            passed: u64::from(passed),
            failed: u64::from(!passed),
        }
    }

    /// The sum of the lines `test result: ok. 3 passed; 0 failed; …` of Rust's test programs.
    pub(crate) fn of_rust(output: &str) -> Totals {
        output
            .lines()
            .filter_map(|line| line.trim().strip_prefix("test result: "))
            .map(|result| Totals {
                passed: number_before(result, " passed"),
                failed: number_before(result, " failed"),
            })
            .sum()
    }

    /// The lines `# pass 3`, `# fail 1` and `# cancelled 1` at the end of a TAP report of `node --test`.
    pub(crate) fn of_node(report: &str) -> Totals {
        let number = |name: &str| {
            report
                .lines()
                .rev()
                .find_map(|line| {
                    line.strip_prefix("# ")?
                        .strip_prefix(name)?
                        .trim()
                        .parse()
                        .ok()
                })
                .unwrap_or(0)
        };
        Totals {
            passed: number("pass "),
            failed: number("fail ") + number("cancelled "),
        }
    }

    /// What counts in the end: a program that fails without a failed test, or in which nothing ran, is one failure.
    pub(crate) fn judged(self, success: bool) -> Totals {
        let nothing_ran = self == Totals::default();
        let failed_before_a_test = !success && self.failed == 0;
        if nothing_ran || failed_before_a_test {
            self + Totals::one(false)
        } else {
            self
        }
    }
}

impl Add for Totals {
    type Output = Totals;

    fn add(self, other: Totals) -> Totals {
        Totals {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
        }
    }
}

impl Sum for Totals {
    fn sum<I: Iterator<Item = Totals>>(totals: I) -> Totals {
        totals.fold(Totals::default(), Totals::add)
    }
}

fn number_before(text: &str, word: &str) -> u64 {
    text.split_once(word)
        .and_then(|(before, _)| before.rsplit(' ').next()?.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(passed: u64, failed: u64) -> Totals {
        Totals { passed, failed }
    }

    #[test]
    fn adds_up_all_test_programs_of_rust() {
        let output = "\
running 2 tests
test a ... ok
test b ... FAILED

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

   Doc-tests paydunya_crm
test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out; finished in 1.20s
";
        assert_eq!(Totals::of_rust(output), totals(13, 1));
    }

    #[test]
    fn reads_what_the_wasm_runner_writes() {
        let output =
            "test result: ok. 7 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.02s\n";
        assert_eq!(Totals::of_rust(output), totals(7, 0));
        assert_eq!(Totals::of_rust("no tests to run!\n"), totals(0, 0));
    }

    #[test]
    fn reads_the_end_of_a_report_of_node() {
        let report = "\
TAP version 13
# pass 99 is what a test wrote
ok 1 - sends
1..1
# tests 9
# suites 1
# pass 5
# fail 2
# cancelled 1
# skipped 1
# todo 0
# duration_ms 52.1
";
        assert_eq!(Totals::of_node(report), totals(5, 3));
        assert_eq!(Totals::of_node(""), totals(0, 0));
    }

    #[test]
    fn a_program_that_breaks_off_is_a_failure() {
        assert_eq!(totals(3, 0).judged(false), totals(3, 1));
        assert_eq!(totals(3, 2).judged(false), totals(3, 2));
        assert_eq!(totals(3, 0).judged(true), totals(3, 0));
    }

    #[test]
    fn a_suite_in_which_nothing_ran_is_a_failure() {
        assert_eq!(totals(0, 0).judged(true), totals(0, 1));
        assert_eq!(totals(0, 0).judged(false), totals(0, 1));
    }
}
