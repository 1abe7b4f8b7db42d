//! Asking the stats what became of the messages of which nobody knows.

use super::record::{Fate, Record, text_hash};
use super::{Journal, Storage};
use crate::api::stats::{Instant, Query};
use crate::client::{CallOptions, Client, Rules};
use crate::error::Error;
use crate::host::Host;
use crate::message::Given;

/// How long, in ms, stats may lag behind where nobody says.
pub const DEFAULT_SETTLE: u64 = 15 * 60_000;

/// So many ms the clocks of the API and of the sender may be apart.
const SKEW: u64 = 5 * 60_000;

/// Messages that are asked for at once.
const AT_ONCE: usize = crate::api::stats::MOST;

/// What [`reconcile`] is told.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Messages stay as they are until their intent is so many ms old.
    pub settle: u64,
    /// Those that the stats don't know may be sent again.
    pub requeue: bool,
}

/// What [`reconcile`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Messages that the stats were asked for.
    pub asked: usize,
    /// Of these, found.
    pub sent: usize,
    /// Messages of which nobody knows what became, still.
    pub held: usize,
}

/// A message of which nobody knows what became.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Lost {
    to: String,
    text: u64,
    at: u64,
    /// The place of its intent, its own in it, and how many that has.
    of: u32,
    nth: usize,
    count: usize,
}

/// Settles the messages of a journal that nobody knows about by the stats. `normalize` brings a text into the form in
/// which it was sent: NFC.
///
/// # Errors
/// The journal cannot be read or written, or the stats cannot be asked; what was settled before stays settled.
pub async fn reconcile<H, S, R>(
    client: &Client<H, R>,
    journal: &Journal<S>,
    settings: Settings,
    options: &CallOptions<H::Signal>,
    normalize: &dyn Fn(&str) -> String,
) -> Result<Report, Error<H::Cause>>
where
    H: Host,
    S: Storage<H::Cause>,
    R: Rules,
{
    journal.read().await?;
    let now = journal.storage.now();
    let (mut due, mut held) = (Vec::new(), 0_usize);
    for post in journal.run.borrow().history.posts() {
        let is_due = post.at.saturating_add(settings.settle) <= now;
        for (nth, message) in post.messages.iter().enumerate() {
            let Some(message) = message else { continue };
            held = held.saturating_add(1);
            if is_due {
                due.push(Lost {
                    to: message.to.clone(),
                    text: message.text,
                    at: post.at,
                    of: post.place,
                    nth,
                    count: post.messages.len(),
                });
            }
        }
    }
    let mut given: Vec<String> = Vec::new();
    let mut report = Report {
        held,
        ..Report::default()
    };
    let mut has_begun = false;
    for part in parts(due) {
        let found = ask(client, &part, options, normalize).await?;
        let codes = {
            let run = journal.run.borrow();
            let known = run.history.codes().chain(given.iter().map(String::as_str));
            attribute(&part, &found, known)
        };
        report.asked = report.asked.saturating_add(part.len());
        let mut fates: Vec<(u32, Vec<Fate>)> = Vec::new();
        for (lost, code) in part.iter().zip(codes) {
            let fate = match code {
                Some(code) => {
                    report.sent = report.sent.saturating_add(1);
                    given.push(code.clone());
                    Fate::Sent(Some(code))
                }
                None if settings.requeue => Fate::NotSent,
                None => continue,
            };
            report.held = report.held.saturating_sub(1);
            if fates.last().is_none_or(|(of, _)| *of != lost.of) {
                fates.push((lost.of, vec![Fate::Unknown; lost.count]));
            }
            let slot = fates
                .last_mut()
                .and_then(|(_, fates)| fates.get_mut(lost.nth));
            if let Some(slot) = slot {
                *slot = fate;
            }
        }
        for (of, fates) in fates {
            if !has_begun {
                journal.begin().await?;
                has_begun = true;
            }
            journal.append("", &Record::Outcome { of, fates }).await?;
        }
    }
    Ok(report)
}

/// In parts for one call each, oldest first. The period of a call begins with its first message, so a part is not much
/// younger: older SMS of the same text stay out.
fn parts(due: Vec<Lost>) -> Vec<Vec<Lost>> {
    let mut parts: Vec<Vec<Lost>> = Vec::new();
    for lost in due {
        match parts.last_mut() {
            Some(part)
                if part.len() < AT_ONCE
                    && part
                        .first()
                        .is_some_and(|first| lost.at.abs_diff(first.at) <= SKEW) =>
            {
                part.push(lost);
            }
            _ => parts.push(vec![lost]),
        }
    }
    parts
}

/// An SMS that the stats know.
struct Found {
    to: String,
    text: u64,
    code: String,
}

async fn ask<H: Host, R: Rules>(
    client: &Client<H, R>,
    part: &[Lost],
    options: &CallOptions<H::Signal>,
    normalize: &dyn Fn(&str) -> String,
) -> Result<Vec<Found>, Error<H::Cause>> {
    let mut receivers: Vec<Given> = Vec::with_capacity(part.len());
    for lost in part {
        let receiver = Given::Value(lost.to.clone());
        if !receivers.contains(&receiver) {
            receivers.push(receiver);
        }
    }
    let first = part.iter().map(|lost| lost.at).min().unwrap_or_default();
    let start = Instant::at(first.saturating_sub(SKEW));
    let start = Given::Value(start.as_str().to_owned());
    let query = Query::parse(&receivers, &start, &Given::Absent, None).map_err(Error::invalid)?;
    let stats = client.stats(&query, options).await?;
    let mut found = Vec::new();
    for number in stats.valid_numbers {
        for sms in number.sms {
            found.push(Found {
                to: number.number.clone(),
                text: text_hash(&normalize(&sms.content)),
                code: sms.code,
            });
        }
    }
    Ok(found)
}

/// Which code belongs to which message. Each is given once, and none that is `known`, which are those of other
/// messages; messages of one receiver and text are equal, so the oldest gets the first.
fn attribute<'a>(
    lost: &[Lost],
    found: &[Found],
    known: impl Iterator<Item = &'a str>,
) -> Vec<Option<String>> {
    let fits = |lost: &Lost, found: &Found| found.to == lost.to && found.text == lost.text;
    // In one pass over what may be a million codes.
    let mut free: Vec<&Found> = Vec::new();
    for found in found {
        let is_new = free.iter().all(|other| other.code != found.code);
        if is_new && lost.iter().any(|lost| fits(lost, found)) {
            free.push(found);
        }
    }
    for code in known {
        free.retain(|found| found.code != code);
    }
    lost.iter()
        .map(|lost| {
            let place = free.iter().position(|found| fits(lost, found))?;
            Some(free.remove(place).code.clone())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(to: &str, text: &str, at: u64, nth: usize) -> Lost {
        Lost {
            to: to.to_owned(),
            text: text_hash(text),
            at,
            of: 1,
            nth,
            count: 2,
        }
    }

    fn found(to: &str, text: &str, code: &str) -> Found {
        Found {
            to: to.to_owned(),
            text: text_hash(text),
            code: code.to_owned(),
        }
    }

    fn given(lost: &[Lost], found: &[Found], known: &[&str]) -> Vec<Option<String>> {
        attribute(lost, found, known.iter().copied())
    }

    #[test]
    fn a_code_belongs_to_one_message_and_to_none_that_has_another() {
        let twins = [lost("+1", "a", 0, 0), lost("+1", "a", 1, 1)];
        let one = [found("+1", "a", "X")];
        assert_eq!(given(&twins, &one, &[]), [Some("X".to_owned()), None]);
        assert_eq!(given(&twins, &one, &["X"]), [None, None]);
        let twice = [found("+1", "a", "X"), found("+1", "a", "X")];
        assert_eq!(given(&twins, &twice, &[]), [Some("X".to_owned()), None]);
        let two = [found("+1", "a", "X"), found("+1", "a", "Y")];
        assert_eq!(given(&twins, &two, &["X"]), [Some("Y".to_owned()), None]);
    }

    #[test]
    fn receiver_and_text_have_to_be_the_same() {
        let message = [lost("+1", "a", 0, 0)];
        for other in [found("+2", "a", "X"), found("+1", "b", "X")] {
            assert_eq!(given(&message, &[other], &[]), [None]);
        }
        assert!(given(&message, &[found("+1", "a \n", "X")], &[])[0].is_some());
    }

    #[test]
    fn a_call_asks_for_fifty_messages_of_five_minutes() {
        let due: Vec<Lost> = (0..120)
            .map(|n| lost(&format!("+{n}"), "a", 0, n))
            .collect();
        let sizes: Vec<usize> = parts(due).iter().map(Vec::len).collect();
        assert_eq!(sizes, [50, 50, 20]);
        let far = parts(vec![
            lost("+1", "a", 0, 0),
            lost("+2", "a", SKEW + 1, 1),
            lost("+1", "b", SKEW + 2, 2),
        ]);
        assert_eq!(far.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
    }
}
