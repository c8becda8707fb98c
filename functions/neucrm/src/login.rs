//! Who calls.

use customers::{Dialect, Directory, Login};

use crate::{Refusal, form::Form, form::number};

/// The credentials that every call carries in its form. Not printable.
pub(crate) struct Credentials<'a> {
    user: u64,
    key: &'a str,
}

impl<'a> Credentials<'a> {
    /// Takes the credentials out of a form, before anything is asked of the directory.
    pub(crate) fn parse(form: &'a Form) -> Result<Self, Refusal> {
        let field = |name| form.text(name).ok().flatten().ok_or(Refusal::AuthenticationFailed);
        let user = number(field("userid")?).ok_or(Refusal::AuthenticationFailed)?;
        Ok(Self { user, key: field("api_key")? })
    }

    /// The login that they open.
    pub(crate) async fn authenticate(&self, directory: &Directory<'_>) -> Result<Login, Refusal> {
        let login = directory.login(Dialect::NeuCrm, &self.user.to_string()).await?;
        login.filter(|login| login.opens_with(self.key)).ok_or(Refusal::AuthenticationFailed)
    }

    /// The refusal of a call that is wrong in itself: only callers with a login learn how.
    pub(crate) async fn refuse(&self, directory: &Directory<'_>, refusal: Refusal) -> Refusal {
        self.authenticate(directory).await.map_or_else(|failure| failure, |_| refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::tests::form;

    #[test]
    fn incomplete_credentials_fail_like_wrong_ones() {
        for body in [
            "",
            "userid=5",
            "api_key=k",
            "userid=&api_key=k",
            "userid=5&api_key=+",
            "userid=isp2&api_key=k",
            "userid=-5&api_key=k",
            "userid=5&api_key=%FF",
            "userid=%FF&api_key=k",
            "userid=99999999999999999999&api_key=k",
        ] {
            let refusal = Credentials::parse(&form(body)).err().unwrap();
            assert_eq!(refusal.to_string(), "Authentication failed", "{body}");
        }
    }

    #[test]
    fn credentials_are_a_number_and_opaque_text() {
        let form = form("userid=+5+&api_key=+0f98%2B+");
        let credentials = Credentials::parse(&form).ok().unwrap();
        assert_eq!((credentials.user, credentials.key), (5, "0f98+"));
    }
}
