//! `budgets`: makes, lists and deletes budgets.

use clap::{Args, Subcommand, ValueEnum};

use super::{
    commands::{PAGE, date, plain, print, print_line},
    table::Table,
};
use crate::{
    pb::{self, ShortName as _},
    service::{Caller, Gateway, keys::DEFAULT_PROJECT},
};

#[derive(Subcommand)]
pub(super) enum Budgets {
    /// Makes a budget and prints its id.
    Create(CreateBudget),
    /// Lists a project's budgets with what is left of them.
    List {
        /// The project.
        #[arg(long, default_value = DEFAULT_PROJECT)]
        project: String,
    },
    /// Deletes a budget.
    Delete {
        /// Its id, `bud_…`.
        id: String,
        /// The project.
        #[arg(long, default_value = DEFAULT_PROJECT)]
        project: String,
    },
}

#[derive(Args)]
pub(super) struct CreateBudget {
    /// The limit in US dollars.
    usd: f64,
    /// The project that pays.
    #[arg(long, default_value = DEFAULT_PROJECT)]
    project: String,
    /// When it begins anew.
    #[arg(long, value_enum, default_value = "month")]
    window: Window,
    /// For this key alone, by public id.
    #[arg(long, default_value = "", conflicts_with_all = ["end_user", "each_end_user"])]
    key: String,
    /// For this end user alone.
    #[arg(long, default_value = "")]
    end_user: String,
    /// For each end user alone.
    #[arg(long, conflicts_with = "end_user")]
    each_end_user: bool,
    /// Only warns at the limit.
    #[arg(long)]
    warn: bool,
}

/// When a budget begins anew.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Window {
    Day,
    Week,
    Month,
    Forever,
}

impl From<Window> for i32 {
    fn from(window: Window) -> Self {
        let window = match window {
            Window::Day => pb::BudgetWindow::Day,
            Window::Week => pb::BudgetWindow::Week,
            Window::Month => pb::BudgetWindow::Month,
            Window::Forever => pb::BudgetWindow::Forever,
        };
        window.into()
    }
}

impl Budgets {
    pub(super) async fn on(self, gateway: &Gateway) -> anyhow::Result<()> {
        let operator = Caller::operator();
        match self {
            Self::Create(budget) => {
                let made = gateway.create_budget(&operator, budget.request()).await.map_err(plain)?;
                print_line(made.budget.unwrap_or_default().id)
            }
            Self::List { project } => {
                let mut request = pb::ListBudgetsRequest {
                    project_id: project,
                    page_size: PAGE,
                    ..pb::ListBudgetsRequest::default()
                };
                let mut table = Table::new(["id", "name", "for", "at limit", ">usd", ">spent", ">left", "renews"]);
                loop {
                    let page = gateway.list_budgets(&operator, request.clone()).await.map_err(plain)?;
                    page.budgets.into_iter().for_each(|budget| table.push(budget_row(budget)));
                    request.page_token = page.next_page_token;
                    if request.page_token.is_empty() {
                        return print(table);
                    }
                }
            }
            Self::Delete { id, project } => {
                let request = pb::DeleteBudgetRequest { project_id: project, budget_id: id.clone() };
                gateway.delete_budget(&operator, request).await.map_err(plain)?;
                print_line(format!("{id} is deleted"))
            }
        }
    }
}

impl CreateBudget {
    fn request(self) -> pb::CreateBudgetRequest {
        let scope = match (self.key.is_empty(), self.each_end_user || !self.end_user.is_empty()) {
            (false, _) => pb::BudgetScope::Key,
            (true, true) => pb::BudgetScope::EndUser,
            (true, false) => pb::BudgetScope::Project,
        };
        let enforcement = if self.warn { pb::BudgetEnforcement::Warn } else { pb::BudgetEnforcement::Hard };
        pb::CreateBudgetRequest {
            project_id: self.project,
            name: String::new(),
            scope: scope.into(),
            key_id: self.key,
            end_user: self.end_user,
            window: self.window.into(),
            enforcement: enforcement.into(),
            limit_usd: Some(self.usd),
        }
    }
}

fn budget_row(budget: pb::Budget) -> [String; 8] {
    let whom = match budget.scope() {
        pb::BudgetScope::Key => budget.key_id.clone(),
        pb::BudgetScope::EndUser if budget.end_user.is_empty() => "each end user".to_owned(),
        pb::BudgetScope::EndUser => budget.end_user.clone(),
        pb::BudgetScope::Project | pb::BudgetScope::Unspecified => budget.project.clone(),
    };
    let at_limit = budget.enforcement().short_name();
    let [limit, spent, left] = [budget.limit_usd, budget.spent_usd, budget.remaining_usd]
        .map(|usd| usd.map_or_else(|| "–".to_owned(), |usd| format!("{usd:.2}")));
    let renews = budget.renew_time.map_or_else(|| "never".to_owned(), |time| date(time.millis()));
    [budget.id, budget.name, whom, at_limit.to_owned(), limit, spent, left, renews]
}
