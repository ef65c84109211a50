//! Where a budget's windows begin and end, in UTC. Pure.

use time::{Date, Duration, Month, OffsetDateTime, Weekday};

use crate::pb::BudgetWindow;

/// A window of time, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Where it begins; 0 where there is but one window.
    pub starts_at_ms: i64,
    /// Where the next begins; none where there is but one.
    pub ends_at_ms: Option<i64>,
}

/// The window that a moment falls into.
pub fn span(window: BudgetWindow, at_ms: i64) -> Span {
    let day = OffsetDateTime::from_unix_timestamp(at_ms.div_euclid(1000)).map_or(Date::MIN, OffsetDateTime::date);
    let (first, next) = match window {
        BudgetWindow::Unspecified | BudgetWindow::Forever => return Span { starts_at_ms: 0, ends_at_ms: None },
        BudgetWindow::Day => (day, day.saturating_add(Duration::DAY)),
        BudgetWindow::Week => {
            let monday = match day.weekday() {
                Weekday::Monday => day,
                _ => day.prev_occurrence(Weekday::Monday),
            };
            (monday, monday.saturating_add(Duration::WEEK))
        }
        BudgetWindow::Month => {
            let first = first_of(day.year(), day.month());
            let year = if day.month() == Month::December { day.year() + 1 } else { day.year() };
            (first, first_of(year, day.month().next()))
        }
    };
    Span { starts_at_ms: midnight_ms(first), ends_at_ms: Some(midnight_ms(next)) }
}

fn first_of(year: i32, month: Month) -> Date {
    Date::from_calendar_date(year, month, 1).expect("every month has a first")
}

fn midnight_ms(day: Date) -> i64 {
    day.midnight().assume_utc().unix_timestamp() * 1000
}

#[cfg(test)]
mod tests {
    use time::{format_description::well_known::Rfc3339, macros::datetime};

    use super::*;

    #[test]
    fn windows_are_the_calendar_s() {
        let check = |window, at: OffsetDateTime, starts: &str, ends: &str| {
            let told = |ms: i64| OffsetDateTime::from_unix_timestamp(ms / 1000).unwrap().format(&Rfc3339).unwrap();
            let span = span(window, at.unix_timestamp() * 1000 + 999);
            let (starts, ends) = (format!("{starts}T00:00:00Z"), format!("{ends}T00:00:00Z"));
            assert_eq!((told(span.starts_at_ms), told(span.ends_at_ms.unwrap())), (starts, ends), "{window:?} {at}");
        };
        let late = datetime!(2026-12-31 23:59:59 UTC);
        check(BudgetWindow::Day, late, "2026-12-31", "2027-01-01");
        check(BudgetWindow::Week, late, "2026-12-28", "2027-01-04");
        check(BudgetWindow::Month, late, "2026-12-01", "2027-01-01");
        check(BudgetWindow::Month, datetime!(2028-02-29 00:00:00 UTC), "2028-02-01", "2028-03-01");
        check(BudgetWindow::Week, datetime!(2026-11-23 00:00:00 UTC), "2026-11-23", "2026-11-30");
        check(BudgetWindow::Day, datetime!(2026-11-23 00:00:00 UTC), "2026-11-23", "2026-11-24");
        let forever = span(BudgetWindow::Forever, late.unix_timestamp() * 1000);
        assert_eq!(forever, Span { starts_at_ms: 0, ends_at_ms: None });
    }
}
