//! Budgets: their terms, and what is left of the window that runs.

use uuid::Uuid;

use super::{
    audit::{Actor, changes},
    fields,
    page::Listing,
};
use crate::{
    error::{Error, Reason},
    pb::{self, BudgetEnforcement, BudgetScope, BudgetWindow, ShortName as _, well_known::Timestamp},
    service::{Caller, Gateway, clock::now_ms, keys::no_key},
    store::{
        audit::AuditEvent,
        budgets::{Binds, BudgetRecord, Spending, span},
        projects::Project,
    },
};

/// Longest name of an end user.
const LONGEST_END_USER: usize = 256;

impl Gateway {
    /// Makes a budget.
    pub async fn create_budget(
        &self,
        caller: &Caller,
        request: pb::CreateBudgetRequest,
    ) -> Result<pb::CreateBudgetResponse, Error> {
        let project = self.managed(caller, &request.project_id).await?;
        let budget = parse(&project, request, "", now_ms())?;
        if budget.scope == BudgetScope::Key {
            let key = self.store.find_key(&budget.key_id).await?;
            key.filter(|(key, _)| key.project_id == project.id).ok_or_else(|| no_key(&budget.key_id))?;
        }
        self.store.create_budget(budget.clone(), made(&Actor::of(caller), &project, &budget)).await?;
        self.load_budgets().await?;
        Ok(pb::CreateBudgetResponse { budget: Some(describe(&budget, &project.name, None, budget.created_at_ms)) })
    }

    /// A page of a project's budgets, oldest first.
    pub async fn list_budgets(
        &self,
        caller: &Caller,
        request: pb::ListBudgetsRequest,
    ) -> Result<pb::ListBudgetsResponse, Error> {
        let project = self.managed(caller, &request.project_id).await?;
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let binds = Binds { key_id: given(&request.key_id), end_user: given(&request.end_user) };
        let filters = [&project.name, &request.key_id, &request.end_user].map(String::as_str);
        let listing = Listing::new("budgets", &filters, request.page_size);
        let after = listing.after(&request.page_token)?;
        let found = self.store.list_budgets(project.id, &binds, after, listing.limit()).await?;
        let (found, next_page_token) = listing.cut(found, |budget| budget.id.to_string());
        let budgets = self.budgets_now(found, &project.name, binds.end_user.as_deref()).await?;
        Ok(pb::ListBudgetsResponse { budgets, next_page_token })
    }

    /// Changes the fields that are given.
    pub async fn update_budget(
        &self,
        caller: &Caller,
        request: pb::UpdateBudgetRequest,
    ) -> Result<pb::UpdateBudgetResponse, Error> {
        let project = self.managed(caller, &request.project_id).await?;
        let id = parse_id(&request.budget_id)?;
        let now = now_ms();
        let changed = self.store.change_budget(project.id, id, |budget| {
            let before = describe(budget, &project.name, None, now);
            if let Some(name) = &request.name {
                budget.name = fields::name(name)?;
            }
            if let Some(asked) = request.enforcement {
                budget.enforcement = enforcement(asked, "")?;
            }
            if request.limit_usd.is_some() {
                budget.limit_nano_usd = fields::nano_usd("limit_usd", request.limit_usd)?;
            }
            budget.updated_at_ms = now;
            let told = changes(Some(&before), Some(&describe(budget, &project.name, None, now)));
            Ok(Actor::of(caller).event(now, "budget.update", &project.name, target(&project, budget), told))
        });
        let budget = changed.await?.ok_or_else(|| no_budget(&request.budget_id))?;
        self.load_budgets().await?;
        let budget = self.budgets_now(vec![budget], &project.name, None).await?.pop();
        Ok(pb::UpdateBudgetResponse { budget })
    }

    /// Deletes a budget.
    pub async fn delete_budget(
        &self,
        caller: &Caller,
        request: pb::DeleteBudgetRequest,
    ) -> Result<pb::DeleteBudgetResponse, Error> {
        let project = self.managed(caller, &request.project_id).await?;
        let id = parse_id(&request.budget_id)?;
        let now = now_ms();
        let event = |budget: &BudgetRecord| {
            let told = changes(Some(&describe(budget, &project.name, None, now)), None);
            Actor::of(caller).event(now, "budget.delete", &project.name, target(&project, budget), told)
        };
        match self.store.delete_budget(project.id, id, event).await? {
            true => {
                self.load_budgets().await?;
                Ok(pb::DeleteBudgetResponse {})
            }
            false => Err(no_budget(&request.budget_id)),
        }
    }

    /// Of the budgets that bind a caller, the one of which the smallest share is left.
    pub(super) async fn tightest_budget(&self, caller: &Caller, end_user: &str) -> Result<Option<pb::Budget>, Error> {
        let now = now_ms();
        let standing = self.standing_budgets(caller, end_user).await?;
        let told = standing.iter().map(|(budget, gone)| describe(budget, &caller.key.project, Some(gone), now));
        let share = |budget: &pb::Budget| {
            let limit = budget.limit_usd.filter(|limit| *limit > 0.0);
            limit.map_or(0.0, |limit| budget.remaining_usd.unwrap_or_default() / limit)
        };
        Ok(told.min_by(|one, other| share(one).total_cmp(&share(other))))
    }

    async fn budgets_now(
        &self,
        found: Vec<BudgetRecord>,
        project: &str,
        end_user: Option<&str>,
    ) -> Result<Vec<pb::Budget>, Error> {
        let now = now_ms();
        let ids: Vec<Uuid> = found.iter().map(|budget| budget.id).collect();
        let spending = self.store.spending(&ids, end_user, now).await?;
        Ok(found.iter().map(|budget| describe(budget, project, spending.get(&budget.id), now)).collect())
    }
}

/// A budget as it was asked for. `prefix` stands before the names of the request's fields.
pub(super) fn parse(
    project: &Project,
    request: pb::CreateBudgetRequest,
    prefix: &str,
    now_ms: i64,
) -> Result<BudgetRecord, Error> {
    let (scope, window) = (request.scope(), request.window());
    if window == BudgetWindow::Unspecified {
        let field = format!("{prefix}window");
        return Err(Error::invalid(field, "say when the budget begins anew: window is day, week, month or forever"));
    }
    check_scope(scope, &request.key_id, &request.end_user)?;
    let name = match request.name.as_str() {
        "" => format!("{} per {}", scope.short_name().replace('_', " "), window.short_name()).replace("per f", "f"),
        name => fields::name(name)?,
    };
    Ok(BudgetRecord {
        id: Uuid::now_v7(),
        project_id: project.id,
        name,
        scope,
        key_id: request.key_id,
        end_user: request.end_user,
        window,
        enforcement: enforcement(request.enforcement, prefix)?,
        limit_nano_usd: fields::nano_usd(&format!("{prefix}limit_usd"), request.limit_usd)?,
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
    })
}

/// Refuses who is named without being meant, and a key that is meant without being named.
fn check_scope(scope: BudgetScope, key_id: &str, end_user: &str) -> Result<(), Error> {
    match scope {
        BudgetScope::Unspecified => {
            Err(Error::invalid("scope", "say whose spending counts: scope is project, key or end_user"))
        }
        BudgetScope::Key if key_id.is_empty() => Err(Error::invalid("key_id", "name the key that the budget is for")),
        BudgetScope::Project | BudgetScope::EndUser if !key_id.is_empty() => {
            Err(Error::invalid("key_id", "key_id is for the scope key alone; leave it out"))
        }
        BudgetScope::Project | BudgetScope::Key if !end_user.is_empty() => {
            Err(Error::invalid("end_user", "end_user is for the scope end_user alone; leave it out"))
        }
        BudgetScope::EndUser if end_user.len() > LONGEST_END_USER => {
            Err(Error::invalid("end_user", format!("end_user is longer than {LONGEST_END_USER} bytes")))
        }
        BudgetScope::Project | BudgetScope::Key | BudgetScope::EndUser => Ok(()),
    }
}

fn enforcement(asked: i32, prefix: &str) -> Result<BudgetEnforcement, Error> {
    match BudgetEnforcement::try_from(asked) {
        Ok(BudgetEnforcement::Unspecified | BudgetEnforcement::Hard) => Ok(BudgetEnforcement::Hard),
        Ok(BudgetEnforcement::Warn) => Ok(BudgetEnforcement::Warn),
        Err(_) => Err(Error::invalid(format!("{prefix}enforcement"), "enforcement is hard or warn")),
    }
}

/// The event of a budget's making.
pub(super) fn made(by: &Actor, project: &Project, budget: &BudgetRecord) -> AuditEvent {
    let told = changes(None, Some(&describe(budget, &project.name, None, budget.created_at_ms)));
    by.event(budget.created_at_ms, "budget.create", &project.name, target(project, budget), told)
}

/// A budget and what is gone of its window at that time.
pub(super) fn describe(budget: &BudgetRecord, project: &str, gone: Option<&Spending>, now_ms: i64) -> pb::Budget {
    let gone = gone.copied().unwrap_or_default();
    let left = budget.limit_nano_usd.saturating_sub(gone.spent).saturating_sub(gone.reserved).max(0);
    let span = span(budget.window, now_ms);
    pb::Budget {
        id: format!("bud_{}", budget.id),
        project: project.to_owned(),
        name: budget.name.clone(),
        scope: budget.scope.into(),
        key_id: budget.key_id.clone(),
        end_user: budget.end_user.clone(),
        window: budget.window.into(),
        enforcement: budget.enforcement.into(),
        limit_usd: Some(pb::usd(budget.limit_nano_usd)),
        spent_usd: Some(pb::usd(gone.spent)),
        reserved_usd: Some(pb::usd(gone.reserved)),
        remaining_usd: Some(pb::usd(left)),
        // It counts from its making, so its first window is short.
        window_start_time: Some(Timestamp::from_millis(span.starts_at_ms.max(budget.created_at_ms))),
        renew_time: span.ends_at_ms.map(Timestamp::from_millis),
        create_time: Some(Timestamp::from_millis(budget.created_at_ms)),
        update_time: Some(Timestamp::from_millis(budget.updated_at_ms)),
    }
}

fn target(project: &Project, budget: &BudgetRecord) -> String {
    format!("projects/{}/budgets/bud_{}", project.name, budget.id)
}

/// The UUID within `bud_…`.
fn parse_id(text: &str) -> Result<Uuid, Error> {
    text.strip_prefix("bud_").and_then(|id| Uuid::try_parse(id).ok()).ok_or_else(|| no_budget(text))
}

fn no_budget(id: &str) -> Error {
    Error::new(Reason::NotFound, format!("this project has no budget `{id}`; list its budgets to see them"))
        .with_field("budget_id")
}
