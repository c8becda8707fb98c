//! What a list asks for: filter, order and page.

use std::collections::HashSet;

use uuid::Uuid;

use super::{
    BillType, Customer, CustomerId, CustomerKind, IspId, Pattern, RareField, ResellerId, ServiceId, TextField,
    Timestamp, fold,
};

/// Conditions that must all hold; an empty filter lets every customer pass, deleted ones too.
#[derive(Debug, Clone, Default)]
pub struct Filter(pub Vec<Condition>);

impl Filter {
    /// Whether every condition holds for `customer`; `reaches` tells whether a customer is one of some parents.
    pub(crate) fn admits(&self, customer: &Customer, reaches: impl Fn(&Parents, CustomerId) -> bool) -> bool {
        self.0.iter().all(|condition| condition.holds(customer, &reaches))
    }
}

/// One condition on a customer.
#[derive(Debug, Clone)]
pub enum Condition {
    /// It has this id.
    Id(CustomerId),
    /// It has one of these GUIDs.
    Guid(HashSet<Uuid>),
    /// It is this ISP's.
    Isp(IspId),
    /// It is this reseller's.
    Reseller(ResellerId),
    /// It stands right below one of these customers.
    Parent(Parents),
    /// It is this organisation's.
    Organisation(Owner),
    /// It is this partner's.
    Partner(Owner),
    /// It has a service with this id.
    Service(ServiceId),
    /// It is a person, or an organisation.
    Kind(CustomerKind),
    /// Its calls are billed this way.
    BillType(BillType),
    /// It is listed in the telephone directory, or is not.
    Directory(bool),
    /// It is in use, or is not.
    Active(bool),
    /// The field is set and fits the pattern; of a field with several values, one of them.
    Text(TextField, Pattern),
    /// It was created then or later.
    CreatedFrom(Timestamp),
    /// It was created earlier.
    CreatedBefore(Timestamp),
    /// It was changed last then or later.
    UpdatedFrom(Timestamp),
    /// It was changed last earlier.
    UpdatedBefore(Timestamp),
    /// It is soft-deleted, or is not.
    Deleted(bool),
}

/// Customers as the parents of others.
#[derive(Debug, Clone, Copy)]
pub struct Parents {
    /// The uppermost of them, which stands below none of them, whatever a damaged tree says.
    pub top: CustomerId,
    /// Whether all below it are among them, soft-deleted ones too.
    pub deep: bool,
    /// The tenant's root customer: the parent of all that have none, but for itself.
    pub root: Option<CustomerId>,
}

impl Parents {
    /// Whether the customer `id`, which was given `parent`, stands right below one of them; `reaches` tells whether a
    /// customer is one of them.
    fn include(
        &self,
        id: CustomerId,
        parent: Option<CustomerId>,
        reaches: impl FnOnce(&Self, CustomerId) -> bool,
    ) -> bool {
        let parent = effective_parent(id, parent, self.root).filter(|_| id != self.top);
        parent.is_some_and(|parent| reaches(self, parent))
    }
}

/// The customer above `id`, which was given `parent`: the root for all that were given none, but for itself.
pub(crate) fn effective_parent(
    id: CustomerId,
    parent: Option<CustomerId>,
    root: Option<CustomerId>,
) -> Option<CustomerId> {
    parent.or(root.filter(|root| *root != id))
}

/// An organisation or a partner as the owner of customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Its name.
    pub name: String,
    /// Whether customers that name none are its own.
    pub is_default: bool,
}

impl Owner {
    /// Whether a customer that names `owner` is its own.
    pub(crate) fn owns(&self, owner: Option<&str>) -> bool {
        owner.map_or(self.is_default, |owner| owner == self.name)
    }
}

impl Condition {
    fn holds(&self, customer: &Customer, reaches: impl Fn(&Parents, CustomerId) -> bool) -> bool {
        let Customer { profile, lifecycle, .. } = customer;
        match self {
            Self::Id(id) => customer.id == *id,
            Self::Guid(guids) => guids.contains(&customer.guid),
            Self::Isp(isp) => profile.hierarchy.isp == Some(*isp),
            Self::Reseller(reseller) => profile.hierarchy.reseller == Some(*reseller),
            Self::Parent(parents) => parents.include(customer.id, profile.hierarchy.parent, reaches),
            Self::Organisation(owner) => owner.owns(profile.hierarchy.organisation.as_deref()),
            Self::Partner(owner) => owner.owns(profile.hierarchy.partner.as_deref()),
            Self::Service(id) => profile.services.iter().any(|service| service.id == *id),
            Self::Kind(kind) => profile.identity.kind == Some(*kind),
            Self::BillType(bill_type) => profile.telephony.bill_type == Some(*bill_type),
            Self::Directory(listed) => profile.telephony.directory == *listed,
            Self::Active(active) => profile.sales.inactive != *active,
            Self::Text(field, pattern) => field.values(customer).any(|value| pattern.matches(&fold(&value))),
            Self::CreatedFrom(moment) => lifecycle.created_at >= *moment,
            Self::CreatedBefore(moment) => lifecycle.created_at < *moment,
            Self::UpdatedFrom(moment) => lifecycle.updated_at >= *moment,
            Self::UpdatedBefore(moment) => lifecycle.updated_at < *moment,
            Self::Deleted(deleted) => customer.is_deleted() == *deleted,
        }
    }
}

/// What rows are ordered by; ties go by id, ascending in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// Id, as a number.
    Id,
    /// A text, ignoring case.
    Text(TextField),
    /// When it was created.
    Created,
    /// When it was changed last.
    Updated,
    /// Whether it is in use: those that are not come first.
    Active,
    /// Whether it was given a parent: those that were not come first.
    HasParent,
    /// The currency of its sales amounts; the tenant's for those that name none.
    Currency,
    /// A field that few lists sort on.
    Rare(RareField),
}

/// Ascending or descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first, and before them those without a value.
    Ascending,
    /// Largest first.
    Descending,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
