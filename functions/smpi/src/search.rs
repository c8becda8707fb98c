//! The parameters of a list.

use customers::{Condition, Direction, Filter, ListQuery, Page, Pattern, Sort, SortKey, TextField};
use runtime::{Params, Request};

use crate::{Parameter, Refusal, guid};

/// Customers of a page at most, and if the request does not say.
const LIMIT: u64 = 100;
/// Customers that a request may name at most.
const IDS_MAXIMUM: usize = 100;

/// What a request asks for, within any scope. Parameters that the dialect does not know are ignored.
#[derive(Debug)]
pub(crate) struct Search {
    conditions: Vec<Condition>,
    pub(crate) page: PageNumber,
}

/// A page of a list, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageNumber {
    /// From 1.
    pub(crate) number: u64,
    /// Customers on it at most.
    pub(crate) limit: u64,
}

impl Search {
    pub(crate) fn parse(request: &Request) -> Result<Self, Refusal> {
        let params = Params::urlencoded(request.query.as_bytes(), b"&");
        let name = name(&params)?;
        let page = PageNumber {
            number: number(&params, Parameter::Page, u64::MAX)?.unwrap_or(1),
            limit: number(&params, Parameter::Limit, LIMIT)?.unwrap_or(LIMIT),
        };
        Ok(Self { conditions: name.into_iter().chain(ids(&params)?).collect(), page })
    }

    /// The query for customers that meet the conditions of `scope` too, by name and then by id.
    pub(crate) fn query(&self, scope: Vec<Condition>) -> ListQuery {
        let conditions = [Condition::Deleted(false)].into_iter().chain(scope).chain(self.conditions.iter().cloned());
        ListQuery {
            filter: Filter(conditions.collect()),
            sort: Sort { key: SortKey::Text(TextField::Name), direction: Direction::Ascending },
            page: self.page.into(),
        }
    }
}

impl From<PageNumber> for Page {
    fn from(page: PageNumber) -> Self {
        let rows = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let before = page.number.saturating_sub(1).saturating_mul(page.limit);
        Self { offset: rows(before), limit: Some(rows(page.limit)) }
    }
}

/// The words of `q` stand in the name.
fn name(params: &Params) -> Result<Option<Condition>, Refusal> {
    let words = text(params, Parameter::Q)?.map(str::trim).filter(|words| !words.is_empty());
    Ok(words.map(|words| Condition::Text(TextField::Name, Pattern::contains(words))))
}

fn number(params: &Params, parameter: Parameter, maximum: u64) -> Result<Option<u64>, Refusal> {
    let Some(text) = text(params, parameter)? else { return Ok(None) };
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_plain.then(|| text.parse().ok()).flatten().filter(|number| (1..=maximum).contains(number));
    number.ok_or(Refusal::Invalid(parameter)).map(Some)
}

fn ids(params: &Params) -> Result<Option<Condition>, Refusal> {
    const INVALID: Refusal = Refusal::Invalid(Parameter::Cids);
    let Some(text) = text(params, Parameter::Cids)? else { return Ok(None) };
    if text.split(',').count() > IDS_MAXIMUM {
        return Err(INVALID);
    }
    let ids = text.split(',').map(|id| guid::parse(id.trim().as_bytes()));
    ids.collect::<Option<_>>().map(Condition::Guid).ok_or(INVALID).map(Some)
}

fn text(params: &Params, parameter: Parameter) -> Result<Option<&str>, Refusal> {
    params.get(parameter.name()).map_err(|_| Refusal::Invalid(parameter))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use runtime::Method;

    use super::*;

    const B: &str = "640FE47F-5118-4D79-8221-A35D0DE2EE2C";

    fn parse(query: &str) -> Result<Search, String> {
        let mut request = Request::new(Method::GET, "/");
        request.query = query.to_owned();
        Search::parse(&request).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn pages() {
        for (query, number, limit, offset) in [
            ("", 1, 100, 0),
            ("page=2&limit=50", 2, 50, 50),
            ("page=2", 2, 100, 100),
            ("limit=1&page=4", 4, 1, 3),
            ("limit=100", 1, 100, 0),
            ("page=007&offset=9", 7, 100, 600),
            ("page=1&page=3", 3, 100, 200),
            ("page=18446744073709551615", u64::MAX, 100, usize::MAX),
        ] {
            let page = parse(query).unwrap().page;
            assert_eq!(page, PageNumber { number, limit }, "{query}");
            let page = Page::from(page);
            assert_eq!((page.offset, page.limit), (offset, usize::try_from(limit).ok()), "{query}");
        }
    }

    #[test]
    fn the_words_of_a_search_are_trimmed_and_may_be_none() {
        for (query, words) in [
            ("q=trend", Some("trend")),
            ("q=+trend%20micro+", Some("trend micro")),
            ("q=trend+micro", Some("trend micro")),
            ("q=%E8%B6%A8%E5%8B%A2", Some("趨勢")),
            ("q=50%25", Some("50%")),
            ("q=a%2Bb", Some("a+b")),
            ("q=", None),
            ("q", None),
            ("q=%20+", None),
            ("Q=trend", None),
        ] {
            let conditions = parse(query).unwrap().conditions;
            let pattern = match &conditions[..] {
                [] => None,
                [Condition::Text(TextField::Name, pattern)] => Some(pattern.clone()),
                other => panic!("{query}: {other:?}"),
            };
            assert_eq!(pattern, words.map(Pattern::contains), "{query}");
        }
    }

    #[test]
    fn customers_are_named_by_their_guids() {
        let other = "ad38f82d-51a1-46fd-b167-e0d0ff31be83";
        for (query, named) in [
            (format!("cids={B}"), 1),
            (format!("cids={}", B.to_lowercase()), 1),
            (format!("cids={B},{other}"), 2),
            (format!("cids={B}%2C+{other}"), 2),
            (format!("cids={}", [B; 100].join(",")), 1),
        ] {
            let conditions = parse(&query).unwrap().conditions;
            let [Condition::Guid(guids)] = &conditions[..] else { panic!("{query}: {conditions:?}") };
            assert_eq!(guids.len(), named, "{query}");
            assert!(guids.contains(&guid::parse(B.as_bytes()).unwrap()), "{query}");
        }
    }

    #[test]
    fn wrong_values_are_refused_in_the_order_of_the_parameters() {
        const PAGE: &str = "page must be an integer of at least 1.";
        const LIMIT: &str = "limit must be an integer from 1 to 100.";
        const CIDS: &str = "cids must be 1 to 100 customer IDs (GUIDs) separated by commas.";
        let too_many = format!("cids={}", [B; 101].join(","));
        for (query, expected) in [
            ("q=%FF&page=0", "q must be text in UTF-8."),
            ("page=0&limit=0", PAGE),
            ("page=-1", PAGE),
            ("page=x", PAGE),
            ("page=", PAGE),
            ("page=1.0", PAGE),
            ("page=%2B1", PAGE),
            ("page=%D9%A1", PAGE),
            ("page=%FF", PAGE),
            ("page=18446744073709551616", PAGE),
            ("limit=0&cids=x", LIMIT),
            ("limit=101", LIMIT),
            ("limit=-1", LIMIT),
            ("limit=", LIMIT),
            ("cids=x", CIDS),
            ("cids=", CIDS),
            ("cids=640FE47F-5118-4D79-8221-A35D0DE2EE2C,", CIDS),
            ("cids=640FE47F51184D798221A35D0DE2EE2C", CIDS),
            ("cids=%FF", CIDS),
            (&too_many, CIDS),
        ] {
            assert_eq!(parse(query).err().as_deref(), Some(expected), "{query}");
        }
    }

    #[test]
    fn the_query_is_the_request_within_the_scope_by_name() {
        let scope = vec![Condition::Isp(2.into())];
        let query = parse(&format!("q=trend&cids={B}&page=3&limit=10")).unwrap().query(scope);
        let [Condition::Deleted(false), Condition::Isp(_), Condition::Text(..), Condition::Guid(_)] =
            &query.filter.0[..]
        else {
            panic!("{:?}", query.filter)
        };
        assert_eq!((query.sort.key, query.sort.direction), (SortKey::Text(TextField::Name), Direction::Ascending));
        assert_eq!((query.page.offset, query.page.limit), (20, Some(10)));
    }

    proptest! {
        #[test]
        fn no_query_panics(query in any::<String>(), name in "q|page|limit|cids", value in any::<String>()) {
            let _ = parse(&query);
            let _ = parse(&format!("{name}={value}&{query}"));
        }
    }
}
