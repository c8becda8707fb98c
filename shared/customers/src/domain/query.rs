//! What a list asks for: filter, order and page.

use super::{Customer, CustomerId, CustomerKind, IspId, Pattern, ResellerId, ServiceId, Timestamp, fold};

/// Conditions that must all hold; an empty filter lets every customer pass, deleted ones too.
#[derive(Debug, Clone, Default)]
pub struct Filter(pub Vec<Condition>);

impl Filter {
    /// Whether every condition holds for `customer`.
    pub(crate) fn admits(&self, customer: &Customer) -> bool {
        self.0.iter().all(|condition| condition.holds(customer))
    }
}

/// One condition on a customer.
#[derive(Debug, Clone)]
pub enum Condition {
    /// It has this id.
    Id(CustomerId),
    /// It is this ISP's.
    Isp(IspId),
    /// It is this reseller's.
    Reseller(ResellerId),
    /// It has a service with this id.
    Service(ServiceId),
    /// It is a person, or an organisation.
    Kind(CustomerKind),
    /// The field is set and fits the pattern; of a field with several values, one of them.
    Text(TextField, Pattern),
    /// It was created then or later.
    CreatedFrom(Timestamp),
    /// It was created earlier.
    CreatedBefore(Timestamp),
    /// It is soft-deleted, or is not.
    Deleted(bool),
}

impl Condition {
    pub(crate) fn holds(&self, customer: &Customer) -> bool {
        let Customer { profile, lifecycle, .. } = customer;
        match self {
            Self::Id(id) => customer.id == *id,
            Self::Isp(isp) => profile.hierarchy.isp == Some(*isp),
            Self::Reseller(reseller) => profile.hierarchy.reseller == Some(*reseller),
            Self::Service(id) => profile.services.iter().any(|service| service.id == *id),
            Self::Kind(kind) => profile.identity.kind == Some(*kind),
            Self::Text(field, pattern) => field.values(customer).any(|value| pattern.matches(&fold(value))),
            Self::CreatedFrom(moment) => lifecycle.created_at >= *moment,
            Self::CreatedBefore(moment) => lifecycle.created_at < *moment,
            Self::Deleted(deleted) => customer.is_deleted() == *deleted,
        }
    }
}

/// A text of a customer that lists can filter on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextField {
    /// Name.
    Name,
    /// Mobile number.
    Mobile,
    /// E-mail address.
    Email,
    /// ZIP or postal code.
    PostalCode,
    /// State or region.
    State,
    /// Town.
    City,
    /// User names of the services: none, one or several.
    ServiceUsername,
}

impl TextField {
    /// All of them; a field's place here is its column in the index.
    pub(crate) const ALL: [Self; 7] =
        [Self::Name, Self::Mobile, Self::Email, Self::PostalCode, Self::State, Self::City, Self::ServiceUsername];

    /// The values that `customer` has in this field, as clients wrote them.
    pub(crate) fn values(self, customer: &Customer) -> impl Iterator<Item = &str> {
        let Customer { profile, .. } = customer;
        let single = match self {
            Self::Name => Some(profile.identity.name.as_str()),
            Self::Mobile => profile.contact.mobile.as_deref(),
            Self::Email => profile.contact.email.as_deref(),
            Self::PostalCode => profile.address.postal_code.as_deref(),
            Self::State => profile.address.state.as_deref(),
            Self::City => profile.address.city.as_deref(),
            Self::ServiceUsername => None,
        };
        let services = if self == Self::ServiceUsername { profile.services.as_slice() } else { &[] };
        single.into_iter().chain(services.iter().filter_map(|service| service.username.as_deref()))
    }
}

/// What rows are ordered by; ties go by id, ascending in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// Id, as a number.
    Id,
    /// Name, ignoring case.
    Name,
    /// Mobile number, ignoring case.
    Mobile,
    /// E-mail address, ignoring case.
    Email,
}

/// Ascending or descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first; an unset text counts as the empty one.
    Ascending,
    /// Largest first.
    Descending,
}

/// The order of a list.
#[derive(Debug, Clone, Copy)]
pub struct Sort {
    /// What rows are ordered by.
    pub key: SortKey,
    /// Which end comes first.
    pub direction: Direction,
}

/// Which part of the ordered rows a list wants.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Rows skipped; past the end is an empty page.
    pub offset: usize,
    /// Rows at most; unset for all the rest.
    pub limit: Option<usize>,
}

/// A whole list request.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// Which customers.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
    /// Which of them.
    pub page: Page,
}
