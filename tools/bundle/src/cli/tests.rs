use super::*;

fn options(arguments: &str) -> Result<StackOptions, String> {
    let cli = Cli::try_parse_from(arguments.split(' ')).map_err(|error| error.to_string())?;
    let Command::Serve(arguments) = cli.command() else { return Err("another subcommand".to_owned()) };
    arguments.stack_options().map_err(|error| error.to_string())
}

#[test]
fn serve_is_the_default() {
    for arguments in ["bundle", "bundle serve"] {
        let options = options(arguments).unwrap();
        assert_eq!(options.port, 3000, "{arguments}");
        assert!(
            matches!(options.data, Data::Directory(directory) if directory == project::root().unwrap().join(".bundle"))
        );
        assert!(!options.release && !options.quiet);
    }
}

#[test]
fn flags_go_with_and_without_the_word_serve() {
    for word in ["", " serve"] {
        let options = |flags: &str| options(&format!("bundle{word} {flags}"));
        let memory = options("--port 3001 --memory --release --quiet").unwrap();
        assert!(memory.port == 3001 && memory.release && memory.quiet && matches!(memory.data, Data::Memory));
        let directory = options("--data here").unwrap().data;
        assert!(matches!(directory, Data::Directory(path) if path.as_os_str() == "here"));
        let endpoint = options("--endpoint http://127.0.0.1:8000").unwrap().data;
        assert!(matches!(endpoint, Data::Endpoint(url) if url == "http://127.0.0.1:8000"));
        for conflict in ["--memory --data here", "--memory --endpoint http://a", "--data here --endpoint http://a"] {
            assert!(options(conflict).is_err(), "{conflict}");
        }
    }
}

#[test]
fn the_database_alone_has_a_port_of_its_own() {
    for (arguments, address, is_memory) in [
        ("bundle dynamodb", "127.0.0.1:8000", false),
        ("bundle dynamodb --memory --port 0", "127.0.0.1:0", true),
        ("bundle dynamodb --data here", "127.0.0.1:8000", false),
        ("bundle dynamodb --memory --listen 0.0.0.0:9000", "0.0.0.0:9000", true),
    ] {
        let Command::Dynamodb(arguments) = Cli::try_parse_from(arguments.split(' ')).unwrap().command() else {
            panic!("another subcommand")
        };
        let options = arguments.options().unwrap();
        assert_eq!((options.address.to_string().as_str(), matches!(options.data, Data::Memory)), (address, is_memory));
        assert!(!options.until_input_ends && !options.demo);
    }
    for conflict in ["--memory --data here", "--port 1 --listen 0.0.0.0:9000"] {
        assert!(Cli::try_parse_from(format!("bundle dynamodb {conflict}").split(' ')).is_err(), "{conflict}");
    }
}
