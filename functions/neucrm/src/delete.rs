//! `POST /api/customer/delete`.

use customers::{Customer, CustomerId, Decision, Directory, Scope};
use runtime::Request;

use crate::{Answer, Refusal, answer::Done, form::Form, login::Credentials, route};

/// Deletes a customer in the login's scope, unless one of its services still runs.
///
/// # Errors
///
/// The dialect's refusals, and faults of the directory.
pub async fn delete(directory: &Directory<'_>, request: &Request) -> Result<Answer, Refusal> {
    route::check(request, route::DELETE)?;
    let form = Form::read(request).await?;
    let credentials = Credentials::parse(&form)?;
    let id = match customer_id(&form) {
        Ok(id) => id,
        Err(refusal) => return Err(credentials.refuse(directory, refusal).await),
    };
    let (login, edit) = tokio::join!(credentials.authenticate(directory), directory.begin_edit(id));
    let login = login?;

    let decide = |customer: &Customer| decide(&login.scope, customer);
    edit?.apply(&login.name, request.received_at, decide).await?;
    Ok(Answer::Done(Done::Done))
}

/// The customer that a form names.
pub(crate) fn customer_id(form: &Form) -> Result<CustomerId, Refusal> {
    form.number("customerid")?.ok_or(Refusal::Missing("customerid"))
}

fn decide(scope: &Scope, customer: &Customer) -> Result<Decision, Refusal> {
    if !scope.may_change(customer) {
        return Err(Refusal::CustomerNotFound);
    }
    if customer.profile.services.iter().any(|service| service.active) {
        return Err(Refusal::ActiveServices);
    }
    Ok(Decision::Delete)
}

#[cfg(test)]
mod tests {
    use customers::Service;

    use super::*;
    use crate::{
        form::tests::{form, words},
        row::tests::anil,
    };

    #[test]
    fn a_customer_is_named_by_its_number() {
        for (body, expected) in [
            ("customerid=1243", Ok(CustomerId::from(1243))),
            ("customerid=", Err("customerid is required")),
            ("", Err("customerid is required")),
            ("customerid=12a", Err("customerid must be a number")),
        ] {
            assert_eq!(words(customer_id(&form(body))), expected.map_err(str::to_owned), "{body}");
        }
    }

    #[test]
    fn scope_comes_before_services_and_only_running_ones_count() {
        let service = |active| Service { id: 7.into(), username: None, active };
        for (scope, services, expected) in [
            (Scope::Isp(2.into()), vec![], "deleted"),
            (Scope::Isp(2.into()), vec![service(false)], "deleted"),
            (Scope::Isp(2.into()), vec![service(false), service(true)], "Customer has active services"),
            (Scope::Isp(3.into()), vec![service(true)], "Customer not found"),
            (Scope::Reseller(6.into()), vec![], "Customer not found"),
            (Scope::Everything, vec![], "deleted"),
        ] {
            let mut customer = anil();
            customer.profile.services = services;
            let decision = match words(decide(&scope, &customer)) {
                Ok(Decision::Delete) => "deleted".to_owned(),
                Ok(other) => format!("{other:?}"),
                Err(refusal) => refusal,
            };
            assert_eq!(decision, expected);
        }
    }
}
