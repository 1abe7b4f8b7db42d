//! What a caller of a send learns of whatever is answered to it.
#![allow(
    unreachable_pub,
    reason = "two kinds of tests use it; where it panics, one fails"
)]

use paydunya_crm::api::send::{Receipt, Status};
use paydunya_crm::error::{Delivery, Error, Kind};

use crate::scripted::{LOGIN, ScriptedHost, answer, batch, client, patiently, settle_one};

/// What a send of these messages gives where this is answered to it.
pub fn answered(
    status: u16,
    body: &str,
    messages: &[(&str, &str)],
) -> Result<Receipt, Error<&'static str>> {
    let host = ScriptedHost::new([
        answer(200, LOGIN),
        answer(status, body),
        // After a token that was refused.
        answer(200, LOGIN),
        answer(status, body),
    ]);
    let client = client(&host);
    let messages = batch(messages);
    let mut once = patiently();
    once.max_retries = 0;
    settle_one(&host, async move { client.send(&messages, &once).await })
}

/// Whatever it is, the caller learns what became of the messages.
pub fn hold(status: u16, body: &str, messages: &[(&str, &str)]) {
    match answered(status, body, messages) {
        Ok(receipt) => assert!(receipt.sms.iter().any(|sms| sms.status == Status::Sent)),
        Err(error) => {
            let kinds = [Kind::Unreadable, Kind::Refused, Kind::Credentials];
            assert!(kinds.contains(&error.kind), "{:?}", error.kind);
            // Only a code, or a status by its meaning in HTTP, is proof.
            let proof = error.code.is_some() || [401, 413, 429].contains(&status);
            let not_sent = error.delivery == Some(Delivery::NotSent);
            assert!(not_sent && proof || error.delivery == Some(Delivery::Unknown));
        }
    }
}
