use clap::Parser;

use super::*;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    rebuild: RebuildArguments,
}

#[test]
fn flags_come_before_the_environment_and_the_embedded_database_last() {
    let embedded = |directory: Option<&str>| Place::Embedded(directory.map(PathBuf::from));
    let endpoint = |url: &str, table: Option<&str>| Place::Endpoint(url.to_owned(), table.map(str::to_owned));
    let account = |table: &str| Place::Account(table.to_owned());
    for (flags, variables, place) in [
        ("", [None, None], embedded(None)),
        ("--data here", [None, None], embedded(Some("here"))),
        ("--data here", [Some("t"), Some("http://b")], embedded(Some("here"))),
        ("--endpoint http://a", [None, None], endpoint("http://a", None)),
        ("--endpoint http://a --table u", [Some("t"), Some("http://b")], endpoint("http://a", Some("u"))),
        ("", [Some("t"), Some("http://b")], endpoint("http://b", Some("t"))),
        ("--table u", [None, None], account("u")),
        ("", [Some("t"), None], account("t")),
    ] {
        let cli = Cli::try_parse_from(std::iter::once("rebuild").chain(flags.split_whitespace())).unwrap();
        let variable = |name: &str| {
            let [table, endpoint] = variables;
            match name {
                "TABLE_NAME" => table.map(str::to_owned),
                "DYNAMODB_ENDPOINT" => endpoint.map(str::to_owned),
                _ => None,
            }
        };
        assert_eq!(cli.rebuild.place.place(variable), place, "{flags} {variables:?}");
    }
    for conflict in ["--data here --table t", "--data here --endpoint http://a", "--tenant Demo", "--shards two"] {
        assert!(Cli::try_parse_from(std::iter::once("rebuild").chain(conflict.split_whitespace())).is_err());
    }
}
