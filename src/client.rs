//! The one loop that carries out a request: it asks [`Session`] which token to use, posts, and does what
//! [`retry::next`] decides.

mod redaction;
mod report;
mod rules;
mod token;

pub use rules::{Rules, TheRules};

use self::redaction::Redaction;
use self::report::Aborted;

use std::cell::RefCell;
use std::marker::PhantomData;

use crate::api::login::Token;
use crate::api::send::Receipt;
use crate::api::stats::{self, Query, Receiver, Stats};
use crate::api::{Call, Reply, Success, send};
use crate::credentials::{Credentials, Secret};
use crate::error::{Delivery, Error, Field, Issue, Kind, Reason, Severity};
use crate::event::Event;
use crate::host::{Failure, Host, Request, Response, What};
use crate::message::Batch;
use crate::retry::{self, Next, Setback, Tried, retry_after};
use crate::session::{Session, Source, Wish};

/// A client of one SMS account, which decides by the [`Rules`] `R`.
pub struct Client<H: Host, R = TheRules> {
    host: H,
    base_url: String,
    credentials: Credentials,
    session: RefCell<Session<H::Cause>>,
    rules: PhantomData<R>,
}

/// What one call may be told.
pub struct CallOptions<Signal> {
    /// Milliseconds for each attempt, headers and body.
    pub timeout: u32,
    /// Repeats of each POST, and of each login before it; a renewal of a refused token doesn't count.
    pub max_retries: u32,
    /// Aborts the call.
    pub signal: Signal,
}

impl<H: Host> Client<H> {
    /// A client that posts under `base_url`, which has no slash at its end.
    pub fn new(host: H, base_url: String, credentials: Credentials) -> Self {
        Client::with_rules(host, base_url, credentials)
    }
}

impl<H: Host, R: Rules> Client<H, R> {
    /// As [`Client::new`], with rules of a test's own.
    pub fn with_rules(host: H, base_url: String, credentials: Credentials) -> Self {
        Client {
            host,
            base_url,
            credentials,
            session: RefCell::new(Session::default()),
            rules: PhantomData,
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
        Ok(self.token(wish, options).await?.token)
    }

    /// One POST of 1 to 50 messages. It is repeated only where the one before surely did nothing.
    ///
    /// # Errors
    /// See [`Kind`]; each has a [`Delivery`].
    pub async fn send(
        &self,
        batch: &Batch,
        options: &CallOptions<H::Signal>,
    ) -> Result<Receipt, Error<H::Cause>> {
        let body = self.app_key().map(|app_key| send::request(app_key, batch));
        let mut receipt = None;
        let posted = async {
            let post = Post {
                call: Call::Send,
                body: &body?,
                batch: Some(batch),
            };
            self.post(post, &mut 0, options, &mut |success| {
                receipt = R::receipt(success, batch);
                receipt.is_some()
            })
            .await
        };
        posted.await.map_err(|error| match error.delivery {
            Some(_) => error,
            // It failed before the POST.
            None => error.with_delivery(Some(Delivery::NotSent)),
        })?;
        receipt.ok_or_else(|| unread().with_delivery(Some(Delivery::Unknown)))
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
            body: &stats::request(self.app_key()?, query, receivers),
            batch: None,
        };
        let mut stats = None;
        self.post(post, attempts, options, &mut |success| {
            stats = stats::answer(success, receivers);
            stats.is_some()
        })
        .await?;
        stats.ok_or_else(unread)
    }

    /// Posts with a token, and again as [`retry::next`] decides. `read` keeps what the answer holds and says whether
    /// that is what was asked for.
    // Not generic over what is read: the loop would stand in the wasm once for each call.
    async fn post(
        &self,
        post: Post<'_>,
        attempts: &mut u32,
        options: &CallOptions<H::Signal>,
        read: &mut dyn FnMut(Success<'_>) -> bool,
    ) -> Result<(), Error<H::Cause>> {
        let url = self.url(post.call);
        let messages = post.batch.map_or(0, |batch| batch.messages().len());
        let mut wish = Wish::default();
        let mut repeats = 0;
        loop {
            let held = self.token(wish, options).await.map_err(|error| Error {
                attempts: *attempts,
                ..error
            })?;
            let request = Request {
                call: post.call,
                messages,
                url: &url,
                token: Some(&held.token.access_token),
                body: post.body,
            };
            let redaction = self.redaction(request.token, post.batch);
            let exchanged = self
                .exchange(&request, attempts, options, &mut |response| {
                    read_reply::<R>(response, redaction, read)
                })
                .await;
            let Err(miss) = exchanged else { return Ok(()) };
            let tried = Tried {
                call: post.call,
                messages,
                renewed: wish.newer_than.is_some() && held.source == Source::Login,
                repeats,
                max_retries: options.max_retries,
            };
            match self.next(tried, *attempts, miss, redaction, options) {
                Ok(Again::Renewed) => {
                    let now = self.host.now();
                    R::refused(&mut self.session.borrow_mut(), held.generation, now);
                    // A store is asked for a newer token, once.
                    wish.from_login = wish.newer_than.is_some();
                    wish.newer_than = Some(held.generation);
                }
                Ok(Again::In(ms)) => {
                    repeats = repeats.saturating_add(1);
                    if let Err(cause) = self.host.sleep(ms, &options.signal).await {
                        return Err(Error {
                            attempts: *attempts,
                            ..report::aborted(Aborted::BetweenAttempts, cause)
                        });
                    }
                }
                Err(error) => {
                    return Err(Error {
                        attempts: *attempts,
                        ..error
                    });
                }
            }
        }
    }

    /// One attempt, told to the listener. `read` judges the answer, and keeps what it holds.
    async fn exchange(
        &self,
        request: &Request<'_>,
        attempts: &mut u32,
        options: &CallOptions<H::Signal>,
        read: &mut dyn FnMut(&Response) -> Result<(), Setback>,
    ) -> Result<(), Miss<H::Cause>> {
        let call = request.call;
        let attempt = attempts.saturating_add(1);
        self.host.tell(Event::Request {
            call,
            attempt,
            messages: (call == Call::Send).then_some(request.messages),
        });
        // Since the last look the caller may have aborted, in the listener too.
        if let Some(cause) = self.host.aborted(&options.signal) {
            let failure = Failure {
                what: What::AbortedBefore,
                status: None,
                cause: Some(cause),
            };
            return Err(Miss {
                setback: Setback::Failure(failure.what),
                answer: Err(failure),
            });
        }
        *attempts = attempt;
        let start = self.host.now();
        let answer = self
            .host
            .send(request, options.timeout, &options.signal)
            .await;
        let setback = match &answer {
            Err(failure) => Some(Setback::Failure(failure.what)),
            Ok(response) => {
                let setback = read(response).err();
                self.host.tell(Event::Response {
                    call,
                    attempt,
                    status: response.status,
                    code: code(call, setback),
                    ms: self.host.now().saturating_sub(start),
                });
                setback
            }
        };
        match setback {
            None => Ok(()),
            Some(setback) => Err(Miss { setback, answer }),
        }
    }

    /// What follows on an attempt that failed: another one, or the error of the call.
    fn next(
        &self,
        tried: Tried,
        attempt: u32,
        Miss { setback, answer }: Miss<H::Cause>,
        redaction: Redaction<'_>,
        options: &CallOptions<H::Signal>,
    ) -> Result<Again, Error<H::Cause>> {
        let call = tried.call;
        let retry_after = answer
            .as_ref()
            .ok()
            .and_then(|response| asked_to_wait(response, self.host.now()));
        let again = match R::next(tried, setback, retry_after, self.host.random()) {
            Next::RenewToken => Again::Renewed,
            Next::Repeat { in_ms } => Again::In(in_ms),
            Next::Fail { kind, delivery } => {
                let mut error =
                    report::error(call, setback, kind, answer, retry_after, options.timeout);
                error.description = error.description.map(|words| redaction.apply(words));
                return Err(error.with_delivery(delivery));
            }
        };
        self.host.tell(Event::Retry {
            call,
            attempt,
            in_ms: match again {
                Again::Renewed => 0,
                Again::In(ms) => ms,
            },
            because: retry::because(setback),
        });
        Ok(again)
    }

    fn app_key(&self) -> Result<&Secret, Error<H::Cause>> {
        self.credentials
            .app_key
            .as_ref()
            .ok_or_else(|| missing(&self.credentials, true))
    }

    fn redaction<'a>(
        &'a self,
        token: Option<&'a Secret>,
        batch: Option<&'a Batch>,
    ) -> Redaction<'a> {
        Redaction {
            credentials: &self.credentials,
            token,
            batch,
        }
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
    batch: Option<&'a Batch>,
}

/// An attempt that did not bring what was asked for.
struct Miss<Cause> {
    setback: Setback,
    answer: Result<Response, Failure<Cause>>,
}

/// How a POST is tried again.
#[derive(Clone, Copy)]
enum Again {
    /// With another token.
    Renewed,
    /// The same, in so many ms.
    In(u32),
}

fn asked_to_wait(response: &Response, now: u64) -> Option<u32> {
    let value = response.retry_after.as_deref()?;
    retry_after(value, response.date.as_deref(), now)
}

/// The code of an answer, where it has one that the document lists; that to a login has none when it succeeds.
fn code(call: Call, setback: Option<Setback>) -> Option<&'static str> {
    match setback {
        Some(Setback::Code(code)) => Some(code.as_str()),
        Some(Setback::Unaccounted) => Some("00"),
        None if call != Call::Login => Some("00"),
        _ => None,
    }
}

/// A well-formed envelope beats the HTTP status; the status decides only where there is none.
fn read_reply<R: Rules>(
    response: &Response,
    redaction: Redaction<'_>,
    read: &mut dyn FnMut(Success<'_>) -> bool,
) -> Result<(), Setback> {
    match R::reply(&response.body) {
        Reply::Success(success) => match read(Success {
            message: redaction.apply(success.message),
            description: redaction.apply(success.description),
            ..success
        }) {
            true => Ok(()),
            false => Err(Setback::Unaccounted),
        },
        Reply::Code { code, .. } => Err(code.map_or(Setback::UnknownCode, Setback::Code)),
        Reply::Bare => Err(Setback::Status(response.status)),
    }
}

/// The error of keys that are not there, all of them at once; a login needs no `app_key`.
fn missing<Cause>(credentials: &Credentials, app_key: bool) -> Error<Cause> {
    let keys = [
        ("userKey", credentials.user_key.is_none()),
        ("secretKey", credentials.secret_key.is_none()),
        ("appKey", app_key && credentials.app_key.is_none()),
    ];
    let issue = |option| Issue {
        severity: Severity::Error,
        field: Field::Option,
        index: None,
        reason: Reason::Missing,
        code: None,
        message: format!("option {option}: missing: give it to the constructor"),
    };
    let absent = keys.into_iter().filter(|(_, absent)| *absent);
    Error::invalid(absent.map(|(option, _)| issue(option)).collect())
}

/// A POST that succeeded has been read: this is for the compiler.
fn unread<Cause>() -> Error<Cause> {
    Error::new(Kind::Unreadable, "the answer was not read.")
}
