//! Where the token of a call comes from.

use super::{CallOptions, Client, missing, report, unwritable};
use crate::api::login::{self, Token};
use crate::api::{Call, Reply};
use crate::error::{Error, Kind};
use crate::host::{Host, Request, Response};
use crate::retry::{self, Next, Setback};
use crate::session::{Decision, Generation, Wish};

/// A call that waits for another's login looks at the session so often, in ms.
const LOOK_AGAIN: u32 = 25;

impl<H: Host> Client<H> {
    /// A token as wished: the one at hand, that of a login under way, or that of a login of its own.
    pub(super) async fn token(
        &self,
        wish: Wish,
        options: &CallOptions<H::Signal>,
    ) -> Result<(Generation, Token), Error<H::Cause>> {
        let mut wish = Wish {
            deadline: self.host.now().saturating_add(u64::from(options.timeout)),
            timeout: options.timeout,
            ..wish
        };
        loop {
            // Each time: between the end of a sleep and here the caller may have aborted.
            if let Some(cause) = self.host.aborted(&options.signal) {
                return Err(report::aborted(cause));
            }
            let now = self.host.now();
            let decision = self.session.borrow_mut().decide(wish, now);
            match decision {
                Decision::Use(generation, token) => return Ok((generation, token)),
                Decision::Fail(error) => return Err(error),
                Decision::Wait(generation) => {
                    wish.waits_for = wish.waits_for.or(Some(generation));
                    wish.looked = Some(now);
                    self.host
                        .sleep(LOOK_AGAIN, &options.signal)
                        .await
                        .map_err(report::aborted)?;
                }
                Decision::LogIn(generation) => {
                    let outcome = self.log_in(options).await;
                    let mut session = self.session.borrow_mut();
                    match &outcome {
                        Ok(token) => session.logged_in(generation, token.clone()),
                        Err(error) if error.kind == Kind::Aborted => {
                            session.login_abandoned(generation);
                        }
                        Err(error) => {
                            session.login_failed(generation, error.clone(), options.timeout);
                        }
                    }
                    return outcome.map(|token| (generation, token));
                }
            }
        }
    }

    async fn log_in(&self, options: &CallOptions<H::Signal>) -> Result<Token, Error<H::Cause>> {
        let keys = &self.credentials;
        let (Some(user_key), Some(secret_key)) = (&keys.user_key, &keys.secret_key) else {
            return Err(missing(keys, false));
        };
        let body = login::request(user_key, secret_key).map_err(unwritable)?;
        let request = Request {
            url: &self.url(Call::Login),
            token: None,
            body: &body,
        };
        let answer = self
            .host
            .send(&request, options.timeout, &options.signal)
            .await;
        let setback = match &answer {
            Ok(response) => match read_login(response, self.host.now()) {
                Ok(token) => return Ok(token),
                Err(setback) => setback,
            },
            Err(failure) => Setback::Failure(failure.what),
        };
        let Next::Fail { kind, .. } = retry::next(Call::Login, setback, 0, true) else {
            return Err(Error::new(Kind::Credentials, "login: refused"));
        };
        Err(report::error(
            Call::Login,
            setback,
            kind,
            answer,
            options.timeout,
        ))
    }
}

/// A login answers without an envelope when it succeeds.
fn read_login(response: &Response, now: u64) -> Result<Token, Setback> {
    match Reply::read(&response.body) {
        Reply::Code { code, .. } => Err(code.map_or(Setback::UnknownCode, Setback::Code)),
        Reply::Bare if (200..300).contains(&response.status) => {
            login::answer(&response.body, now).ok_or(Setback::Status(response.status))
        }
        Reply::Success(_) => login::answer(&response.body, now).ok_or(Setback::Unaccounted),
        Reply::Bare => Err(Setback::Status(response.status)),
    }
}
