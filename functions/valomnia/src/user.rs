//! What a client learns of its login.

use std::collections::BTreeSet;

use customers::Settings;
use serde::Serialize;

use crate::{row::upload_directory, session::Caller};

/// The answer to a right login, in the documented order of keys.
#[derive(Serialize)]
struct Greeting<'a> {
    success: bool,
    token: &'a str,
    user: User<'a>,
}

/// The login and its organisation. What the directory does not know of them is null.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct User<'a> {
    first_name: &'a str,
    last_name: &'a str,
    email: &'a str,
    address: (),
    city: (),
    country: (),
    postal_code: (),
    gender: (),
    phone: (),
    job: (),
    avatar: (),
    birthday: (),
    company_name: &'a str,
    company_description: (),
    company_phone: (),
    company_fax: (),
    company_email: (),
    company_web_site: (),
    company_address: (),
    company_postal_code: (),
    company_city: (),
    company_country: (),
    is_geo_location_activated: bool,
    enable_check_stock: bool,
    enable_assign_region_to_customer: bool,
    number_ref_car_generated: (),
    role: Vec<&'a str>,
    enabled: bool,
    home_background: (),
    organization_logo: (),
    application_color: (),
    buttons_color: (),
    upload_directory: String,
    currency: Currency<'a>,
    price_precedence: (),
    promotion_precedence: (),
    tax_precedence: (),
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Currency<'a> {
    name: &'a str,
    symbol: &'a str,
    symbol_location: (),
    digit_number: (),
}

/// The answer to `caller`, who shows `token`.
pub(crate) fn greeting<'a>(caller: &'a Caller, token: &'a str, settings: &'a Settings) -> impl Serialize + use<'a> {
    let Caller { email, organisation, login } = caller;
    let currency = settings.currency();
    Greeting {
        success: true,
        token,
        user: User {
            first_name: &login.person.first_name,
            last_name: &login.person.last_name,
            email,
            company_name: organisation,
            is_geo_location_activated: settings.regions,
            enable_assign_region_to_customer: settings.regions,
            role: roles(&login.roles),
            enabled: true,
            upload_directory: upload_directory(organisation),
            currency: Currency { name: currency, symbol: currency, ..Currency::default() },
            ..User::default()
        },
    }
}

fn roles(roles: &BTreeSet<String>) -> Vec<&str> {
    roles.iter().map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use customers::{Credential, Login, Person, Scope};

    use super::*;

    #[test]
    fn a_greeting_is_one_line_with_all_documented_keys_in_their_order() {
        let caller = Caller {
            email: "demo@entity1.example".to_owned(),
            organisation: "entity 1".to_owned(),
            login: Login {
                name: "demo".to_owned(),
                person: Person { first_name: "Line\n".to_owned(), last_name: "User".to_owned() },
                suspended: false,
                scope: Scope::Organisation("entity 1".to_owned()),
                roles: ["ROLE_ADMIN".to_owned(), "ROLE_USER".to_owned()].into(),
                credential: Credential::signing_secret("unused"),
            },
        };
        let settings = Settings { currency: Some("TND".to_owned()), ..Settings::default() };
        assert_eq!(
            serde_json::to_string(&greeting(&caller, "C", &settings)).unwrap(),
            concat!(
                r#"{"success":true,"token":"C","user":{"firstName":"Line\n","lastName":"User","#,
                r#""email":"demo@entity1.example","address":null,"city":null,"country":null,"postalCode":null,"#,
                r#""gender":null,"phone":null,"job":null,"avatar":null,"birthday":null,"companyName":"entity 1","#,
                r#""companyDescription":null,"companyPhone":null,"companyFax":null,"companyEmail":null,"#,
                r#""companyWebSite":null,"companyAddress":null,"companyPostalCode":null,"companyCity":null,"#,
                r#""companyCountry":null,"isGeoLocationActivated":true,"enableCheckStock":false,"#,
                r#""enableAssignRegionToCustomer":true,"numberRefCarGenerated":null,"#,
                r#""role":["ROLE_ADMIN","ROLE_USER"],"enabled":true,"homeBackground":null,"organizationLogo":null,"#,
                r#""applicationColor":null,"buttonsColor":null,"uploadDirectory":"entity%201","#,
                r#""currency":{"name":"TND","symbol":"TND","symbolLocation":null,"digitNumber":null},"#,
                r#""pricePrecedence":null,"promotionPrecedence":null,"taxPrecedence":null}}"#,
            )
        );
    }
}
