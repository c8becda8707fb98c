//! The parameters of a list.

use customers::{Condition, Filter, ListQuery, Page, Pattern, TextField, Timestamp};
use runtime::Params;

use crate::{Refusal, moment, order::Order};

/// Rows of a page if the query does not say.
const MAX_DEFAULT: usize = 100;
/// Rows of a page at most; who wants more gets these.
const MAX_LIMIT: usize = 1000;

/// The parameters that choose page and order.
const PAGE: [&str; 4] = ["max", "offset", "order", "sort"];
/// The parameter that chooses customers in use, or those that are not.
const ACTIVE: &str = "isActive";
/// What comparing with a date asks of a customer.
type Comparison = fn(Timestamp) -> Condition;
/// The parameters that compare dates. The directory knows seconds, so that the next one is what comes after a date.
const MOMENTS: [(&str, Comparison); 8] = [
    ("dateCreated_gt", |moment| Condition::CreatedFrom(moment.plus_seconds(1))),
    ("dateCreated_gte", Condition::CreatedFrom),
    ("dateCreated_lt", Condition::CreatedBefore),
    ("dateCreated_lte", |moment| Condition::CreatedBefore(moment.plus_seconds(1))),
    ("lastUpdated_gt", |moment| Condition::UpdatedFrom(moment.plus_seconds(1))),
    ("lastUpdated_gte", Condition::UpdatedFrom),
    ("lastUpdated_lt", Condition::UpdatedBefore),
    ("lastUpdated_lte", |moment| Condition::UpdatedBefore(moment.plus_seconds(1))),
];
/// The parameters that are texts with wildcards.
const TEXTS: [(&str, TextField); 3] = [
    ("reference", TextField::Reference),
    ("name", TextField::Name),
    ("categoryReference", TextField::CategoryReference),
];

/// What a query asks for, within any scope.
#[derive(Debug)]
pub(crate) struct Search<'a> {
    /// Rows of a page.
    pub(crate) max: usize,
    /// Rows skipped.
    pub(crate) offset: usize,
    /// The order of all rows.
    pub(crate) order: Order,
    /// The filters in force as they were given, in the order received.
    pub(crate) filters: Vec<(&'a str, &'a str)>,
    conditions: Vec<Condition>,
}

impl<'a> Search<'a> {
    pub(crate) fn parse(params: &'a Params) -> Result<Self, Refusal> {
        refuse_unknown(params)?;
        let mut conditions = moments(params)?;
        let (max, offset, order) = (max(params)?, offset(params)?, order(params)?);
        conditions.extend(texts(params)?);
        conditions.extend(active(params)?);
        Ok(Self { max, offset, order, filters: filters(params), conditions })
    }

    /// The list of those customers that meet the conditions of `scope` too.
    pub(crate) fn within(&self, scope: Vec<Condition>) -> ListQuery {
        let not_deleted = [Condition::Deleted(false)];
        let conditions = not_deleted.into_iter().chain(scope).chain(self.conditions.iter().cloned());
        ListQuery {
            filter: Filter(conditions.collect()),
            sort: self.order.sort(),
            page: Page { offset: self.offset, limit: Some(self.max) },
        }
    }
}

/// Refuses parameters that a list does not have, all at once.
fn refuse_unknown(params: &Params) -> Result<(), Refusal> {
    let mut unknown: Vec<String> = Vec::new();
    for (name, _) in params.iter() {
        if !PAGE.contains(&name) && !is_filter(name) && !unknown.iter().any(|known| known == name) {
            unknown.push(name.to_owned());
        }
    }
    if unknown.is_empty() { Ok(()) } else { Err(Refusal::UnknownParameters(unknown)) }
}

fn is_filter(name: &str) -> bool {
    name == ACTIVE || MOMENTS.iter().any(|(known, _)| *known == name) || TEXTS.iter().any(|(known, _)| *known == name)
}

/// The value of a parameter; none if it is absent or empty.
fn given<'a>(params: &'a Params, name: &'static str) -> Result<Option<&'a str>, Refusal> {
    let value = params.get(name).map_err(|_| Refusal::InvalidType(name))?;
    Ok(value.filter(|value| !value.is_empty()))
}

fn moments(params: &Params) -> Result<Vec<Condition>, Refusal> {
    let condition =
        |(name, condition): &(&'static str, Comparison)| {
            let text = given(params, name).transpose()?;
            Some(text.and_then(|text| {
                moment::parse(text).map(condition).ok_or_else(|| Refusal::InvalidMoment(text.to_owned()))
            }))
        };
    MOMENTS.iter().filter_map(condition).collect()
}

fn max(params: &Params) -> Result<usize, Refusal> {
    match number(params, "max")? {
        Some(0) => Err(Refusal::InvalidType("max")),
        max => Ok(max.unwrap_or(MAX_DEFAULT).min(MAX_LIMIT)),
    }
}

fn offset(params: &Params) -> Result<usize, Refusal> {
    Ok(number(params, "offset")?.unwrap_or_default())
}

/// Plain decimal digits of a number that fits the type.
fn number(params: &Params, name: &'static str) -> Result<Option<usize>, Refusal> {
    let Some(text) = given(params, name)? else { return Ok(None) };
    let number = if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None };
    number.ok_or(Refusal::InvalidType(name)).map(Some)
}

fn order(params: &Params) -> Result<Order, Refusal> {
    let mut order = Order::default();
    if let Some(word) = given(params, "order")? {
        order = order.directed(word).ok_or(Refusal::InvalidType("order"))?;
    }
    if let Some(key) = given(params, "sort")? {
        order = order.by(key).ok_or(Refusal::InvalidType("sort"))?;
    }
    Ok(order)
}

fn texts(params: &Params) -> Result<Vec<Condition>, Refusal> {
    let condition = |(name, field): &(&'static str, TextField)| {
        let text = given(params, name).transpose()?;
        Some(text.map(|text| Condition::Text(*field, Pattern::wildcard(text, '*'))))
    };
    TEXTS.iter().filter_map(condition).collect()
}

fn active(params: &Params) -> Result<Option<Condition>, Refusal> {
    match given(params, ACTIVE)? {
        None => Ok(None),
        Some("true") => Ok(Some(Condition::Active(true))),
        Some("false") => Ok(Some(Condition::Active(false))),
        Some(_) => Err(Refusal::NotBoolean(ACTIVE)),
    }
}

/// The filters that are set; of one given several times the last, as everywhere.
fn filters(params: &Params) -> Vec<(&str, &str)> {
    let mut filters: Vec<(&str, &str)> = Vec::new();
    for (name, value) in params.iter().filter(|(name, _)| is_filter(name)) {
        filters.retain(|(earlier, _)| *earlier != name);
        filters.extend(value.ok().filter(|value| !value.is_empty()).map(|value| (name, value)));
    }
    filters
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{params, words};

    fn refused(query: &str) -> Option<String> {
        words(Search::parse(&params(query)).map(drop)).err()
    }

    fn invalid(name: &str) -> String {
        format!("The type of parameter {name} you provided is not valid for this request.")
    }

    #[test]
    fn pages() {
        for (query, expected) in [
            ("", (100, 0)),
            ("max=&offset=", (100, 0)),
            ("max=2&offset=4", (2, 4)),
            ("max=1000", (1000, 0)),
            ("max=1001", (1000, 0)),
            ("max=007", (7, 0)),
            ("max=18446744073709551615&offset=18446744073709551615", (1000, usize::MAX)),
            ("max=5&max=6", (6, 0)),
        ] {
            let params = params(query);
            let search = words(Search::parse(&params)).unwrap();
            assert_eq!((search.max, search.offset), expected, "{query}");
        }
    }

    #[test]
    fn orders() {
        for (query, key, direction) in [
            ("", "dateCreated", "asc"),
            ("sort=&order=", "dateCreated", "asc"),
            ("sort=name", "name", "asc"),
            ("order=DESC", "dateCreated", "desc"),
            ("order=Asc&sort=billWithParent", "billWithParent", "asc"),
        ] {
            let params = params(query);
            let order = words(Search::parse(&params)).unwrap().order;
            assert_eq!((order.key(), order.direction()), (key, direction), "{query}");
        }
    }

    #[test]
    fn each_filter_is_a_condition() {
        const T: &str = "2016-01-01T00:00:00Z";
        for (name, value, expected) in [
            ("dateCreated_gt", T, "CreatedFrom(Timestamp(1451606401))"),
            ("dateCreated_gte", T, "CreatedFrom(Timestamp(1451606400))"),
            ("dateCreated_lt", T, "CreatedBefore(Timestamp(1451606400))"),
            ("dateCreated_lte", T, "CreatedBefore(Timestamp(1451606401))"),
            ("lastUpdated_gt", T, "UpdatedFrom(Timestamp(1451606401))"),
            ("lastUpdated_gte", T, "UpdatedFrom(Timestamp(1451606400))"),
            ("lastUpdated_lt", T, "UpdatedBefore(Timestamp(1451606400))"),
            ("lastUpdated_lte", T, "UpdatedBefore(Timestamp(1451606401))"),
            (
                "reference",
                "NC-*",
                &format!("{:?}", Condition::Text(TextField::Reference, Pattern::wildcard("NC-*", '*'))),
            ),
            ("name", "care_*", &format!("{:?}", Condition::Text(TextField::Name, Pattern::wildcard("care_*", '*')))),
            (
                "categoryReference",
                "home",
                &format!("{:?}", Condition::Text(TextField::CategoryReference, Pattern::exact("home"))),
            ),
            ("isActive", "true", "Active(true)"),
            ("isActive", "false", "Active(false)"),
        ] {
            let params = params(&format!("{name}={value}"));
            let search = words(Search::parse(&params)).unwrap();
            let Filter(conditions) = search.within(vec![Condition::Isp(2.into())]).filter;
            assert_eq!(format!("{conditions:?}"), format!("[Deleted(false), Isp(IspId(2)), {expected}]"), "{name}");
            assert_eq!(search.filters, [(name, value)]);
        }
    }

    #[test]
    fn an_empty_value_is_no_filter_and_the_last_of_several_counts() {
        for (query, expected) in [
            ("name=&reference=&isActive=&dateCreated_gt=", vec![]),
            ("name=a&name=b&reference=c", vec![("name", "b"), ("reference", "c")]),
            ("name=a&reference=c&name=b", vec![("reference", "c"), ("name", "b")]),
            ("name=a&name=", vec![]),
            ("max=2&isActive=true&sort=name&name=%2A+%26", vec![("isActive", "true"), ("name", "* &")]),
        ] {
            let params = params(query);
            let search = words(Search::parse(&params)).unwrap();
            assert_eq!(search.filters, expected, "{query}");
            assert_eq!(search.within(vec![]).filter.0.len(), 1 + expected.len(), "{query}");
        }
    }

    #[test]
    fn wrong_values_are_refused_by_name() {
        for (query, name) in [
            ("max=abc", "max"),
            ("max=0", "max"),
            ("max=-1", "max"),
            ("max=%2B1", "max"),
            ("max=1.0", "max"),
            ("max=+5", "max"),
            ("max=18446744073709551616", "max"),
            ("max=\u{661}", "max"),
            ("max=%FF", "max"),
            ("offset=-1", "offset"),
            ("offset=x", "offset"),
            ("order=up", "order"),
            ("sort=Name", "sort"),
            ("sort=customerCategory", "sort"),
            ("name=%FF", "name"),
            ("dateCreated_gt=%FF", "dateCreated_gt"),
            ("isActive=%FF", "isActive"),
        ] {
            assert_eq!(refused(query), Some(invalid(name)), "{query}");
        }
        for value in ["yes", "TRUE", "1", "true+"] {
            let expected = "An invalid value was specified for parameter: isActive (must be a boolean: true or false)";
            assert_eq!(refused(&format!("isActive={value}")).as_deref(), Some(expected), "{value}");
        }
    }

    #[test]
    fn unknown_parameters_come_before_dates_and_dates_before_types() {
        let unknown = |names: &str| format!("The parameters [{names}] you provided are not valid for this request.");
        let moment = |value: &str| format!("Invalid datetime filter (not ISO-8601 formatted): [{value}]");
        for (query, expected) in [
            ("foo=1&bar=2", unknown("foo, bar")),
            ("foo=1&max=2&bar=&foo=3", unknown("foo, bar")),
            ("max=x&dateCreated_gt=x&Foo", unknown("Foo")),
            ("dateCreated_gta=x", unknown("dateCreated_gta")),
            ("%FF=1&=2", unknown("\u{FFFD}, ")),
            ("max=x&lastUpdated_lte=2016-08-15", moment("2016-08-15")),
            ("isActive=yes&lastUpdated_lt=b&dateCreated_gt=a", moment("a")),
            ("isActive=yes&sort=x&order=x&offset=x&max=x", invalid("max")),
            ("isActive=yes&sort=x&order=x&offset=x", invalid("offset")),
            ("isActive=yes&sort=x&order=x", invalid("order")),
            ("isActive=yes&sort=x", invalid("sort")),
            ("isActive=yes&name=%FF", invalid("name")),
        ] {
            assert_eq!(refused(query), Some(expected), "{query}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_stop_the_reader(
            pieces in prop::collection::vec(
                prop_oneof![
                    prop::collection::vec(any::<u8>(), 0..9),
                    prop::sample::select(vec![
                        b"max=".to_vec(), b"&offset=".to_vec(), b"&sort=".to_vec(), b"&order=desc".to_vec(),
                        b"&dateCreated_gt=".to_vec(), b"2016-01-01T00:00:00Z".to_vec(), b"&isActive=".to_vec(),
                        b"&name=".to_vec(), b"*".to_vec(), b"%".to_vec(), b"&".to_vec(), b"9".to_vec(),
                    ]),
                ],
                0..12,
            ),
        ) {
            let params = Params::urlencoded(&pieces.concat(), b"&");
            match Search::parse(&params) {
                Ok(search) => prop_assert!((1..=1000).contains(&search.max)),
                Err(refusal) => prop_assert!(runtime::Response::from(refusal).status.is_client_error()),
            }
        }
    }
}
