//! How it starts and ends.

use std::net::{Ipv4Addr, TcpListener, TcpStream};

use crate::{
    bundle_process::{Bundle, serve},
    shell::Shell,
};

#[test]
fn an_acknowledged_create_outlives_a_killed_bundle() {
    let data = tempfile::tempdir().unwrap();
    let bundle = Bundle::start(data.path());
    let create = bundle.example("NeuCRM: create a customer");
    let (_, created) = Shell::default().run(create);
    bundle.kill();
    let id = created["result"].as_u64().unwrap();

    let bundle = Bundle::start(data.path());
    let list = bundle.example("NeuCRM: list customers").replace("name=\"a%\"", &format!("customerid={id}"));
    let (_, listed) = Shell::default().run(&list);
    assert_eq!(listed["result"][0]["name"], "Some Name", "{listed}");
}

#[test]
fn ctrl_c_ends_it_in_good_order() {
    let data = tempfile::tempdir().unwrap();
    let bundle = Bundle::start(data.path());
    Shell::default().run(bundle.example("NeuCRM: list customers"));
    let port = bundle.port();
    assert_eq!(bundle.interrupt().code(), Some(0));
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
}

#[test]
fn a_taken_port_is_one_clear_line() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = serve().args(["--memory", "--port", &port]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error, format!("error: port {port} is taken; choose another one with --port\n"));
    assert!(output.stdout.is_empty());
}
