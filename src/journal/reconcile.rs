//! Asking the stats what became of the messages of which nobody knows.

use std::collections::BTreeMap;

use super::record::{FNV, Fate, Record, fnv, text_hash};
use super::{Journal, Storage};
use crate::api::stats::{Instant, Query};
use crate::client::{CallOptions, Client};
use crate::error::Error;
use crate::host::Host;
use crate::message::Given;

/// How long, in ms, stats may lag behind where nobody says.
pub const DEFAULT_SETTLE: u64 = 15 * 60_000;

/// So many ms the clocks of the API and of the sender may be apart.
const SKEW: u64 = 5 * 60_000;

/// Receivers that are asked for at once.
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
    /// The place of its intent, and its own in it.
    of: u32,
    nth: usize,
}

/// Settles the messages of a journal that nobody knows about by the stats. `normalize` brings a text into the form in
/// which it was sent: NFC.
///
/// # Errors
/// The journal cannot be read or written, or the stats cannot be asked; what was settled before stays settled.
pub async fn reconcile<H, S>(
    client: &Client<H>,
    journal: &Journal<S>,
    settings: Settings,
    options: &CallOptions<H::Signal>,
    normalize: &dyn Fn(&str) -> String,
) -> Result<Report, Error<H::Cause>>
where
    H: Host,
    S: Storage<H::Cause>,
{
    journal.read().await?;
    let now = journal.storage.now();
    let (lost, mut codes, sizes) = {
        let run = journal.run.borrow();
        let mut codes: Vec<u64> = run.history.codes().map(code_hash).collect();
        codes.sort_unstable();
        let posts = run.history.posts();
        let sizes: BTreeMap<u32, usize> = posts
            .iter()
            .map(|post| (post.place, post.messages.len()))
            .collect();
        let lost: Vec<Lost> = posts
            .iter()
            .flat_map(|post| {
                post.messages
                    .iter()
                    .enumerate()
                    .filter_map(|(nth, message)| {
                        let message = message.as_ref()?;
                        Some(Lost {
                            to: message.to.clone(),
                            text: message.text,
                            at: post.at,
                            of: post.place,
                            nth,
                        })
                    })
            })
            .collect();
        (lost, codes, sizes)
    };
    let mut report = Report {
        held: lost.len(),
        ..Report::default()
    };
    let due: Vec<Lost> = lost
        .into_iter()
        .filter(|lost| lost.at.saturating_add(settings.settle) <= now)
        .collect();
    let mut has_begun = false;
    for part in parts(due) {
        let found = ask(client, &part, options, normalize).await?;
        let given = attribute(&part, &found, &mut codes);
        report.asked = report.asked.saturating_add(part.len());
        let mut fates: BTreeMap<u32, Vec<Fate>> = BTreeMap::new();
        for (lost, code) in part.iter().zip(given) {
            let fate = match code {
                Some(code) => {
                    report.sent = report.sent.saturating_add(1);
                    Fate::Sent(Some(code))
                }
                None if settings.requeue => Fate::NotSent,
                None => continue,
            };
            report.held = report.held.saturating_sub(1);
            let size = sizes.get(&lost.of).copied().unwrap_or_default();
            let of = fates
                .entry(lost.of)
                .or_insert_with(|| vec![Fate::Unknown; size]);
            if let Some(slot) = of.get_mut(lost.nth) {
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

/// In parts for one call each: all of a receiver that are due stay together, so that a code finds its message, and the
/// period of a call begins with its first message, so that older SMS of the same text stay out.
fn parts(due: Vec<Lost>) -> Vec<Vec<Lost>> {
    let mut of_receiver: BTreeMap<String, Vec<Lost>> = BTreeMap::new();
    for lost in due {
        of_receiver.entry(lost.to.clone()).or_default().push(lost);
    }
    let mut receivers: Vec<Vec<Lost>> = of_receiver.into_values().collect();
    let first = |lost: &[Lost]| lost.iter().map(|lost| lost.at).min().unwrap_or_default();
    receivers.sort_by_key(|lost| first(lost));
    let mut parts: Vec<(u64, usize, Vec<Lost>)> = Vec::new();
    for lost in receivers {
        let at = first(&lost);
        match parts.last_mut() {
            Some((from, count, part)) if *count < AT_ONCE && at.saturating_sub(*from) <= SKEW => {
                *count = count.saturating_add(1);
                part.extend(lost);
            }
            _ => parts.push((at, 1, lost)),
        }
    }
    parts.into_iter().map(|(_, _, part)| part).collect()
}

/// An SMS that the stats know.
struct Found {
    to: String,
    text: u64,
    code: String,
}

async fn ask<H: Host>(
    client: &Client<H>,
    part: &[Lost],
    options: &CallOptions<H::Signal>,
    normalize: &dyn Fn(&str) -> String,
) -> Result<Vec<Found>, Error<H::Cause>> {
    let mut receivers: Vec<&str> = part.iter().map(|lost| lost.to.as_str()).collect();
    receivers.dedup();
    let receivers: Vec<Given> = receivers
        .into_iter()
        .map(|number| Given::Value(number.to_owned()))
        .collect();
    let first = part.iter().map(|lost| lost.at).min().unwrap_or_default();
    let start = Instant::at(first.saturating_sub(SKEW));
    let start = Given::Value(start.as_str().to_owned());
    let query = Query::parse(&receivers, &start, &Given::Absent, None).map_err(Error::invalid)?;
    let stats = client.stats(&query, options).await?;
    Ok(stats
        .valid_numbers
        .into_iter()
        .flat_map(|number| {
            let to = number.number;
            number.sms.into_iter().map(move |sms| Found {
                to: to.clone(),
                text: text_hash(&normalize(&sms.content)),
                code: sms.code,
            })
        })
        .collect())
}

/// Which code belongs to which message. Each is given once, and none that is in `codes`, which are those of other
/// messages; messages of one receiver and text are equal, so the oldest gets the first.
fn attribute(lost: &[Lost], found: &[Found], codes: &mut Vec<u64>) -> Vec<Option<String>> {
    lost.iter()
        .map(|lost| {
            found.iter().find_map(|found| {
                if found.to != lost.to || found.text != lost.text {
                    return None;
                }
                let hash = code_hash(&found.code);
                // Two codes of one hash would be held for one: that message stays unknown.
                let place = codes.binary_search(&hash).err()?;
                codes.insert(place, hash);
                Some(found.code.clone())
            })
        })
        .collect()
}

fn code_hash(code: &str) -> u64 {
    fnv(FNV, code.as_bytes())
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
        let mut codes: Vec<u64> = known.iter().map(|code| code_hash(code)).collect();
        codes.sort_unstable();
        attribute(lost, found, &mut codes)
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
    fn a_call_asks_for_fifty_receivers_of_five_minutes() {
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
        assert_eq!(far.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    }
}
