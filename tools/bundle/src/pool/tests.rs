use std::{
    fs::{DirEntry, read_dir, read_to_string},
    process::Command,
    sync::Arc,
    time::Duration,
};

use serde_json::Value;
use tokio::{io::AsyncWriteExt, net::TcpListener};

use super::*;
use crate::puppet::{event, pool};

const LONG: Duration = Duration::from_secs(60);

/// Invokes a puppet, which answers its process id.
async fn pid(pool: &Pool, order: &str) -> u32 {
    match pool.invoke(event(order), "root").await {
        Outcome::Answer(body) => {
            let answer: Value = serde_json::from_slice(&body).unwrap();
            answer["body"].as_str().unwrap().parse().unwrap()
        }
        outcome => panic!("{outcome:?}"),
    }
}

fn signal(pid: u32, name: &str) {
    assert!(Command::new("sh").args(["-c", &format!("kill {name} {pid}")]).status().unwrap().success());
}

/// Stops a process, and waits until all its threads have: on a busy machine one may read once more after the signal was
/// sent, and after the first one stopped.
async fn stop(pid: u32) {
    signal(pid, "-STOP");
    let is_stopped = |thread: DirEntry| read_to_string(thread.path().join("stat")).unwrap().contains(") T ");
    while !read_dir(format!("/proc/{pid}/task")).unwrap().all(|thread| is_stopped(thread.unwrap())) {
        tokio::task::yield_now().await;
    }
}

/// Where puppets that are told to meet report, and the order that tells them.
async fn meeting_point() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let order = format!("meet={}", listener.local_addr().unwrap());
    (listener, order)
}

#[tokio::test]
async fn requests_one_after_another_share_an_instance() {
    let pool = pool(9, LONG, "");
    let first = pid(&pool, "").await;
    assert_eq!(pid(&pool, "").await, first);
    assert_eq!(pool.pids(), [first]);
}

#[tokio::test]
async fn concurrent_requests_get_an_instance_each_and_the_last_used_is_reused_first() {
    let (meeting, order) = meeting_point().await;
    let pool = pool(9, LONG, "");
    let hold = async {
        let mut first = meeting.accept().await.unwrap().0;
        let mut second = meeting.accept().await.unwrap().0;
        first.write_all(b".").await.unwrap();
        second.write_all(b".").await.unwrap();
    };
    let last = Mutex::new(0);
    let invoke = async || {
        let pid = pid(&pool, &order).await;
        *last.lock().unwrap() = pid;
        pid
    };
    let (one, other, ()) = tokio::join!(invoke(), invoke(), hold);
    assert_ne!(one, other);
    assert_eq!(pid(&pool, "").await, *last.lock().unwrap());
    let mut pids = pool.pids();
    pids.sort_unstable();
    assert_eq!(pids, [one.min(other), one.max(other)]);
}

#[tokio::test]
async fn requests_beyond_the_limit_wait_for_an_instance() {
    let (meeting, order) = meeting_point().await;
    let pool = Arc::new(pool(1, LONG, ""));
    let (one, other, ()) = tokio::join!(pid(&pool, &order), pid(&pool, ""), async {
        meeting.accept().await.unwrap().0.write_all(b".").await.unwrap();
    });
    assert_eq!(one, other);
}

#[tokio::test]
async fn a_crash_fails_its_request_and_the_next_one_works() {
    let pool = pool(9, LONG, "");
    let first = pid(&pool, "").await;
    let outcome = pool.invoke(event("exit=now"), "root").await;
    assert!(
        matches!(&outcome, Outcome::Gone { fetched: true, message } if message == "ended with exit status: 3"),
        "{outcome:?}"
    );
    assert_ne!(pid(&pool, "").await, first);
}

#[tokio::test]
async fn an_instance_killed_while_idle_gets_no_request() {
    let pool = pool(9, LONG, "");
    let first = pid(&pool, "").await;
    signal(first, "-KILL");
    while !pool.pids().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_ne!(pid(&pool, "").await, first);
}

#[tokio::test]
async fn an_invocation_that_a_dying_instance_never_fetched_runs_on_another_one() {
    let (meeting, order) = meeting_point().await;
    let pool = Arc::new(pool(9, LONG, ""));
    let first = pid(&pool, &order.replace("meet", "pause")).await;
    let _paused = meeting.accept().await.unwrap();
    let invocation = tokio::spawn({
        let pool = Arc::clone(&pool);
        async move { pid(&pool, "").await }
    });
    while pool.lock().busy.is_empty() {
        tokio::task::yield_now().await;
    }
    signal(first, "-KILL");
    assert_ne!(invocation.await.unwrap(), first);
}

#[tokio::test]
async fn an_invocation_that_a_dying_instance_was_sent_but_never_read_runs_on_another_one() {
    let pool = Arc::new(pool(9, LONG, ""));
    let first = pid(&pool, "").await;
    stop(first).await;
    let invocation = tokio::spawn({
        let pool = Arc::clone(&pool);
        async move { pid(&pool, "").await }
    });
    while pool.lock().busy.is_empty() {
        tokio::task::yield_now().await;
    }
    signal(first, "-KILL");
    assert_ne!(invocation.await.unwrap(), first);
}

#[tokio::test]
async fn a_time_out_kills_the_instance() {
    let (_meeting, order) = meeting_point().await;
    let pool = pool(9, Duration::from_millis(500), "");
    let outcome = pool.invoke(event(&order), "root").await;
    assert!(matches!(outcome, Outcome::TimedOut), "{outcome:?}");
    assert!(pool.pids().is_empty());
    pid(&pool, "").await;
}

#[tokio::test]
async fn a_reported_error_and_an_answer_too_large_keep_the_instance() {
    let pool = pool(9, LONG, "");
    let first = pid(&pool, "").await;
    for (order, expected) in [("error=broken", "broken"), ("size=6291557", "the answer is larger than 6 MB")] {
        let outcome = pool.invoke(event(order), "root").await;
        assert!(matches!(&outcome, Outcome::Error(message) if message == expected), "{outcome:?}");
    }
    let outcome = pool.invoke(event("size=6291556"), "root").await;
    assert!(matches!(&outcome, Outcome::Answer(body) if body.len() == 6_291_556));
    assert_eq!(pid(&pool, "").await, first);
}

#[tokio::test]
async fn a_failed_start_is_reported_and_not_retried() {
    let pool = pool(9, LONG, "fail");
    let outcome = pool.invoke(event(""), "root").await;
    assert!(
        matches!(&outcome, Outcome::Gone { fetched: false, message } if message == "ended with exit status: 1: no luck"),
        "{outcome:?}"
    );
}
