//! How far a campaign got.

use serde::Serialize;

use super::{Outcome, Status};

/// Progress is told every so many ms at most, nine times a second: with the last one, which cannot wait, ten times.
const EVERY: u64 = 112;

/// Outcomes, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of the statuses")]
pub struct Totals {
    pub total: usize,
    pub sent: usize,
    pub invalid: usize,
    pub refused: usize,
    pub not_sent: usize,
    pub unknown: usize,
    pub skipped: usize,
    /// SMS segments of those that were sent.
    pub segments: usize,
}

/// How far a campaign got.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Messages that have an outcome.
    pub done: usize,
    /// Messages of the source, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<usize>,
    /// Accepted by the API.
    pub sent: usize,
    /// Invalid, refused or not sent.
    pub failed: usize,
    /// May have been sent.
    pub unknown: usize,
    /// Outcomes in a second, since the start.
    pub per_second: f64,
    /// At that pace, where the total is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds_left: Option<f64>,
}

/// Counts, and knows when to tell.
pub(super) struct Meter {
    totals: Totals,
    started: u64,
    told: u64,
}

impl Meter {
    /// Starts at `now`, in ms since 1970.
    pub(super) fn new(now: u64) -> Meter {
        Meter {
            totals: Totals::default(),
            started: now,
            told: now,
        }
    }

    pub(super) fn count<Cause>(&mut self, outcomes: &[Outcome<Cause>]) {
        for outcome in outcomes {
            let totals = &mut self.totals;
            let count = match outcome.status {
                Status::Sent => &mut totals.sent,
                Status::Invalid => &mut totals.invalid,
                Status::Refused => &mut totals.refused,
                Status::NotSent => &mut totals.not_sent,
                Status::Unknown => &mut totals.unknown,
                Status::Skipped => &mut totals.skipped,
            };
            *count = count.saturating_add(1);
            totals.total = totals.total.saturating_add(1);
            totals.segments = totals.segments.saturating_add(outcome.segments);
        }
    }

    pub(super) fn totals(&self) -> Totals {
        self.totals
    }

    /// Whether it is time to tell; a clock that was put back is no reason to be silent.
    pub(super) fn is_due(&mut self, now: u64) -> bool {
        let due = now < self.told || now.saturating_sub(self.told) >= EVERY;
        if due {
            self.told = now;
        }
        due
    }

    pub(super) fn progress(&self, total: Option<usize>, now: u64) -> Progress {
        let Totals {
            total: done,
            sent,
            invalid,
            refused,
            not_sent,
            unknown,
            ..
        } = self.totals;
        let seconds = now.saturating_sub(self.started) as f64 / 1000.0;
        let per_second = if seconds > 0.0 {
            done as f64 / seconds
        } else {
            0.0
        };
        let left = total.map(|total| total.saturating_sub(done) as f64);
        Progress {
            done,
            total,
            sent,
            failed: invalid.saturating_add(refused).saturating_add(not_sent),
            unknown,
            per_second,
            seconds_left: left
                .filter(|_| per_second > 0.0)
                .map(|left| left / per_second),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(statuses: &[Status]) -> Meter {
        let mut meter = Meter::new(10_000);
        let outcomes: Vec<Outcome<()>> = statuses.iter().copied().map(Outcome::new).collect();
        meter.count(&outcomes);
        meter
    }

    #[test]
    fn tells_pace_and_time_left() {
        let meter = meter(&[
            Status::Sent,
            Status::Refused,
            Status::Unknown,
            Status::Skipped,
        ]);
        let progress = meter.progress(Some(10), 12_000);
        assert_eq!(
            (
                progress.done,
                progress.sent,
                progress.failed,
                progress.unknown
            ),
            (4, 1, 1, 1)
        );
        assert_eq!(
            (progress.per_second, progress.seconds_left),
            (2.0, Some(3.0))
        );
    }

    #[test]
    fn says_nothing_of_the_time_left_where_nobody_can_know() {
        assert_eq!(
            meter(&[Status::Sent]).progress(None, 12_000).seconds_left,
            None
        );
        assert_eq!(meter(&[]).progress(Some(5), 12_000).seconds_left, None);
        assert_eq!(
            meter(&[Status::Sent])
                .progress(Some(5), 10_000)
                .seconds_left,
            None
        );
    }

    #[test]
    fn is_due_no_more_than_nine_times_a_second() {
        let mut meter = meter(&[]);
        let due = (10_000..11_000).filter(|now| meter.is_due(*now)).count();
        assert_eq!(due, 8);
        assert!(meter.is_due(5_000));
        assert!(!meter.is_due(5_050));
    }
}
