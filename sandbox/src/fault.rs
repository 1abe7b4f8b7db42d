use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use crate::answer::{Loss, Reply, status_of};
use crate::options::{Fields, OptionError};

/// The three calls of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Call {
    /// `POST …/auth/login`
    Login,
    /// `POST …/sms/send`
    Send,
    /// `POST …/sms/stats`
    Stats,
}

/// One member of the option `faults`: which requests go wrong, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FaultPlan {
    /// `None`: any call.
    on: Option<Call>,
    /// From 1.
    first: u64,
    /// `None`: to the end.
    last: Option<u64>,
    pub(crate) name: &'static str,
    pub(crate) fault: Fault,
}

/// How a request goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The API never sees the request, and no answer arrives.
    LostRequest(Loss),
    /// The API does its work, and its answer does not arrive whole.
    LostAnswer(Loss),
    /// The answer comes so many milliseconds later.
    Slow(u32),
    /// Another answer comes instead; the API never saw the request.
    Instead(Reply),
    /// The API does its work, and another answer comes instead.
    InsteadOfAnswer(Reply),
}

impl FaultPlan {
    /// `place` is its name in messages: `faults[0]`.
    pub(crate) fn parse(place: &str, value: Value) -> Result<FaultPlan, OptionError> {
        let mut fields = Fields::new(&format!("the option {place}"), &format!("{place}."), value)?;

        let on = match fields.text("on")?.as_deref() {
            Some("login") => Some(Call::Login),
            Some("send") => Some(Call::Send),
            Some("stats") => Some(Call::Stats),
            Some("any") => None,
            _ => return Err(fields.fault("on", "must be login, send, stats or any")),
        };
        let nth: Option<u64> = fields.whole("nth", 1, u64::from(u32::MAX))?;
        let times: Option<u64> = fields.whole("times", 1, u64::from(u32::MAX))?;
        let first = nth.unwrap_or(1);
        let times = times.or(nth.map(|_| 1));
        let last = times.map(|times| first.saturating_add(times).saturating_sub(1));
        let (name, fault) = fault(&mut fields)?;
        fields.end()?;

        Ok(FaultPlan {
            on,
            first,
            last,
            name,
            fault,
        })
    }

    /// Whether it strikes the `of_call`-th request of this call, which is the `of_all`-th of all three; both from 1.
    pub(crate) fn strikes(&self, call: Call, of_call: u64, of_all: u64) -> bool {
        let number = match self.on {
            None => of_all,
            Some(on) if on == call => of_call,
            Some(_) => return false,
        };
        number >= self.first && self.last.is_none_or(|last| number <= last)
    }
}

fn fault(fields: &mut Fields) -> Result<(&'static str, Fault), OptionError> {
    Ok(match fields.text("fault")?.as_deref() {
        Some("reset-before") => ("reset-before", Fault::LostRequest(Loss::Reset)),
        Some("reset-after") => ("reset-after", Fault::LostAnswer(Loss::Reset)),
        Some("hang") => ("hang", Fault::LostRequest(Loss::Hang)),
        Some("hang-after") => ("hang-after", Fault::LostAnswer(Loss::Hang)),
        Some("half") => ("half", Fault::LostAnswer(Loss::Half)),
        Some("half-hang") => ("half-hang", Fault::LostAnswer(Loss::HalfHang)),
        Some("slow") => match fields.milliseconds("latency")? {
            Some(latency) => ("slow", Fault::Slow(latency)),
            None => return Err(fields.fault("latency", "must say how many milliseconds more")),
        },
        Some("garbage") => ("garbage", garbage(fields)?),
        Some("html") => ("html", html(fields)?),
        Some("empty") => ("empty", empty(fields)?),
        Some("status") => ("status", status(fields)?),
        Some("code") => ("code", code(fields)?),
        _ => {
            return Err(fields.fault(
                "fault",
                "must be reset-before, reset-after, hang, hang-after, half, half-hang, slow, garbage, html, empty, status or code",
            ));
        }
    })
}

fn garbage(fields: &mut Fields) -> Result<Fault, OptionError> {
    let status = http_status(fields)?.unwrap_or(200);
    let body = fields.text("body")?;
    let body = body.unwrap_or_else(|| r#"{"code":"00","message":"sms_sent","#.to_owned());
    instead(fields, Reply::text(status, "application/json", body))
}

fn html(fields: &mut Fields) -> Result<Fault, OptionError> {
    let status = http_status(fields)?.unwrap_or(200);
    let body = fields.text("body")?.unwrap_or_else(|| {
        "<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>Maintenance</h1></body></html>"
            .to_owned()
    });
    instead(
        fields,
        Reply::text(status, "text/html; charset=UTF-8", body),
    )
}

fn empty(fields: &mut Fields) -> Result<Fault, OptionError> {
    let status = http_status(fields)?.unwrap_or(200);
    instead(
        fields,
        Reply::text(status, "application/json", String::new()),
    )
}

fn status(fields: &mut Fields) -> Result<Fault, OptionError> {
    let Some(status) = http_status(fields)? else {
        return Err(fields.fault("status", "must say which"));
    };
    let body = fields.text("body")?.unwrap_or_default();
    instead(
        fields,
        Reply::text(status, "text/plain; charset=UTF-8", body),
    )
}

fn code(fields: &mut Fields) -> Result<Fault, OptionError> {
    // Also codes that are not documented: a client must live with a new one.
    let code = fields.text("code")?.filter(|code| {
        code.strip_prefix("ERROR_")
            .is_some_and(|rest| rest.len() == 3 && rest.bytes().all(|byte| byte.is_ascii_digit()))
    });
    let Some(code) = code else {
        return Err(fields.fault("code", "must be ERROR_ and three digits"));
    };
    let status = http_status(fields)?.unwrap_or_else(|| status_of(&code));
    instead(fields, Reply::error(status, Cow::Owned(code)))
}

fn instead(fields: &mut Fields, mut reply: Reply) -> Result<Fault, OptionError> {
    if let Some(value) = fields.take("retryAfter") {
        let header = match value {
            Value::Number(seconds) if seconds.is_u64() => seconds.to_string(),
            Value::String(date) if is_header_value(&date) => date,
            _ => {
                let rule = "must be a whole number of seconds, or a date as HTTP writes it";
                return Err(fields.fault("retryAfter", rule));
            }
        };
        reply.headers.insert("retry-after", header);
    }
    Ok(if fields.flag("processed")?.unwrap_or(false) {
        Fault::InsteadOfAnswer(reply)
    } else {
        Fault::Instead(reply)
    })
}

// The range that a fetch Response can have.
fn http_status(fields: &mut Fields) -> Result<Option<u16>, OptionError> {
    fields.whole("status", 200, 599)
}

fn is_header_value(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}
