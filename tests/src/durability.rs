//! Acknowledged writes outlive the processes that made them.

use std::path::Path;

use bundle::{Data, StackOptions};

use crate::harness::{K1, K5, Site, fixture, ids};

const NEW: &str = "resellerid=5&type=Individual&name=N&mobile=1&email=a@b&zipcode=1&state=G&city=P&street=S";

fn kill(pid: u32) {
    let status = std::process::Command::new("sh").args(["-c", &format!("kill -9 {pid}")]).status().unwrap();
    assert!(status.success());
}

fn on_file(directory: &Path) -> StackOptions {
    StackOptions { data: Data::Directory(directory.to_owned()), ..StackOptions::default() }
}

#[tokio::test]
async fn a_killed_function_loses_nothing_and_the_next_request_works() {
    let site = Site::start().await;
    for round in 0..5 {
        let (_, created) = site.neucrm("create", (5, K5), NEW).await;
        let id = created["result"].as_u64().unwrap().to_string();
        for function in ["neucrm-create", "neucrm-list"] {
            for pid in site.stack.instance_pids(function) {
                kill(pid);
            }
            // On a busy machine a process may take one more request between the signal and its end.
            while !site.stack.instance_pids(function).is_empty() {
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(ids(&site.neucrm("list", (1, K1), &format!("customerid={id}")).await), [id], "round {round}");
    }
}

#[tokio::test]
async fn a_restart_keeps_the_data() {
    let directory = tempfile::tempdir().unwrap();
    let site = Site::start_with(on_file(directory.path()), fixture()).await;
    let (_, created) = site.neucrm("create", (5, K5), NEW).await;
    let id = created["result"].as_u64().unwrap().to_string();
    site.stack.stop().await;
    let site = Site::resume(on_file(directory.path())).await;
    assert_eq!(ids(&site.neucrm("list", (5, K5), &format!("customerid={id}")).await), [id]);
    assert_eq!(ids(&site.neucrm("list", (5, K5), "customerid=11").await), ["11"]);
}
