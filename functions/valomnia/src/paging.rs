//! Where a page stands among all rows.

use std::fmt::Write;

use serde::Serialize;

use crate::{percent::encode, route::Version, search::Search};

/// The `paging` of a list.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Paging {
    total: usize,
    max: usize,
    offset: usize,
    previous: Option<String>,
    next: Option<String>,
}

impl Paging {
    /// The page that `search` asks for, of `total` rows.
    pub(crate) fn new(version: Version, search: &Search<'_>, total: usize) -> Self {
        let &Search { max, offset, .. } = search;
        let behind = offset.saturating_add(max);
        Self {
            total,
            max,
            offset,
            previous: (offset > 0).then(|| link(version, search, offset.saturating_sub(max))),
            next: (behind < total).then(|| link(version, search, behind)),
        }
    }
}

fn link(version: Version, search: &Search<'_>, offset: usize) -> String {
    let (max, sort, order) = (search.max, search.order.key(), search.order.direction());
    let mut link = format!("/api/{version}/customers?max={max}&offset={offset}&sort={sort}&order={order}");
    for (name, value) in &search.filters {
        // Writing to a string cannot fail.
        let _ = write!(link, "&{name}={}", encode(value));
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        route::tests::V1_0,
        testing::{params, words},
    };

    #[test]
    fn links_lead_to_the_pages_beside() {
        const HERE: &str = "/api/v1.0/customers?";
        for (query, total, previous, next) in [
            ("", 3, None, None),
            ("", 0, None, None),
            ("max=3", 3, None, None),
            ("max=2", 3, None, Some("max=2&offset=2&sort=dateCreated&order=asc")),
            ("max=2&offset=2", 3, Some("max=2&offset=0&sort=dateCreated&order=asc"), None),
            ("max=2&offset=1", 3, Some("max=2&offset=0&sort=dateCreated&order=asc"), None),
            (
                "max=1&offset=1&sort=name&order=DESC",
                3,
                Some("max=1&offset=0&sort=name&order=desc"),
                Some("max=1&offset=2&sort=name&order=desc"),
            ),
            ("offset=50", 3, Some("max=100&offset=0&sort=dateCreated&order=asc"), None),
            ("max=9999", 1001, None, Some("max=1000&offset=1000&sort=dateCreated&order=asc")),
            (
                "isActive=true&max=1&name=C%C3%A4*%26&order=asc&reference=",
                2,
                None,
                Some("max=1&offset=1&sort=dateCreated&order=asc&isActive=true&name=C%C3%A4*%26"),
            ),
            (
                "offset=18446744073709551615",
                3,
                Some("max=100&offset=18446744073709551515&sort=dateCreated&order=asc"),
                None,
            ),
        ] {
            let params = params(query);
            let search = words(Search::parse(&params)).unwrap();
            let paging = Paging::new(V1_0, &search, total);
            let whole = |link: Option<&str>| link.map(|link| format!("{HERE}{link}"));
            assert_eq!((paging.previous, paging.next), (whole(previous), whole(next)), "{query}");
        }
    }

    #[test]
    fn a_link_asks_for_the_same_filters() {
        let first = params("max=1&name=%2A%25+%C3%BC&dateCreated_gt=2016-01-01T00%3A00%3A00Z&isActive=false");
        let search = words(Search::parse(&first)).unwrap();
        let next = Paging::new(V1_0, &search, 2).next.unwrap();
        let second = params(next.split_once('?').unwrap().1);
        assert_eq!(words(Search::parse(&second)).unwrap().filters, search.filters);
    }
}
