//! Builds the function binaries with cargo.

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// What cargo sets for the programs that it runs. Some build scripts look at these variables, and would run again.
const CARGO_RUN_PREFIXES: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];

/// Builds the binaries named and returns their paths by name. Cargo shows its progress on stderr.
pub(crate) fn binaries(root: &Path, names: &[&str], release: bool, quiet: bool) -> Result<HashMap<String, PathBuf>> {
    let mut command = cargo(root);
    command.arg("build");
    for package in packages(root, names)? {
        command.args(["--package", &package]);
    }
    for name in names {
        command.args(["--bin", name]);
    }
    command.args(release.then_some("--release")).args(quiet.then_some("--quiet"));
    executables(command, names)
}

/// Builds the binaries named as they are deployed: optimized, and each package by itself, so that none has features of
/// dependencies that only another one asks for. Returns their paths by name.
pub(crate) fn as_deployed(root: &Path, names: &[&str]) -> Result<HashMap<String, PathBuf>> {
    let mut built = HashMap::new();
    for package in packages(root, names)?.iter().filter(|package| *package != env!("CARGO_PKG_NAME")) {
        let mut command = cargo(root);
        command.args(["build", "--release", "--bins", "--package", package]);
        built.extend(executables(command, &[])?);
    }
    Ok(built)
}

/// The paths by name of what a `cargo build` makes, which must be these at least.
fn executables(mut build: Command, names: &[&str]) -> Result<HashMap<String, PathBuf>> {
    build.arg("--message-format=json-render-diagnostics");
    let messages = run(build, "cargo could not build the functions")?;
    let built: HashMap<_, _> = messages.lines().filter_map(executable).collect();
    for name in names {
        ensure!(built.contains_key(*name), "cargo built no binary {name}");
    }
    Ok(built)
}

/// The packages of the workspace that have these binaries, and this one: cargo then chooses the features of
/// dependencies as it does for this program alone, and need not compile them again.
fn packages(root: &Path, names: &[&str]) -> Result<BTreeSet<String>> {
    let mut command = cargo(root);
    command.args(["metadata", "--no-deps", "--format-version=1"]);
    let metadata: Value = serde_json::from_str(&run(command, "cargo metadata failed")?)?;
    let own = array(&metadata, "packages").iter().filter_map(|package| package.get("name")?.as_str());
    let mut packages: BTreeSet<_> = own.filter(|name| *name == env!("CARGO_PKG_NAME")).map(str::to_owned).collect();
    for name in names {
        let owner = array(&metadata, "packages").iter().find(|package| has_binary(package, name));
        let owner = owner
            .and_then(|package| package["name"].as_str())
            .with_context(|| format!("no package has a binary {name}"))?;
        packages.insert(owner.to_owned());
    }
    Ok(packages)
}

fn has_binary(package: &Value, name: &str) -> bool {
    array(package, "targets").iter().any(|target| is_binary(target) && target["name"] == name)
}

/// The name and path of a binary that a message of cargo announces.
fn executable(message: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(message).ok()?;
    let target = message.get("target").filter(|target| is_binary(target))?;
    Some((target.get("name")?.as_str()?.to_owned(), message.get("executable")?.as_str()?.into()))
}

fn is_binary(target: &Value) -> bool {
    array(target, "kind").iter().any(|kind| kind == "bin")
}

fn array<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Cargo as the one that runs this program, if there is one.
fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| CARGO_RUN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))) {
            command.env_remove(name);
        }
    }
    command.current_dir(root).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    command
}

fn run(mut command: Command, failure: &'static str) -> Result<String> {
    let output = command.spawn().and_then(std::process::Child::wait_with_output).context("cannot run cargo")?;
    if !output.status.success() {
        bail!(failure);
    }
    Ok(String::from_utf8(output.stdout)?)
}
