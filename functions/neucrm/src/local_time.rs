//! Dates and times by the tenant's clock.

use customers::{Tenant, Timestamp};
use time::{Date, OffsetDateTime, UtcOffset, format_description::BorrowedFormatItem, macros::format_description};

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const MOMENT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

/// The clock by which a tenant's clients read and write times.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LocalTime(UtcOffset);

impl LocalTime {
    /// The clock of `tenant`; UTC if its settings say nothing that a clock can be.
    pub(crate) fn of(tenant: &Tenant) -> Self {
        let seconds = i32::from(tenant.settings.utc_offset_minutes) * 60;
        Self(UtcOffset::from_whole_seconds(seconds).unwrap_or(UtcOffset::UTC))
    }

    /// The first moment of a day.
    pub(crate) fn start_of(self, day: Date) -> Timestamp {
        day.midnight().assume_offset(self.0).into()
    }

    /// The first moment after a day; none after the last day that there is.
    pub(crate) fn end_of(self, day: Date) -> Option<Timestamp> {
        day.next_day().map(|next| self.start_of(next))
    }

    /// `YYYY-MM-DD HH:MM:SS`.
    pub(crate) fn moment(self, timestamp: Timestamp) -> String {
        let utc = OffsetDateTime::from(timestamp);
        let local = utc.checked_to_offset(self.0).unwrap_or(utc);
        local.format(MOMENT).unwrap_or_default()
    }
}

/// Reads `yyyy-mm-dd`, to the digit.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    const LENGTH: usize = "yyyy-mm-dd".len();
    Date::parse(text, DATE).ok().filter(|_| text.len() == LENGTH)
}

/// `yyyy-mm-dd`.
pub(crate) fn date(date: Date) -> String {
    date.format(DATE).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests {
    use time::macros::{date, datetime};

    use super::*;

    pub(crate) const UTC: LocalTime = LocalTime(UtcOffset::UTC);

    fn india() -> LocalTime {
        LocalTime(UtcOffset::from_hms(5, 30, 0).unwrap())
    }

    #[test]
    fn only_whole_dates_are_dates() {
        for (text, expected) in [
            ("2022-02-10", Some(date!(2022 - 02 - 10))),
            ("2024-02-29", Some(date!(2024 - 02 - 29))),
            ("2022-02-29", None),
            ("2022-13-01", None),
            ("2022-2-1", None),
            ("10-02-1990", None),
            ("2022-02-10 ", None),
            ("+2022-02-10", None),
            ("-022-02-10", None),
            ("20220210", None),
            ("2022/02/10", None),
            ("", None),
        ] {
            assert_eq!(parse_date(text), expected, "{text}");
        }
    }

    #[test]
    fn a_day_lasts_from_midnight_to_midnight_of_the_tenants_clock() {
        let day = date!(2022 - 02 - 10);
        assert_eq!(UTC.start_of(day), datetime!(2022-02-10 0:00 UTC).into());
        assert_eq!(UTC.end_of(day), Some(datetime!(2022-02-11 0:00 UTC).into()));
        assert_eq!(india().start_of(day), datetime!(2022-02-09 18:30 UTC).into());
        assert_eq!(india().end_of(day), Some(datetime!(2022-02-10 18:30 UTC).into()));
        assert_eq!(india().end_of(Date::MAX), None);
    }

    #[test]
    fn moments_are_shown_by_the_tenants_clock() {
        let moment = datetime!(2022-02-10 23:59:59 UTC).into();
        assert_eq!(UTC.moment(moment), "2022-02-10 23:59:59");
        assert_eq!(india().moment(moment), "2022-02-11 05:29:59");
    }
}
