//! `POST /api/customer/update`.

use customers::{Customer, CustomerId, Decision, Directory};
use runtime::Request;

use crate::{
    Answer, Refusal, answer::Done, delete::customer_id, fields, fields::Changes, form::Form, login::Credentials, route,
};

/// Changes the fields that the form gives, of a customer in the login's scope.
///
/// # Errors
///
/// The dialect's refusals, and faults of the directory.
pub async fn update(directory: &Directory<'_>, request: &Request) -> Result<Answer, Refusal> {
    route::check(request, route::UPDATE)?;
    let form = Form::read(request).await?;
    let credentials = Credentials::parse(&form)?;
    let command = match Command::parse(&form) {
        Ok(command) => command,
        Err(refusal) => return Err(credentials.refuse(directory, refusal).await),
    };
    let (login, edit) = tokio::join!(credentials.authenticate(directory), directory.begin_edit(command.id));
    let login = login?;

    let decide = |customer: &Customer| {
        if login.scope.may_change(customer) { Ok(command.decide(customer)) } else { Err(Refusal::CustomerNotFound) }
    };
    edit?.apply(&login.name, request.received_at, decide).await?;
    Ok(Answer::Done(Done::Done))
}

/// What a form asks to change.
struct Command {
    id: CustomerId,
    changes: Changes,
    renews_password: bool,
}

impl Command {
    fn parse(form: &Form) -> Result<Self, Refusal> {
        form.require("customerid")?;
        fields::require_none_emptied(form)?;
        Ok(Self {
            id: customer_id(form)?,
            changes: Changes::parse(form)?,
            renews_password: form.choice("reset_password", &[("Y", true), ("N", false)])?.unwrap_or(false),
        })
    }

    fn decide(&self, customer: &Customer) -> Decision {
        if self.changes.is_empty() && !self.renews_password {
            return Decision::Keep;
        }
        let mut profile = customer.profile.clone();
        self.changes.apply(&mut profile);
        profile.portal.password_renewal |= self.renews_password;
        Decision::Replace(profile)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        form::tests::{form, words},
        row::tests::anil,
    };

    fn parse(body: &str) -> Result<Command, String> {
        words(Command::parse(&form(body)))
    }

    #[test]
    fn only_what_the_form_gives_changes() {
        let customer = anil();
        let command = parse("customerid=11&street=2nd+street&ispid=9&resellerid=9").unwrap();
        assert_eq!(command.id, customer.id);
        let mut expected = customer.profile.clone();
        expected.address.street = Some("2nd street".to_owned());
        assert!(matches!(command.decide(&customer), Decision::Replace(profile) if profile == expected));
    }

    #[test]
    fn a_form_that_gives_nothing_changes_nothing() {
        for body in ["customerid=11", "customerid=11&reset_password=N", "customerid=11&reset_password=&ispid=3"] {
            assert!(matches!(parse(body).unwrap().decide(&anil()), Decision::Keep), "{body}");
        }
    }

    #[test]
    fn a_password_reset_marks_the_portal_login_and_stays() {
        let mut customer = anil();
        for body in ["customerid=11&reset_password=Y", "customerid=11&reset_password=N&city=Goa"] {
            let Decision::Replace(profile) = parse(body).unwrap().decide(&customer) else { panic!("{body} keeps") };
            assert!(profile.portal.password_renewal, "{body}");
            customer.profile = profile;
        }
    }

    #[test]
    fn required_fields_come_before_formats() {
        for (body, expected) in [
            ("street=x&dob=x", "customerid is required"),
            ("customerid=&name=", "customerid is required"),
            ("customerid=x&name=&dob=x", "name is required"),
            ("customerid=x&dob=x", "customerid must be a number"),
            ("customerid=11&dob=10-02-1990", "dob must be in yyyy-mm-dd format"),
            ("customerid=11&reset_password=y", "Invalid value for reset_password"),
        ] {
            assert_eq!(parse(body).err().as_deref(), Some(expected), "{body}");
        }
    }
}
