//! A customer as a list shows it.

use std::borrow::Cow;

use customers::{Address, Customer, Link as Target, Settings, Superior};
use serde::Serialize;

use crate::{moment, number::Number, origin::Origin, percent::encode, route::Version};

/// Makes the rows of one list.
pub(crate) struct Rows<'a> {
    /// The version that links repeat.
    pub(crate) version: Version,
    /// The host that pictures are on.
    pub(crate) origin: &'a Origin,
    /// The organisation of the caller, and of every row.
    pub(crate) organisation: &'a str,
    /// What the tenant's operator set.
    pub(crate) settings: &'a Settings,
    /// The customer right above another.
    pub(crate) superior: &'a dyn Fn(&Customer) -> Option<Superior>,
}

/// A row of a list: all keys in the documented order, each one always there but `region`, which only tenants with
/// regions have.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row<'a> {
    id: u64,
    reference: Cow<'a, str>,
    reference2: Option<&'a str>,
    name: &'a str,
    category_reference: Option<&'a str>,
    customer_category: Option<Link<'a>>,
    is_sub_customer: bool,
    parent_customer: Option<Link<'a>>,
    bill_with_parent: bool,
    customer_segmentation_reference: Option<&'a str>,
    customer_segmentation: Option<Link<'a>>,
    poc_tenus: (),
    email: Option<&'a str>,
    logo: Option<String>,
    phone: Option<&'a str>,
    mobile: Option<&'a str>,
    fax: Option<&'a str>,
    comment: Option<&'a str>,
    barcode: Option<&'a str>,
    is_same_address: bool,
    billing_country: Option<&'a str>,
    billing_city: Option<&'a str>,
    billing_postal_code: Option<&'a str>,
    billing_address: Option<&'a str>,
    billing_lat: Option<Number>,
    billing_lng: Option<Number>,
    country: Option<&'a str>,
    city: Option<&'a str>,
    postal_code: Option<&'a str>,
    address: Option<&'a str>,
    latitude: Option<Number>,
    longitude: Option<Number>,
    is_credit: Option<bool>,
    credit_limit: Option<Number>,
    balance: Option<Number>,
    max_cheque_period: Option<Number>,
    max_cheque_value: Option<Number>,
    applied_cash_back_output: Option<Number>,
    return_discount: Option<Number>,
    invoices_per_route: Option<Number>,
    is_active: bool,
    on_hold: bool,
    on_hold_reason: Option<&'a str>,
    payment_term: Option<&'a str>,
    created_by: Option<User<'a>>,
    due_date_config_number: Option<Number>,
    due_date_config_type: Option<&'a str>,
    payment_types: Vec<Link<'a>>,
    website: Option<&'a str>,
    tax_number: Option<&'a str>,
    company_registration_number: Option<&'a str>,
    /// Persons at the customer: the directory keeps none.
    contacts: [(); 0],
    currency: &'a str,
    organization: &'a str,
    date_created: String,
    last_updated: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Option<Link<'a>>>,
}

impl<'a> Rows<'a> {
    /// The row of `customer`.
    pub(crate) fn row(&self, customer: &'a Customer) -> Row<'a> {
        let Customer { id, profile, lifecycle, .. } = customer;
        let (identity, contact, address) = (&profile.identity, &profile.contact, &profile.address);
        let (billing, sales) = (profile.billing_address.as_ref(), &profile.sales);
        let in_billing = |part: fn(&Address) -> &Option<String>| billing.and_then(|billing| part(billing).as_deref());
        Row {
            id: id.get(),
            reference: customer.reference(),
            reference2: identity.second_reference.as_deref(),
            name: &identity.name,
            category_reference: sales.category.as_ref().map(|category| category.reference.as_str()),
            customer_category: self.link("customerCategories", sales.category.as_ref()),
            is_sub_customer: profile.hierarchy.parent.is_some(),
            parent_customer: self.parent(customer),
            bill_with_parent: !sales.billed_apart,
            customer_segmentation_reference: sales.segmentation.as_ref().map(|link| link.reference.as_str()),
            customer_segmentation: self.link("customerSegmentations", sales.segmentation.as_ref()),
            poc_tenus: (),
            email: contact.email.as_deref(),
            logo: identity.logo.as_deref().map(|file| self.picture(file)),
            phone: contact.phone.as_deref(),
            mobile: contact.mobile.as_deref(),
            fax: contact.fax.as_deref(),
            comment: profile.notes.as_deref(),
            barcode: identity.barcode.as_deref(),
            is_same_address: billing.is_none(),
            billing_country: in_billing(|address| &address.country),
            billing_city: in_billing(|address| &address.city),
            billing_postal_code: in_billing(|address| &address.postal_code),
            billing_address: in_billing(|address| &address.street),
            billing_lat: billing.and_then(|address| address.latitude).map(Number),
            billing_lng: billing.and_then(|address| address.longitude).map(Number),
            country: address.country.as_deref(),
            city: address.city.as_deref(),
            postal_code: address.postal_code.as_deref(),
            address: address.street.as_deref(),
            latitude: address.latitude.map(Number),
            longitude: address.longitude.map(Number),
            is_credit: sales.is_credit,
            credit_limit: sales.credit_limit.map(Number::from),
            balance: sales.balance.map(Number::from),
            max_cheque_period: sales.max_cheque_period.map(Number::from),
            max_cheque_value: sales.max_cheque_value.map(Number::from),
            applied_cash_back_output: sales.applied_cash_back_output.map(Number::from),
            return_discount: sales.return_discount.map(Number::from),
            invoices_per_route: sales.invoices_per_route.map(Number::from),
            is_active: !sales.inactive,
            on_hold: sales.on_hold,
            on_hold_reason: sales.on_hold_reason.as_deref(),
            payment_term: sales.payment_term.as_deref(),
            created_by: sales.created_by.as_ref().map(|user| self.user(user)),
            due_date_config_number: sales.due_date_number.map(Number::from),
            due_date_config_type: sales.due_date_type.as_deref(),
            payment_types: sales.payment_types.iter().map(|target| self.target("paymentTypes", target)).collect(),
            website: contact.website.as_deref(),
            tax_number: identity.tax_number.as_deref(),
            company_registration_number: identity.company_registration_number.as_deref(),
            contacts: [],
            currency: sales.currency.as_deref().unwrap_or(self.settings.currency()),
            organization: self.organisation,
            date_created: moment::format(lifecycle.created_at),
            last_updated: moment::format(lifecycle.updated_at),
            region: self.settings.regions.then(|| self.link("regions", sales.region.as_ref())),
        }
    }

    /// The parent that a customer was given, if the caller may see it.
    fn parent(&self, customer: &Customer) -> Option<Link<'a>> {
        let parent = (self.superior)(customer)?;
        let default = self.settings.default_organisation.as_deref();
        if parent.is_deleted || parent.organisation.as_deref().or(default) != Some(self.organisation) {
            return None;
        }
        Some(Link {
            id: parent.id.get(),
            reference: Cow::Owned(parent.reference),
            name: Cow::Owned(parent.name),
            href: self.href("customers", parent.id.get()),
        })
    }

    fn link(&self, resource: &str, target: Option<&'a Target>) -> Option<Link<'a>> {
        target.map(|target| self.target(resource, target))
    }

    fn target(&self, resource: &str, target: &'a Target) -> Link<'a> {
        Link {
            id: target.id,
            reference: Cow::Borrowed(&target.reference),
            name: Cow::Borrowed(&target.name),
            href: self.href(resource, target.id),
        }
    }

    fn user(&self, target: &'a Target) -> User<'a> {
        User { user_id: target.id, reference: &target.reference, href: self.href("users", target.id) }
    }

    fn href(&self, resource: &str, id: u64) -> String {
        format!("/api/{}/{resource}/{id}", self.version)
    }

    fn picture(&self, file: &str) -> String {
        let directory = upload_directory(self.organisation);
        self.origin.url(&format!("/{directory}/photoCustomer/{}", encode(file)))
    }
}

/// The folder of an organisation's pictures.
pub(crate) fn upload_directory(organisation: &str) -> String {
    encode(organisation).to_string()
}

/// Another record that a row points at.
#[derive(Serialize)]
struct Link<'a> {
    id: u64,
    reference: Cow<'a, str>,
    name: Cow<'a, str>,
    href: String,
}

/// The user who entered a customer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct User<'a> {
    user_id: u64,
    reference: &'a str,
    href: String,
}

#[cfg(test)]
pub(crate) mod tests;
