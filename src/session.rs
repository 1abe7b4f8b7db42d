//! Which token to use now, and what a login or a refusal changes.
//!
//! A login is shared by value, never by promise: calls that find one under way look here again on their own timer.
//! No call ever wakes another, because on workerd a continuation that runs inside another request dies with it.

use crate::api::login::Token;
use crate::credentials::Secret;
use crate::error::{Error, Kind};

/// A token is renewed so many ms before its end.
pub const RENEW_BEFORE: u64 = 60_000;

/// So many refused tokens within [`CONTEST_WITHIN`] say that another program logs in with the same keys, and each login
/// ends the other's token: logging in again would go on for ever.
pub const CONTEST_REFUSALS: usize = 5;

/// Milliseconds.
pub const CONTEST_WITHIN: u64 = 10_000;

/// The holder of a login gives a sign of life so often, in ms, whatever it waits for.
pub const SIGN_EVERY: u32 = 400;

/// A login whose holder gave no sign for so many ms is taken over: on workerd a request that ends takes all with it
/// that it waited for, and reports nothing.
pub const SILENCE: u64 = 2_500;

/// Counts logins; a token's is that of the login that brought it, so a larger one is newer.
pub type Generation = u32;

/// The tokens of one client.
pub struct Session<Cause> {
    last: Generation,
    held: Option<Held>,
    under_way: Option<UnderWay>,
    failed: Option<Failed<Cause>>,
    /// The token that the API refused last: a store may bring it again.
    refused: Option<Secret>,
    /// When it refused the last ones, the oldest first: ms since 1970.
    refusals: [u64; CONTEST_REFUSALS],
}

/// A token to use.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// Of the login that brought it.
    pub generation: Generation,
    /// Where it came from.
    pub source: Source,
    /// What authorizes a call.
    pub token: Token,
}

/// Where a token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The API.
    Login,
    /// The caller's own store: another process may have put it there, at any time.
    Store,
}

struct UnderWay {
    generation: Generation,
    stage: Stage,
    /// The last sign of life of its holder: ms since 1970.
    sign: u64,
}

/// What a login is doing: ms since 1970. Past the end of it nobody waits for it, whatever signs its holder gives.
#[derive(Clone, Copy, Debug)]
pub enum Stage {
    /// It waits for an answer.
    Posting {
        /// When it began to.
        since: u64,
        /// When its timeout passes.
        until: u64,
    },
    /// It waits to try again.
    Waiting {
        /// Until then.
        until: u64,
    },
}

struct Failed<Cause> {
    generation: Generation,
    patience: Patience,
    error: Error<Cause>,
}

/// How long a call goes on trying to log in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Patience {
    /// Milliseconds for each attempt.
    pub timeout: u32,
    /// Repeats.
    pub max_retries: u32,
}

/// What a call wants of the session.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish {
    /// Only a token newer than this one, because the API refused it.
    pub newer_than: Option<Generation>,
    /// Only a token of a login that the call has waited for: what `login()` asks.
    pub fresh: bool,
    /// Only a token that a login brought, and not a store.
    pub from_login: bool,
    /// The first login that the call waits for.
    pub waits_for: Option<Generation>,
    /// When it looked last and was told to wait: ms since 1970.
    pub looked: Option<u64>,
    /// When it began to look: ms since 1970.
    pub began: u64,
    /// When it stops waiting for others, whatever they do, and logs in itself: ms since 1970.
    pub deadline: u64,
    /// How long a login of its own may take. No attempt of another's is waited for longer than one of its own.
    pub patience: Patience,
}

/// What a call does next.
#[derive(Debug, PartialEq)]
pub enum Decision<Cause> {
    /// Use this token.
    Use(Held),
    /// Look again in a while: this login is under way.
    Wait(Generation),
    /// Log in, and report to [`Session::logged_in`], [`Session::login_failed`] or [`Session::login_abandoned`].
    LogIn(Generation),
    /// The login that the call waited for failed.
    Fail(Error<Cause>),
    /// Too many tokens were refused in a short time: see [`CONTEST_REFUSALS`].
    Contested,
}

impl<Cause> Default for Session<Cause> {
    fn default() -> Self {
        Session {
            last: 0,
            held: None,
            under_way: None,
            failed: None,
            refused: None,
            refusals: [0; CONTEST_REFUSALS],
        }
    }
}

impl<Cause: Clone> Session<Cause> {
    /// Decides for one call at `now` (ms since 1970).
    pub fn decide(&mut self, wish: Wish, now: u64) -> Decision<Cause> {
        if let Some(held) = &self.held {
            let generation = held.generation;
            let newer = wish.newer_than.is_none_or(|refused| generation > refused);
            // Not even a token that is about to end is thrown away by those who waited for it: the next login
            // would bring no better one.
            let waited = wish.waits_for.is_some_and(|login| generation >= login);
            let fits = held.source == Source::Login || !(wish.from_login || wish.fresh);
            if newer && fits && (waited || lasts(&held.token, now) && !wish.fresh) {
                return Decision::Use(held.clone());
            }
        }
        if let (Some(login), Some(failed)) = (wish.waits_for, &self.failed)
            && failed.generation >= login
            && failed.is_shared_with(wish.patience)
        {
            return Decision::Fail(failed.error.clone());
        }
        // A look that comes late proves nothing, and a first one neither: the machine was busy, and the timer that ends
        // the attempt or gives a sign may be late too. It has run before the next look.
        let since = wish.looked.unwrap_or_default();
        match &self.under_way {
            Some(login) if since < login.believed_until(wish).min(wish.deadline) => {
                Decision::Wait(login.generation)
            }
            _ if !wish.fresh && self.is_contested(now) => Decision::Contested,
            _ => {
                self.last = self.last.saturating_add(1);
                self.under_way = Some(UnderWay {
                    generation: self.last,
                    stage: Stage::posting(now, wish.patience.timeout),
                    sign: now,
                });
                Decision::LogIn(self.last)
            }
        }
    }

    /// Notes what a login is doing now, unless another has taken its place.
    pub fn login_goes_on(&mut self, generation: Generation, stage: Stage) {
        if let Some(login) = &mut self.under_way
            && login.generation == generation
        {
            login.stage = stage;
        }
    }

    /// Notes a sign of life of a login's holder at `now` (ms since 1970), unless another has taken its place.
    pub fn login_lives(&mut self, generation: Generation, now: u64) {
        if let Some(login) = &mut self.under_way
            && login.generation == generation
        {
            login.sign = now;
        }
    }

    /// A token that another login has brought at `now` (ms since 1970), while this one was still tried.
    pub fn overtaken(&self, generation: Generation, now: u64) -> Option<Held> {
        let held = self.held.as_ref()?;
        let better = held.generation > generation && held.source == Source::Login;
        (better && lasts(&held.token, now)).then(|| held.clone())
    }

    /// Keeps the token of a login, unless a newer one is there already.
    pub fn logged_in(&mut self, generation: Generation, token: Token) -> Held {
        self.keep(generation, Source::Login, token)
    }

    /// Takes the token of a store in the place of a login, where it lasts and is not the one that was refused last.
    pub fn found_in_store(
        &mut self,
        generation: Generation,
        token: Token,
        now: u64,
    ) -> Option<Held> {
        let refused = self.refused.as_ref() == Some(&token.access_token);
        (lasts(&token, now) && !refused).then(|| self.keep(generation, Source::Store, token))
    }

    /// Lets those who wait for this login fail with it. It is not held against later calls.
    pub fn login_failed(
        &mut self,
        generation: Generation,
        error: Error<Cause>,
        patience: Patience,
    ) {
        self.ended(generation);
        if self
            .failed
            .as_ref()
            .is_none_or(|failed| failed.generation < generation)
        {
            self.failed = Some(Failed {
                generation,
                patience,
                error,
            });
        }
    }

    /// Lets those who wait for this login choose another: its caller aborted it.
    pub fn login_abandoned(&mut self, generation: Generation) {
        self.ended(generation);
    }

    /// Forgets a token that the API refused at `now` (ms since 1970), and no newer one.
    pub fn refused(&mut self, generation: Generation, now: u64) {
        if let Some(held) = self.held.take_if(|held| held.generation == generation) {
            self.refused = Some(held.token.access_token);
            self.refusals.rotate_left(1);
            if let Some(last) = self.refusals.last_mut() {
                *last = now;
            }
        }
    }

    fn is_contested(&self, now: u64) -> bool {
        let oldest = self.refusals.first().copied().unwrap_or_default();
        now < oldest.saturating_add(CONTEST_WITHIN)
    }

    fn keep(&mut self, generation: Generation, source: Source, token: Token) -> Held {
        self.ended(generation);
        let kept = Held {
            generation,
            source,
            token,
        };
        if self
            .held
            .as_ref()
            .is_none_or(|held| held.generation < generation)
        {
            self.held = Some(kept.clone());
        }
        kept
    }

    fn ended(&mut self, generation: Generation) {
        if self
            .under_way
            .as_ref()
            .is_some_and(|login| login.generation == generation)
        {
            self.under_way = None;
        }
    }
}

fn lasts(token: &Token, now: u64) -> bool {
    now.saturating_add(RENEW_BEFORE) < token.expires_at
}

impl UnderWay {
    /// When a call with this wish stops believing in it.
    fn believed_until(&self, wish: Wish) -> u64 {
        self.stage.end(wish).min(self.sign.saturating_add(SILENCE))
    }
}

impl Stage {
    /// An attempt that begins at `now` (ms since 1970) and ends after `timeout` ms.
    pub fn posting(now: u64, timeout: u32) -> Stage {
        Stage::Posting {
            since: now,
            until: now.saturating_add(u64::from(timeout)),
        }
    }

    /// When a call with this wish takes it for ended.
    fn end(self, wish: Wish) -> u64 {
        match self {
            Stage::Posting { since, until } => {
                let began = since.max(wish.began);
                until.min(began.saturating_add(u64::from(wish.patience.timeout)))
            }
            Stage::Waiting { until } => until,
        }
    }
}

impl<Cause> Failed<Cause> {
    /// A call with more patience than the one that gave up doesn't fail with it, but where trying on is of no use.
    fn is_shared_with(&self, patience: Patience) -> bool {
        match self.error.kind {
            Kind::Invalid | Kind::Credentials => true,
            Kind::Timeout if patience.timeout > self.patience.timeout => false,
            _ => patience.max_retries <= self.patience.max_retries,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000_000;
    const TIMEOUT: u32 = 30_000;
    const PATIENCE: Patience = Patience {
        timeout: TIMEOUT,
        max_retries: 2,
    };

    fn wish() -> Wish {
        Wish {
            began: NOW,
            deadline: NOW + 1_000_000,
            patience: PATIENCE,
            ..Wish::default()
        }
    }

    fn waiting_for(generation: Generation) -> Wish {
        Wish {
            waits_for: Some(generation),
            ..wish()
        }
    }

    fn token(name: &str, expires_at: u64) -> Token {
        Token {
            access_token: Secret::parse(name).unwrap(),
            token_type: "bearer".to_owned(),
            expires_in: 3600,
            expires_at,
        }
    }

    /// The second look of a call at one time, where whoever logs in lives.
    fn look(session: &mut Session<()>, wish: Wish, at: u64) -> Decision<()> {
        session.login_lives(session.last, at);
        look_in_silence(session, wish, at)
    }

    fn look_in_silence(session: &mut Session<()>, wish: Wish, at: u64) -> Decision<()> {
        let looked = Some(at);
        session.decide(Wish { looked, ..wish }, at)
    }

    fn of_login(generation: Generation, token: Token) -> Held {
        Held {
            generation,
            source: Source::Login,
            token,
        }
    }

    fn uses(decision: Decision<()>, generation: Generation) -> bool {
        matches!(decision, Decision::Use(held) if held.generation == generation)
    }

    fn session() -> Session<()> {
        Session::default()
    }

    fn held(expires_at: u64) -> Session<()> {
        let mut session = session();
        assert_eq!(session.decide(wish(), NOW), Decision::LogIn(1));
        session.logged_in(1, token("first", expires_at));
        session
    }

    #[test]
    fn the_first_call_logs_in_and_the_others_wait() {
        let mut session = session();
        assert_eq!(session.decide(wish(), NOW), Decision::LogIn(1));
        for _ in 0..3 {
            assert_eq!(session.decide(wish(), NOW + 1), Decision::Wait(1));
        }
        session.logged_in(1, token("first", NOW + 3_600_000));
        assert_eq!(
            session.decide(waiting_for(1), NOW + 25),
            Decision::Use(of_login(1, token("first", NOW + 3_600_000)))
        );
    }

    #[test]
    fn a_token_is_kept_until_a_minute_before_its_end() {
        let mut session = held(NOW + 3_600_000);
        let last = NOW + 3_600_000 - RENEW_BEFORE - 1;
        assert!(uses(session.decide(wish(), last), 1));
        assert_eq!(session.decide(wish(), last + 1), Decision::LogIn(2));
    }

    #[test]
    fn a_token_that_ends_at_once_still_serves_those_who_waited_for_it() {
        let mut session = held(NOW);
        assert!(uses(session.decide(waiting_for(1), NOW), 1));
        assert_eq!(session.decide(wish(), NOW), Decision::LogIn(2));
    }

    #[test]
    fn those_who_wait_fail_with_the_login_and_later_ones_do_not() {
        let mut session = session();
        session.decide(wish(), NOW);
        session.login_failed(1, Error::new(Kind::Credentials, "no"), PATIENCE);
        assert!(matches!(
            session.decide(waiting_for(1), NOW),
            Decision::Fail(_)
        ));
        assert_eq!(session.decide(wish(), NOW), Decision::LogIn(2));
    }

    #[test]
    fn a_call_with_more_patience_does_not_share_a_failure_that_trying_on_may_mend() {
        let hasty = Patience {
            timeout: 50,
            max_retries: 2,
        };
        let resigned = Patience {
            max_retries: 0,
            ..PATIENCE
        };
        for (kind, gave_up, shared) in [
            (Kind::Timeout, hasty, false),
            (Kind::Timeout, resigned, false),
            (Kind::Timeout, PATIENCE, true),
            (Kind::Network, hasty, true),
            (Kind::Network, resigned, false),
            (Kind::Credentials, resigned, true),
            (Kind::Invalid, resigned, true),
        ] {
            let mut session = session();
            session.decide(wish(), NOW);
            session.login_failed(1, Error::new(kind, "no"), gave_up);
            let decision = session.decide(waiting_for(1), NOW);
            assert_eq!(
                matches!(decision, Decision::Fail(_)),
                shared,
                "{kind:?} {gave_up:?}"
            );
            assert_eq!(decision == Decision::LogIn(2), !shared);
        }
    }

    #[test]
    fn an_aborted_login_is_taken_over() {
        let mut session = session();
        session.decide(wish(), NOW);
        session.login_abandoned(1);
        assert_eq!(session.decide(waiting_for(1), NOW), Decision::LogIn(2));
        assert_eq!(session.decide(waiting_for(1), NOW), Decision::Wait(2));
    }

    #[test]
    fn nobody_waits_for_an_attempt_past_its_time_or_that_of_his_own() {
        let mut session = session();
        session.decide(wish(), NOW);
        let hasty = Wish {
            began: NOW + 10,
            patience: Patience {
                timeout: 100,
                max_retries: 0,
            },
            ..waiting_for(1)
        };
        assert_eq!(look(&mut session, hasty, NOW + 109), Decision::Wait(1));
        assert_eq!(look(&mut session, hasty, NOW + 110), Decision::LogIn(2));
        // The second one never reports either: a cancelled request on workerd.
        assert_eq!(
            look(&mut session, waiting_for(1), NOW + 209),
            Decision::Wait(2)
        );
        assert_eq!(
            look(&mut session, waiting_for(1), NOW + 210),
            Decision::LogIn(3)
        );
        // And each attempt of a login that takes over is waited for anew.
        assert_eq!(
            look(
                &mut session,
                waiting_for(1),
                NOW + 210 + u64::from(TIMEOUT) - 1
            ),
            Decision::Wait(3)
        );
    }

    #[test]
    fn a_login_is_taken_over_where_its_holder_gives_no_sign() {
        for stage in [
            Stage::posting(NOW, TIMEOUT),
            Stage::Waiting { until: u64::MAX },
        ] {
            let mut session = session();
            session.decide(wish(), NOW);
            session.login_goes_on(1, stage);
            session.login_lives(1, NOW + 500);
            let end = NOW + 500 + SILENCE;
            let mut look = |at| look_in_silence(&mut session, waiting_for(1), at);
            assert_eq!(look(end - 1), Decision::Wait(1));
            assert_eq!(look(end), Decision::LogIn(2));
            // The second one is waited for anew, and taken over too.
            assert_eq!(look(end + SILENCE - 1), Decision::Wait(2));
            assert_eq!(look(end + SILENCE), Decision::LogIn(3));
        }
    }

    #[test]
    fn a_sign_counts_for_the_login_of_its_giver_alone() {
        let mut session = session();
        session.decide(wish(), NOW);
        let taken = NOW + SILENCE;
        assert_eq!(
            look_in_silence(&mut session, waiting_for(1), taken),
            Decision::LogIn(2)
        );
        session.login_lives(1, taken + SILENCE);
        assert_eq!(
            look_in_silence(&mut session, waiting_for(1), taken + SILENCE),
            Decision::LogIn(3)
        );
    }

    #[test]
    fn silence_that_a_late_look_finds_is_not_held_against_the_login() {
        let mut session = session();
        session.decide(wish(), NOW);
        let late = NOW + 10 * SILENCE;
        let wish = Wish {
            looked: Some(NOW + SILENCE - 1),
            ..waiting_for(1)
        };
        assert_eq!(session.decide(wish, late), Decision::Wait(1));
        // The timer of the sign was as late, and has run before the next look.
        session.login_lives(1, late);
        assert_eq!(
            look_in_silence(&mut session, waiting_for(1), late + 1),
            Decision::Wait(1)
        );
    }

    #[test]
    fn a_login_that_waits_to_try_again_is_waited_for() {
        let mut session = session();
        session.decide(wish(), NOW);
        let again = NOW + 40_000;
        session.login_goes_on(1, Stage::Waiting { until: again });
        assert_eq!(
            look(&mut session, waiting_for(1), again - 1),
            Decision::Wait(1)
        );
        session.login_goes_on(1, Stage::posting(again, TIMEOUT));
        let end = again + u64::from(TIMEOUT);
        assert_eq!(
            look(&mut session, waiting_for(1), end - 1),
            Decision::Wait(1)
        );
        assert_eq!(look(&mut session, waiting_for(1), end), Decision::LogIn(2));
        // The first one is still at it, and its word counts no more.
        session.login_goes_on(1, Stage::Waiting { until: u64::MAX });
        assert_eq!(
            look(&mut session, waiting_for(1), end + u64::from(TIMEOUT)),
            Decision::LogIn(3)
        );
    }

    #[test]
    fn nobody_waits_past_his_deadline_whatever_the_others_do() {
        let mut session = session();
        session.decide(wish(), NOW);
        session.login_goes_on(1, Stage::Waiting { until: u64::MAX });
        let wish = Wish {
            deadline: NOW + 500,
            ..waiting_for(1)
        };
        assert_eq!(look(&mut session, wish, NOW + 499), Decision::Wait(1));
        assert_eq!(look(&mut session, wish, NOW + 500), Decision::LogIn(2));
    }

    #[test]
    fn a_refusal_of_an_old_token_never_throws_away_a_newer_one() {
        let mut session = held(NOW + 3_600_000);
        session.refused(1, NOW);
        let again = Wish {
            newer_than: Some(1),
            ..wish()
        };
        assert_eq!(session.decide(again, NOW), Decision::LogIn(2));
        session.logged_in(2, token("second", NOW + 3_600_000));
        session.refused(1, NOW);
        assert!(uses(session.decide(again, NOW), 2));
    }

    #[test]
    fn a_slow_login_never_replaces_a_newer_token() {
        let mut session = session();
        session.decide(wish(), NOW);
        let late = NOW + u64::from(TIMEOUT);
        assert_eq!(session.decide(wish(), late), Decision::Wait(1));
        assert_eq!(look(&mut session, wish(), late), Decision::LogIn(2));
        assert_eq!(session.overtaken(1, late), None);
        session.logged_in(2, token("second", late + 3_600_000));
        let overtaken = session.overtaken(1, late);
        assert_eq!(overtaken.map(|held| held.generation), Some(2));
        session.logged_in(1, token("first", late + 3_600_000));
        assert!(uses(session.decide(wish(), late), 2));
    }

    #[test]
    fn a_fresh_login_takes_no_held_token_but_joins_one_under_way() {
        let mut session = held(NOW + 3_600_000);
        let fresh = Wish {
            fresh: true,
            ..wish()
        };
        assert_eq!(session.decide(fresh, NOW), Decision::LogIn(2));
        assert_eq!(session.decide(fresh, NOW), Decision::Wait(2));
        session.logged_in(2, token("second", NOW + 3_600_000));
        let waited = Wish {
            waits_for: Some(2),
            ..fresh
        };
        assert!(uses(session.decide(waited, NOW), 2));
    }

    #[test]
    fn a_stored_token_is_taken_where_it_lasts_and_was_not_refused() {
        let lasting = NOW + RENEW_BEFORE + 1;
        let mut session = session();
        session.decide(wish(), NOW);
        assert_eq!(
            session.found_in_store(1, token("ends", NOW + RENEW_BEFORE), NOW),
            None
        );
        let found = session.found_in_store(1, token("stored", lasting), NOW);
        assert_eq!(found.map(|held| held.source), Some(Source::Store));
        assert!(uses(session.decide(wish(), NOW), 1));

        session.refused(1, NOW);
        assert_eq!(session.decide(wish(), NOW), Decision::LogIn(2));
        assert_eq!(
            session.found_in_store(2, token("stored", lasting), NOW),
            None
        );
        assert!(
            session
                .found_in_store(2, token("newer", lasting), NOW)
                .is_some()
        );
    }

    #[test]
    fn a_stored_token_serves_neither_login_nor_those_whom_the_store_disappointed() {
        let mut session = session();
        session.decide(wish(), NOW);
        session.found_in_store(1, token("stored", NOW + 3_600_000), NOW);
        let fresh = Wish {
            fresh: true,
            ..waiting_for(1)
        };
        let from_login = Wish {
            from_login: true,
            ..wish()
        };
        assert_eq!(session.decide(fresh, NOW), Decision::LogIn(2));
        assert_eq!(session.decide(from_login, NOW), Decision::Wait(2));
        assert!(uses(session.decide(wish(), NOW), 1));
    }

    #[test]
    fn nobody_logs_in_after_five_refused_tokens_in_ten_seconds_until_they_have_passed() {
        let mut session = session();
        for number in 1..=5 {
            let at = NOW + u64::from(number) * 1_000;
            assert_eq!(session.decide(wish(), at), Decision::LogIn(number));
            session.logged_in(number, token("contested", at + 3_600_000));
            session.refused(number, at);
            // Others who used the same token are refused too: that is one token still.
            session.refused(number, at);
        }
        let end = NOW + 1_000 + CONTEST_WITHIN;
        assert_eq!(session.decide(wish(), end - 1), Decision::Contested);
        let fresh = Wish {
            fresh: true,
            ..wish()
        };
        assert_eq!(session.decide(fresh, end - 1), Decision::LogIn(6));
        session.login_abandoned(6);
        assert_eq!(session.decide(wish(), end), Decision::LogIn(7));
    }
}
