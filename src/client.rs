//! The one loop that carries out a request: it asks [`Session`] which token to use, posts, and does what
//! [`retry::next`] decides.

mod report;

use std::cell::RefCell;

use crate::api::login::Token;
use crate::api::send::Receipt;
use crate::api::stats::{self, Query, Receiver, Stats};
use crate::api::{Call, Reply, Success, login, send};
use crate::credentials::{Credentials, Secret};
use crate::error::{Delivery, Error, Field, Issue, Kind, Reason, Severity};
use crate::host::{Host, Request, Response};
use crate::message::Batch;
use crate::retry::{self, Next, Setback};
use crate::session::{Decision, Generation, Session, Wish};

/// A call that waits for another's login looks at the session so often, in ms.
pub const LOOK_AGAIN: u32 = 25;

/// A client of one SMS account.
pub struct Client<H: Host> {
    host: H,
    base_url: String,
    credentials: Credentials,
    session: RefCell<Session<H::Cause>>,
}

/// What one call may be told.
pub struct CallOptions<Signal> {
    /// Milliseconds for each attempt, headers and body.
    pub timeout: u32,
    /// Aborts the call.
    pub signal: Signal,
}

impl<H: Host> Client<H> {
    /// A client that posts under `base_url`, which has no slash at its end.
    pub fn new(host: H, base_url: String, credentials: Credentials) -> Self {
        Client {
            host,
            base_url,
            credentials,
            session: RefCell::new(Session::default()),
        }
    }

    /// Always posts, unless a login is under way: then it takes that one's result.
    ///
    /// # Errors
    /// See [`Kind`].
    pub async fn login(&self, options: &CallOptions<H::Signal>) -> Result<Token, Error<H::Cause>> {
        let wish = Wish {
            fresh: true,
            ..Wish::default()
        };
        let (_, token) = self.token(wish, options).await?;
        Ok(token)
    }

    /// One POST of 1 to 50 messages. A refused token is renewed once; nothing else is repeated.
    ///
    /// # Errors
    /// See [`Kind`]; each has a [`Delivery`].
    pub async fn send(
        &self,
        batch: &Batch,
        options: &CallOptions<H::Signal>,
    ) -> Result<Receipt, Error<H::Cause>> {
        let body = self
            .app_key()
            .and_then(|app_key| send::request(app_key, batch).map_err(unwritable));
        let mut receipt = None;
        let posted = async {
            let post = Post {
                call: Call::Send,
                body: &body?,
                messages: batch.messages().len(),
            };
            self.post(post, &mut 0, options, &mut |success| {
                receipt = send::answer(success, batch);
                receipt.is_some()
            })
            .await
        };
        let posted = posted.await;
        posted
            .and_then(|()| receipt.ok_or_else(unread))
            .map_err(|error| match error.delivery {
                Some(_) => error,
                // It failed before the POST.
                None => error.with_delivery(Some(Delivery::NotSent)),
            })
    }

    /// One POST for each 50 receivers, one after the other.
    ///
    /// # Errors
    /// See [`Kind`].
    pub async fn stats(
        &self,
        query: &Query,
        options: &CallOptions<H::Signal>,
    ) -> Result<Stats, Error<H::Cause>> {
        let mut stats = Stats::default();
        let mut attempts = 0;
        for receivers in query.receivers().chunks(stats::MOST) {
            let part = self
                .stats_of(query, receivers, &mut attempts, options)
                .await?;
            stats.append(part);
        }
        Ok(stats)
    }

    async fn stats_of(
        &self,
        query: &Query,
        receivers: &[Receiver],
        attempts: &mut u32,
        options: &CallOptions<H::Signal>,
    ) -> Result<Stats, Error<H::Cause>> {
        let post = Post {
            call: Call::Stats,
            body: &stats::request(self.app_key()?, query, receivers).map_err(unwritable)?,
            messages: 0,
        };
        let mut stats = None;
        self.post(post, attempts, options, &mut |success| {
            stats = stats::answer(success, receivers);
            stats.is_some()
        })
        .await?;
        stats.ok_or_else(unread)
    }

    /// Posts with a token, and once more with a fresh one where it is refused. `read` keeps what the answer holds
    /// and says whether that is what was asked for.
    // Not generic over what is read: the loop would stand in the wasm once for each call.
    async fn post(
        &self,
        post: Post<'_>,
        attempts: &mut u32,
        options: &CallOptions<H::Signal>,
        read: &mut dyn FnMut(Success<'_>) -> bool,
    ) -> Result<(), Error<H::Cause>> {
        let url = self.url(post.call);
        let mut refused = None;
        loop {
            let wish = Wish {
                newer_than: refused,
                ..Wish::default()
            };
            let (generation, token) = match self.token(wish, options).await {
                Ok(token) => token,
                Err(error) => {
                    return Err(Error {
                        attempts: *attempts,
                        ..error
                    });
                }
            };
            let request = Request {
                url: &url,
                token: Some(&token.access_token),
                body: post.body,
            };
            *attempts = attempts.saturating_add(1);
            let answer = self
                .host
                .send(&request, options.timeout, &options.signal)
                .await;
            let setback = match &answer {
                Ok(response) => match read_reply(response, read) {
                    Ok(()) => return Ok(()),
                    Err(setback) => setback,
                },
                Err(failure) => Setback::Failure(failure.what),
            };
            match retry::next(post.call, setback, post.messages, refused.is_some()) {
                Next::RenewToken => {
                    self.session.borrow_mut().refused(generation);
                    refused = Some(generation);
                }
                Next::Fail { kind, delivery } => {
                    let error = report::error(post.call, setback, kind, answer, options.timeout);
                    return Err(Error {
                        attempts: *attempts,
                        ..error.with_delivery(delivery)
                    });
                }
            }
        }
    }

    /// A token as wished: the one at hand, that of a login under way, or that of a login of its own.
    async fn token(
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
        let key = |name, key: &'_ Option<Secret>| match key {
            Some(key) => Ok(key.clone()),
            None => Err(missing(name)),
        };
        let user_key = key("userKey", &self.credentials.user_key)?;
        let secret_key = key("secretKey", &self.credentials.secret_key)?;
        let body = login::request(&user_key, &secret_key).map_err(unwritable)?;
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

    fn app_key(&self) -> Result<&Secret, Error<H::Cause>> {
        self.credentials
            .app_key
            .as_ref()
            .ok_or_else(|| missing("appKey"))
    }

    fn url(&self, call: Call) -> String {
        [&self.base_url, call.path()].concat()
    }
}

/// What is posted with a token.
struct Post<'a> {
    call: Call,
    body: &'a str,
    /// Of a send.
    messages: usize,
}

/// A well-formed envelope beats the HTTP status; the status decides only where there is none.
fn read_reply(
    response: &Response,
    read: &mut dyn FnMut(Success<'_>) -> bool,
) -> Result<(), Setback> {
    match Reply::read(&response.body) {
        Reply::Success(success) => match read(success) {
            true => Ok(()),
            false => Err(Setback::Unaccounted),
        },
        Reply::Code { code, .. } => Err(code.map_or(Setback::UnknownCode, Setback::Code)),
        Reply::Bare => Err(Setback::Status(response.status)),
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

fn missing<Cause>(option: &str) -> Error<Cause> {
    Error::invalid(vec![Issue {
        severity: Severity::Error,
        field: Field::Option,
        index: None,
        reason: Reason::Missing,
        code: None,
        message: format!("option {option}: missing: give it to the constructor"),
    }])
}

fn unwritable<Cause>(_: serde_json::Error) -> Error<Cause> {
    Error::new(Kind::Invalid, "the request cannot be written as JSON")
}

/// A POST that succeeded has been read: this is for the compiler.
fn unread<Cause>() -> Error<Cause> {
    Error::new(Kind::Unreadable, "the answer was not read")
}
