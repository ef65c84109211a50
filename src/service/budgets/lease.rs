//! A lease: what one generation may cost, and what it holds of budgets for that.
//!
//! ```text
//! output in tokens   0 ──────────────── asks ──── granted ┆ granted + step        cap: max_cost_usd
//!                        goes on          goes on,       waits for the answer;    stops
//!                                         asks for more  refused, it stops
//! ```

use std::{pin::Pin, sync::Arc};

use futures::FutureExt as _;

use super::words;
use crate::{
    config::Unpriced,
    error::{Error, Reason},
    pb::{self, BudgetEnforcement},
    service::{
        Caller, Gateway,
        admission::Route,
        clock::now_ms,
        estimate::by_bytes,
        limits,
        pricing::{self, Price},
        projects::fields,
    },
    store::{
        budgets::{BudgetRecord, Period},
        ledger::{Held, Hold, Short},
    },
};

/// What of a request decides what it may cost.
#[derive(Clone, Copy, Default)]
pub(in crate::service) struct Wish<'a> {
    /// The caller's own customer.
    pub end_user: &'a str,
    /// The request's own limit.
    pub max_cost_usd: Option<f64>,
    /// Searches that it allows.
    pub web_searches: Option<u32>,
}

impl<'a> Wish<'a> {
    /// What of a chat decides it.
    pub(in crate::service) fn of_chat(request: &'a pb::ChatRequest) -> Self {
        let web_searches = request.web_search.as_ref().map(|search| search.max_uses.unwrap_or(1));
        Self { end_user: &request.end_user, max_cost_usd: request.max_cost_usd, web_searches }
    }
}

/// What a generation may cost. By itself, anything.
#[derive(Default)]
pub(in crate::service) struct Lease(Option<Box<Terms>>);

struct Terms {
    budgets: Vec<(Arc<BudgetRecord>, Period)>,
    /// The request's own limit.
    max_cost_nano_usd: Option<i64>,
    /// None where it is not known; then nothing is held.
    price: Option<Price>,
    input_tokens: u32,
    web_searches: Option<u32>,
    /// Output after which the provider stops by itself.
    most_tokens: u32,
    /// Output for which enough is held.
    granted_tokens: u32,
    /// Output that is asked for at once.
    step_tokens: u32,
    /// Output at which the request's own limit is reached.
    cap_tokens: u32,
    held_nano_usd: i64,
    /// What was asked for and is not answered yet.
    asked: Option<Asked>,
    /// A budget has said no: what is granted is all there is.
    refused: bool,
}

/// What the books will say.
pub(in crate::service) type Answer = Pin<Box<dyn Future<Output = Result<Held, Error>> + Send + Sync>>;

struct Asked {
    amount_nano_usd: i64,
    answer: Answer,
}

impl Gateway {
    /// What a request may cost: as the budgets that bind it say, and as it says itself. `reserve` is the estimate of
    /// its tokens.
    ///
    /// # Errors
    /// [`Reason::BudgetExceeded`] where its own limit is less than its input costs, or where something has to be kept to
    /// and nobody knows the price.
    pub(in crate::service) fn lease(
        &self,
        caller: &Caller,
        route: &Route,
        wish: Wish<'_>,
        reserve: impl FnOnce() -> limits::Reserve,
    ) -> Result<Lease, Error> {
        let max_cost_nano_usd = match wish.max_cost_usd {
            Some(usd) => Some(fields::nano_usd("max_cost_usd", Some(usd))?),
            None => None,
        };
        let (settings, now) = (&self.config.routing, now_ms());
        let binding = self.budgets.binding(&caller.key, wish.end_user);
        if binding.is_empty() && max_cost_nano_usd.is_none() && settings.unpriced != Unpriced::Refuse {
            return Ok(Lease::default());
        }
        let price = |at: usize| route.targets[at].facts().and_then(|facts| Price::parse(facts.price.as_ref()?));
        let prices: Vec<_> = (0..route.targets.len()).map(price).collect();
        if let Some(at) = prices.iter().position(Option::is_none) {
            let hard = binding.iter().find(|budget| budget.enforcement != BudgetEnforcement::Warn);
            let why = match (settings.unpriced, hard) {
                (Unpriced::Allow, _) => None,
                (_, Some(budget)) => Some(format!("the budget `{}`", budget.name)),
                (_, None) if max_cost_nano_usd.is_some() => Some("`max_cost_usd`".to_owned()),
                (Unpriced::Refuse, None) => Some("routing.unpriced".to_owned()),
                (Unpriced::Unbudgeted, None) => None,
            };
            if let Some(why) = why {
                return Err(words::unpriced(&route.targets[at].id(), &why));
            }
        }
        if binding.is_empty() && max_cost_nano_usd.is_none() {
            return Ok(Lease::default());
        }
        let reserve = reserve();
        let most_tokens = match reserve.stated {
            true => reserve.output,
            false => route.targets[0].facts().and_then(|model| model.max_output_tokens).unwrap_or(u32::MAX),
        };
        let step_tokens = settings.reserve_output_tokens.max(1);
        let mut terms = Terms {
            budgets: binding
                .into_iter()
                .map(|budget| (budget.clone(), Period::of(&budget, wish.end_user, now)))
                .collect(),
            max_cost_nano_usd,
            price: None,
            input_tokens: reserve.input,
            web_searches: wish.web_searches,
            most_tokens,
            granted_tokens: reserve.output.min(step_tokens),
            step_tokens,
            cap_tokens: u32::MAX,
            held_nano_usd: 0,
            asked: None,
            refused: false,
        };
        // Whoever of them serves, it is paid for.
        let granted = terms.granted_tokens;
        let dearest = prices.into_iter().flatten().max_by_key(|price| terms.cost_at(price, granted));
        if let Some(price) = dearest {
            terms.take_price(price)?;
        }
        terms.held_nano_usd = terms.cost(granted).unwrap_or(0);
        Ok(Lease(Some(Box::new(terms))))
    }

    /// What a chat would hold of each budget that binds it, in nano-USD; `None` where its price is not known.
    pub(in crate::service) fn would_hold(
        &self,
        caller: &Caller,
        route: &Route,
        request: &pb::ChatRequest,
        reserve: limits::Reserve,
    ) -> Option<i64> {
        let wish = Wish { max_cost_usd: None, ..Wish::of_chat(request) };
        let lease = self.lease(caller, route, wish, || reserve).ok()?;
        // Without budgets nobody asks how much.
        lease.0.map_or(Some(0), |terms| terms.price.as_ref().map(|_| terms.held_nano_usd))
    }
}

impl Lease {
    /// What the generation is to hold when it is admitted.
    pub(in crate::service) fn holds(&self) -> Vec<Hold> {
        self.0.as_ref().map_or_else(Vec::new, |terms| terms.holds(terms.held_nano_usd))
    }

    /// It may have to stop before the model does, so that its provider has to answer piece by piece.
    pub(in crate::service) fn may_stop(&self) -> bool {
        self.0.as_ref().is_some_and(|terms| terms.ends_early() || terms.asks())
    }

    /// The refusal of the generation, in the words of the budget that has not enough left.
    pub(in crate::service) fn refusal(&self, short: &Short) -> Error {
        let refused = |terms: &Terms| {
            let (budget, _) = terms.budgets.iter().find(|(budget, _)| budget.id == short.budget_id)?;
            Some(words::refusal(budget, terms.held_nano_usd, short.left_nano_usd, now_ms()))
        };
        let unknown = || Error::new(Reason::BudgetExceeded, "a budget is used up");
        self.0.as_deref().and_then(refused).unwrap_or_else(unknown)
    }

    /// The warnings of budgets whose limit was passed.
    pub(in crate::service) fn warnings(&self, over: &[uuid::Uuid]) -> Vec<pb::Warning> {
        let budgets = self.0.iter().flat_map(|terms| &terms.budgets);
        let passed = budgets.filter(|(budget, _)| over.contains(&budget.id));
        passed.map(|(budget, _)| words::warning(budget, now_ms())).collect()
    }

    /// What serves has another price than what was asked for.
    pub(in crate::service) fn reprice(&mut self, price: Option<&pb::Price>) {
        let Some(terms) = &mut self.0 else { return };
        if let Some(price) = price.and_then(Price::parse) {
            // What it costs at least is owed by now, whatever the limit.
            _ = terms.take_price(price);
        }
    }

    /// Whether something has to be done before that much output in all is passed on. A comparison.
    pub(in crate::service) fn is_due(&self, output_bytes: u64) -> bool {
        self.0.as_ref().is_some_and(|terms| terms.is_due(tokens(output_bytes)))
    }

    /// Sees to it that this much output in all is paid for: asks for more where it will soon not be, and waits for the
    /// answer only where it is not. `false` where it may not be passed on.
    ///
    /// # Errors
    /// The books cannot tell.
    pub(in crate::service) async fn cover(
        &mut self,
        output_bytes: u64,
        mut ask: impl FnMut(Vec<Hold>) -> Answer,
    ) -> Result<bool, Error> {
        let (Some(terms), output) = (&mut self.0, tokens(output_bytes)) else { return Ok(true) };
        if output > terms.cap_tokens {
            return Ok(false);
        }
        while terms.is_due(output) {
            if terms.refused {
                return Ok(output <= terms.granted_tokens);
            }
            let asked = terms.asked.take().unwrap_or_else(|| {
                let amount_nano_usd = terms.next_amount();
                Asked { amount_nano_usd, answer: ask(terms.holds(amount_nano_usd)) }
            });
            let is_covered = output <= terms.granted_tokens;
            let asked = terms.asked.insert(asked);
            let answer = match is_covered {
                false => (&mut asked.answer).await,
                true => match (&mut asked.answer).now_or_never() {
                    Some(answer) => answer,
                    None => return Ok(true),
                },
            };
            let amount_nano_usd = asked.amount_nano_usd;
            terms.asked = None;
            match answer {
                Ok(Held::All { .. }) => {
                    terms.held_nano_usd += amount_nano_usd;
                    terms.granted_tokens = terms.granted_tokens.saturating_add(terms.step_tokens);
                }
                Ok(Held::Short(_)) => terms.refused = true,
                // Asked again with what comes next.
                Ok(Held::Ended) | Err(_) if is_covered => return Ok(true),
                Ok(Held::Ended) => return Err(Error::books("the generation was given up while it ran")),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

impl Terms {
    fn cost(&self, output_tokens: u32) -> Option<i64> {
        self.cost_at(self.price.as_ref()?, output_tokens)
    }

    fn cost_at(&self, price: &Price, output_tokens: u32) -> Option<i64> {
        let usage = pb::Usage {
            input_tokens: Some(self.input_tokens),
            output_tokens: Some(output_tokens),
            web_searches: self.web_searches,
            ..pb::Usage::default()
        };
        // A search of unknown price is no reason to hold nothing.
        pricing::cost(&usage, price).or_else(|| pricing::cost(&pb::Usage { web_searches: None, ..usage }, price))
    }

    /// From now on, this is the price.
    fn take_price(&mut self, price: Price) -> Result<(), Error> {
        self.price = Some(price);
        let Some(most) = self.max_cost_nano_usd else { return Ok(()) };
        let fits = |output| self.cost(output).is_some_and(|cost| cost <= most);
        let least = self.cost(self.most_tokens.min(1)).unwrap_or(0);
        // The largest output that fits; costs rise with it.
        let (mut fitting, mut beyond) = (0, u32::MAX);
        while beyond - fitting > 1 {
            let between = fitting + (beyond - fitting) / 2;
            if fits(between) { fitting = between } else { beyond = between }
        }
        self.cap_tokens = fitting;
        if least > most { Err(words::dearer_than_asked(least, most)) } else { Ok(()) }
    }

    fn holds(&self, amount_nano_usd: i64) -> Vec<Hold> {
        let hold = |(budget, period): &(Arc<BudgetRecord>, Period)| Hold {
            period: period.clone(),
            amount_nano_usd,
            hard: budget.enforcement != BudgetEnforcement::Warn,
        };
        self.budgets.iter().map(hold).collect()
    }

    /// What has to be held besides for one step more.
    fn next_amount(&self) -> i64 {
        let cost = self.cost(self.granted_tokens.saturating_add(self.step_tokens)).unwrap_or(0);
        cost.saturating_sub(self.held_nano_usd).max(0)
    }

    /// More than is granted may be needed, and there is somebody to ask.
    fn asks(&self) -> bool {
        let hard = |(budget, _): &(Arc<BudgetRecord>, Period)| budget.enforcement != BudgetEnforcement::Warn;
        self.granted_tokens < self.most_tokens && self.price.is_some() && self.budgets.iter().any(hard)
    }

    fn ends_early(&self) -> bool {
        self.cap_tokens < self.most_tokens
    }

    fn is_due(&self, output: u32) -> bool {
        let ahead = self.step_tokens / 4;
        (self.ends_early() && output > self.cap_tokens)
            || (output > self.granted_tokens.saturating_sub(ahead) && self.asks())
    }
}

/// Tokens of that many bytes of output, as usage that nobody reports is estimated.
fn tokens(bytes: u64) -> u32 {
    u32::try_from(by_bytes(bytes)).unwrap_or(u32::MAX)
}
