//! Every route of `template.yaml` with a call that succeeds, one with wrong credentials, one for what is out of the
//! login's scope, and one with bad input; and what the functions log of all that.

use std::collections::{BTreeMap, BTreeSet};

use bundle::StackOptions;
use customers::{Customer, Dialect, Hierarchy, NewTenant, Repository};
use tokio::sync::mpsc::unbounded_channel;

use crate::{
    clients::{
        NEUCRM_KEY, PASSWORD, SMPI_SECRET, TIME, VALOMNIA_EMAIL, cookie, enswitch, neucrm, smpi, valomnia,
        valomnia_cookie, valomnia_login,
    },
    harness::{Site, tenant},
    http::{Call, Reply},
    log::{assert_measured, assert_silent, personal_data_of, requests},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Success,
    WrongCredential,
    OutOfScope,
    BadInput,
}
use Kind::{BadInput, OutOfScope, Success, WrongCredential};

/// A route, what the call is an example of, the call, and the status and a part of the answer: of its body or, if it sends
/// the client on, of where to.
pub(crate) type Case = (&'static str, Kind, Call, u16, &'static str);

const NEW: &str =
    "type=Individual&name=Abebe Bikila&mobile=5550100&email=abebe@example.org&zipcode=1&state=Goa&city=Panaji&street=S";
const ENSWITCH: &str = "/api/json/customers/list/";
const SMPI: &str = "/SMPI/v2.6/service/wfbss/api/customers";
const WRONG: &str = "wrong-secret-that-is-long-enough-to-be-a-key";

/// The demo login that sees what is below one branch, and the branch.
const BRANCH: (&str, u64) = ("auth_username=branch;auth_password=branch-password", 1040);
const CHECK: &str = "ANY /j_spring_security_check";

/// Customers that the logins of the calls do not see.
struct Others {
    /// An update and a delete of another ISP's customer.
    of_isp: String,
    /// The parameter that asks for what is below another branch.
    of_branch: String,
    /// A filter on another organisation's reference.
    of_organisation: String,
    /// A filter on another partner's id.
    of_partner: String,
}

impl Others {
    fn find(demo: &NewTenant) -> Self {
        let find = |fits: &dyn Fn(&Customer, &Hierarchy) -> bool| {
            demo.customers.iter().find(|customer| fits(customer, &customer.profile.hierarchy)).unwrap()
        };
        let (root, (_, branch)) = (demo.settings.root_customer, BRANCH);
        let of_isp = find(&|_, hierarchy| hierarchy.isp == Some(2.into())).id;
        let of_branch = find(&|customer, hierarchy| hierarchy.parent == root && customer.id != branch.into()).id;
        let of_organisation = find(&|_, hierarchy| hierarchy.organisation.is_some()).reference().into_owned();
        let of_partner = find(&|_, hierarchy| hierarchy.partner.is_some()).guid;
        Self {
            of_isp: format!("customerid={of_isp}"),
            of_branch: format!("parent={of_branch}"),
            of_organisation: format!("reference={of_organisation}"),
            of_partner: format!("cids={of_partner}"),
        }
    }
}

/// Tokens of sessions.
pub(crate) struct Sessions {
    /// One that was opened for the vendor's example login.
    own: String,
    /// One that was opened for a login of another dialect, in that dialect.
    foreign: String,
}

impl Sessions {
    pub(crate) async fn open(site: &Site) -> Self {
        let repository = Repository::new(site.store());
        let directory = repository.directory(&tenant(), "test");
        let login = directory.login(Dialect::Enswitch, "user").await.unwrap().unwrap();
        let foreign = directory.open_session(Dialect::Enswitch, "user", &login, TIME).await.unwrap();
        Self { own: valomnia_cookie(site).await, foreign }
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

fn enswitch_cases(others: &Others) -> Vec<Case> {
    let list = "ANY /api/json/customers/list";
    let proxy = "ANY /api/json/{proxy+}";
    let bare = ENSWITCH.trim_end_matches('/');
    let (branch, _) = BRANCH;
    let elsewhere = |path: &str| Call::get(&format!("{path}?{branch};{}", others.of_branch));
    let parent = r#""code":"400","key":"parent""#;
    vec![
        (list, Success, enswitch(bare, PASSWORD, "deleted=0"), 200, r#"{"code":"200","key":"","message":"OK"}"#),
        (list, WrongCredential, enswitch(bare, WRONG, ""), 200, r#""code":"401""#),
        (list, OutOfScope, elsewhere(bare), 200, parent),
        (list, BadInput, enswitch(bare, PASSWORD, "limit=ten"), 200, r#""code":"400","key":"limit""#),
        (proxy, Success, enswitch(ENSWITCH, PASSWORD, "deleted=0"), 200, r#"{"code":"200","key":"","message":"OK"}"#),
        (proxy, WrongCredential, enswitch(ENSWITCH, WRONG, ""), 200, r#""code":"401""#),
        (proxy, OutOfScope, elsewhere(ENSWITCH), 200, parent),
        (proxy, BadInput, enswitch("/api/json/customers/explode/", PASSWORD, ""), 404, r#""code":"404""#),
    ]
}

fn valomnia_cases(others: &Others, Sessions { own: cookie, foreign }: &Sessions) -> Vec<Case> {
    let list = "ANY /api/{version}/customers";
    let (success, failure) = ("ANY /login/ajaxSuccess", "ANY /login/authfail");
    let stale = format!("{}-{}", "0".repeat(64), "64656d6f");
    let none = r#""error":"no_credentials""#;
    let (welcome, denial) = ("/login/ajaxSuccess", "/login/authfail?ajax=true");
    let sorry = r#"{"error":"Sorry, we were not able to find a user with that username and password."}"#;
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
        (CHECK, Success, valomnia_login(VALOMNIA_EMAIL, PASSWORD), 302, welcome),
        (CHECK, WrongCredential, valomnia_login(VALOMNIA_EMAIL, WRONG), 302, denial),
        // A user of Enswitch, with its password.
        (CHECK, OutOfScope, valomnia_login("user", PASSWORD), 302, denial),
        (CHECK, BadInput, Call::form("/j_spring_security_check", "j_username=%ff&&&=%"), 302, denial),
        (success, Success, valomnia(welcome, cookie), 200, r#""success":true"#),
        (success, WrongCredential, valomnia(welcome, &stale), 401, none),
        (success, OutOfScope, valomnia(welcome, foreign), 401, none),
        (success, BadInput, valomnia(welcome, "\";;"), 401, none),
        // This path reads no credentials and shows nobody's data: whoever comes is told the same. What differs is who
        // comes: a browser, the connector with the empty cookie of a wrong login, and someone who is logged in.
        (failure, Success, Call::get(denial), 200, sorry),
        (failure, WrongCredential, Call::new("POST", denial).header("cookie", "JSESSIONID="), 200, sorry),
        (failure, OutOfScope, valomnia(denial, cookie), 200, sorry),
        (failure, BadInput, Call::new("PUT", denial), 405, r#""error":"method_not_allowed""#),
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

pub(crate) fn all_cases(demo: &NewTenant, sessions: &Sessions) -> Vec<Case> {
    let others = Others::find(demo);
    [neucrm_cases(&others), enswitch_cases(&others), valomnia_cases(&others, sessions), smpi_cases(&others)].concat()
}

/// What an answer says, or where it sends its client.
fn outcome(reply: &Reply) -> String {
    reply.header("location").map_or_else(|| reply.text(), str::to_owned)
}

#[test]
fn no_route_lacks_a_case() {
    let template = bundle::template::Template::read(&bundle::project::root().unwrap().join("template.yaml")).unwrap();
    let routes: BTreeSet<String> = template.routes.iter().map(|route| route.key.clone()).collect();
    let mut covered: BTreeMap<String, BTreeSet<Kind>> = BTreeMap::new();
    let sessions = Sessions { own: "own".to_owned(), foreign: "foreign".to_owned() };
    for (route, kind, ..) in all_cases(&bundle::demo::tenant().unwrap(), &sessions) {
        covered.entry(route.to_owned()).or_default().insert(kind);
    }
    let all = BTreeSet::from([Success, WrongCredential, OutOfScope, BadInput]);
    for route in &routes {
        assert_eq!(covered.get(route), Some(&all), "{route}");
    }
    assert_eq!(covered.keys().cloned().collect::<BTreeSet<_>>(), routes, "no case is for a route that is gone");
}

#[tokio::test]
async fn every_case_is_answered_on_its_route_as_its_dialect_says_and_nothing_private_is_logged() {
    let (log_lines, mut logged) = unbounded_channel();
    let clock = TIME.unix_seconds().to_string();
    let environment = [("TEST_CLOCK", clock.as_str()), ("AWS_LAMBDA_LOG_LEVEL", "TRACE")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let options = StackOptions { environment, log_lines: Some(log_lines), ..StackOptions::default() };
    let demo = bundle::demo::tenant().unwrap();
    let site = Site::start_with(options, bundle::demo::tenant().unwrap()).await;
    let sessions = Sessions::open(&site).await;

    // The login that opened a session is a call too.
    let mut routes = vec![CHECK.to_owned()];
    let mut private = personal_data_of(&demo);
    for (route, kind, call, status, part) in all_cases(&demo, &sessions) {
        let reply = site.call(&call).await;
        let outcome = outcome(&reply);
        assert_eq!(reply.status, status, "{route} {kind:?}: {outcome}");
        assert!(outcome.contains(part), "{route} {kind:?}: {outcome}");
        routes.push(route.to_owned());
        private.extend(call.private());
        private.extend(reply.header("set-cookie").map(|_| cookie(&reply)));
    }
    site.stack.stop().await;

    let mut lines = Vec::new();
    while let Some(line) = logged.recv().await {
        lines.push(line.text);
    }
    let requests = requests(&lines);
    let mut logged_routes: Vec<_> = requests.iter().filter_map(|line| line["http.route"].as_str()).collect();
    routes.sort();
    logged_routes.sort();
    assert_eq!(logged_routes, routes);
    assert_silent(&lines, &private);
    assert_measured(&requests, &demo);
}
