//! Columns for people: as wide as what they hold, numbers to the right.

use std::fmt;

/// Lines beneath a heading. A heading that begins with `>` is that of numbers.
pub(super) struct Table<const COLUMNS: usize> {
    heading: [&'static str; COLUMNS],
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    pub(super) fn new(heading: [&'static str; COLUMNS]) -> Self {
        Self { heading, rows: Vec::new() }
    }

    pub(super) fn push(&mut self, row: [String; COLUMNS]) {
        self.rows.push(row);
    }
}

impl<const COLUMNS: usize> fmt::Display for Table<COLUMNS> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heading = self.heading.map(|name| name.trim_start_matches('>').to_owned());
        let mut widths = [0; COLUMNS];
        for row in self.rows.iter().chain([&heading]) {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for row in [&heading].into_iter().chain(&self.rows) {
            let mut line = String::new();
            for ((cell, width), heading) in row.iter().zip(widths).zip(self.heading) {
                match heading.starts_with('>') {
                    true => line += &format!("{cell:>width$}  "),
                    false => line += &format!("{cell:<width$}  "),
                }
            }
            writeln!(formatter, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_they_hold() {
        let mut table = Table::new(["model", ">usd", "state"]);
        table.push(["größer".to_owned(), "1.5".to_owned(), "new".to_owned()]);
        table.push(["a".to_owned(), "12.25".to_owned(), String::new()]);
        assert_eq!(table.to_string(), "model     usd  state\ngrößer    1.5  new\na       12.25\n");
    }
}
