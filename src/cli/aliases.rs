//! `aliases`: sets, lists and deletes names that stand for models.

use clap::Subcommand;

use super::{
    commands::{PAGE, plain, print, print_line},
    table::Table,
};
use crate::{
    pb,
    service::{Caller, Gateway},
};

#[derive(Subcommand)]
pub(super) enum Aliases {
    /// Makes a name stand for a model.
    Set {
        /// The name.
        name: String,
        /// The model's id.
        model: String,
    },
    /// Lists aliases, also those of the configuration.
    List,
    /// Deletes an alias.
    Delete {
        /// The name.
        name: String,
    },
}

impl Aliases {
    pub(super) async fn on(self, gateway: &Gateway) -> anyhow::Result<()> {
        let operator = Caller::operator();
        match self {
            Self::Set { name, model } => {
                let request = pb::SetModelAliasRequest { name, model };
                let alias = gateway.set_model_alias(&operator, request).await.map_err(plain)?.alias.unwrap_or_default();
                print_line(format!("{} stands for {}", alias.name, alias.model))
            }
            Self::List => {
                let mut table = Table::new(["name", "model", "set by"]);
                let mut request = pb::ListModelAliasesRequest { page_size: PAGE, page_token: String::new() };
                loop {
                    let page = gateway.list_model_aliases(&operator, request.clone()).await.map_err(plain)?;
                    for alias in page.aliases {
                        let by = if alias.configured { "configuration".to_owned() } else { alias.creator };
                        table.push([alias.name, alias.model, by]);
                    }
                    request.page_token = page.next_page_token;
                    if request.page_token.is_empty() {
                        return print(table);
                    }
                }
            }
            Self::Delete { name } => {
                let request = pb::DeleteModelAliasRequest { name: name.clone() };
                gateway.delete_model_alias(&operator, request).await.map_err(plain)?;
                print_line(format!("{name} is deleted"))
            }
        }
    }
}
