//! A conversation that is kept.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub project_id: Uuid,
    pub key_id: String,
    pub end_user: String,
    pub title: String,
    pub first_title: String,
    pub search_title: String,
    pub system_prompt: String,
    pub model: String,
    pub settings: String,
    pub metadata: String,
    pub leaf_id: Option<Uuid>,
    pub retention_days: Option<i32>,
    pub created_at_ms: i64,
    pub updated_at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
