//! Which tenant a request is for, by the host that it was sent to.

use std::collections::BTreeMap;

use customers::TenantId;

/// A table of hosts, and the tenant of all others.
#[derive(Debug, Clone)]
pub struct Tenants {
    fallback: TenantId,
    by_host: BTreeMap<String, TenantId>,
}

impl Tenants {
    /// Reads `hosts`, a list like `crm.example.com=acme,crm.example.org=other`; `fallback` has every other host.
    ///
    /// # Errors
    ///
    /// An entry without `=`, with a host that cannot be one or a name that cannot be a tenant's, or a host named twice.
    pub fn parse(fallback: TenantId, hosts: &str) -> Result<Self, InvalidTenants> {
        let mut by_host = BTreeMap::new();
        for entry in hosts.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let invalid = || InvalidTenants::Entry(entry.to_owned());
            let (host, tenant) = entry.split_once('=').ok_or_else(invalid)?;
            let host = host_name(host).ok_or_else(invalid)?;
            let tenant = tenant.trim().parse().map_err(|_| invalid())?;
            if by_host.insert(host, tenant).is_some() {
                return Err(InvalidTenants::Twice(entry.to_owned()));
            }
        }
        Ok(Self { fallback, by_host })
    }

    /// The tenant of `host`, as a Host header has it: its case and its port do not matter.
    pub fn of_host(&self, host: Option<&str>) -> &TenantId {
        host.and_then(host_name).and_then(|name| self.by_host.get(&name)).unwrap_or(&self.fallback)
    }

    /// The tenant of hosts that are not in the table.
    pub fn fallback(&self) -> &TenantId {
        &self.fallback
    }
}

/// A table of hosts that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTenants {
    /// Not of the form `host=tenant`.
    #[error("{0:?} is not host=tenant")]
    Entry(String),
    /// The host stands in an earlier entry too.
    #[error("{0:?} names its host a second time")]
    Twice(String),
}

/// The host of an authority in lower case, without its port; none if it cannot be a host.
pub(crate) fn host_name(authority: &str) -> Option<String> {
    /// Longest name in the DNS (RFC 1035, section 2.3.4).
    const LONGEST: usize = 255;
    let authority = authority.trim();
    if authority.len() > LONGEST {
        return None;
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, ""),
    };
    if !port.is_empty() && port.parse::<u16>().is_err() {
        return None;
    }
    let host = url::Host::parse(host).ok()?.to_string();
    // A URL's host is less strict than an HTTP request's.
    host.parse::<http::uri::Authority>().ok().map(|_| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenants(hosts: &str) -> Result<Tenants, InvalidTenants> {
        Tenants::parse("demo".parse().unwrap(), hosts)
    }

    #[test]
    fn the_host_names_the_tenant() {
        let tenants = tenants("crm.example.com=acme, [::1]=six,crm.example.org:8443=other,").unwrap();
        for (host, tenant) in [
            (Some("crm.example.com"), "acme"),
            (Some("CRM.Example.COM"), "acme"),
            (Some("crm.example.com:8443"), "acme"),
            (Some("crm.example.com:"), "acme"),
            (Some("[::1]:3000"), "six"),
            (Some("crm.example.org"), "other"),
            (Some("www.crm.example.com"), "demo"),
            (Some("crm.example.com:port"), "demo"),
            (Some("user@crm.example.com"), "demo"),
            (Some(""), "demo"),
            (Some("a b"), "demo"),
            (None, "demo"),
        ] {
            assert_eq!(tenants.of_host(host).as_str(), tenant, "{host:?}");
        }
    }

    #[test]
    fn a_table_that_cannot_be_meant_is_refused() {
        for hosts in ["crm.example.com", "=acme", "crm.example.com=", "crm.example.com=Acme", "a b=acme"] {
            assert_eq!(tenants(hosts).err(), Some(InvalidTenants::Entry(hosts.to_owned())), "{hosts}");
        }
        assert_eq!(
            tenants("a.example=one,A.example=two").err(),
            Some(InvalidTenants::Twice("A.example=two".to_owned()))
        );
    }
}
