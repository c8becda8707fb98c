//! Who calls.

use customers::{CustomerId, Dialect, Directory, Login, Scope};
use runtime::{Params, Request};

use crate::Refusal;

/// Roles of which one is enough to list customers.
const PERMITTED: [&str; 2] = ["callshop", "commerce"];

/// The credentials that every call carries among its inputs. Not printable.
pub(crate) struct Credentials<'a> {
    username: &'a str,
    password: &'a str,
}

impl<'a> Credentials<'a> {
    /// Takes the credentials out of the inputs, before anything is asked of the directory.
    pub(crate) fn parse(params: &'a Params) -> Result<Self, Refusal> {
        let given = |name| params.get(name).ok().flatten().filter(|value| !value.is_empty());
        let credentials = given("auth_username").zip(given("auth_password"));
        credentials.map(|(username, password)| Self { username, password }).ok_or(Refusal::AuthenticationFailed)
    }

    /// The customer whose user they are, if its role lets it list customers.
    pub(crate) async fn authenticate(
        &self,
        directory: &Directory<'_>,
        request: &Request,
    ) -> Result<CustomerId, Refusal> {
        let source = request.source_ip.as_deref().unwrap_or_default();
        let login = directory
            .login_by_password(Dialect::Enswitch, self.username, self.password, source, request.received_at)
            .await?;
        customer_of(&login.ok_or(Refusal::AuthenticationFailed)?)
    }
}

/// The customer above those that `login` may list.
fn customer_of(login: &Login) -> Result<CustomerId, Refusal> {
    let is_permitted = PERMITTED.iter().any(|role| login.roles.contains(*role));
    match login.scope {
        Scope::Subtree(customer) if is_permitted => Ok(customer),
        // A user belongs to a customer; other scopes are of other dialects' logins.
        _ => Err(Refusal::NotPermitted),
    }
}

#[cfg(test)]
mod tests {
    use customers::{Credential, Person};

    use super::*;

    fn params(query: &str) -> Params {
        Params::urlencoded(query.as_bytes(), b";&")
    }

    #[test]
    fn incomplete_credentials_fail_like_wrong_ones() {
        for query in [
            "",
            "auth_username=user",
            "auth_password=password",
            "auth_username=;auth_password=password",
            "auth_username=user;auth_password=",
            "auth_username=%FF;auth_password=password",
            "auth_username=user;auth_password=%FF",
            "Auth_Username=user;Auth_Password=password",
        ] {
            let refusal = Credentials::parse(&params(query)).err().unwrap();
            assert!(matches!(refusal, Refusal::AuthenticationFailed), "{query}");
        }
    }

    #[test]
    fn credentials_are_taken_to_the_letter() {
        let params = params("auth_username=us%C3%A9r+1;auth_password=+p%3B%26w+");
        let credentials = Credentials::parse(&params).ok().unwrap();
        assert_eq!((credentials.username, credentials.password), ("usér 1", " p;&w "));
    }

    #[test]
    fn one_of_two_roles_is_enough() {
        for (roles, scope, expected) in [
            (&["callshop"][..], Scope::Subtree(2.into()), Some(2)),
            (&["commerce"], Scope::Subtree(2.into()), Some(2)),
            (&["user", "callshop", "commerce"], Scope::Subtree(2.into()), Some(2)),
            (&["user", "administrator", "wholesale", "system"], Scope::Subtree(2.into()), None),
            (&["Commerce"], Scope::Subtree(2.into()), None),
            (&[], Scope::Subtree(2.into()), None),
            (&["commerce"], Scope::Everything, None),
            (&["commerce"], Scope::Partner("2".to_owned()), None),
        ] {
            let login = Login {
                name: "user".to_owned(),
                person: Person::default(),
                suspended: false,
                scope,
                roles: roles.iter().map(|role| (*role).to_owned()).collect(),
                credential: Credential::signing_secret(""),
            };
            let customer = customer_of(&login).map(CustomerId::get);
            assert_eq!(customer.as_ref().ok().copied(), expected, "{roles:?}");
            assert!(expected.is_some() || matches!(customer, Err(Refusal::NotPermitted)));
        }
    }
}
