//! What a list answers.

use customers::{Listing, Settings};
use runtime::{Response, StatusCode};
use serde::Serialize;

use crate::{Row, search::PageNumber};

/// A page of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    paging: Paging,
    customers: Vec<Row>,
}

/// Which page of how many customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Paging {
    total: usize,
    limit: u64,
    page: u64,
}

impl Answer {
    /// The page `page` of a list of a tenant with these settings.
    pub(crate) fn new(listing: &Listing, page: PageNumber, settings: &Settings) -> Self {
        Self {
            paging: Paging { total: listing.total, limit: page.limit, page: page.number },
            customers: listing.customers.iter().map(|customer| Row::new(customer, settings)).collect(),
        }
    }
}

impl From<Answer> for Response {
    fn from(answer: Answer) -> Self {
        Self::json(StatusCode::OK, &answer)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::row::tests::alpha;

    #[test]
    fn the_paging_is_the_one_in_force() {
        let page = PageNumber { number: 4, limit: 1 };
        let empty = Listing { total: 3, customers: vec![] };
        let response = Response::from(Answer::new(&empty, page, &Settings::default()));
        assert_eq!(response.status, StatusCode::OK);
        assert_eq!(response.body, r#"{"paging":{"total":3,"limit":1,"page":4},"customers":[]}"#);
    }

    #[test]
    fn each_customer_is_a_row() {
        let customers = vec![Arc::new(alpha()), Arc::new(alpha())];
        let listing = Listing { total: 2, customers };
        let answer = Answer::new(&listing, PageNumber { number: 1, limit: 100 }, &Settings::default());
        let row = Row::new(&alpha(), &Settings::default());
        assert_eq!(answer.customers, [row.clone(), row]);
    }
}
