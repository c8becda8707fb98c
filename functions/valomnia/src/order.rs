//! The order of a list.

use customers::{Direction, RareField, Sort, SortKey, TextField};

use crate::order::Column::{Constant, NegationOf, Of};

/// How the directory orders by a key of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    /// By this, which the row shows as it is.
    Of(SortKey),
    /// By this, of which the row shows the contrary.
    NegationOf(SortKey),
    /// Not at all: it is the same in every row of a list.
    Constant,
}

/// Every scalar key of the row, in its order.
const COLUMNS: [(&str, Column); 50] = [
    ("id", Of(SortKey::Id)),
    ("reference", text(TextField::Reference)),
    ("reference2", rare(RareField::SecondReference)),
    ("name", text(TextField::Name)),
    ("categoryReference", text(TextField::CategoryReference)),
    ("isSubCustomer", Of(SortKey::HasParent)),
    ("billWithParent", NegationOf(SortKey::Rare(RareField::BilledApart))),
    ("customerSegmentationReference", rare(RareField::SegmentationReference)),
    ("pocTenus", Constant),
    ("email", text(TextField::Email)),
    ("logo", rare(RareField::Logo)),
    ("phone", rare(RareField::Phone)),
    ("mobile", text(TextField::Mobile)),
    ("fax", rare(RareField::Fax)),
    ("comment", rare(RareField::Notes)),
    ("barcode", rare(RareField::Barcode)),
    ("isSameAddress", NegationOf(SortKey::Rare(RareField::BillingApart))),
    ("billingCountry", rare(RareField::BillingCountry)),
    ("billingCity", rare(RareField::BillingCity)),
    ("billingPostalCode", rare(RareField::BillingPostalCode)),
    ("billingAddress", rare(RareField::BillingStreet)),
    ("billingLat", rare(RareField::BillingLatitude)),
    ("billingLng", rare(RareField::BillingLongitude)),
    ("country", rare(RareField::Country)),
    ("city", text(TextField::City)),
    ("postalCode", text(TextField::PostalCode)),
    ("address", rare(RareField::Street)),
    ("latitude", rare(RareField::Latitude)),
    ("longitude", rare(RareField::Longitude)),
    ("isCredit", rare(RareField::IsCredit)),
    ("creditLimit", rare(RareField::CreditLimit)),
    ("balance", rare(RareField::SalesBalance)),
    ("maxChequePeriod", rare(RareField::MaxChequePeriod)),
    ("maxChequeValue", rare(RareField::MaxChequeValue)),
    ("appliedCashBackOutput", rare(RareField::AppliedCashBackOutput)),
    ("returnDiscount", rare(RareField::ReturnDiscount)),
    ("invoicesPerRoute", rare(RareField::InvoicesPerRoute)),
    ("isActive", Of(SortKey::Active)),
    ("onHold", rare(RareField::OnHold)),
    ("onHoldReason", rare(RareField::OnHoldReason)),
    ("paymentTerm", rare(RareField::PaymentTerm)),
    ("dueDateConfigNumber", rare(RareField::DueDateNumber)),
    ("dueDateConfigType", rare(RareField::DueDateType)),
    ("website", rare(RareField::Website)),
    ("taxNumber", rare(RareField::TaxNumber)),
    ("companyRegistrationNumber", rare(RareField::CompanyRegistrationNumber)),
    ("currency", Of(SortKey::Currency)),
    ("organization", Constant),
    ("dateCreated", Of(SortKey::Created)),
    ("lastUpdated", Of(SortKey::Updated)),
];

const fn text(field: TextField) -> Column {
    Of(SortKey::Text(field))
}

const fn rare(field: RareField) -> Column {
    Of(SortKey::Rare(field))
}

/// By which key of the row a list is ordered, and which end comes first. Ties go by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    key: &'static str,
    column: Column,
    direction: Direction,
}

impl Default for Order {
    fn default() -> Self {
        Self { key: "dateCreated", column: Of(SortKey::Created), direction: Direction::Ascending }
    }
}

impl Order {
    /// The same order by another key; none if the row has no such scalar.
    pub(crate) fn by(self, key: &str) -> Option<Self> {
        let (key, column) = COLUMNS.iter().find(|(name, _)| *name == key)?;
        Some(Self { key, column: *column, ..self })
    }

    /// The same order with `asc` or `desc`, in any case; none if `word` is neither.
    pub(crate) fn directed(self, word: &str) -> Option<Self> {
        let directions = [Direction::Ascending, Direction::Descending];
        let direction = directions.into_iter().find(|direction| word.eq_ignore_ascii_case(name(*direction)))?;
        Some(Self { direction, ..self })
    }

    /// The key of the row.
    pub(crate) fn key(self) -> &'static str {
        self.key
    }

    /// `asc` or `desc`.
    pub(crate) fn direction(self) -> &'static str {
        name(self.direction)
    }

    /// The order as the directory knows it.
    pub(crate) fn sort(self) -> Sort {
        match (self.column, self.direction) {
            (Of(key), direction) => Sort { key, direction },
            (NegationOf(key), Direction::Ascending) => Sort { key, direction: Direction::Descending },
            (NegationOf(key), Direction::Descending) => Sort { key, direction: Direction::Ascending },
            (Constant, _) => Sort { key: SortKey::Id, direction: Direction::Ascending },
        }
    }
}

fn name(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => "asc",
        Direction::Descending => "desc",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::row::tests::{full, rendered};

    #[test]
    fn every_scalar_of_the_row_is_a_key_and_nothing_else() {
        let row: serde_json::Map<String, Value> = serde_json::from_str(&rendered(&full())).unwrap();
        for (key, value) in &row {
            let is_scalar = !value.is_object() && !value.is_array();
            assert_eq!(Order::default().by(key).is_some(), is_scalar, "{key}");
        }
        for (key, _) in COLUMNS {
            assert!(row.contains_key(key), "{key}");
        }
    }

    #[test]
    fn contraries_are_ordered_from_the_other_end_and_constants_by_id() {
        use Direction::{Ascending, Descending};
        let apart = SortKey::Rare(RareField::BilledApart);
        for (key, word, expected) in [
            ("dateCreated", "asc", (SortKey::Created, Ascending)),
            ("name", "DESC", (SortKey::Text(TextField::Name), Descending)),
            ("isActive", "Asc", (SortKey::Active, Ascending)),
            ("billWithParent", "asc", (apart, Descending)),
            ("billWithParent", "desc", (apart, Ascending)),
            ("isSameAddress", "asc", (SortKey::Rare(RareField::BillingApart), Descending)),
            ("organization", "desc", (SortKey::Id, Ascending)),
            ("pocTenus", "desc", (SortKey::Id, Ascending)),
        ] {
            let order = Order::default().by(key).unwrap().directed(word).unwrap();
            let Sort { key: sort_key, direction } = order.sort();
            assert_eq!((sort_key, direction), expected, "{key} {word}");
            assert_eq!((order.key(), order.direction()), (key, word.to_lowercase().as_str()));
        }
    }

    #[test]
    fn other_words_order_nothing() {
        for key in ["", "Name", "names", "customerCategory", "paymentTypes", "parentCustomer.id"] {
            assert!(Order::default().by(key).is_none(), "{key}");
        }
        for word in ["", "up", "ascending", "asc "] {
            assert!(Order::default().directed(word).is_none(), "{word}");
        }
    }
}
