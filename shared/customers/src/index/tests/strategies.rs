//! Random customers and queries.

use proptest::prelude::*;
use uuid::Uuid;

use crate::domain::{
    Address, BillType, Condition, Contact, Customer, CustomerId, CustomerKind, Decimal, Direction, Hierarchy, Identity,
    Lifecycle, Link, Owner, Page, Parents, Pattern, Profile, RareField, Sales, Service, Sort, SortKey, Telephony,
    TextField, Timestamp,
};

/// Short texts of few characters, so that filters hit and orders tie; İ grows when it is lowered.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!['a', 'A', 'b', 'é', 'É', '%', '_', 'İ', 'ß', ' ']), 0..4)
        .prop_map(|characters| characters.into_iter().collect())
}

fn kind() -> impl Strategy<Value = CustomerKind> {
    prop::sample::select(vec![CustomerKind::Individual, CustomerKind::Organisation])
}

fn bill_type() -> impl Strategy<Value = BillType> {
    prop::sample::select(vec![BillType::Prepaid, BillType::Postpaid])
}

fn owner() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["one".to_owned(), "two".to_owned()])
}

prop_compose! {
    fn identity()(
        kind in prop::option::of(kind()),
        name in text(),
        reference in prop::option::of(prop_oneof![text(), Just("c-7".to_owned())]),
        account in prop::option::of(text()),
        description in prop::option::of(text()),
        barcode in prop::option::of(text()),
    ) -> Identity {
        Identity { kind, name, reference, account, description, barcode, ..Identity::default() }
    }
}

prop_compose! {
    fn hierarchy()(
        isp in prop::option::of(1u64..3),
        reseller in prop::option::of(1u64..4),
        parent in prop::option::of(1u64..25),
        organisation in prop::option::of(owner()),
        partner in prop::option::of(owner()),
    ) -> Hierarchy {
        Hierarchy {
            isp: isp.map(Into::into),
            reseller: reseller.map(Into::into),
            parent: parent.map(Into::into),
            organisation,
            partner,
        }
    }
}

prop_compose! {
    fn profile()(
        identity in identity(),
        hierarchy in hierarchy(),
        (mobile, email) in (prop::option::of(text()), prop::option::of(text())),
        (postal_code, state, city) in (prop::option::of(text()), prop::option::of(text()), prop::option::of(text())),
        services in prop::collection::vec((1u64..5, prop::option::of(text())), 0..3),
        (bill_type, directory) in (prop::option::of(bill_type()), any::<bool>()),
        (inactive, category, credit_limit) in (any::<bool>(), prop::option::of(text()), prop::option::of(-2i32..3)),
        currency in prop::option::of(prop::sample::select(vec!["EUR".to_owned(), "USD".to_owned()])),
        latitude in prop::option::of(-1.0f64..1.0),
        notes in prop::option::of(text()),
    ) -> Profile {
        Profile {
            identity,
            contact: Contact { mobile, email, ..Contact::default() },
            address: Address { postal_code, state, city, latitude, ..Address::default() },
            hierarchy,
            telephony: Telephony { bill_type, directory, ..Telephony::default() },
            sales: Sales {
                inactive,
                category: category.map(|reference| Link { id: 1, reference, name: String::new() }),
                credit_limit: credit_limit.map(Decimal::from),
                currency,
                ..Sales::default()
            },
            services: services
                .into_iter()
                .map(|(id, username)| Service { id: id.into(), username, active: false })
                .collect(),
            notes,
            ..Profile::default()
        }
    }
}

prop_compose! {
    pub(crate) fn customer()(
        id in 1u64..25,
        profile in profile(),
        (created_at, updated_at) in (-3i64..4, -3i64..4),
        deleted in any::<bool>(),
    ) -> Customer {
        Customer {
            id: id.into(),
            guid: Uuid::from_u128(u128::from(id)),
            eid: Uuid::nil(),
            profile,
            lifecycle: Lifecycle {
                created_at: Timestamp::from_unix_seconds(created_at),
                updated_at: Timestamp::from_unix_seconds(updated_at),
                created_by: String::new(),
                updated_by: String::new(),
                deleted_at: deleted.then_some(Timestamp::from_unix_seconds(created_at)),
            },
        }
    }
}

/// What happens to an index.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "most changes are of the large kind")]
pub(super) enum Change {
    Put(Customer),
    Remove(CustomerId),
}

pub(super) fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => customer().prop_map(Change::Put),
        1 => (1u64..25).prop_map(|id| Change::Remove(id.into())),
    ]
}

pub(super) fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec(change(), 0..80)
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (-3i64..4).prop_map(Timestamp::from_unix_seconds)
}

fn owned_by() -> impl Strategy<Value = Owner> {
    (owner(), any::<bool>()).prop_map(|(name, is_default)| Owner { name, is_default })
}

pub(super) fn condition() -> impl Strategy<Value = Condition> {
    let field = prop::sample::select(TextField::ALL.to_vec());
    let pattern = prop_oneof![
        text().prop_map(|text| Pattern::exact(&text)),
        text().prop_map(|text| Pattern::contains(&text)),
        text().prop_map(|text| Pattern::wildcard(&text, '%')),
        Just(Pattern::wildcard("C-1*", '*')),
    ];
    let parents = (1u64..25, any::<bool>(), prop::option::of(1u64..25)).prop_map(|(top, deep, root)| Parents {
        top: top.into(),
        deep,
        root: root.map(Into::into),
    });
    let guids = prop::collection::hash_set((1u128..25).prop_map(Uuid::from_u128), 0..9);
    prop_oneof![
        6 => (field, pattern).prop_map(|(field, pattern)| Condition::Text(field, pattern)),
        1 => (1u64..25).prop_map(|id| Condition::Id(id.into())),
        1 => guids.prop_map(Condition::Guid),
        1 => (1u64..3).prop_map(|id| Condition::Isp(id.into())),
        1 => (1u64..4).prop_map(|id| Condition::Reseller(id.into())),
        1 => parents.prop_map(Condition::Parent),
        1 => owned_by().prop_map(Condition::Organisation),
        1 => owned_by().prop_map(Condition::Partner),
        1 => (1u64..5).prop_map(|id| Condition::Service(id.into())),
        1 => kind().prop_map(Condition::Kind),
        1 => bill_type().prop_map(Condition::BillType),
        1 => any::<bool>().prop_map(Condition::Directory),
        1 => any::<bool>().prop_map(Condition::Active),
        1 => moment().prop_map(Condition::CreatedFrom),
        1 => moment().prop_map(Condition::CreatedBefore),
        1 => moment().prop_map(Condition::UpdatedFrom),
        1 => moment().prop_map(Condition::UpdatedBefore),
        1 => any::<bool>().prop_map(Condition::Deleted),
    ]
}

pub(super) fn sort() -> impl Strategy<Value = Sort> {
    let key = prop_oneof![
        1 => Just(SortKey::Id),
        4 => prop::sample::select(TextField::ALL.to_vec()).prop_map(SortKey::Text),
        3 => prop::sample::select(vec![
            SortKey::Created,
            SortKey::Updated,
            SortKey::Active,
            SortKey::HasParent,
            SortKey::Currency,
        ]),
        2 => prop::sample::select(vec![
            RareField::Barcode,
            RareField::CreditLimit,
            RareField::Latitude,
            RareField::Notes,
            RareField::Fax,
        ])
        .prop_map(SortKey::Rare),
    ];
    let direction = prop::sample::select(vec![Direction::Ascending, Direction::Descending]);
    (key, direction).prop_map(|(key, direction)| Sort { key, direction })
}

pub(super) fn page() -> impl Strategy<Value = Page> {
    (0usize..30, prop::option::of(0usize..12)).prop_map(|(offset, limit)| Page { offset, limit })
}
