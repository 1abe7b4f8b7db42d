use std::collections::BTreeMap;

use serde::Serialize;

/// An SMS that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sms {
    /// `SMS-000001` and so on.
    pub code: String,
    /// As displayed: `SMS-TEST` where the sender asked for is not configured.
    pub from: String,
    /// E.164.
    pub to: String,
    /// As it came.
    pub text: String,
    /// What it cost.
    pub segments: usize,
    /// Milliseconds since 1970.
    pub sent_at: u64,
}

/// The SMS that were accepted, oldest first, and by receiver.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    sent: Vec<Sms>,
    by_receiver: BTreeMap<String, Vec<usize>>,
}

impl Outbox {
    pub(crate) fn push(&mut self, sms: Sms) {
        let place = self.sent.len();
        self.by_receiver
            .entry(sms.to.clone())
            .or_default()
            .push(place);
        self.sent.push(sms);
    }

    pub(crate) fn all(&self) -> &[Sms] {
        &self.sent
    }

    /// `SMS-000001` for the first.
    pub(crate) fn next_code(&self) -> String {
        format!("SMS-{:06}", self.sent.len().saturating_add(1))
    }

    /// `receiver` in E.164.
    pub(crate) fn to(&self, receiver: &str) -> impl Iterator<Item = &Sms> {
        self.by_receiver
            .get(receiver)
            .into_iter()
            .flatten()
            .filter_map(|place| self.sent.get(*place))
    }
}
