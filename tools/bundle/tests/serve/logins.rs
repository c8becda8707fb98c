//! The printed logins.

use bundle::demo::{self, DemoLogin, LOGINS};
use customers::{Customer, CustomerId, Dialect};
use serde_json::json;

use crate::{bundle_process::Bundle, shell::Shell};

#[test]
fn every_login_sees_what_is_printed_of_it() {
    let data = tempfile::tempdir().unwrap();
    let bundle = Bundle::start(data.path());
    let tenant = demo::tenant().unwrap();
    let mut shell = Shell::default();
    for (login, expected) in LOGINS.iter().zip(expected_counts(&tenant.customers)) {
        assert!(bundle.greeting().iter().any(|line| line.contains(&login.credentials())), "{}", login.identity);
        assert_eq!(count(&mut shell, &bundle, login), expected, "{}", login.identity);
    }
}

/// How many customers each login should see.
fn expected_counts(customers: &[Customer]) -> [usize; 10] {
    let count = |sees: &dyn Fn(&Customer) -> bool| customers.iter().filter(|customer| sees(customer)).count();
    let isp = |id: u64| count(&|customer| customer.profile.hierarchy.isp == Some(id.into()));
    let organisation = count(&|customer| customer.profile.hierarchy.organisation.as_deref() == Some("entity2"));
    let partner = count(&|customer| customer.profile.hierarchy.partner.as_deref() == Some("Nordlicht IT"));
    let all = customers.len();
    [
        isp(1),
        all,
        count(&|customer| customer.profile.hierarchy.reseller == Some(1.into())),
        isp(2),
        all - 1,
        count(&|customer| customer.profile.hierarchy.parent.map(CustomerId::get) == Some(1040)),
        all - organisation,
        organisation,
        all - partner,
        partner,
    ]
}

/// How many customers `login` sees.
fn count(shell: &mut Shell, bundle: &Bundle, login: &DemoLogin) -> usize {
    let DemoLogin { dialect, identity, secret, .. } = login;
    let base = bundle.base_url();
    let mut run = |command: &str| shell.run(command).1;
    let total = match dialect {
        Dialect::NeuCrm => {
            let form = format!("-d userid={identity} -d api_key={secret} -d show_count=1");
            run(&format!("curl -X POST {base}/api/customer/list {form}"))["result"].clone()
        }
        Dialect::Enswitch => {
            let query = format!("auth_username={identity};auth_password={secret};directory=-1;recursive=1");
            let answer = run(&format!("curl '{base}/api/json/customers/list/?{query}'"));
            json!(answer["data"].as_array().unwrap().len())
        }
        Dialect::Valomnia => {
            let form = format!("-d j_username={identity} -d j_password={secret}");
            run(&format!("curl -L -c jar {form} -d ajax=true {base}/j_spring_security_check"));
            run(&format!("curl -b jar '{base}/api/v1.0/customers?max=1'"))["paging"]["total"].clone()
        }
        Dialect::Smpi => {
            let url = format!("'{base}/SMPI/v2.6/service/wfbss/api/customers?limit=1'");
            let sign = format!("cargo run --quiet -- sign --token {identity} --secret {secret} {url}");
            run(&format!("{sign} | curl -K - {url}"))["paging"]["total"].clone()
        }
    };
    usize::try_from(total.as_u64().unwrap()).unwrap()
}
