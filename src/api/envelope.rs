use super::json::{Document, Value};
use crate::error::ErrorCode;

/// What an answer says, before anybody reads its data.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply<'a> {
    /// Code `00`.
    Success(Success<'a>),
    /// Another code.
    Code {
        /// Where the document lists it.
        code: Option<ErrorCode>,
        /// The API's sentence, or its word where there is none.
        description: Option<String>,
    },
    /// No envelope: only the HTTP status can tell.
    Bare,
}

/// An answer with code `00`.
#[derive(Clone, Debug, PartialEq)]
pub struct Success<'a> {
    /// The API's word: `sms_sent`.
    pub message: String,
    /// The API's sentence.
    pub description: String,
    /// What was asked for.
    pub data: Data<'a>,
}

/// The data of an answer, each form of which is read by its own call; empty where there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Data<'a>(Option<Document<'a>>);

impl Data<'_> {
    /// As it was written.
    pub fn as_json(&self) -> &str {
        self.value().map(Value::as_written).unwrap_or_default()
    }

    /// Where the envelope has any.
    pub(super) fn value(&self) -> Option<Value<'_>> {
        self.0.as_ref()?.root().get("data")
    }
}

impl Reply<'_> {
    /// Reads the body of any answer.
    pub fn read(body: &str) -> Reply<'_> {
        let Some(document) = Document::read(body) else {
            return Reply::Bare;
        };
        let string = |name| document.root().get(name)?.string();
        let Some(code) = string("code") else {
            return Reply::Bare;
        };
        let (message, description) = (string("message"), string("description"));
        if code == "00" {
            return Reply::Success(Success {
                message: message.unwrap_or_default(),
                description: description.unwrap_or_default(),
                data: Data(Some(document)),
            });
        }
        Reply::Code {
            code: ErrorCode::parse(&code),
            description: description.or(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn code(body: &str) -> Option<ErrorCode> {
        match Reply::read(body) {
            Reply::Code { code, .. } => code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn knows_every_documented_code() {
        for known in ErrorCode::all() {
            let body = format!(
                r#"{{"code":"{}","message":"{}","description":"{}"}}"#,
                known.as_str(),
                known.message(),
                known.meaning()
            );
            assert_eq!(
                Reply::read(&body),
                Reply::Code {
                    code: Some(known),
                    description: Some(known.meaning().to_owned())
                }
            );
        }
    }

    #[test]
    fn the_code_counts_whatever_stands_beside_it() {
        let expected = ErrorCode::parse("ERROR_110");
        assert_eq!(code(r#"{"code":"ERROR_110"}"#), expected);
        assert_eq!(
            code(r#"{"data":[],"code":"ERROR_110","description":{"to":["bad"]}}"#),
            expected
        );
        assert_eq!(
            code(r#" {"code":"ERROR_110","message":null,"data":null,"extra":1}"#),
            expected
        );
    }

    #[test]
    fn an_undocumented_code_is_still_a_code() {
        assert_eq!(code(r#"{"code":"ERROR_125","message":"new"}"#), None);
        assert_eq!(code(r#"{"code":"","message":"new"}"#), None);
    }

    #[test]
    fn what_has_no_code_is_no_envelope() {
        for body in [
            "",
            "null",
            "\"00\"",
            "<html>502 Bad Gateway</html>",
            r#"{"message":"Unauthenticated."}"#,
            r#"{"code":0}"#,
            r#"{"code":"00""#,
            r#"["00","sms_sent","",{}]"#,
        ] {
            assert_eq!(Reply::read(body), Reply::Bare, "{body}");
        }
    }
}
