//! Whatever comes as query, form, header or cookie, with right credentials and without: no operation panics, and none
//! answers with a 5xx.

use customers::{Dialect, Directory, Repository, load_tenant};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use runtime::{HeaderName, HeaderValue, Method, Request, Response, header};

use crate::{
    clients::{NEUCRM_KEY, PASSWORD, SMPI_SECRET, SMPI_TOKEN, TIME, VALOMNIA_EMAIL},
    harness::{Site, tenant},
};

/// Random requests per operation.
const REQUESTS: u32 = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    NeucrmList,
    NeucrmCreate,
    NeucrmUpdate,
    NeucrmDelete,
    EnswitchList,
    SmpiList,
    ValomniaList,
    ValomniaLogin,
}
use Operation::{
    EnswitchList, NeucrmCreate, NeucrmDelete, NeucrmList, NeucrmUpdate, SmpiList, ValomniaList, ValomniaLogin,
};

/// The content type of a form in parts.
const MULTIPART: &str = "multipart/form-data; boundary=b";
/// Names of headers that some operation reads.
const HEADERS: [&str; 10] = [
    "accept-encoding",
    "authorization",
    "content-type",
    "cookie",
    "host",
    "x-access-token",
    "x-forwarded-proto",
    "x-posix-time",
    "x-signature",
    "x-traceid",
];

/// Values that mean something to some parameter, or nearly so.
const VALUES: [&str; 40] = [
    "",
    "-1",
    "-9999-01-01T00:00:00Z",
    "0",
    "00-ff",
    "1",
    "10",
    "1000",
    "1243",
    "18446744073709551615",
    "18446744073709551616",
    "1985-02-29",
    "2016-08-15T00:00:00+23:59",
    "2022-02-10",
    "9223372036854775807",
    "9999-12-31",
    "9999-12-31T23:59:59.999999999Z",
    "0000-01-01T00:00:00Z",
    "%",
    "%00",
    "%C3%28",
    "%ff%fe",
    "%zz",
    "*",
    "a%25%25",
    "a*a*a*",
    "asc",
    "DESC",
    "creditLimit",
    "dateCreated",
    "demo@entity1.example",
    "Individual",
    "name",
    "Organisation",
    "password",
    "postpaid",
    "true",
    "user",
    "Y",
    "ad38f82d-51a1-46fd-b167-e0d0ff31be80,AD38F82D51A146FDB167E0D0FF31BE80",
];

impl Operation {
    const ALL: [Self; 8] =
        [NeucrmList, NeucrmCreate, NeucrmUpdate, NeucrmDelete, EnswitchList, SmpiList, ValomniaList, ValomniaLogin];

    /// Method and path.
    fn target(self) -> (Method, &'static str) {
        match self {
            NeucrmList => (Method::POST, "/api/customer/list"),
            NeucrmCreate => (Method::POST, "/api/customer/create"),
            NeucrmUpdate => (Method::POST, "/api/customer/update"),
            NeucrmDelete => (Method::POST, "/api/customer/delete"),
            EnswitchList => (Method::GET, "/api/json/customers/list/"),
            SmpiList => (Method::GET, "/SMPI/v2.6/service/wfbss/api/customers"),
            ValomniaList => (Method::GET, "/api/v1.0/customers"),
            ValomniaLogin => (Method::POST, "/j_spring_security_check"),
        }
    }

    /// The parameters of a call that works, but for the credentials, and those with which it does.
    fn call(self) -> [String; 2] {
        let neucrm = || format!("userid=5&api_key={NEUCRM_KEY}");
        let (call, credentials) = match self {
            NeucrmList => ("", neucrm()),
            NeucrmCreate => {
                ("resellerid=1&type=Individual&name=N&mobile=1&email=a@b&zipcode=1&state=G&city=P&street=S", neucrm())
            }
            NeucrmUpdate => ("customerid=1243&street=S", neucrm()),
            NeucrmDelete => ("customerid=1423", neucrm()),
            EnswitchList => ("", format!("auth_username=user&auth_password={PASSWORD}")),
            SmpiList | ValomniaList => ("", String::new()),
            ValomniaLogin => ("", format!("j_username={VALOMNIA_EMAIL}&j_password={PASSWORD}")),
        };
        [call.to_owned(), credentials]
    }

    /// What the answer to that call has in its body or, if it sends the client on, in its Location.
    fn success(self) -> &'static str {
        match self {
            NeucrmList | NeucrmCreate | NeucrmUpdate | NeucrmDelete => r#""error":null"#,
            EnswitchList => r#""code":"200""#,
            SmpiList | ValomniaList => r#"{"paging":"#,
            ValomniaLogin => "/login/ajaxSuccess",
        }
    }

    /// Its own parameters.
    fn names(self) -> Vec<&'static str> {
        let names = match self {
            NeucrmList => {
                "userid api_key ispid resellerid customerid serviceid username type name mobile email zipcode state \
                 city created_from created_upto rows_limit rows_offset show_count sort_field sort_order"
            }
            NeucrmCreate | NeucrmUpdate => {
                "userid api_key ispid resellerid customerid type name surname dob mobile email uniqueid zipcode state \
                 city street notes reset_password"
            }
            NeucrmDelete => "userid api_key customerid",
            EnswitchList => {
                "auth_username auth_password deleted bill_type count descending directory limit name offset pages \
                 parent recursive sort"
            }
            SmpiList => "q page limit cids",
            ValomniaList => {
                "max offset order sort isActive reference name categoryReference dateCreated_gt dateCreated_gte \
                 dateCreated_lt dateCreated_lte lastUpdated_gt lastUpdated_gte lastUpdated_lt lastUpdated_lte"
            }
            ValomniaLogin => "j_username j_password ajax",
        };
        names.split(' ').collect()
    }

    /// Whether its parameters are in a body.
    fn has_form(self) -> bool {
        !matches!(self, EnswitchList | SmpiList | ValomniaList)
    }

    async fn answer(self, directory: &Directory<'_>, request: &Request) -> Response {
        fn either<A: Into<Response>, R: Into<Response>>(result: Result<A, R>) -> Response {
            result.map_or_else(Into::into, Into::into)
        }
        match self {
            NeucrmList => either(neucrm::list(directory, request).await),
            NeucrmCreate => either(neucrm::create(directory, request).await),
            NeucrmUpdate => either(neucrm::update(directory, request).await),
            NeucrmDelete => either(neucrm::delete(directory, request).await),
            EnswitchList => either(enswitch::list(directory, request).await),
            SmpiList => either(smpi::list(directory, request).await),
            ValomniaList => either(valomnia::list(directory, request).await),
            ValomniaLogin => either(valomnia::login(directory, request).await),
        }
    }
}

/// What a client makes up.
#[derive(Debug, Clone)]
struct Input {
    method: Option<Method>,
    /// Names and values, and what stands behind each.
    parameters: Vec<(Vec<u8>, Vec<u8>, char)>,
    /// Where the operation expects no parameters: body or query.
    elsewhere: Vec<u8>,
    content_type: Option<Vec<u8>>,
    headers: Vec<(&'static str, Vec<u8>)>,
    cookies: Vec<Vec<u8>>,
    has_credentials: bool,
}

impl Input {
    /// Nothing but right credentials.
    fn plain() -> Self {
        Self {
            method: None,
            parameters: Vec::new(),
            elsewhere: Vec::new(),
            content_type: None,
            headers: Vec::new(),
            cookies: Vec::new(),
            has_credentials: true,
        }
    }

    /// The request of `operation` that this makes; `token` is that of a session.
    fn request(&self, operation: Operation, token: &str) -> Request {
        let (method, path) = operation.target();
        let mut parameters = self.parameters();
        if self.has_credentials {
            let [call, credentials] = operation.call();
            // Of several values the last one counts.
            parameters = [call.as_bytes(), b"&", &parameters, b"&", credentials.as_bytes()].concat();
        }
        if operation.has_form() && self.content_type.as_deref() == Some(MULTIPART.as_bytes()) {
            parameters = multipart(&parameters);
        }
        let (query, body) =
            if operation.has_form() { (&self.elsewhere, &parameters) } else { (&parameters, &self.elsewhere) };
        let mut request = Request {
            query: String::from_utf8_lossy(query).into_owned(),
            received_at: TIME,
            body: body.clone().into(),
            cookies: self.cookies.iter().map(|cookie| String::from_utf8_lossy(cookie).into_owned()).collect(),
            host: Some("localhost".to_owned()),
            ..Request::new(self.method.clone().unwrap_or(method), path)
        };
        let content_type = self.content_type.iter().map(|value| ("content-type", value));
        for (name, value) in self.headers.iter().map(|(name, value)| (*name, value)).chain(content_type) {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                request.headers.insert(HeaderName::from_static(name), value);
            }
        }
        match operation {
            ValomniaList if self.has_credentials => request.cookies.insert(0, format!("JSESSIONID={token}")),
            SmpiList if self.has_credentials => sign(&mut request),
            _ => {}
        }
        request
    }

    fn parameters(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (name, value, separator) in &self.parameters {
            bytes.extend([name.as_slice(), b"=", value].concat());
            bytes.extend(separator.to_string().into_bytes());
        }
        bytes
    }
}

/// The parameters of a form as the parts of another.
fn multipart(form: &[u8]) -> Vec<u8> {
    let part = |parameter: &[u8]| {
        let middle = parameter.iter().position(|byte| *byte == b'=').unwrap_or(parameter.len());
        let (name, value) = (&parameter[..middle], parameter.get(middle + 1..).unwrap_or_default());
        [b"--b\r\nContent-Disposition: form-data; name=\"", name, b"\"\r\n\r\n", value, b"\r\n"].concat()
    };
    let parts: Vec<u8> = form.split(|byte| *byte == b'&').flat_map(part).collect();
    [&parts, b"--b--\r\n".as_slice()].concat()
}

/// Signs a request as the first partner does.
fn sign(request: &mut Request) {
    let question = if request.query.is_empty() { "" } else { "?" };
    let uri = format!("{}{question}{}", request.path, request.query);
    let signature = smpi::sign(&request.method, &uri, &request.body, TIME, SMPI_SECRET);
    let time = TIME.unix_seconds().to_string();
    for (name, value) in
        [("x-access-token", SMPI_TOKEN), ("x-posix-time", &time), ("x-traceid", "trace"), ("x-signature", &signature)]
    {
        request.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
}

/// Bytes of any kind: text, no text, and what parsers look for.
fn junk() -> impl Strategy<Value = Vec<u8>> {
    let marks = prop::sample::select(b"%&;=+,-:/*\"\\ \r\n{}[]09afzZ\0\xff".to_vec());
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        any::<String>().prop_map(String::into_bytes),
        prop::collection::vec(marks, 0..40),
    ]
}

/// One of a few words, and now and then anything.
fn word(words: Vec<&'static str>) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => prop::sample::select(words).prop_map(|word| word.as_bytes().to_vec()),
        1 => junk(),
    ]
}

fn content_type() -> impl Strategy<Value = Option<Vec<u8>>> {
    const FORM: &str = "application/x-www-form-urlencoded";
    prop::option::of(word(vec![FORM, FORM, MULTIPART, "multipart/form-data", "application/json", "text/plain"]))
}

fn input(operation: Operation) -> impl Strategy<Value = Input> {
    let method = prop::option::weighted(0.1, prop::sample::select(vec![Method::GET, Method::POST, Method::PUT]));
    let parameter = (word(operation.names()), word(VALUES.to_vec()), prop::sample::select(vec!['&', '&', ';']));
    let cookie = prop_oneof![
        junk(),
        junk().prop_map(|value| [b"JSESSIONID=", value.as_slice()].concat()),
        Just(b"JSESSIONID=00-64656d6f40656e74697479312e6578616d706c65".to_vec()),
    ];
    (
        method,
        prop::collection::vec(parameter, 0..6),
        prop_oneof![Just(Vec::new()), junk()],
        content_type(),
        prop::collection::vec((prop::sample::select(HEADERS.to_vec()), word(VALUES.to_vec())), 0..4),
        prop::collection::vec(cookie, 0..3),
        any::<bool>(),
    )
        .prop_map(|(method, parameters, elsewhere, content_type, headers, cookies, has_credentials)| Input {
            method,
            parameters,
            elsewhere,
            content_type,
            headers,
            cookies,
            has_credentials,
        })
}

/// A token of the vendor's example login.
async fn token(repository: &Repository) -> String {
    let directory = repository.directory(&tenant(), "fuzz");
    let login = directory.login(Dialect::Valomnia, VALOMNIA_EMAIL).await.unwrap().unwrap();
    directory.open_session(Dialect::Valomnia, VALOMNIA_EMAIL, &login, TIME).await.unwrap()
}

#[test]
fn no_request_makes_an_operation_panic_or_answer_with_a_5xx() {
    let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let site = tokio.block_on(Site::empty());
    let repository = Repository::new(site.store());
    let token = tokio.block_on(async {
        load_tenant(&*site.operator_store(), &bundle::demo::tenant().unwrap()).await.unwrap();
        token(&repository).await
    });
    let answer = |operation: Operation, input: &Input| {
        let request = input.request(operation, &token);
        tokio.block_on(operation.answer(&repository.directory(&tenant(), "fuzz"), &request))
    };
    for operation in Operation::ALL {
        let plain = answer(operation, &Input::plain());
        let outcome = plain.headers.get(header::LOCATION).map_or(&*plain.body, HeaderValue::as_bytes);
        let outcome = String::from_utf8_lossy(outcome);
        assert!(outcome.contains(operation.success()), "{operation:?}: {outcome}");

        let config = Config { cases: REQUESTS, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let found = runner.run(&input(operation), |input| {
            let status = answer(operation, &input).status;
            prop_assert!(!status.is_server_error(), "{status}");
            Ok(())
        });
        found.unwrap_or_else(|failure| panic!("{operation:?}: {failure}"));
    }
    tokio.block_on(site.stack.stop());
}
