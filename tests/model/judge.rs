use paydunya_crm::api::send::{Receipt, Status};
use paydunya_crm::error::Delivery;
use paydunya_crm::retry::longest;

use super::schedule::{Kind, Plan};
use super::{CANARY, Outcome, START, Signal, World};

impl World {
    /// The first promise that was broken, if any was.
    pub(super) fn judge(&self) -> Option<String> {
        let mut accepted = self.accepted.borrow_mut();
        accepted.sort_unstable();
        if let Some(pair) = accepted.windows(2).find(|pair| pair[0] == pair[1]) {
            let (call, place) = pair[0];
            self.breaks(|| format!("accepted twice: message {place} of call {call}"));
        }
        for outcome in self.outcomes.borrow().iter() {
            self.judge_outcome(outcome, &accepted);
        }
        for (call, plan) in self.schedule.calls.iter().enumerate() {
            let logins = self.logins.borrow()[call];
            if logins > plan.most_logins() {
                self.breaks(|| format!("{logins} logins of call {call}"));
            }
        }
        self.broken.take()
    }

    fn judge_outcome(&self, outcome: &Outcome, accepted: &[(usize, usize)]) {
        let call = outcome.call;
        let plan = &self.schedule.calls[call];
        let start = START + plan.start;
        if outcome.at - start > bound(plan) {
            self.breaks(|| format!("call {call} took {} ms", outcome.at - start));
        }
        if let Some(after) = plan.aborts
            && outcome.at > start + after
        {
            self.breaks(|| format!("call {call} went on after its abort"));
        }
        match &outcome.result {
            Ok(Some(receipt)) => self.judge_receipt(call, receipt, accepted),
            Ok(None) => {}
            Err(error) => {
                if format!("{error} {error:?}").contains(CANARY) {
                    self.breaks(|| format!("an error tells a secret: {error}"));
                }
                let Kind::Send(size) = plan.kind else {
                    if error.delivery.is_some() {
                        self.breaks(|| format!("call {call} is no send and has a delivery"));
                    }
                    return;
                };
                let sends = self.sends.borrow()[call];
                if error.attempts != sends {
                    self.breaks(|| format!("{} attempts told of {sends}", error.attempts));
                }
                let any = (0..size).any(|place| accepted.binary_search(&(call, place)).is_ok());
                match error.delivery {
                    Some(Delivery::NotSent) if any => {
                        self.breaks(|| format!("not-sent, and accepted: call {call}: {error}"));
                    }
                    None => self.breaks(|| format!("no delivery of call {call}: {error}")),
                    _ => {}
                }
            }
        }
    }

    fn judge_receipt(&self, call: usize, receipt: &Receipt, accepted: &[(usize, usize)]) {
        for (place, sms) in receipt.sms.iter().enumerate() {
            let truly = accepted.binary_search(&(call, place)).is_ok();
            let told = sms.status == Status::Sent;
            if told && !truly {
                self.breaks(|| format!("sent, and not accepted: message {place} of call {call}"));
            }
            if told && sms.code.as_deref() != Some(&*format!("CODE-{call}.{place}")) {
                self.breaks(|| format!("the code of another: message {place} of call {call}"));
            }
        }
    }

    fn usable(&self, issued: usize) -> bool {
        let token = &self.tokens.borrow()[issued];
        token.valid && self.now.get() + 60_000 < token.ends
    }

    /// Where nothing disturbs them, those who need a token wait for the login that is under way, however slow it is.
    pub(super) fn login_begins(&self, client: usize) {
        let under_way = &self.under_way[client];
        if under_way.replace(under_way.get() + 1) > 0 && self.schedule.is_undisturbed() {
            self.breaks(|| "two logins at once".to_owned());
        }
    }

    pub(super) fn login_ends(&self, client: usize) {
        let under_way = &self.under_way[client];
        under_way.set(under_way.get() - 1);
    }

    /// A login that nobody needs: the client has a token of the API that is good.
    pub(super) fn judge_login(&self, client: usize, signal: &Signal) {
        self.logins.borrow_mut()[signal.call] += 1;
        // A repeat of a login doesn't look whether another call has brought a token; and those with less patience, or
        // with a store that takes its time, may overtake each other.
        let needless = self.delivered[client]
            .get()
            .is_some_and(|issued| self.usable(issued));
        if needless && !signal.logs_in && self.login_attempt.get() == 1 && self.schedule.is_plain()
        {
            self.breaks(|| "a login that nobody needed".to_owned());
        }
    }
}

/// The longest that a call may take: a login before each POST, after waiting for another's as long, with a share of the
/// store before and after it.
fn bound(plan: &Plan) -> u64 {
    let login = longest(plan.timeout, plan.max_retries);
    let share = u64::from(plan.timeout.div_ceil(10));
    let before = 2 * login + 2 * share + 25;
    let posts = u64::from(plan.most_posts());
    posts * (before + u64::from(plan.timeout)) + u64::from(plan.max_retries) * 60_000
}
