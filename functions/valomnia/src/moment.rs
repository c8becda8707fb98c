//! Dates as the dialect writes them: `YYYY-MM-DDTHH:MM:SSZ`, always UTC.

use customers::Timestamp;
use time::{OffsetDateTime, PrimitiveDateTime, format_description::BorrowedFormatItem, macros::format_description};

const MOMENT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

/// Reads a date, to the digit; none if it has another form or no calendar has it.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    const LENGTH: usize = "YYYY-MM-DDTHH:MM:SSZ".len();
    let moment = PrimitiveDateTime::parse(text, MOMENT).ok().filter(|_| text.len() == LENGTH)?;
    Some(moment.assume_utc().into())
}

/// Writes a date.
pub(crate) fn format(timestamp: Timestamp) -> String {
    OffsetDateTime::from(timestamp).format(MOMENT).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn only_whole_dates_in_utc_are_dates() {
        for (text, expected) in [
            ("2016-08-15T10:20:30Z", Some(datetime!(2016-08-15 10:20:30 UTC))),
            ("2016-02-29T23:59:59Z", Some(datetime!(2016-02-29 23:59:59 UTC))),
            ("0000-01-01T00:00:00Z", Some(datetime!(0000-01-01 0:00 UTC))),
            ("2015-02-29T00:00:00Z", None),
            ("2016-13-01T00:00:00Z", None),
            ("2016-08-15T24:00:00Z", None),
            ("2016-08-15T10:20:60Z", None),
            ("2016-08-15", None),
            ("2016-08-1Z", None),
            ("2016-8-15T10:20:30Z", None),
            ("2016-08-15 10:20:30Z", None),
            ("2016-08-15T10:20:30", None),
            ("2016-08-15T10:20:30z", None),
            ("2016-08-15t10:20:30Z", None),
            ("2016-08-15T10:20:30+00:00", None),
            ("2016-08-15T10:20:30.000Z", None),
            ("2016-08-15T10:20:30Z ", None),
            ("+2016-08-15T10:20:30Z", None),
            ("-016-08-15T10:20:30Z", None),
            ("", None),
        ] {
            assert_eq!(parse(text), expected.map(Timestamp::from), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_date_that_was_written_is_read_as_the_same(seconds in -62_167_219_200_i64..=253_402_300_799) {
            let timestamp = Timestamp::from_unix_seconds(seconds);
            prop_assert_eq!(parse(&format(timestamp)), Some(timestamp));
        }

        #[test]
        fn no_text_stops_the_reader(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
