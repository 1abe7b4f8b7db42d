use std::fmt::Write;

use paydunya_crm::api::Call;
use paydunya_crm::credentials::Secret;
use paydunya_crm::host::{Failure, Request, Response, What};

use super::schedule::{Fault, Kind};
use super::{CANARY, Issued, NUMBERS, World, text};

impl World {
    /// What the API answers, and what it does, whether the answer arrives or not.
    pub(super) fn handle(&self, request: &Request<'_>, fault: Fault, call: usize) -> Outcomes {
        let answer = |status: u16, body: String| {
            Ok(Response {
                status,
                retry_after: None,
                date: None,
                body,
            })
        };
        let fails = |what| {
            Err(Failure {
                what,
                status: None,
                cause: Some("the cause"),
            })
        };
        let refusal = |code: &str| {
            let body =
                format!(r#"{{"code":"{code}","message":"{CANARY}","description":"{CANARY}"}}"#);
            answer(400, body)
        };
        match fault {
            Fault::NeverLeft => return fails(What::NeverLeft).into(),
            Fault::Lost { processed: false } => return fails(What::Lost).into(),
            Fault::Hang { processed: false } => return Outcomes::Never,
            Fault::Status {
                status,
                wait,
                processed: false,
            } => {
                // Whoever refuses a token has ended it.
                if status == 401 {
                    self.revoke();
                }
                let mut response = answer(status, CANARY.to_owned());
                if let Ok(response) = &mut response {
                    response.retry_after = wait.map(str::to_owned);
                }
                return response.into();
            }
            Fault::Code {
                code,
                processed: false,
            } => return refusal(code).into(),
            Fault::Revoke => self.revoke(),
            _ => {}
        }
        let done = match request.call {
            Call::Login => answer(200, self.log_in()),
            _ if !self.knows(request.token) => {
                if fault == Fault::Revoke {
                    return answer(401, String::new()).into();
                }
                return refusal("ERROR_122").into();
            }
            Call::Stats => answer(200, STATS.to_owned()),
            Call::Send => match self.accept(request.body, fault, call) {
                Some(body) => answer(200, body),
                None => refusal("ERROR_102"),
            },
        };
        match fault {
            Fault::Lost { .. } => fails(What::Lost).into(),
            Fault::Hang { .. } => Outcomes::Never,
            Fault::Status { status, .. } => answer(status, CANARY.to_owned()).into(),
            Fault::Code { code, .. } => refusal(code).into(),
            _ => done.into(),
        }
    }

    fn revoke(&self) {
        for token in self.tokens.borrow_mut().iter_mut() {
            token.valid = false;
        }
    }

    fn log_in(&self) -> String {
        if self.schedule.single_token {
            self.revoke();
        }
        let mut tokens = self.tokens.borrow_mut();
        let lifetime = self.schedule.lifetime;
        tokens.push(Issued {
            valid: true,
            ends: self.now.get() + u64::from(lifetime) * 1000,
        });
        let number = tokens.len() - 1;
        format!(r#"{{"access_token":"CANARY-TOKEN-{number}","expires_in":{lifetime}}}"#)
    }

    fn knows(&self, token: Option<&Secret>) -> bool {
        let number = token
            .and_then(|token| token.expose().strip_prefix("CANARY-TOKEN-"))
            .and_then(|number| number.parse::<usize>().ok());
        number.is_some_and(|number| {
            let token = &self.tokens.borrow()[number];
            token.valid && self.now.get() < token.ends
        })
    }

    /// Takes the messages of a send, or some of them; none where the money is gone.
    fn accept(&self, body: &str, fault: Fault, call: usize) -> Option<String> {
        let Kind::Send(size) = self.schedule.calls[call].kind else {
            return None;
        };
        let mut places: Vec<usize> = (0..size)
            .filter(|place| body.contains(&text(call, *place)))
            .collect();
        match fault {
            Fault::Partial => {
                places.remove(0);
            }
            // Of several the first has the money.
            Fault::Poor => places.truncate(usize::from(size > 1)),
            _ => {}
        }
        let mut accepted = self.accepted.borrow_mut();
        accepted.extend(places.iter().map(|place| (call, *place)));
        if fault == Fault::Poor {
            return None;
        }
        if fault != Fault::None {
            places.reverse();
        }
        let mut sms = String::new();
        for place in places {
            let comma = if sms.is_empty() { "" } else { "," };
            write!(
                sms,
                r#"{comma}{{"code":"CODE-{call}.{place}","sender_addresss":"SENDER-ID","receiver_address":"{}","text":"{}"}}"#,
                NUMBERS[place],
                text(call, place)
            )
            .ok()?;
        }
        Some(format!(
            r#"{{"code":"00","message":"sms_sent","description":"{CANARY}","data":{{"sms":[{sms}]}}}}"#
        ))
    }
}

const STATS: &str = r#"{"code":"00","message":"success","description":"","data":{"valid_number":[{"221776665544":[]}]}}"#;

/// What comes of a POST.
pub(super) enum Outcomes {
    Answer(Result<Response, Failure<&'static str>>),
    Never,
}

impl From<Result<Response, Failure<&'static str>>> for Outcomes {
    fn from(answer: Result<Response, Failure<&'static str>>) -> Outcomes {
        Outcomes::Answer(answer)
    }
}
