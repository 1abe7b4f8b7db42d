use paydunya_crm_sandbox::{Answer, Options, Request, Sandbox};
use serde_json::{Value, json};

/// 2026-11-22 08:27:05 in UTC, in milliseconds since 1970.
pub(crate) const NOW: u64 = 1_795_336_025_000;

pub(crate) const KEYS: &str = r#"{"user_key":"user-key","secret_key":"secret-key"}"#;

/// A client of a sandbox, with a clock of its own and the token of its last login.
pub(crate) struct Caller {
    pub(crate) sandbox: Sandbox,
    pub(crate) token: String,
    pub(crate) now: u64,
}

impl Caller {
    pub(crate) fn new(options: Value) -> Caller {
        Caller {
            sandbox: Sandbox::new(Options::parse(&options.to_string()).unwrap()),
            token: String::new(),
            now: NOW,
        }
    }

    /// A caller that has logged in.
    #[track_caller]
    pub(crate) fn logged_in(options: Value) -> Caller {
        let mut caller = Caller::new(options);
        caller.login();
        caller
    }

    #[track_caller]
    pub(crate) fn login(&mut self) {
        let answer = self.post("/auth/login", KEYS);
        assert_eq!(answer.status, 200, "{}", answer.body);
        self.token = body(&answer)["access_token"].as_str().unwrap().to_owned();
    }

    pub(crate) fn post(&mut self, path: &str, body: &str) -> Answer {
        let authorization = format!("Bearer {}", self.token);
        self.request(&Request {
            method: "POST",
            path: &format!("/api/v1{path}"),
            authorization: (!self.token.is_empty()).then_some(&authorization),
            content_type: Some("application/json"),
            body,
        })
    }

    pub(crate) fn request(&mut self, request: &Request<'_>) -> Answer {
        self.sandbox.answer(request, self.now)
    }

    pub(crate) fn send(&mut self, messages: &[Value]) -> Answer {
        let request = json!({
            "send_sms_request": { "type": "application", "app_key": "app-key", "sms": messages }
        });
        self.post("/sms/send", &request.to_string())
    }

    pub(crate) fn stats(&mut self, filters: Value) -> Answer {
        let request = json!({
            "sms_sent": { "type": "application", "app_key": "app-key", "filters": filters }
        });
        self.post("/sms/stats", &request.to_string())
    }
}

pub(crate) fn sms(from: &str, to: &str, text: &str) -> Value {
    json!({ "from": from, "to": to, "text": text })
}

pub(crate) fn ordinary_sms() -> Value {
    sms("MaBoutique", "+221776665544", "Votre commande est prête.")
}

#[track_caller]
pub(crate) fn body(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).expect(&answer.body)
}

#[track_caller]
pub(crate) fn code(answer: &Answer) -> String {
    body(answer)["code"].as_str().unwrap().to_owned()
}
