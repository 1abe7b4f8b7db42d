//! Where the token of a call comes from.

use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::task::Poll;

use super::report::{self, Aborted};
use super::{Again, CallOptions, Client, Rules, missing, unread};
use crate::api::login::{self, Token};
use crate::api::{Call, Reply};
use crate::error::{Error, Kind};
use crate::host::{Host, Request, Response};
use crate::retry::{self, Setback, Tried};
use crate::session::{Decision, Generation, Held, Patience, SIGN_EVERY, Stage, Wish};

/// The caller's store has this part of the timeout to give or take a token.
const STORE_SHARE: u32 = 10;

/// A call that waits for another's login looks at the session so often, in ms.
const LOOK_AGAIN: u32 = 25;

impl<H: Host, R: Rules> Client<H, R> {
    /// A token as wished: the one at hand, that of a login under way, or that of a login of its own.
    pub(super) async fn token(
        &self,
        wish: Wish,
        options: &CallOptions<H::Signal>,
    ) -> Result<Held, Error<H::Cause>> {
        let began = self.host.now();
        let mut wish = Wish {
            began,
            // As long as a login of its own could take.
            deadline: began.saturating_add(retry::longest(options.timeout, options.max_retries)),
            patience: patience(options),
            ..wish
        };
        loop {
            // Each time: between the end of a sleep and here the caller may have aborted.
            if let Some(cause) = self.host.aborted(&options.signal) {
                return Err(report::aborted(Aborted::BeforeTheRequest, cause));
            }
            let now = self.host.now();
            let decision = self.session.borrow_mut().decide(wish, now);
            match decision {
                Decision::Use(held) => return Ok(held),
                Decision::Fail(error) => return Err(error),
                Decision::Contested => return Err(report::contested()),
                Decision::Wait(generation) => {
                    wish.waits_for = wish.waits_for.or(Some(generation));
                    wish.looked = Some(now);
                    self.host
                        .sleep(LOOK_AGAIN, &options.signal)
                        .await
                        .map_err(|cause| report::aborted(Aborted::BeforeTheRequest, cause))?;
                }
                Decision::LogIn(generation) => {
                    let asks_store = !wish.fresh && !wish.from_login;
                    let obtained = self.obtain(generation, asks_store, options);
                    return self.with_signs(generation, options, obtained).await;
                }
            }
        }
    }

    /// Goes on with a login, and shows those who wait for it that somebody does: see [`SIGN_EVERY`].
    // A timer of the login's own, in the same future: what ends the one ends the other, an end that nobody reports too.
    async fn with_signs<T>(
        &self,
        generation: Generation,
        options: &CallOptions<H::Signal>,
        login: impl Future<Output = T>,
    ) -> T {
        let mut login = pin!(login);
        let mut signs = pin!(async {
            while self.host.sleep(SIGN_EVERY, &options.signal).await.is_ok() {
                let now = self.host.now();
                self.session.borrow_mut().login_lives(generation, now);
            }
            // The caller has aborted: the login ends by itself.
            pending::<()>().await;
        });
        poll_fn(|context| match login.as_mut().poll(context) {
            Poll::Pending => {
                let _ = signs.as_mut().poll(context);
                Poll::Pending
            }
            ready => ready,
        })
        .await
    }

    /// The token of the caller's store, else that of a login, which the store gets.
    async fn obtain(
        &self,
        generation: Generation,
        asks_store: bool,
        options: &CallOptions<H::Signal>,
    ) -> Result<Held, Error<H::Cause>> {
        let CallOptions {
            timeout, signal, ..
        } = options;
        let share = timeout.div_ceil(STORE_SHARE);
        if asks_store && let Some(token) = self.host.stored_token(share, signal).await {
            let now = self.host.now();
            let found = self
                .session
                .borrow_mut()
                .found_in_store(generation, token, now);
            if let Some(held) = found {
                return Ok(held);
            }
        }
        let outcome = self.log_in(generation, options).await;
        let held = outcome.inspect_err(|error| {
            let mut session = self.session.borrow_mut();
            match error.kind {
                Kind::Aborted => session.login_abandoned(generation),
                _ => session.login_failed(generation, error.clone(), patience(options)),
            }
        })?;
        // Those who wait for the login have it already.
        if held.generation == generation {
            self.host.store_token(&held.token, share, signal).await;
        }
        Ok(held)
    }

    /// Posts a login, and again as [`retry::next`] decides, unless another has brought a token meanwhile.
    async fn log_in(
        &self,
        generation: Generation,
        options: &CallOptions<H::Signal>,
    ) -> Result<Held, Error<H::Cause>> {
        let keys = &self.credentials;
        let (Some(user_key), Some(secret_key)) = (&keys.user_key, &keys.secret_key) else {
            return Err(missing(keys, false));
        };
        let body = login::request(user_key, secret_key);
        let request = Request {
            call: Call::Login,
            messages: 0,
            url: &self.url(Call::Login),
            token: None,
            body: &body,
        };
        let goes_on = |stage| self.session.borrow_mut().login_goes_on(generation, stage);
        let mut repeats: u32 = 0;
        let mut attempts = 0;
        loop {
            goes_on(Stage::posting(self.host.now(), options.timeout));
            let mut token = None;
            let exchanged = self
                .exchange(&request, &mut attempts, options, &mut |response| {
                    token = Some(read_login(response, self.host.now())?);
                    Ok(())
                })
                .await;
            let miss = match (exchanged, token) {
                (Ok(()), Some(token)) => {
                    return Ok(self.session.borrow_mut().logged_in(generation, token));
                }
                (Ok(()), None) => return Err(unread()),
                (Err(miss), _) => miss,
            };
            let tried = Tried {
                call: Call::Login,
                messages: 0,
                renewed: true,
                repeats,
                max_retries: options.max_retries,
            };
            if let Again::In(ms) =
                self.next(tried, attempts, miss, self.redaction(None, None), options)?
            {
                repeats = repeats.saturating_add(1);
                goes_on(Stage::Waiting {
                    until: self.host.now().saturating_add(u64::from(ms)),
                });
                self.host
                    .sleep(ms, &options.signal)
                    .await
                    .map_err(|cause| report::aborted(Aborted::BetweenAttempts, cause))?;
                let now = self.host.now();
                if let Some(held) = self.session.borrow().overtaken(generation, now) {
                    return Ok(held);
                }
            }
        }
    }
}

fn patience<Signal>(options: &CallOptions<Signal>) -> Patience {
    Patience {
        timeout: options.timeout,
        max_retries: options.max_retries,
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
