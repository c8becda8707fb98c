//! Where demo customers live, and what is different there.

/// A town with what its addresses look like.
pub(super) struct Town {
    pub(super) name: &'static str,
    pub(super) state: &'static str,
    pub(super) country: &'static str,
    /// Degrees north and east of its centre.
    pub(super) centre: (f64, f64),
    /// The postal code without its last two digits.
    pub(super) postal_prefix: &'static str,
    pub(super) streets: [&'static str; 4],
}

/// Where a reseller's customers live and what they are called.
pub(super) struct Region {
    pub(super) towns: &'static [Town],
    pub(super) first_names: &'static [&'static str],
    pub(super) surnames: &'static [&'static str],
    pub(super) organisations: &'static [&'static str],
    /// The mobile number without its last five digits.
    pub(super) mobile_prefix: &'static str,
    pub(super) mail_domain: &'static str,
    /// The region as field sales know it.
    pub(super) sales_region: Term,
    /// Currency and time zone, where they are not the tenant's.
    pub(super) abroad: Option<Abroad>,
}

/// A record that sales terms point at.
pub(super) struct Term {
    pub(super) id: u64,
    pub(super) reference: &'static str,
    pub(super) name: &'static str,
}

/// What is different abroad.
pub(super) struct Abroad {
    pub(super) currency: &'static str,
    pub(super) time_zone: &'static str,
}

pub(super) const fn term(id: u64, reference: &'static str, name: &'static str) -> Term {
    Term { id, reference, name }
}

pub(super) const fn town(
    name: &'static str,
    (state, country): (&'static str, &'static str),
    centre: (f64, f64),
    postal_prefix: &'static str,
    streets: [&'static str; 4],
) -> Town {
    Town { name, state, country, centre, postal_prefix, streets }
}
