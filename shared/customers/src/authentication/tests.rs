//! Passwords and sessions over time.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    Credential, Dialect, Login, LoginEntry, Person, Repository, Scope, Timestamp, protocol::testing::SimulatedTable,
    put_login, store::Store,
};

const T0: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

struct Site {
    table: Arc<SimulatedTable>,
    repository: Repository,
}

impl Site {
    async fn start() -> Self {
        let table = Arc::new(SimulatedTable::new());
        let site = Self { repository: Repository::new(Arc::clone(&table) as Arc<dyn Store>), table };
        site.set_login("password", false).await;
        site
    }

    async fn set_login(&self, password: &str, suspended: bool) {
        let login = Login {
            name: "user".to_owned(),
            person: Person::default(),
            suspended,
            scope: Scope::Everything,
            roles: BTreeSet::new(),
            credential: Credential::password(password).unwrap(),
        };
        let entry = LoginEntry { dialect: Dialect::Enswitch, identity: "user".to_owned(), login };
        put_login(&*self.table, &"sim".parse().unwrap(), &entry).await.unwrap();
    }

    async fn try_password(&self, identity: &str, password: &str, source: &str, after: i64) -> bool {
        let directory = self.repository.directory(&"sim".parse().unwrap(), "request");
        let at = T0.plus_seconds(after);
        directory.login_by_password(Dialect::Enswitch, identity, password, source, at).await.unwrap().is_some()
    }

    async fn open_session(&self, after: i64) -> String {
        let directory = self.repository.directory(&"sim".parse().unwrap(), "request");
        let login = directory.login(Dialect::Enswitch, "user").await.unwrap().unwrap();
        directory.open_session(Dialect::Enswitch, "user", &login, T0.plus_seconds(after)).await.unwrap()
    }

    async fn has_session(&self, dialect: Dialect, token: &str, after: i64) -> bool {
        let directory = self.repository.directory(&"sim".parse().unwrap(), "request");
        directory.session_login(dialect, token, T0.plus_seconds(after)).await.unwrap().is_some()
    }
}

#[tokio::test]
async fn only_the_right_password_of_the_right_user_opens() {
    let site = Site::start().await;
    assert!(site.try_password("user", "password", "a", 0).await);
    assert!(!site.try_password("user", "Password", "a", 0).await);
    assert!(!site.try_password("user", "", "a", 0).await);
    assert!(!site.try_password("nobody", "password", "a", 0).await);
    assert!(!site.try_password(&"x".repeat(5_000), "password", "a", 0).await);
    assert!(!site.try_password("user", &"x".repeat(5_000), "a", 0).await);
}

#[tokio::test]
async fn a_changed_or_suspended_login_stops_at_once() {
    let site = Site::start().await;
    assert!(site.try_password("user", "password", "a", 0).await);
    site.set_login("password", true).await;
    assert!(!site.try_password("user", "password", "a", 1).await);
    site.set_login("another", false).await;
    assert!(!site.try_password("user", "password", "a", 2).await);
    assert!(site.try_password("user", "another", "a", 2).await);
}

#[tokio::test]
async fn guessing_is_slowed_down_by_login_and_source_and_stops_no_one_else() {
    let site = Site::start().await;
    assert!(site.try_password("user", "password", "busy", 0).await);
    for attempt in 0..10 {
        assert!(!site.try_password("user", "wrong", "busy", attempt).await);
    }
    assert!(site.try_password("user", "password", "elsewhere", 10).await, "another source is not slowed down");
    assert!(site.try_password("user", "password", "busy", 10).await, "a remembered password is never slowed down");
    let forgotten = 10 + 301;
    assert!(!site.try_password("user", "wrong", "busy", forgotten).await);
    assert!(!site.try_password("user", "password", "busy", forgotten + 4).await, "too early: not even looked at");
    assert!(site.try_password("user", "password", "busy", forgotten + 5).await);
    assert!(site.try_password("user", "password", "busy", 2_000).await, "after a quarter of an hour all is forgotten");
}

#[tokio::test]
async fn guesses_at_the_same_moment_are_all_counted() {
    let site = Site::start().await;
    let guesses = (0..10).map(|_| site.try_password("user", "wrong", "busy", 0));
    assert_eq!(futures_util::future::join_all(guesses).await, [false; 10]);
    assert!(!site.try_password("user", "password", "busy", 4).await, "too early: not even looked at");
    let tries = (0..5).map(|_| site.try_password("user", "password", "busy", 5));
    let opened = futures_util::future::join_all(tries).await;
    assert!(opened.contains(&true), "one of those at the right moment is let through");
}

#[test]
fn checking_no_password_costs_what_checking_one_does() {
    let hash = argon2::password_hash::phc::PasswordHash::new(super::NO_PASSWORD).unwrap();
    assert!(super::NO_PASSWORD.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_eq!((hash.salt.unwrap().len(), hash.hash.unwrap().len()), (16, 32));
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_and_is_extended_by_use() {
    let site = Site::start().await;
    let token = site.open_session(0).await;
    assert!(site.has_session(Dialect::Enswitch, &token, 1_799).await);
    assert!(site.has_session(Dialect::Enswitch, &token, 1_799 + 1_799).await, "its use extended it");
    assert!(!site.has_session(Dialect::Enswitch, &token, 1_799 + 1_799 + 1_800).await);
}

#[tokio::test]
async fn a_session_belongs_to_its_token_dialect_and_login() {
    let site = Site::start().await;
    let token = site.open_session(0).await;
    let (secret, identity) = token.split_once('-').unwrap();
    assert_eq!(secret.len(), 64);
    assert!(!site.has_session(Dialect::Valomnia, &token, 1).await);
    for other in [format!("{}-{identity}", "0".repeat(64)), format!("{secret}-00"), secret.to_owned(), String::new()] {
        assert!(!site.has_session(Dialect::Enswitch, &other, 1).await, "{other}");
    }
    let stored = format!("{:?}", site.table.items(|_| true));
    assert!(!stored.contains(secret), "the table does not know the token");
    site.set_login("password", true).await;
    assert!(!site.has_session(Dialect::Enswitch, &token, 2).await, "a suspended login's session is void");
    site.set_login("another", false).await;
    assert!(!site.has_session(Dialect::Enswitch, &token, 2).await, "a new password ends the sessions of the old one");
}
