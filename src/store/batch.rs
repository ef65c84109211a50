//! Inserts of many rows in few statements, whose texts are few enough to stay prepared.

use std::{borrow::Cow, fmt::Write as _};

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, RuntimeErr, Statement, Value, sqlx};
use uuid::Uuid;

/// A value of a row, borrowed from what is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Field<'a> {
    /// No value, and which kind it would be: PostgreSQL wants to know.
    Null(Kind),
    Flag(bool),
    Small(i32),
    Number(i64),
    Real(f64),
    Text(Cow<'a, str>),
    Id(Uuid),
}

/// What a [`Field`] could hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Small,
    Number,
    Text,
    Id,
}

/// An insert of one table's rows.
pub(super) struct Insert {
    /// `INSERT INTO table (columns)`.
    head: String,
    columns: usize,
    /// What follows the rows, such as `ON CONFLICT …`.
    tail: String,
    /// The whole text for one row, as SQLite takes it.
    one: String,
    /// That statement changes a row that must be there.
    must_change: bool,
}

impl Insert {
    /// Rows of these columns go to the table; `tail` follows them.
    pub(super) fn new(table: &str, columns: &[&str], tail: impl Into<String>) -> Self {
        let head = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
        Self::shaped(head, columns.len(), tail)
    }

    /// A statement that does something with a list of rows: `head`, the rows in parentheses, `tail`.
    pub(super) fn shaped(head: impl Into<String>, columns: usize, tail: impl Into<String>) -> Self {
        let mut shaped = Self { head: head.into(), columns, tail: tail.into(), one: String::new(), must_change: false };
        let mut one = String::new();
        shaped.append_text(&mut one, DbBackend::Sqlite, 1);
        shaped.one = one;
        shaped
    }

    /// On a SQLite connection of our own, runs this statement for each row instead, which must change one that is there.
    /// Its parameters are the first of the columns.
    pub(super) fn updating_here(self, statement: String) -> Self {
        Self { one: statement, must_change: true, ..self }
    }

    /// Writes the rows, given as one list of values. Returns how many were inserted or updated.
    pub(super) async fn run(&self, connection: &impl ConnectionTrait, values: Vec<Field<'_>>) -> Result<usize, DbErr> {
        let backend = connection.get_database_backend();
        let mut affected = 0;
        for (rows, values) in self.portions(values) {
            let mut text = String::new();
            self.append_text(&mut text, backend, rows);
            let statement = Statement::from_sql_and_values(backend, text, values.into_iter().map(Value::from));
            affected += connection.execute_raw(statement).await?.rows_affected();
        }
        Ok(usize::try_from(affected).unwrap_or(usize::MAX))
    }

    /// The same for a statement that returns rows.
    pub(super) async fn query(
        &self,
        connection: &impl ConnectionTrait,
        values: Vec<Field<'_>>,
    ) -> Result<Vec<QueryResult>, DbErr> {
        let backend = connection.get_database_backend();
        let mut found = Vec::new();
        for (rows, values) in self.portions(values) {
            let mut text = String::new();
            self.append_text(&mut text, backend, rows);
            let statement = Statement::from_sql_and_values(backend, text, values.into_iter().map(Value::from));
            found.extend(connection.query_all_raw(statement).await?);
        }
        Ok(found)
    }

    /// Writes the rows one by one on a SQLite connection of the driver that has no thread of its own: there a statement
    /// costs next to nothing, and one row's is always prepared.
    pub(super) fn run_here(&self, connection: &rusqlite::Connection, values: &[Field<'_>]) -> rusqlite::Result<()> {
        debug_assert_eq!(values.len() % self.columns, 0, "{}", self.head);
        let mut statement = connection.prepare_cached(&self.one)?;
        let places = statement.parameter_count();
        for row in values.chunks_exact(self.columns) {
            // What the statement has no place for stands at the end.
            for (at, value) in (1..=places).zip(row) {
                statement.raw_bind_parameter(at, value)?;
            }
            let changed = statement.raw_execute()?;
            if self.must_change && changed != 1 {
                return Err(rusqlite::Error::StatementChangedRows(changed));
            }
        }
        Ok(())
    }

    /// The rows in such numbers that statements are few, and few different ones.
    fn portions<'a>(&self, mut values: Vec<Field<'a>>) -> impl Iterator<Item = (usize, Vec<Field<'a>>)> {
        debug_assert_eq!(values.len() % self.columns, 0, "{}", self.head);
        let columns = self.columns;
        std::iter::from_fn(move || {
            let rows = portion(values.len() / columns);
            let rest = values.split_off(rows * columns);
            let now = std::mem::replace(&mut values, rest);
            (rows > 0).then_some((rows, now))
        })
    }

    /// Appends the statement for that many rows.
    fn append_text(&self, text: &mut String, backend: DbBackend, rows: usize) {
        text.reserve(self.head.len() + self.tail.len() + rows * self.columns * 5);
        text.push_str(&self.head);
        for row in 0..rows {
            text.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..self.columns {
                if column > 0 {
                    text.push(',');
                }
                match backend {
                    DbBackend::Postgres => {
                        write!(text, "${}", row * self.columns + column + 1).expect("a string takes all");
                    }
                    _ => text.push('?'),
                }
            }
            text.push(')');
        }
        text.push(' ');
        text.push_str(&self.tail);
    }
}

/// How many of the rows go into the next statement: few distinct numbers, so that statements are prepared once.
fn portion(rows: usize) -> usize {
    match rows {
        0..=16 => rows,
        17..=31 => 16,
        32..=63 => 32,
        _ => 64,
    }
}

/// `column = excluded.column` for each.
pub(super) fn take_new(columns: &[&str]) -> String {
    let pairs: Vec<_> = columns.iter().map(|column| format!("{column} = excluded.{column}")).collect();
    pairs.join(", ")
}

/// `column = table.column + excluded.column` for each.
pub(super) fn add_new(table: &str, columns: &[&str]) -> String {
    let pairs: Vec<_> =
        columns.iter().map(|column| format!("{column} = {table}.{column} + excluded.{column}")).collect();
    pairs.join(", ")
}

/// What the database thinks of a row, as opposed to being unable to write at all.
pub(super) fn is_fault_of_row(error: &DbErr) -> bool {
    match sqlx_error(error) {
        Some(sqlx::Error::Encode(_)) => true,
        Some(sqlx::Error::Database(error)) => error.code().is_some_and(|code| match code.parse::<u32>() {
            Ok(number) if code.len() != 5 => is_sqlite_fault_of_row(number),
            // PostgreSQL: data exception, constraint, the same row twice;
            // https://www.postgresql.org/docs/current/errcodes-appendix.html
            _ => ["21", "22", "23"].iter().any(|class| code.starts_with(class)),
        }),
        _ => false,
    }
}

/// The transaction met another one, and was taken back so that the other could go on: a deadlock, or rows that were
/// changed meanwhile. PostgreSQL's class 40, <https://www.postgresql.org/docs/current/errcodes-appendix.html>
pub(super) fn is_collision(error: &DbErr) -> bool {
    let Some(sqlx::Error::Database(error)) = sqlx_error(error) else { return false };
    error.code().is_some_and(|code| code.len() == 5 && code.starts_with("40"))
}

fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

/// The same for a result code of SQLite: TOOBIG, CONSTRAINT, MISMATCH, RANGE; <https://sqlite.org/rescode.html>
pub(super) fn is_sqlite_fault_of_row(code: u32) -> bool {
    matches!(code & 0xff, 18 | 19 | 20 | 25)
}

/// SQL with `?` for values, as each engine wants it.
pub(super) fn numbered(backend: DbBackend, sql: &str) -> String {
    if backend != DbBackend::Postgres {
        return sql.to_owned();
    }
    let mut parts = sql.split('?');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (number, part) in (1..).zip(parts) {
        write!(text, "${number}{part}").expect("a string takes all");
    }
    text
}

impl From<Field<'_>> for Value {
    fn from(field: Field<'_>) -> Self {
        match field {
            Field::Null(Kind::Small) => Self::Int(None),
            Field::Null(Kind::Number) => Self::BigInt(None),
            Field::Null(Kind::Text) => Self::String(None),
            Field::Null(Kind::Id) => Self::Uuid(None),
            Field::Flag(value) => value.into(),
            Field::Small(value) => value.into(),
            Field::Number(value) => value.into(),
            Field::Real(value) => value.into(),
            Field::Text(value) => value.into_owned().into(),
            Field::Id(value) => value.into(),
        }
    }
}

impl ToSql for Field<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null(_) => ValueRef::Null,
            Self::Flag(value) => ValueRef::Integer((*value).into()),
            Self::Small(value) => ValueRef::Integer((*value).into()),
            Self::Number(value) => ValueRef::Integer(*value),
            Self::Real(value) => ValueRef::Real(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Id(value) => ValueRef::Blob(value.as_bytes()),
        }))
    }
}

impl From<bool> for Field<'_> {
    fn from(value: bool) -> Self {
        Self::Flag(value)
    }
}

impl From<i32> for Field<'_> {
    fn from(value: i32) -> Self {
        Self::Small(value)
    }
}

impl From<i64> for Field<'_> {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}

impl From<f64> for Field<'_> {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<Uuid> for Field<'_> {
    fn from(value: Uuid) -> Self {
        Self::Id(value)
    }
}

impl From<Option<i32>> for Field<'_> {
    fn from(value: Option<i32>) -> Self {
        value.map_or(Self::Null(Kind::Small), Self::Small)
    }
}

impl From<Option<i64>> for Field<'_> {
    fn from(value: Option<i64>) -> Self {
        value.map_or(Self::Null(Kind::Number), Self::Number)
    }
}

impl From<Option<Uuid>> for Field<'_> {
    fn from(value: Option<Uuid>) -> Self {
        value.map_or(Self::Null(Kind::Id), Self::Id)
    }
}

impl<'a> From<&'a str> for Field<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value.into())
    }
}

impl From<String> for Field<'_> {
    fn from(value: String) -> Self {
        Self::Text(value.into())
    }
}

impl<'a> From<Option<&'a str>> for Field<'a> {
    fn from(value: Option<&'a str>) -> Self {
        value.map_or(Self::Null(Kind::Text), Self::from)
    }
}
