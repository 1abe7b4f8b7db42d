//! When the next messages may leave.

use std::collections::VecDeque;

use crate::message::MOST;

/// Milliseconds.
const SECOND: u64 = 1000;

/// Keeps any second below so many messages.
#[derive(Debug, Default)]
pub(super) struct Pace {
    per_second: Option<u32>,
    /// What left within the last second: when, and how many.
    left: VecDeque<(u64, u32)>,
}

impl Pace {
    pub(super) fn new(per_second: Option<u32>) -> Pace {
        Pace {
            per_second,
            left: VecDeque::new(),
        }
    }

    /// Messages of one POST at most: the POSTs of a second are of one size, or its last part would never be used.
    pub(super) fn most(&self) -> usize {
        let Some(rate) = self.per_second.map(|rate| rate as usize) else {
            return MOST;
        };
        let posts = rate.div_ceil(MOST).max(1);
        rate.checked_div(posts).unwrap_or(1).max(1)
    }

    /// The first time, from `now` on (ms since 1970), when so many more may leave.
    pub(super) fn at(&mut self, count: usize, now: u64) -> u64 {
        let Some(rate) = self.per_second else {
            return now;
        };
        for (at, _) in &mut self.left {
            // A clock that was put back must not stop everything.
            *at = (*at).min(now);
        }
        while let Some((at, _)) = self.left.front()
            && at.saturating_add(SECOND) <= now
        {
            self.left.pop_front();
        }
        let mut recent: u64 = self.left.iter().map(|(_, count)| u64::from(*count)).sum();
        let allowed = u64::from(rate).saturating_sub(count as u64);
        let mut first = now;
        for (at, count) in &self.left {
            if recent <= allowed {
                break;
            }
            recent = recent.saturating_sub(u64::from(*count));
            first = at.saturating_add(SECOND);
        }
        first
    }

    /// What was thought to have left before may have left only now: it waited for a token.
    pub(super) fn left_late(&mut self, now: u64) {
        for (at, _) in &mut self.left {
            *at = now;
        }
    }

    /// So many leave now.
    pub(super) fn leave(&mut self, count: usize, now: u64) {
        if self.per_second.is_some() {
            self.left.push_back((now, count as u32));
        }
    }
}

#[cfg(test)]
#[allow(
    clippy::arithmetic_side_effects,
    reason = "where it overflows, a test fails"
)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn without_a_rate_everything_leaves_at_once() {
        let mut pace = Pace::new(None);
        pace.leave(50, 7);
        assert_eq!((pace.at(50, 7), pace.most()), (7, 50));
    }

    #[test]
    fn a_clock_that_is_put_back_delays_by_a_second_at_most() {
        let mut pace = Pace::new(Some(1));
        pace.leave(1, 1_000_000);
        assert_eq!(pace.at(1, 5_000), 6_000);
    }

    #[test]
    fn the_batches_of_a_second_use_all_of_it() {
        for (rate, most) in [(1, 1), (10, 10), (50, 50), (60, 30), (100, 50), (110, 36)] {
            assert_eq!(Pace::new(Some(rate)).most(), most, "{rate}");
        }
    }

    proptest! {
        #[test]
        fn no_second_has_more_than_the_rate(
            rate in 1u32..300,
            steps in prop::collection::vec((1usize..=50, 0u64..400), 1..60),
        ) {
            let mut pace = Pace::new(Some(rate));
            let mut now = 1_000_000;
            let mut left: Vec<(u64, usize)> = Vec::new();
            for (count, pause) in steps {
                let count = count.min(pace.most());
                now = pace.at(count, now + pause);
                pace.leave(count, now);
                left.push((now, count));
            }
            for (start, _) in &left {
                let second = left.iter().filter(|(at, _)| (*start..start + 1000).contains(at));
                let sum: usize = second.map(|(_, count)| count).sum();
                prop_assert!(sum <= rate as usize);
            }
        }
    }
}
