//! What each function does on the table, and what its policy lets it do.

use bundle::{Data, StackOptions};
use customers::{Dialect, Repository};

use crate::{
    clients::{TIME, VALOMNIA_EMAIL, valomnia, valomnia_login},
    harness::{Site, tenant},
    recorder::{Actions, Recorder},
    routes::{Sessions, all_cases},
    template,
};

/// Seconds after which the use of a session extends it.
const EXTENDED_AFTER: i64 = 300;

/// Sends every case of every route, and records what the functions ask of DynamoDB.
async fn record() -> Actions {
    let demo = bundle::demo::tenant().unwrap();
    let database = Site::start_demo().await;
    let recorder = Recorder::start(database.stack.dynamodb_endpoint()).await;
    let environment = vec![("TEST_CLOCK".to_owned(), TIME.unix_seconds().to_string())];
    let data = Data::Endpoint(recorder.url.clone());
    let site = Site::resume(StackOptions { environment, data, ..StackOptions::default() }).await;
    let sessions = Sessions::open(&site).await;
    for (route, kind, call, status, _) in all_cases(&demo, &sessions) {
        assert_eq!(site.call(&call).await.status, status, "{route} {kind:?}");
    }
    let token = session_to_extend(&database).await;
    let list = site.call(&valomnia("/api/v1.0/customers", &token)).await;
    // The second failure of a login is counted otherwise than the first.
    let failure = site.call(&valomnia_login(VALOMNIA_EMAIL, "wrong")).await;
    assert_eq!((list.status, failure.status), (200, 302));
    let mut actions = recorder.actions();
    // The stack, which looks after the table, and this test.
    actions.retain(|key, _| !["bundle", "local"].contains(&key.as_str()));
    actions
}

async fn session_to_extend(site: &Site) -> String {
    let repository = Repository::new(site.store());
    let directory = repository.directory(&tenant(), "test");
    let login = directory.login(Dialect::Valomnia, VALOMNIA_EMAIL).await.unwrap().unwrap();
    let opened_at = TIME.plus_seconds(-EXTENDED_AFTER);
    directory.open_session(Dialect::Valomnia, VALOMNIA_EMAIL, &login, opened_at).await.unwrap()
}

#[tokio::test]
async fn each_function_may_do_exactly_what_it_does() {
    let recorded = record().await;
    let permitted: Actions = template::functions().into_iter().map(|function| function.table_actions()).collect();
    assert_eq!(permitted, recorded);
}
