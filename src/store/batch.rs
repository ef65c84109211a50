//! Inserts of many rows in few statements, whose texts are few enough to stay prepared.

use std::fmt::Write as _;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, RuntimeErr, Statement, Value, sqlx};

/// An insert of one table's rows.
pub(super) struct Insert {
    /// `INSERT INTO table (columns)`.
    head: String,
    columns: usize,
    /// What follows the rows, such as `ON CONFLICT …`.
    tail: String,
}

impl Insert {
    /// Rows of these columns go to the table; `tail` follows them.
    pub(super) fn new(table: &str, columns: &[&str], tail: impl Into<String>) -> Self {
        let head = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
        Self { head, columns: columns.len(), tail: tail.into() }
    }

    /// Writes the rows, given as one list of values. Returns how many were inserted or updated.
    pub(super) async fn run(&self, connection: &impl ConnectionTrait, values: Vec<Value>) -> Result<usize, DbErr> {
        let backend = connection.get_database_backend();
        let mut affected = 0;
        for (rows, values) in self.portions(values) {
            let mut text = String::new();
            self.append_text(&mut text, backend, rows);
            let statement = Statement::from_sql_and_values(backend, text, values);
            affected += connection.execute_raw(statement).await?.rows_affected();
        }
        Ok(usize::try_from(affected).unwrap_or(usize::MAX))
    }

    /// The rows in such numbers that statements are few, and few different ones.
    pub(super) fn portions(&self, mut values: Vec<Value>) -> impl Iterator<Item = (usize, Vec<Value>)> {
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
    pub(super) fn append_text(&self, text: &mut String, backend: DbBackend, rows: usize) {
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

/// An error of the driver as sea-orm has it.
pub(super) fn exec_error(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}

/// What the database thinks of a row, as opposed to being unable to write at all.
pub(super) fn is_fault_of_row(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error else {
        return false;
    };
    match error.as_ref() {
        sqlx::Error::Encode(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| match code.parse::<u32>() {
            // SQLite: TOOBIG, CONSTRAINT, MISMATCH, RANGE; https://sqlite.org/rescode.html
            Ok(number) if code.len() != 5 => matches!(number & 0xff, 18 | 19 | 20 | 25),
            // PostgreSQL: data exception, constraint, the same row twice;
            // https://www.postgresql.org/docs/current/errcodes-appendix.html
            _ => ["21", "22", "23"].iter().any(|class| code.starts_with(class)),
        }),
        _ => false,
    }
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
