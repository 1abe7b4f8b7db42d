use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use paydunya_crm::api::Call;
use paydunya_crm::api::login::Token;
use paydunya_crm::event::Event;
use paydunya_crm::host::{Failure, Host, Request, Response, What};

use super::api::Outcomes;
use super::schedule::{Fault, Store};
use super::{CANARY, Signal, World};

/// Done at its time.
pub(super) struct Timer {
    pub(super) world: Rc<World>,
    pub(super) at: u64,
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.world.now.get() >= self.at {
            return Poll::Ready(());
        }
        self.world.timers.borrow_mut().insert(self.at);
        Poll::Pending
    }
}

/// The world as one client sees it.
pub struct Model {
    pub(super) world: Rc<World>,
    pub(super) client: usize,
}

impl Model {
    /// Waits until `at`, or until the signal is aborted, which it says.
    async fn aborted_before(&self, at: u64, signal: &Signal) -> bool {
        let aborts = signal.aborts.unwrap_or(u64::MAX);
        self.world.until(at.min(aborts)).await;
        aborts <= at
    }

    /// Whether the caller's store answers in time.
    async fn store_answers(&self, timeout: u32, signal: &Signal) -> bool {
        let takes = match self.world.schedule.store {
            Store::Absent => return false,
            Store::Quick | Store::Garbage => 3,
            Store::Hangs => 1_000_000,
        };
        let now = self.world.now.get();
        let end = now + takes.min(u64::from(timeout));
        !self.aborted_before(end, signal).await && takes <= u64::from(timeout)
    }

    async fn answer(
        &self,
        request: &Request<'_>,
        timeout: u32,
        signal: &Signal,
    ) -> Result<Response, Failure<&'static str>> {
        let world = &self.world;
        let post = world.posts.replace(world.posts.get() + 1);
        let (fault, takes) = world
            .schedule
            .faults
            .get(post)
            .copied()
            .unwrap_or((Fault::None, 5));
        match request.call {
            Call::Login => world.judge_login(self.client, signal),
            Call::Send => world.sends.borrow_mut()[signal.call] += 1,
            Call::Stats => {}
        }
        let now = world.now.get();
        let outcome = world.handle(request, fault, signal.call);
        let issued = world.tokens.borrow().len();
        let late = now + u64::from(timeout);
        let answered = match outcome {
            Outcomes::Answer(_) => now + takes,
            Outcomes::Never => u64::MAX,
        };
        let failure = |what, cause| Failure {
            what,
            status: None,
            cause,
        };
        if self.aborted_before(answered.min(late), signal).await {
            return Err(failure(What::Aborted, Some("the caller's reason")));
        }
        match outcome {
            Outcomes::Answer(answer) if answered <= late => {
                if request.call == Call::Login
                    && answer
                        .as_ref()
                        .is_ok_and(|answer| answer.body.contains("TOKEN"))
                {
                    world.delivered[self.client].set(Some(issued - 1));
                }
                answer
            }
            _ => Err(failure(What::Timeout, None)),
        }
    }
}

impl Host for Model {
    type Cause = &'static str;
    type Signal = Signal;

    async fn send(
        &self,
        request: &Request<'_>,
        timeout: u32,
        signal: &Signal,
    ) -> Result<Response, Failure<&'static str>> {
        if request.call != Call::Login {
            return self.answer(request, timeout, signal).await;
        }
        self.world.login_begins(self.client);
        let answer = self.answer(request, timeout, signal).await;
        self.world.login_ends(self.client);
        answer
    }

    async fn stored_token(&self, timeout: u32, signal: &Signal) -> Option<Token> {
        let answers = self.store_answers(timeout, signal).await;
        self.world.stored.borrow().clone().filter(|_| answers)
    }

    async fn store_token(&self, token: &Token, timeout: u32, signal: &Signal) {
        if self.store_answers(timeout, signal).await && self.world.schedule.store == Store::Quick {
            self.world.stored.replace(Some(token.clone()));
        }
    }

    async fn sleep(&self, ms: u32, signal: &Signal) -> Result<(), &'static str> {
        let end = self.world.now.get() + u64::from(ms);
        match self.aborted_before(end, signal).await {
            true => Err("the caller's reason"),
            false => Ok(()),
        }
    }

    fn aborted(&self, signal: &Signal) -> Option<&'static str> {
        let aborted = signal.aborts.is_some_and(|at| at <= self.world.now.get());
        aborted.then_some("the caller's reason")
    }

    fn tell(&self, event: Event) {
        let words = match event {
            Event::Request { call, attempt, .. } => {
                if call == Call::Login {
                    self.world.login_attempt.set(attempt);
                }
                None
            }
            Event::Response { code, .. } => code,
            Event::Retry { because, .. } => Some(because),
        };
        if words.is_some_and(|words| words.contains(CANARY)) {
            self.world
                .breaks(|| format!("an event tells a secret: {event:?}"));
        }
    }

    fn now(&self) -> u64 {
        self.world.now.get()
    }

    fn random(&self) -> f64 {
        self.world.schedule.jitter
    }
}
