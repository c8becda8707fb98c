use clap::Parser;

use super::*;
use crate::cli::{Cli, Command};

fn arguments(words: &[&str]) -> Option<SignArguments> {
    let words = ["bundle", "sign"].iter().chain(words);
    match Cli::try_parse_from(words).ok()?.command() {
        Command::Sign(arguments) => Some(arguments),
        _ => None,
    }
}

fn headers(words: &[&str]) -> String {
    let mut output = Vec::new();
    let time = Timestamp::from_unix_seconds(1_363_797_148);
    write_headers(&mut output, &arguments(words).unwrap(), time, Uuid::from_u128(1)).unwrap();
    String::from_utf8(output).unwrap()
}

#[test]
fn the_headers_are_a_configuration_for_curl() {
    let expected = "\
        header = \"x-access-token: 8be8f9e2-c82d-454b-90e3-744a6e74f664\"\n\
        header = \"x-posix-time: 1363797148\"\n\
        header = \"x-signature: UD/KMsPPw767PLsUeLFlwiv5KA9hurU4G5om3ijGt0c=\"\n\
        header = \"x-traceid: 00000000-0000-0000-0000-000000000001\"\n";
    assert_eq!(headers(&["/SMPI/v2.6/service/wfbss/api/customers"]), expected);
}

#[test]
fn each_flag_changes_what_it_names() {
    const BODY: &str = r#"{"range_from":1606166527,"range_to":1606202526}"#;
    const LOGS: &str = "/SMPI/service/wfbss/customer/api/1.0/log_existence";
    let signed = headers(&["--method", "POST", "--body", BODY, LOGS]);
    assert!(signed.contains("x-signature: x4vUyx1h2s3UwnElmv43LpS1ZOjjAWbX5CDicWl2tGY="), "{signed}");
    let other = headers(&["--token", "1D0A4C6E-5B7F-4F0E-9A53-2C8D61E7B094", "--secret", "another secret", LOGS]);
    assert!(other.contains("x-access-token: 1d0a4c6e-5b7f-4f0e-9a53-2c8d61e7b094"), "{other}");
    assert!(!other.contains("another secret") && !other.contains("x4vUyx1h2s3UwnElmv43"), "{other}");
}

#[test]
fn the_target_is_what_goes_over_the_wire() {
    #[rustfmt::skip]
    let table = [
        ("/SMPI/a?q=%20+~",                  Some("/SMPI/a?q=%20+~")),
        ("http://127.0.0.1:3000/SMPI/a?q=/", Some("/SMPI/a?q=/")),
        ("https://host/a#top",               Some("/a")),
        ("https://host?q=1",                 Some("/?q=1")),
        ("https://host",                     Some("/")),
        ("host/a",                           None),
        ("",                                 None),
    ];
    for (text, target) in table {
        assert_eq!(text.parse().ok(), target.map(|target| Target(target.to_owned())), "{text}");
    }
    for wrong in [&["SMPI/a"][..], &["--token", "no GUID", "/a"], &["--method", "G T", "/a"], &[]] {
        assert!(arguments(wrong).is_none(), "{wrong:?}");
    }
}
