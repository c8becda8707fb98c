use super::*;

#[test]
fn the_projects_template_is_understood() {
    let template = Template::read(&crate::project::root().unwrap().join(crate::project::TEMPLATE)).unwrap();
    assert!(template.functions.len() >= 4);
    for function in &template.functions {
        // The gateway waits 30 s for a function, and its answer must find the way back.
        assert!(function.timeout < Duration::from_secs(29), "{}", function.name);
        assert_eq!(function.memory_mb, 512);
        for (name, value) in [
            ("TABLE_NAME", template.table.name.as_str()),
            ("DEFAULT_TENANT", "demo"),
            ("TENANT_HOSTS", ""),
            ("DYNAMODB_ENDPOINT", ""),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
            ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
        ] {
            assert_eq!(function.environment.get(name).map(String::as_str), Some(value), "{} {name}", function.name);
        }
    }
    for (path, key, function) in [
        ("/api/customer/list", "ANY /api/customer/list", "neucrm-list"),
        ("/api/customer/create", "ANY /api/customer/create", "neucrm-create"),
        ("/api/customer/update", "ANY /api/customer/update", "neucrm-update"),
        ("/api/customer/delete", "ANY /api/customer/delete", "neucrm-delete"),
        ("/api/customer/list/", "ANY /api/customer/{proxy+}", "neucrm-list"),
    ] {
        let route = template.routes.find("POST", path).unwrap().route;
        assert_eq!((route.key.as_str(), route.function.as_str()), (key, function), "{path}");
    }
    let key = |name: &str, kind: &str| Key { attribute_name: name.to_owned(), key_type: kind.to_owned() };
    assert_eq!(template.table.keys, [key("PK", "HASH"), key("SK", "RANGE")]);
    assert!(template.table.name.len() >= 3);
}

/// A template around one function's properties.
fn function(properties: &str) -> Result<Function> {
    let text = format!(
        r"
Parameters:
  Level: {{ Type: String, Default: WARN }}
  Memory: {{ Type: Number, Default: 256 }}
  Empty: {{ Type: String, Default: '' }}
  Unset: {{ Type: String }}
Conditions:
  HasEmpty: !Not [!Equals [!Ref Empty, '']]
  IsWarn: !And [!Equals [!Ref Level, WARN], !Not [!Condition HasEmpty]]
Globals:
  Function:
    Timeout: 7
    MemorySize: !Ref Memory
    Environment: {{ Variables: {{ GLOBAL: 1, BOTH: below }} }}
Resources:
  Table: {{ Type: AWS::DynamoDB::Table, Properties: {{ TableName: things, KeySchema: [], AttributeDefinitions: [] }} }}
  Worker:
    Type: AWS::Serverless::Function
    Metadata: {{ BuildProperties: {{ Binary: worker }} }}
    Properties:
      Policies: [!Transform {{ Name: anything }}]
      {properties}
"
    );
    Ok(Template::parse(&text)?.functions.remove(0))
}

fn variable(value: &str) -> Result<Option<String>> {
    Ok(function(&format!("Environment: {{ Variables: {{ X: {value} }} }}"))?.environment.remove("X"))
}

#[test]
fn globals_are_merged_into_a_function() {
    let function = function("Environment: { Variables: { OWN: !Ref Level, BOTH: above } }").unwrap();
    assert_eq!(function.timeout, Duration::from_secs(7));
    assert_eq!(function.memory_mb, 256);
    let variables: Vec<_> = function.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(variables, [("BOTH", "above"), ("GLOBAL", "1"), ("OWN", "WARN")]);
}

#[test]
fn intrinsic_functions_get_local_values() {
    #[rustfmt::skip]
    let table = [
        ("!Ref Level",                                        Some("WARN")),
        ("{ Ref: Memory }",                                   Some("256")),
        ("!Ref Table",                                        Some("things")),
        ("!Ref AWS::Region",                                  Some("us-east-1")),
        ("!Ref AWS::NoValue",                                 None),
        ("!GetAtt Table.Arn",                                 Some("arn:aws:local:us-east-1:123456789012:Table")),
        ("{ 'Fn::GetAtt': [Table, Arn] }",                    Some("arn:aws:local:us-east-1:123456789012:Table")),
        ("!Sub '${AWS::StackName}-${Level}-${Table.Arn}'",    Some("bundle-WARN-arn:aws:local:us-east-1:123456789012:Table")),
        ("!Sub ['${Own}${!Level}', { Own: !Ref Memory }]",    Some("256${Level}")),
        ("!Join ['-', [a, !Ref Level]]",                      Some("a-WARN")),
        ("!If [HasEmpty, a, b]",                              Some("b")),
        ("!If [IsWarn, a, !Ref AWS::NoValue]",                Some("a")),
        ("!If [HasEmpty, a, !Ref AWS::NoValue]",              None),
        ("true",                                              Some("true")),
    ];
    for (value, expected) in table {
        assert_eq!(variable(value).unwrap().as_deref(), expected, "{value}");
    }
}

#[test]
fn what_has_no_local_value_is_an_error_that_names_the_place() {
    for (value, message) in [
        ("!ImportValue x", "the intrinsic function !ImportValue has no local value"),
        ("!Ref Nothing", "!Ref Nothing names nothing"),
        ("!Ref Unset", "the parameter Unset has no default"),
        ("!If [Nothing, a, b]", "there is no condition Nothing"),
    ] {
        let error = format!("{:#}", variable(value).unwrap_err());
        assert_eq!(error, format!("in the resource Worker: Environment: Variables: X: {message}"), "{value}");
    }
}

#[test]
fn a_loop_is_written_out_in_keys_and_where_a_function_puts_it() {
    let looped = r#"
Resources:
  Fn::ForEach::Things:
    - Thing
    - [One, Two]
    - ${Thing}Log: { Name: !Ref Thing, Long: { Ref: Thing }, Other: !Ref Else, Days: 1 }
      The${Thing}Alarm:
        Names: [!Sub "${AWS::StackName}: ${Thing}", { "Fn::Sub": "${Else}" }]
        Of: { Ref: !Sub "${Thing}Role" }
        Version: { "Fn::GetAtt": [!Sub "${Thing}", Version.Version] }
  Plain: { Name: "${Thing}" }
"#;
    let written = r#"
Resources:
  OneLog: { Name: One, Long: One, Other: !Ref Else, Days: 1 }
  TheOneAlarm:
    Names: [!Sub "${AWS::StackName}: One", !Sub "${Else}"]
    Of: { Ref: OneRole }
    Version: { "Fn::GetAtt": [One, Version.Version] }
  TwoLog: { Name: Two, Long: Two, Other: !Ref Else, Days: 1 }
  TheTwoAlarm:
    Names: [!Sub "${AWS::StackName}: Two", !Sub "${Else}"]
    Of: { Ref: TwoRole }
    Version: { "Fn::GetAtt": [Two, Version.Version] }
  Plain: { Name: "${Thing}" }
"#;
    assert_eq!(expand(looped).unwrap(), serde_yaml_ng::from_str::<Yaml>(written).unwrap());
}

#[test]
fn a_loop_that_cannot_be_written_out_is_an_error_that_names_the_place() {
    for (parts, message) in [
        ("[Thing, [One]]", "Fn::ForEach::Things: a loop is a name, a list and a map"),
        ("[Thing, !Ref Names, { '${Thing}Log': 1 }]", "Fn::ForEach::Things: a loop is a name, a list and a map"),
        ("[Thing, [1], { '${Thing}Log': 1 }]", "Fn::ForEach::Things: its list holds something else than texts"),
        ("[Thing, [One], { Log: 1 }]", "Fn::ForEach::Things: the key Log lacks ${Thing}"),
        (
            "[Thing, [One], { '${Thing}Log': !Ref '${Thing}Role' }]",
            "Fn::ForEach::Things: OneLog: ${Thing}Role is not the text of a !Sub",
        ),
        ("[Thing, [One, One], { '${Thing}Log': 1 }]", "OneLog is there twice"),
    ] {
        let error = expand(&format!("Resources: {{ Fn::ForEach::Things: {parts} }}")).unwrap_err();
        assert_eq!(format!("{error:#}"), message, "{parts}");
    }
}

#[test]
fn a_function_may_name_what_a_loop_makes() {
    let text = r#"
Resources:
  Table: { Type: AWS::DynamoDB::Table, Properties: { KeySchema: [], AttributeDefinitions: [] } }
  Fn::ForEach::Logs: [Name, [Worker], { "${Name}Log": { Type: AWS::Logs::LogGroup } }]
  Worker:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: worker } }
    Properties: { Environment: { Variables: { LOG: !Ref WorkerLog } } }
"#;
    let template = Template::parse(text).unwrap();
    assert_eq!(template.functions[0].environment["LOG"], "WorkerLog");
}
