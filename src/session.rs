//! Which token to use now, and what a login or a refusal changes.
//!
//! A login is shared by value, never by promise: calls that find one under way look here again on their own timer.
//! No call ever wakes another, because on workerd a continuation that runs inside another request dies with it.

use crate::api::login::Token;
use crate::error::{Error, Kind};

/// A token is renewed so many ms before its end.
pub const RENEW_BEFORE: u64 = 60_000;

/// Counts logins; a token's is that of the login that brought it, so a larger one is newer.
pub type Generation = u32;

/// The tokens of one client.
pub struct Session<Cause> {
    last: Generation,
    held: Option<(Generation, Token)>,
    under_way: Option<UnderWay>,
    failed: Option<Failed<Cause>>,
}

struct UnderWay {
    generation: Generation,
    /// Later than this nobody believes that it still lives.
    until: u64,
}

struct Failed<Cause> {
    generation: Generation,
    timeout: u32,
    error: Error<Cause>,
}

/// What a call wants of the session.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish {
    /// Only a token newer than this one, because the API refused it.
    pub newer_than: Option<Generation>,
    /// Only a token of a login that the call has waited for: what `login()` asks.
    pub fresh: bool,
    /// The first login that the call waits for.
    pub waits_for: Option<Generation>,
    /// When it looked last and was told to wait: ms since 1970.
    pub looked: Option<u64>,
    /// When it stops waiting for others and logs in itself: ms since 1970.
    pub deadline: u64,
    /// How long a login of its own may take, in ms.
    pub timeout: u32,
}

/// What a call does next.
#[derive(Debug, PartialEq)]
pub enum Decision<Cause> {
    /// Use this token.
    Use(Generation, Token),
    /// Look again in a while: this login is under way.
    Wait(Generation),
    /// Log in, and report to [`Session::logged_in`], [`Session::login_failed`] or [`Session::login_abandoned`].
    LogIn(Generation),
    /// The login that the call waited for failed.
    Fail(Error<Cause>),
}

impl<Cause> Default for Session<Cause> {
    fn default() -> Self {
        Session {
            last: 0,
            held: None,
            under_way: None,
            failed: None,
        }
    }
}

impl<Cause: Clone> Session<Cause> {
    /// Decides for one call at `now` (ms since 1970).
    pub fn decide(&mut self, wish: Wish, now: u64) -> Decision<Cause> {
        if let Some((generation, token)) = &self.held {
            let newer = wish.newer_than.is_none_or(|refused| *generation > refused);
            // Not even a token that is about to end is thrown away by those who waited for it: the next login
            // would bring no better one.
            let waited = wish.waits_for.is_some_and(|login| *generation >= login);
            let lasts = now.saturating_add(RENEW_BEFORE) < token.expires_at;
            if newer && (waited || lasts && !wish.fresh) {
                return Decision::Use(*generation, token.clone());
            }
        }
        if let (Some(login), Some(failed)) = (wish.waits_for, &self.failed) {
            // A caller with more patience than the one that gave up doesn't fail with it.
            let shared = failed.error.kind != Kind::Timeout || wish.timeout <= failed.timeout;
            if failed.generation >= login && shared {
                return Decision::Fail(failed.error.clone());
            }
        }
        // A look that comes late proves nothing: the machine was busy, and the timer that ends the login may be late
        // too. It has run before the next look.
        let since = wish.looked.unwrap_or(now);
        match &self.under_way {
            Some(login) if since < login.until && since < wish.deadline => {
                Decision::Wait(login.generation)
            }
            _ => {
                self.last = self.last.saturating_add(1);
                self.under_way = Some(UnderWay {
                    generation: self.last,
                    until: now.saturating_add(u64::from(wish.timeout)),
                });
                Decision::LogIn(self.last)
            }
        }
    }

    /// Keeps the token of a login, unless a newer one is there already.
    pub fn logged_in(&mut self, generation: Generation, token: Token) {
        self.ended(generation);
        if self
            .held
            .as_ref()
            .is_none_or(|(held, _)| *held < generation)
        {
            self.held = Some((generation, token));
        }
    }

    /// Lets those who wait for this login fail with it. It is not held against later calls.
    pub fn login_failed(&mut self, generation: Generation, error: Error<Cause>, timeout: u32) {
        self.ended(generation);
        if self
            .failed
            .as_ref()
            .is_none_or(|failed| failed.generation < generation)
        {
            self.failed = Some(Failed {
                generation,
                timeout,
                error,
            });
        }
    }

    /// Lets those who wait for this login choose another: its caller aborted it.
    pub fn login_abandoned(&mut self, generation: Generation) {
        self.ended(generation);
    }

    /// Forgets a token that the API refused, and no newer one.
    pub fn refused(&mut self, generation: Generation) {
        if self
            .held
            .as_ref()
            .is_some_and(|(held, _)| *held == generation)
        {
            self.held = None;
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::Secret;

    const NOW: u64 = 1_700_000_000_000;
    const TIMEOUT: u32 = 30_000;

    fn wish() -> Wish {
        Wish {
            deadline: NOW + u64::from(TIMEOUT),
            timeout: TIMEOUT,
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
            Decision::Use(1, token("first", NOW + 3_600_000))
        );
    }

    #[test]
    fn a_token_is_kept_until_a_minute_before_its_end() {
        let mut session = held(NOW + 3_600_000);
        let last = NOW + 3_600_000 - RENEW_BEFORE - 1;
        assert!(matches!(session.decide(wish(), last), Decision::Use(1, _)));
        assert_eq!(session.decide(wish(), last + 1), Decision::LogIn(2));
    }

    #[test]
    fn a_token_that_ends_at_once_still_serves_those_who_waited_for_it() {
        let mut session = held(NOW);
        assert!(matches!(
            session.decide(waiting_for(1), NOW),
            Decision::Use(1, _)
        ));
        assert_eq!(session.decide(wish(), NOW), Decision::LogIn(2));
    }

    #[test]
    fn those_who_wait_fail_with_the_login_and_later_ones_do_not() {
        let mut session = session();
        session.decide(wish(), NOW);
        session.login_failed(1, Error::new(Kind::Credentials, "no"), TIMEOUT);
        assert!(matches!(
            session.decide(waiting_for(1), NOW),
            Decision::Fail(_)
        ));
        assert_eq!(session.decide(wish(), NOW), Decision::LogIn(2));
    }

    #[test]
    fn a_caller_with_more_patience_does_not_share_a_timeout() {
        let mut session = session();
        session.decide(
            Wish {
                timeout: 50,
                ..wish()
            },
            NOW,
        );
        session.login_failed(1, Error::new(Kind::Timeout, "slow"), 50);
        assert!(matches!(
            session.decide(
                Wish {
                    timeout: 50,
                    ..waiting_for(1)
                },
                NOW + 50
            ),
            Decision::Fail(_)
        ));
        assert_eq!(session.decide(waiting_for(1), NOW + 50), Decision::LogIn(2));
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
    fn nobody_waits_for_a_login_past_its_time_or_his_own() {
        let mut session = session();
        session.decide(wish(), NOW);
        let own = Wish {
            deadline: NOW + 100,
            ..waiting_for(1)
        };
        assert_eq!(session.decide(own, NOW + 99), Decision::Wait(1));
        assert_eq!(session.decide(own, NOW + 100), Decision::LogIn(2));
        // The second one never reports either: a cancelled request on workerd.
        let late = NOW + 100 + u64::from(TIMEOUT);
        let patient = Wish {
            deadline: late + 1000,
            ..waiting_for(1)
        };
        assert_eq!(session.decide(patient, late - 1), Decision::Wait(2));
        assert_eq!(session.decide(patient, late), Decision::LogIn(3));
    }

    #[test]
    fn a_refusal_of_an_old_token_never_throws_away_a_newer_one() {
        let mut session = held(NOW + 3_600_000);
        session.refused(1);
        let again = Wish {
            newer_than: Some(1),
            ..wish()
        };
        assert_eq!(session.decide(again, NOW), Decision::LogIn(2));
        session.logged_in(2, token("second", NOW + 3_600_000));
        session.refused(1);
        assert!(matches!(session.decide(again, NOW), Decision::Use(2, _)));
    }

    #[test]
    fn a_slow_login_never_replaces_a_newer_token() {
        let mut session = session();
        session.decide(wish(), NOW);
        let late = NOW + u64::from(TIMEOUT);
        assert_eq!(session.decide(wish(), late), Decision::LogIn(2));
        session.logged_in(2, token("second", late + 3_600_000));
        session.logged_in(1, token("first", late + 3_600_000));
        assert!(matches!(session.decide(wish(), late), Decision::Use(2, _)));
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
        assert!(matches!(session.decide(waited, NOW), Decision::Use(2, _)));
    }
}
