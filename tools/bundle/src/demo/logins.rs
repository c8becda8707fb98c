//! The logins of the demo tenant.

use ::customers::{Credential, Dialect, Login, LoginEntry, Person, Scope};
use anyhow::Result;

use super::tree;

/// A login of the demo tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoLogin {
    /// The dialect that it opens.
    pub dialect: Dialect,
    /// NeuCRM's `userid`, Enswitch's `auth_username`, Valomnia's `j_username` or SMPI's token.
    pub identity: &'static str,
    /// The API key, password or signing secret. No secret: it is the same everywhere.
    pub secret: &'static str,
    /// What the login sees, for people.
    pub sees: &'static str,
    /// The name that changes are signed with.
    name: &'static str,
    /// First and last name of the person behind it.
    person: Option<[&'static str; 2]>,
    /// What the dialect lets it do.
    role: Option<&'static str>,
    scope: DemoScope,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DemoScope {
    Everything,
    Isp(u64),
    Reseller(u64),
    Subtree(u64),
    Organisation(&'static str),
    Partner(&'static str),
}

const fn neucrm(
    identity: &'static str,
    secret: &'static str,
    (name, sees): (&'static str, &'static str),
    scope: DemoScope,
) -> DemoLogin {
    DemoLogin { dialect: Dialect::NeuCrm, identity, secret, sees, name, person: None, role: None, scope }
}

/// The NeuCRM login of its vendor's examples.
pub(super) const NEUCRM: DemoLogin = neucrm(
    "5",
    "0f9895fb407c83e5ea128082098b47681aa75d6944576423c4",
    ("isp1", "the customers of ISP 1"),
    DemoScope::Isp(1),
);
/// The Enswitch login of its vendor's examples.
pub(super) const ENSWITCH: DemoLogin = DemoLogin {
    dialect: Dialect::Enswitch,
    identity: "user",
    secret: "password",
    sees: "all below customer 1000, the root",
    name: "user",
    person: None,
    role: Some("commerce"),
    scope: DemoScope::Subtree(tree::ROOT),
};
/// The Valomnia login that reads the default organisation.
pub(super) const VALOMNIA: DemoLogin = DemoLogin {
    dialect: Dialect::Valomnia,
    identity: "demo@entity1.example",
    secret: "password",
    sees: "the customers of the organisation entity1",
    name: "demo@entity1.example",
    person: Some(["Asha", "Naik"]),
    role: Some("ROLE_USER"),
    scope: DemoScope::Organisation(tree::ORGANISATIONS[0]),
};
/// The SMPI login that reads the default partner.
pub(crate) const SMPI: DemoLogin = DemoLogin {
    dialect: Dialect::Smpi,
    identity: "8be8f9e2-c82d-454b-90e3-744a6e74f664",
    secret: "c2VjcmV0LWtleS1mb3ItdGVzdHM=",
    sees: "the customers of the partner Mandovi IT",
    name: "mandovi-it",
    person: None,
    role: None,
    scope: DemoScope::Partner(tree::PARTNERS[0]),
};

/// The logins of the demo tenant.
pub const LOGINS: [DemoLogin; 10] = [
    NEUCRM,
    neucrm(
        "1",
        "5b1f0c7a94e2d83660bd9a1c47f52e8b3d06ca791e8f4420d5",
        ("operator", "all customers"),
        DemoScope::Everything,
    ),
    neucrm(
        "14",
        "c27e4d9035a86fb1127d60e9485bc3fa9e01d7b2643f58ac06",
        ("reseller1", "the customers of reseller 1, which belongs to ISP 1"),
        DemoScope::Reseller(1),
    ),
    neucrm(
        "9",
        "8a36f1e0d25c497b6be4038da1975c2ff06d3e81b94a7250ec",
        ("isp2", "the customers of ISP 2"),
        DemoScope::Isp(2),
    ),
    ENSWITCH,
    DemoLogin {
        identity: "branch",
        secret: "branch-password",
        sees: "all below customer 1040, a branch",
        name: "branch",
        role: Some("callshop"),
        scope: DemoScope::Subtree(1040),
        ..ENSWITCH
    },
    VALOMNIA,
    DemoLogin {
        identity: "demo@entity2.example",
        sees: "the customers of the organisation entity2",
        name: "demo@entity2.example",
        person: Some(["Jonas", "Weiß"]),
        scope: DemoScope::Organisation(tree::ORGANISATIONS[1]),
        ..VALOMNIA
    },
    SMPI,
    DemoLogin {
        identity: "1d0a4c6e-5b7f-4f0e-9a53-2c8d61e7b094",
        secret: "YW5vdGhlci1rZXktZm9yLXRlc3Rz",
        sees: "the customers of the partner Nordlicht IT",
        name: "nordlicht-it",
        scope: DemoScope::Partner(tree::PARTNERS[1]),
        ..SMPI
    },
];

impl DemoLogin {
    /// How a caller gives identity and secret, in the dialect's own words; for SMPI those of `bundle sign`.
    pub fn credentials(&self) -> String {
        let [identity, secret] = match self.dialect {
            Dialect::NeuCrm => ["userid=", "api_key="],
            Dialect::Enswitch => ["auth_username=", "auth_password="],
            Dialect::Valomnia => ["j_username=", "j_password="],
            Dialect::Smpi => ["--token ", "--secret "],
        };
        format!("{identity}{} {secret}{}", self.identity, self.secret)
    }

    pub(super) fn entry(&self) -> Result<LoginEntry> {
        let credential = match self.dialect {
            Dialect::NeuCrm => Credential::api_key(self.secret)?,
            Dialect::Enswitch | Dialect::Valomnia => Credential::password(self.secret)?,
            Dialect::Smpi => Credential::signing_secret(self.secret),
        };
        let person =
            self.person.map(|[first, last]| Person { first_name: first.to_owned(), last_name: last.to_owned() });
        let login = Login {
            name: self.name.to_owned(),
            person: person.unwrap_or_default(),
            suspended: false,
            scope: self.scope.into(),
            roles: self.role.map(str::to_owned).into_iter().collect(),
            credential,
        };
        Ok(LoginEntry { dialect: self.dialect, identity: self.identity.to_owned(), login })
    }
}

impl From<DemoScope> for Scope {
    fn from(scope: DemoScope) -> Self {
        match scope {
            DemoScope::Everything => Self::Everything,
            DemoScope::Isp(isp) => Self::Isp(isp.into()),
            DemoScope::Reseller(reseller) => Self::Reseller(reseller.into()),
            DemoScope::Subtree(top) => Self::Subtree(top.into()),
            DemoScope::Organisation(name) => Self::Organisation(name.to_owned()),
            DemoScope::Partner(name) => Self::Partner(name.to_owned()),
        }
    }
}

/// The dialect's name as its vendor writes it.
pub(crate) fn title(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::NeuCrm => "NeuCRM",
        Dialect::Enswitch => "Enswitch",
        Dialect::Valomnia => "Valomnia",
        Dialect::Smpi => "SMPI",
    }
}
