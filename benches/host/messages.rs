//! 50 messages of 86 characters, and what the API answers to them.

use paydunya_crm::message::{Batch, Given, Policy, Row};
use paydunya_crm::phone::Country;
use paydunya_crm::sender::Sender;
use serde_json::json;

// All of it in GSM-7.
pub(crate) const GSM_7: &str =
    "Rappel : votre facture 10000 arrive à échéance demain. Réglez-la par Wave ou en agence";

// GSM-7 lacks one character of it.
pub(crate) const UCS_2: &str =
    "Votre commande 10037 est prête. Venez la retirer ce soir à la boutique du Plateau, svp";

pub(crate) fn policy() -> Policy {
    Policy {
        sender: Sender::parse("MaBoutique").ok(),
        default_country: Country::parse("SN"),
        ..Policy::default()
    }
}

/// Every second one in GSM-7, every second number in E.164.
pub(crate) fn fifty() -> Vec<Row> {
    (0..50)
        .map(|number| {
            let (to, text) = if number % 2 == 0 {
                (format!("+2217766655{number:02}"), GSM_7)
            } else {
                (format!("77 666 55 {number:02}"), UCS_2)
            };
            Row {
                to: Given::Value(to),
                text: Given::Value(text.replace("100", &format!("1{number:02}"))),
                ..Row::default()
            }
        })
        .collect()
}

/// An answer that accounts for every message, in the order of the batch.
pub(crate) fn answer(batch: &Batch) -> String {
    let sms: Vec<_> = batch
        .messages()
        .iter()
        .enumerate()
        .map(|(index, message)| {
            json!({
                "code": format!("CODE-{index}"),
                "sender_addresss": message.from.as_str(),
                "receiver_address": message.to.e164(),
                "text": message.text.as_str(),
            })
        })
        .collect();
    json!({
        "code": "00",
        "message": "sms_sent",
        "description": "The sms sent successfully",
        "data": { "sms": sms },
    })
    .to_string()
}
