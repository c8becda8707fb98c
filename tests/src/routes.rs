//! Every route of `template.yaml` with a call that succeeds, one with wrong credentials, one for what is out of the
//! login's scope, and one with bad input; and what the functions log of all that.

use std::collections::{BTreeMap, BTreeSet};

use bundle::StackOptions;
use customers::Hierarchy;
use tokio::sync::mpsc::unbounded_channel;

use crate::{
    clients::{
        NEUCRM_KEY, PASSWORD, SMPI_SECRET, SMPI_TOKEN, VALOMNIA_EMAIL, enswitch, neucrm, smpi, valomnia,
        valomnia_cookie, valomnia_login,
    },
    harness::Site,
    http::Call,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Success,
    WrongCredential,
    OutOfScope,
    BadInput,
}
use Kind::{BadInput, OutOfScope, Success, WrongCredential};

/// A route, what the call is an example of, the call, and the status and a part of the answer's body.
type Case = (&'static str, Kind, Call, u16, &'static str);

const NEW: &str =
    "type=Individual&name=Abebe Bikila&mobile=5550100&email=abebe@example.org&zipcode=1&state=Goa&city=Panaji&street=S";
const ENSWITCH: &str = "/api/json/customers/list/";
const SMPI: &str = "/SMPI/v2.6/service/wfbss/api/customers";
const WRONG: &str = "wrong-secret-that-is-long-enough-to-be-a-key";

/// Customers that the vendors' example logins do not see.
struct Others {
    /// An update and a delete of another ISP's customer.
    of_isp: String,
    /// A filter on another organisation's reference.
    of_organisation: String,
    /// A filter on another partner's id.
    of_partner: String,
}

impl Others {
    fn find() -> Self {
        let customers = bundle::demo::tenant().unwrap().customers;
        let find = |fits: &dyn Fn(&Hierarchy) -> bool| {
            customers.iter().find(|customer| fits(&customer.profile.hierarchy)).unwrap()
        };
        let of_isp = find(&|hierarchy| hierarchy.isp == Some(2.into())).id;
        let of_organisation = find(&|hierarchy| hierarchy.organisation.is_some()).reference().into_owned();
        let of_partner = find(&|hierarchy| hierarchy.partner.is_some()).guid;
        Self {
            of_isp: format!("customerid={of_isp}"),
            of_organisation: format!("reference={of_organisation}"),
            of_partner: format!("cids={of_partner}"),
        }
    }
}

fn neucrm_cases(others: &Others) -> Vec<Case> {
    let list = "/api/customer/list";
    let create = |fields: &str| neucrm("/api/customer/create", NEUCRM_KEY, &format!("{NEW}&{fields}"));
    let change = |path: &str, fields: &str| neucrm(path, NEUCRM_KEY, fields);
    let denied = "Authentication failed";
    vec![
        ("ANY /api/customer/list", Success, change(list, ""), 200, r#"{"result":[{"id":"1000""#),
        ("ANY /api/customer/list", WrongCredential, neucrm(list, WRONG, ""), 200, denied),
        ("ANY /api/customer/list", OutOfScope, change(list, "ispid=2"), 200, r#"{"result":[],"error":null}"#),
        ("ANY /api/customer/list", BadInput, change(list, "rows_limit=0"), 200, "Invalid value for rows_limit"),
        ("ANY /api/customer/create", Success, create("resellerid=1"), 200, r#","error":null}"#),
        ("ANY /api/customer/create", WrongCredential, neucrm("/api/customer/create", WRONG, NEW), 200, denied),
        ("ANY /api/customer/create", OutOfScope, create("resellerid=4"), 200, "Permission denied"),
        (
            "ANY /api/customer/create",
            BadInput,
            create("resellerid=1&dob=1.1.90"),
            200,
            "dob must be in yyyy-mm-dd format",
        ),
        ("ANY /api/customer/update", Success, change("/api/customer/update", "customerid=1243&street=T"), 200, "done"),
        (
            "ANY /api/customer/update",
            WrongCredential,
            neucrm("/api/customer/update", WRONG, "customerid=1243"),
            200,
            denied,
        ),
        (
            "ANY /api/customer/update",
            OutOfScope,
            change("/api/customer/update", &others.of_isp),
            200,
            "Customer not found",
        ),
        (
            "ANY /api/customer/update",
            BadInput,
            change("/api/customer/update", "customerid=x"),
            200,
            "customerid must be a number",
        ),
        ("ANY /api/customer/delete", Success, change("/api/customer/delete", "customerid=1423"), 200, "done"),
        (
            "ANY /api/customer/delete",
            WrongCredential,
            neucrm("/api/customer/delete", WRONG, "customerid=1423"),
            200,
            denied,
        ),
        (
            "ANY /api/customer/delete",
            OutOfScope,
            change("/api/customer/delete", &others.of_isp),
            200,
            "Customer not found",
        ),
        ("ANY /api/customer/delete", BadInput, change("/api/customer/delete", ""), 200, "customerid is required"),
        ("ANY /api/customer/{proxy+}", Success, change("/api/customer/list/", ""), 200, r#"{"result":[{"id":"1000""#),
        ("ANY /api/customer/{proxy+}", WrongCredential, neucrm("/api/customer/list/", WRONG, ""), 200, denied),
        ("ANY /api/customer/{proxy+}", OutOfScope, change("/api/customer/list/", "ispid=2"), 200, r#"{"result":[],"#),
        ("ANY /api/customer/{proxy+}", BadInput, change("/api/customer/purge", ""), 404, r#"{"result":null,"error":"#),
    ]
}

fn enswitch_cases() -> Vec<Case> {
    let list = "ANY /api/json/customers/list";
    let proxy = "ANY /api/json/{proxy+}";
    let bare = ENSWITCH.trim_end_matches('/');
    let parent = r#""code":"400","key":"parent""#;
    vec![
        (list, Success, enswitch(bare, PASSWORD, "deleted=0"), 200, r#"{"code":"200","key":"","message":"OK"}"#),
        (list, WrongCredential, enswitch(bare, WRONG, ""), 200, r#""code":"401""#),
        (list, OutOfScope, enswitch(bare, PASSWORD, "parent=999999"), 200, parent),
        (list, BadInput, enswitch(bare, PASSWORD, "limit=ten"), 200, r#""code":"400","key":"limit""#),
        (proxy, Success, enswitch(ENSWITCH, PASSWORD, "deleted=0"), 200, r#"{"code":"200","key":"","message":"OK"}"#),
        (proxy, WrongCredential, enswitch(ENSWITCH, WRONG, ""), 200, r#""code":"401""#),
        (proxy, OutOfScope, enswitch(ENSWITCH, PASSWORD, "parent=999999"), 200, parent),
        (proxy, BadInput, enswitch("/api/json/customers/explode/", PASSWORD, ""), 404, r#""code":"404""#),
    ]
}

fn valomnia_cases(others: &Others, cookie: &str) -> Vec<Case> {
    let list = "ANY /api/{version}/customers";
    let (check, success, failure) = ("ANY /j_spring_security_check", "ANY /login/ajaxSuccess", "ANY /login/authfail");
    let stale = format!("{}-{}", "0".repeat(64), "64656d6f");
    let none = r#""error":"no_credentials""#;
    let mut cases = vec![
        (list, Success, valomnia("/api/v1.0/customers?max=2", cookie), 200, r#"{"paging":{"total":"#),
        (list, WrongCredential, valomnia("/api/v1.0/customers", &stale), 401, none),
        (
            list,
            OutOfScope,
            valomnia(&format!("/api/v1.0/customers?{}", others.of_organisation), cookie),
            200,
            r#""data":[]"#,
        ),
        (list, BadInput, valomnia("/api/v1.0/customers?foo=1", cookie), 400, r#""error":"invalid_param""#),
        (check, Success, valomnia_login(VALOMNIA_EMAIL, PASSWORD), 302, ""),
        (check, WrongCredential, valomnia_login(VALOMNIA_EMAIL, WRONG), 302, ""),
        (check, OutOfScope, valomnia_login("user", PASSWORD), 302, ""),
        (check, BadInput, Call::form("/j_spring_security_check", "j_username=%ff&&&=%"), 302, ""),
        (success, Success, valomnia("/login/ajaxSuccess", cookie), 200, r#""success":true"#),
        (success, WrongCredential, valomnia("/login/ajaxSuccess", &stale), 401, none),
        (success, OutOfScope, valomnia("/login/ajaxSuccess", SMPI_TOKEN), 401, none),
        (success, BadInput, valomnia("/login/ajaxSuccess", "\";;"), 401, none),
        (failure, Success, Call::get("/login/authfail?ajax=true"), 200, r#"{"error":"#),
        (failure, WrongCredential, valomnia("/login/authfail", &stale), 200, r#"{"error":"#),
        (failure, OutOfScope, valomnia("/login/authfail", SMPI_TOKEN), 200, r#"{"error":"#),
        (failure, BadInput, Call::new("PUT", "/login/authfail"), 405, r#""error":"method_not_allowed""#),
    ];
    for (route, version) in
        [("ANY /api/v1/{proxy+}", "v1"), ("ANY /api/v1.0/{proxy+}", "v1.0"), ("ANY /api/v2.1/{proxy+}", "v2.1")]
    {
        let path = format!("/api/{version}/customers/");
        cases.extend([
            (route, Success, valomnia(&format!("{path}?max=1"), cookie), 200, r#"{"paging":{"total":"#),
            (route, WrongCredential, valomnia(&path, &stale), 401, none),
            (route, OutOfScope, valomnia(&format!("{path}?{}", others.of_organisation), cookie), 200, r#""data":[]"#),
            (route, BadInput, valomnia(&format!("/api/{version}/customer"), cookie), 404, r#""error":"not_found""#),
        ]);
    }
    cases
}

fn smpi_cases(others: &Others) -> Vec<Case> {
    let foreign = format!("{SMPI}?{}", others.of_partner);
    let unversioned = "/SMPI/service/wfbss/api/customers";
    let slash = format!("{SMPI}/");
    let denied = "AuthenticationFailureSignature";
    let empty = r#""customers":[]"#;
    let bad = r#""error_subject":"InvalidParametersLimit""#;
    let (versioned, bare, proxy) = (
        "ANY /SMPI/{version}/service/wfbss/api/customers",
        "ANY /SMPI/service/wfbss/api/customers",
        "ANY /SMPI/{proxy+}",
    );
    vec![
        (versioned, Success, smpi(SMPI, SMPI_SECRET), 200, r#"{"paging":{"total":"#),
        (versioned, WrongCredential, smpi(SMPI, WRONG), 401, denied),
        (versioned, OutOfScope, smpi(&foreign, SMPI_SECRET), 200, empty),
        (versioned, BadInput, smpi(&format!("{SMPI}?limit=101"), SMPI_SECRET), 400, bad),
        (bare, Success, smpi(unversioned, SMPI_SECRET), 200, r#"{"paging":{"total":"#),
        (bare, WrongCredential, smpi(unversioned, WRONG), 401, denied),
        (bare, OutOfScope, smpi(&foreign.replace(SMPI, unversioned), SMPI_SECRET), 200, empty),
        (bare, BadInput, smpi(&format!("{unversioned}?limit=x"), SMPI_SECRET), 400, bad),
        (proxy, Success, smpi(&slash, SMPI_SECRET), 200, r#"{"paging":{"total":"#),
        (proxy, WrongCredential, smpi(&slash, WRONG), 401, denied),
        (proxy, OutOfScope, smpi(&foreign.replace(SMPI, &slash), SMPI_SECRET), 200, empty),
        (proxy, BadInput, smpi("/SMPI/v2.6/service/wfbss/api/domains", SMPI_SECRET), 404, "NotFound"),
    ]
}

fn all_cases(cookie: &str) -> Vec<Case> {
    let others = Others::find();
    [neucrm_cases(&others), enswitch_cases(), valomnia_cases(&others, cookie), smpi_cases(&others)].concat()
}

#[test]
fn no_route_lacks_a_case() {
    let template = bundle::template::Template::read(&bundle::project::root().unwrap().join("template.yaml")).unwrap();
    let routes: BTreeSet<String> = template.routes.iter().map(|route| route.key.clone()).collect();
    let mut covered: BTreeMap<String, BTreeSet<Kind>> = BTreeMap::new();
    for (route, kind, ..) in all_cases("cookie") {
        covered.entry(route.to_owned()).or_default().insert(kind);
    }
    let all = BTreeSet::from([Success, WrongCredential, OutOfScope, BadInput]);
    for route in &routes {
        assert_eq!(covered.get(route), Some(&all), "{route}");
    }
    assert_eq!(covered.keys().cloned().collect::<BTreeSet<_>>(), routes, "no case is for a route that is gone");
}

#[tokio::test]
async fn every_case_is_answered_as_its_dialect_says_and_nothing_private_is_logged() {
    let (log_lines, mut logged) = unbounded_channel();
    let environment = [("TEST_CLOCK", "1363797148"), ("AWS_LAMBDA_LOG_LEVEL", "TRACE")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let options = StackOptions { environment, log_lines: Some(log_lines), ..StackOptions::default() };
    let site = Site::start_with(options, bundle::demo::tenant().unwrap()).await;
    let cookie = valomnia_cookie(&site).await;
    let cases = all_cases(&cookie);
    let count = cases.len();
    for (route, kind, call, status, part) in cases {
        let reply = site.call(&call).await;
        assert_eq!(reply.status, status, "{route} {kind:?}: {}", reply.text());
        assert!(reply.text().contains(part), "{route} {kind:?}: {}", reply.text());
    }
    site.stack.stop().await;

    let mut lines = Vec::new();
    while let Ok(line) = logged.try_recv() {
        lines.push(line.text);
    }
    let requests = lines.iter().filter(|line| line.contains(r#""message":"request""#)).count();
    assert!(requests >= count, "{requests} of {count} requests are in the log");
    let private = [
        NEUCRM_KEY,
        SMPI_SECRET,
        SMPI_TOKEN,
        VALOMNIA_EMAIL,
        WRONG,
        &cookie,
        PASSWORD,
        "auth_username",
        "userid=",
        "Abebe",
        "abebe@example.org",
        "5550100",
        "rows_limit",
        "x-signature",
        "JSESSIONID",
        "cids=",
    ];
    for line in lines {
        for word in private {
            assert!(!line.contains(word), "{word} is in the log: {line}");
        }
    }
}
