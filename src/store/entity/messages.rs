//! A message of a session.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub session_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub parent_id: Option<Uuid>,
    pub branch_id: Uuid,
    pub depth: i32,
    pub role: String,
    pub body: Vec<u8>,
    pub search_text: String,
    pub tokens: i32,
    pub created_at_ms: i64,
    pub generation_id: Option<Uuid>,
    pub pending: bool,
    pub turn_parent_id: Option<Uuid>,
    pub notes: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
