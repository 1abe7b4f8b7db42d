use serde::Serialize;
use serde_json::Value;

use crate::answer::{Refusal, Reply};
use crate::options::Options;
use crate::token::Tokens;

#[derive(Serialize)]
struct Token<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u32,
}

/// `POST …/auth/login`.
pub(crate) fn answer(
    body: &Value,
    options: &Options,
    tokens: &mut Tokens,
    now: u64,
) -> Result<Reply, Refusal> {
    let key = |name: &str| {
        body.get(name)
            .and_then(Value::as_str)
            .filter(|key| !key.is_empty())
            .ok_or_else(|| Refusal::new("ERROR_118", format!("{name} is missing")))
    };
    if key("user_key")? != options.user_key {
        return Err(Refusal::new("ERROR_118", "no account has this user_key"));
    }
    if key("secret_key")? != options.secret_key {
        return Err(Refusal::new(
            "ERROR_117",
            "secret_key is not that of the account",
        ));
    }
    if options.single_token {
        tokens.log_out();
    }
    Ok(Reply::ok(&Token {
        access_token: &tokens.issue(now, options.token_lifetime),
        token_type: "bearer",
        expires_in: options.token_lifetime,
    }))
}
