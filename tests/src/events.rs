//! The events for `sam local invoke`: each is one that `lambda_http` reads, and its request gives the answer meant.

use std::{collections::BTreeSet, fs, path::PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use lambda_http::{Request, aws_lambda_events::apigw::ApiGatewayV2httpRequest, request::LambdaRequest};
use serde::Deserialize;
use serde_json::Value;

use crate::{clients::valomnia_cookie, harness::Site, http::Call};

/// What stands where an event shows the session that a login opened.
const SESSION: &str = "JSESSIONID=SESSION";

/// What the answer to an event is, and begins with.
#[derive(Deserialize)]
struct Answer {
    event: String,
    status: u16,
    begins: String,
}

impl Answer {
    /// The function that the event is for: an event is named after it, and an error's case stands behind a dot.
    fn function(&self) -> &str {
        self.event.split('.').next().unwrap()
    }

    fn is_error(&self) -> bool {
        self.event.contains('.')
    }
}

/// The answers, in the order in which the events are sent.
fn answers() -> Vec<Answer> {
    serde_json::from_str(&fs::read_to_string(folder().join("answers.json")).unwrap()).unwrap()
}

fn folder() -> PathBuf {
    bundle::project::root().unwrap().join("events")
}

fn event(name: &str) -> String {
    fs::read_to_string(folder().join(format!("{name}.json"))).unwrap()
}

/// The request in an event, as a client would have sent it.
fn call(event: &str) -> Call {
    let event: ApiGatewayV2httpRequest = serde_json::from_str(event).unwrap();
    let query = event.raw_query_string.clone().filter(|query| !query.is_empty());
    let target = event.raw_path.clone().unwrap() + &query.map(|query| format!("?{query}")).unwrap_or_default();
    let cookies = event.cookies.clone().unwrap_or_default().join("; ");
    let body = event.body.clone().unwrap_or_default();
    let body = if event.is_base64_encoded { STANDARD.decode(body).unwrap() } else { body.into_bytes() };
    let mut call = Call::new(event.request_context.http.method.as_str(), &target).body(body);
    for (name, value) in &event.headers {
        if !["host", "content-length"].contains(&name.as_str()) {
            call = call.header(name.as_str(), value.to_str().unwrap());
        }
    }
    if cookies.is_empty() { call } else { call.header("cookie", &cookies) }
}

#[test]
fn there_is_an_event_for_every_function_and_its_errors_and_lambda_http_reads_it() {
    let template = bundle::template::Template::read(&bundle::project::root().unwrap().join("template.yaml")).unwrap();
    let functions: BTreeSet<&str> = template.binaries().collect();
    let answers = answers();
    let named = |is_error| answers.iter().filter(move |answer| answer.is_error() == is_error).map(Answer::function);
    assert_eq!(named(false).collect::<BTreeSet<_>>(), functions);
    assert_eq!(named(true).collect::<BTreeSet<_>>(), functions);

    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let events: BTreeSet<_> = files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let others = ["answers", "local"].map(str::to_owned);
    let expected: BTreeSet<_> = answers.iter().map(|answer| answer.event.clone()).chain(others).collect();
    assert_eq!(events, expected, "each event has an answer");
    for Answer { event: name, .. } in &answers {
        let json: ApiGatewayV2httpRequest = serde_json::from_str(&event(name)).unwrap();
        let request = Request::from(LambdaRequest::ApiGatewayV2(json));
        assert!(request.uri().path().len() > 1, "{name}");
    }
}

#[tokio::test]
async fn each_event_gives_its_answer_on_the_demo_tenant() {
    let site = Site::start_demo().await;
    let session = format!("JSESSIONID={}", valomnia_cookie(&site).await);
    for Answer { event: name, status, begins } in answers() {
        let answer = site.call(&call(&event(&name).replace(SESSION, &session))).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
        assert!(answer.text().starts_with(&begins), "{name}: {}", answer.text());
    }
}

#[test]
fn what_sam_local_sets_are_variables_that_the_template_has() {
    let variables: Value = serde_json::from_str(&event("local")).unwrap();
    let template = bundle::template::Template::read(&bundle::project::root().unwrap().join("template.yaml")).unwrap();
    for name in variables["Parameters"].as_object().unwrap().keys() {
        assert!(template.functions.iter().all(|function| function.environment.contains_key(name)), "{name}");
    }
}
