use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::answer::{Answer, Loss, Refusal, Reply, Request, status_of};
use crate::fault::{Call, Fault};
use crate::options::Options;
use crate::outbox::{Outbox, Sms};
use crate::token::Tokens;
use crate::{login, send, stats};

/// The API in memory.
pub struct Sandbox {
    options: Options,
    state: State,
}

/// A request that came, as [`Sandbox::received`] tells of it: no key, token, text or number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Received {
    /// `None`: none of the three paths, or not a POST.
    pub call: Option<Call>,
    /// Of the answer; `None` where none arrives.
    pub status: Option<u16>,
    /// The `code` of the answer, where it has an envelope and arrives whole.
    pub code: Option<Cow<'static, str>>,
    /// SMS that it added to [`Sandbox::sent`].
    pub accepted: usize,
    /// The fault that struck it.
    pub fault: Option<&'static str>,
    /// Why it was refused: the rule, in one clause.
    pub reason: Option<String>,
    /// Milliseconds since 1970.
    pub at: u64,
}

struct State {
    tokens: Tokens,
    balance: Option<u64>,
    outbox: Outbox,
    received: Vec<Received>,
    logins: u64,
    sends: u64,
    stats: u64,
}

impl Sandbox {
    /// An account that nothing was sent from yet.
    pub fn new(options: Options) -> Sandbox {
        Sandbox {
            state: State::new(&options),
            options,
        }
    }

    /// Does what the API would; `now` in milliseconds since 1970.
    pub fn answer(&mut self, request: &Request<'_>, now: u64) -> Answer {
        let (call, reply, reason, struck) = match call(request) {
            Err(reply) => (None, reply, None, None),
            Ok(call) => {
                let struck = self.strike(call);
                let (reply, reason) = match struck.as_ref().map(|(_, fault)| fault) {
                    Some(Fault::LostRequest(_)) => {
                        (Reply::text(200, "text/plain", String::new()), None)
                    }
                    Some(Fault::Instead(reply)) => (reply.clone(), None),
                    Some(Fault::InsteadOfAnswer(instead)) => {
                        let accepted = self.work(call, request, now).0.accepted;
                        let reply = Reply {
                            accepted,
                            ..instead.clone()
                        };
                        (reply, None)
                    }
                    Some(Fault::LostAnswer(_) | Fault::Slow(_)) | None => {
                        self.work(call, request, now)
                    }
                };
                (Some(call), reply, reason, struck)
            }
        };
        let lost = match struck {
            Some((_, Fault::LostRequest(loss) | Fault::LostAnswer(loss))) => Some(loss),
            _ => None,
        };
        let more = match struck {
            Some((_, Fault::Slow(latency))) => latency,
            _ => 0,
        };
        self.state.received.push(Received {
            call,
            status: match lost {
                Some(Loss::Reset | Loss::Hang) => None,
                _ => Some(reply.status),
            },
            code: if lost.is_none() { reply.code } else { None },
            accepted: reply.accepted,
            fault: struck.map(|(name, _)| name),
            reason,
            at: now,
        });
        Answer {
            status: reply.status,
            headers: reply.headers,
            body: reply.body,
            latency: self.options.latency.saturating_add(more),
            lost,
        }
    }

    /// Logs every token out that was given out so far: they answer `ERROR_124` from now on.
    pub fn log_out(&mut self) {
        self.state.tokens.log_out();
    }

    /// Forgets everything: tokens, SMS and requests; the balance and the faults start again.
    pub fn reset(&mut self) {
        self.state = State::new(&self.options);
    }

    /// The SMS that were accepted, oldest first.
    pub fn sent(&self) -> &[Sms] {
        self.state.outbox.all()
    }

    /// The requests that came, oldest first.
    pub fn received(&self) -> &[Received] {
        &self.state.received
    }

    /// Segments that can still be sent; `None`: as many as you like.
    pub fn balance(&self) -> Option<u64> {
        self.state.balance
    }

    /// Counts the request, and says what befalls it.
    fn strike(&mut self, call: Call) -> Option<(&'static str, Fault)> {
        let state = &mut self.state;
        let count = match call {
            Call::Login => &mut state.logins,
            Call::Send => &mut state.sends,
            Call::Stats => &mut state.stats,
        };
        *count = count.saturating_add(1);
        let of_call = *count;
        let of_all = state
            .logins
            .saturating_add(state.sends)
            .saturating_add(state.stats);
        self.options
            .faults
            .iter()
            .find(|plan| plan.strikes(call, of_call, of_all))
            .map(|plan| (plan.name, plan.fault.clone()))
    }

    /// What the API does and answers where nothing goes wrong, and the rule where it refuses.
    fn work(&mut self, call: Call, request: &Request<'_>, now: u64) -> (Reply, Option<String>) {
        match self.judge(call, request, now) {
            Ok(reply) => (reply, None),
            Err(Refusal { code, reason }) => {
                let mut reply = Reply::error(status_of(code), Cow::Borrowed(code));
                reply.headers.insert("sandbox-reason", reason.clone());
                (reply, Some(reason))
            }
        }
    }

    fn judge(&mut self, call: Call, request: &Request<'_>, now: u64) -> Result<Reply, Refusal> {
        let State {
            tokens,
            balance,
            outbox,
            ..
        } = &mut self.state;
        if call != Call::Login {
            tokens.check(request.authorization, now)?;
        }
        let body = json(request)?;
        match call {
            Call::Login => login::answer(&body, &self.options, tokens, now),
            Call::Send => send::answer(&body, &self.options, balance, outbox, now),
            Call::Stats => stats::answer(&body, &self.options, outbox),
        }
    }
}

impl State {
    fn new(options: &Options) -> State {
        State {
            tokens: Tokens::default(),
            balance: options.balance,
            outbox: Outbox::default(),
            received: Vec::new(),
            logins: 0,
            sends: 0,
            stats: 0,
        }
    }
}

/// What `send` and `stats` have in common: the object under `node`, its `type` and its `app_key`.
pub(crate) fn application<'a>(
    body: &'a Value,
    node: &str,
    options: &Options,
) -> Result<&'a Map<String, Value>, Refusal> {
    let request = body
        .get(node)
        .and_then(Value::as_object)
        .ok_or_else(|| Refusal::new("ERROR_104", format!("there is no object {node}")))?;
    let text = |name: &str| {
        request
            .get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| Refusal::new("ERROR_105", format!("{node}.{name} is not a string")))
    };
    if text("type")? != "application" {
        return Err(Refusal::new("ERROR_106", "type is not application"));
    }
    if text("app_key")? != options.app_key {
        return Err(Refusal::new(
            "ERROR_107",
            "app_key is not that of the account",
        ));
    }
    Ok(request)
}

fn call(request: &Request<'_>) -> Result<Call, Reply> {
    let paths = [
        ("/auth/login", Call::Login),
        ("/sms/send", Call::Send),
        ("/sms/stats", Call::Stats),
    ];
    let known = paths
        .into_iter()
        .find(|(path, _)| request.path.ends_with(path));
    match known {
        None => Err(Reply::plain_error(404, "404 Not Found")),
        Some(_) if request.method != "POST" => {
            let mut reply = Reply::plain_error(405, "405 Method Not Allowed");
            reply.headers.insert("allow", "POST".to_owned());
            Err(reply)
        }
        Some((_, call)) => Ok(call),
    }
}

fn json(request: &Request<'_>) -> Result<Value, Refusal> {
    let type_is_json = request
        .content_type
        .is_some_and(|name| name.to_ascii_lowercase().contains("json"));
    if !type_is_json {
        return Err(Refusal::new("ERROR_104", "the Content-Type is not JSON"));
    }
    serde_json::from_str(request.body)
        .map_err(|_| Refusal::new("ERROR_104", "the body is not JSON"))
}
