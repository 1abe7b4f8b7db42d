use std::borrow::Cow;
use std::collections::BTreeMap;

use paydunya_crm::error::ErrorCode;
use serde::Serialize;

/// A request as the API looks at it: of the headers, it reads these two.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// In capitals: `POST`.
    pub method: &'a str,
    /// The path alone, without a query; any base path is taken: `/api/v1/sms/send`.
    pub path: &'a str,
    /// The header `Authorization`.
    pub authorization: Option<&'a str>,
    /// The header `Content-Type`.
    pub content_type: Option<&'a str>,
    /// The body, decoded.
    pub body: &'a str,
}

/// What goes back, and how much of it arrives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// HTTP.
    pub status: u16,
    /// By lower-case name.
    pub headers: BTreeMap<&'static str, String>,
    /// JSON, unless a fault replaced it.
    pub body: String,
    /// Milliseconds to wait before anything of it is sent. The request is already processed by then.
    pub latency: u32,
    /// How it gets lost on its way; `None`: it arrives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<Loss>,
}

/// How an answer gets lost on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// The connection is reset before the first byte.
    Reset,
    /// Not a byte comes, and the connection stays open.
    Hang,
    /// The status, the headers and half of the body, then a reset.
    Half,
    /// The status, the headers and half of the body, then silence.
    HalfHang,
}

/// A whole answer before it is decided when and whether it arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<&'static str, String>,
    pub(crate) body: String,
    /// The `code` of the envelope, where there is one.
    pub(crate) code: Option<Cow<'static, str>>,
    /// SMS that this request added.
    pub(crate) accepted: usize,
}

impl Reply {
    /// A success in JSON.
    pub(crate) fn ok(body: &impl Serialize) -> Reply {
        Reply::json(200, body)
    }

    /// The envelope of a success, with its data.
    pub(crate) fn success(message: &str, description: &str, data: impl Serialize) -> Reply {
        #[derive(Serialize)]
        struct Envelope<'a, D> {
            code: &'a str,
            message: &'a str,
            description: &'a str,
            data: D,
        }

        let code = "00";
        let mut reply = Reply::ok(&Envelope {
            code,
            message,
            description,
            data,
        });
        reply.code = Some(code.into());
        reply
    }

    /// An envelope with one of the API's codes, or another of the same form, which then has no words of its own.
    pub(crate) fn error(status: u16, code: Cow<'static, str>) -> Reply {
        #[derive(Serialize)]
        struct Envelope<'a> {
            code: &'a str,
            message: &'a str,
            description: &'a str,
        }

        let known = ErrorCode::parse(&code);
        let mut reply = Reply::json(
            status,
            &Envelope {
                code: &code,
                message: known.map_or("unknown_error", ErrorCode::message),
                description: known.map_or("An error that is not documented", ErrorCode::meaning),
            },
        );
        reply.code = Some(code);
        reply
    }

    /// What Laravel answers by itself, outside the API's envelope.
    pub(crate) fn plain_error(status: u16, message: &'static str) -> Reply {
        #[derive(Serialize)]
        struct Plain {
            message: &'static str,
            status_code: u16,
        }

        Reply::json(
            status,
            &Plain {
                message,
                status_code: status,
            },
        )
    }

    /// Any text.
    pub(crate) fn text(status: u16, content_type: &'static str, body: String) -> Reply {
        Reply {
            status,
            headers: BTreeMap::from([("content-type", content_type.to_owned())]),
            body,
            code: None,
            accepted: 0,
        }
    }

    fn json(status: u16, body: &impl Serialize) -> Reply {
        // Strings and maps of strings can't fail to be written; were it so, an empty body would tell.
        let body = serde_json::to_string(body).unwrap_or_default();
        Reply::text(status, "application/json", body)
    }
}

/// Why the API says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// `ERROR_101` to `ERROR_124`.
    pub(crate) code: &'static str,
    /// The rule, in one clause; never a key, a token, a text or a number.
    pub(crate) reason: String,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, reason: impl Into<String>) -> Refusal {
        Refusal {
            code,
            reason: reason.into(),
        }
    }
}

/// The HTTP status that goes with a code, as a Laravel API would choose it. The API document names none.
pub(crate) fn status_of(code: &str) -> u16 {
    match code {
        "ERROR_104" => 400,
        "ERROR_117" | "ERROR_118" | "ERROR_121" | "ERROR_122" | "ERROR_123" | "ERROR_124" => 401,
        "ERROR_102" => 402,
        "ERROR_107" => 403,
        "ERROR_120" => 404,
        "ERROR_101" | "ERROR_103" | "ERROR_116" | "ERROR_119" => 500,
        _ => 422,
    }
}
