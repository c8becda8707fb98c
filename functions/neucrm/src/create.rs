//! `POST /api/customer/create`.

use customers::{Directory, Hierarchy, IspId, Profile, ResellerId, Scope, Settings};
use runtime::Request;

use crate::{Answer, Refusal, fields, fields::Changes, form::Form, login::Credentials, route};

/// A new customer of the login's ISP and reseller, or of those that the form names.
///
/// # Errors
///
/// The dialect's refusals, and faults of the directory.
pub async fn create(directory: &Directory<'_>, request: &Request) -> Result<Answer, Refusal> {
    route::check(request, route::CREATE)?;
    let form = Form::read(request).await?;
    let credentials = Credentials::parse(&form)?;
    let (login, creation) = tokio::join!(credentials.authenticate(directory), directory.begin_create());
    let login = login?;
    require(&form, &login.scope)?;
    let place = Place::parse(&form)?;
    let changes = Changes::parse(&form)?;

    let creation = creation?;
    let hierarchy = place.within(&login.scope, &directory.tenant().await?.settings)?;
    let mut profile = Profile { hierarchy, ..Profile::default() };
    changes.apply(&mut profile);
    let id = creation.commit(profile, &login.name, request.received_at).await?;
    Ok(Answer::Created(id))
}

/// A login may leave out what follows from its own place in the hierarchy.
fn require(form: &Form, scope: &Scope) -> Result<(), Refusal> {
    if !matches!(scope, Scope::Isp(_) | Scope::Reseller(_)) {
        form.require("ispid")?;
    }
    if !matches!(scope, Scope::Reseller(_)) {
        form.require("resellerid")?;
    }
    fields::require_all(form)
}

/// The place in the hierarchy that the form names.
struct Place {
    isp: Option<IspId>,
    reseller: Option<ResellerId>,
}

impl Place {
    fn parse(form: &Form) -> Result<Self, Refusal> {
        Ok(Self { isp: form.number("ispid")?, reseller: form.number("resellerid")? })
    }

    /// The customer's place in the hierarchy, if the login may put it there: inside its scope, with a reseller that is
    /// the ISP's.
    fn within(&self, scope: &Scope, settings: &Settings) -> Result<Hierarchy, Refusal> {
        let (own_isp, own_reseller) = match scope {
            Scope::Everything => (None, None),
            Scope::Isp(isp) => (Some(*isp), None),
            Scope::Reseller(reseller) => (None, Some(*reseller)),
            // Scopes of other dialects' logins, which create nothing.
            Scope::Subtree(_) | Scope::Organisation(_) | Scope::Partner(_) => return Err(Refusal::PermissionDenied),
        };
        let reseller = own_reseller.or(self.reseller).ok_or(Refusal::PermissionDenied)?;
        let isp = *settings.resellers.get(&reseller).ok_or(Refusal::PermissionDenied)?;
        let fits = [own_isp, self.isp].into_iter().flatten().all(|named| named == isp)
            && self.reseller.is_none_or(|named| named == reseller);
        if fits {
            Ok(Hierarchy { isp: Some(isp), reseller: Some(reseller), ..Hierarchy::default() })
        } else {
            Err(Refusal::PermissionDenied)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::tests::{form, words};

    const COMPLETE: &str = "type=Individual&name=Some Name&mobile=12344444&email=abc@email.com&zipcode=12345&state=Goa\
        &city=Panaji&street=3rd street";

    const OPERATOR: Scope = Scope::Everything;

    fn isp(number: u64) -> Scope {
        Scope::Isp(number.into())
    }

    fn reseller(number: u64) -> Scope {
        Scope::Reseller(number.into())
    }

    #[test]
    fn each_login_must_give_what_its_scope_leaves_open() {
        for (scope, fields, missing) in [
            (OPERATOR, "ispid=2&resellerid=5", None),
            (OPERATOR, "resellerid=5", Some("ispid is required")),
            (OPERATOR, "ispid=2", Some("resellerid is required")),
            (OPERATOR, "ispid=&resellerid=", Some("ispid is required")),
            (isp(2), "resellerid=5", None),
            (isp(2), "ispid=2", Some("resellerid is required")),
            (reseller(5), "", None),
        ] {
            let checked = words(require(&form(&format!("{COMPLETE}&{fields}")), &scope));
            assert_eq!(checked.err().as_deref(), missing, "{scope:?} {fields}");
        }
    }

    #[test]
    fn the_first_missing_field_is_named() {
        for name in ["type", "name", "mobile", "email", "zipcode", "state", "city", "street"] {
            let start = COMPLETE.find(&format!("{name}=")).unwrap();
            let checked = words(require(&form(&COMPLETE[..start]), &reseller(5)));
            assert_eq!(checked, Err(format!("{name} is required")));
        }
    }

    #[test]
    fn customers_are_created_inside_the_scope_only() {
        let settings = Settings {
            resellers: [(5, 2), (6, 2), (7, 3)].map(|(reseller, isp)| (reseller.into(), isp.into())).into(),
            ..Settings::default()
        };
        for (scope, fields, expected) in [
            (OPERATOR, "ispid=2&resellerid=5", Some((2, 5))),
            (OPERATOR, "ispid=3&resellerid=7", Some((3, 7))),
            (OPERATOR, "ispid=2&resellerid=7", None),
            (OPERATOR, "ispid=2&resellerid=8", None),
            (OPERATOR, "ispid=4&resellerid=5", None),
            (isp(2), "resellerid=5", Some((2, 5))),
            (isp(2), "ispid=2&resellerid=6", Some((2, 6))),
            (isp(2), "ispid=3&resellerid=5", None),
            (isp(2), "ispid=3&resellerid=7", None),
            (isp(2), "resellerid=7", None),
            (isp(2), "resellerid=8", None),
            (reseller(5), "", Some((2, 5))),
            (reseller(5), "ispid=2&resellerid=5", Some((2, 5))),
            (reseller(5), "resellerid=6", None),
            (reseller(5), "ispid=3", None),
            (reseller(8), "", None),
            (Scope::Partner("p".to_owned()), "ispid=2&resellerid=5", None),
        ] {
            let place = words(Place::parse(&form(fields))).unwrap();
            let ids = words(place.within(&scope, &settings))
                .map(|hierarchy| (hierarchy.isp.unwrap().get(), hierarchy.reseller.unwrap().get()));
            assert_eq!(ids, expected.ok_or_else(|| "Permission denied".to_owned()), "{scope:?} {fields}");
        }
    }
}
