//! Where the project is.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The template's file name, in the project's root.
pub const TEMPLATE: &str = "template.yaml";

/// The folder of `template.yaml`: at or above the package that cargo runs, else the current directory, else the
/// package that this was built from.
///
/// # Errors
/// If there is none.
pub fn root() -> Result<PathBuf> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let starts = [package, std::env::current_dir().ok(), Some(PathBuf::from(env!("CARGO_MANIFEST_DIR")))];
    let root = starts.iter().flatten().find_map(|start| above(start));
    root.context("template.yaml was found neither here nor above; run this inside the project")
}

fn above(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|folder| folder.join(TEMPLATE).is_file()).map(Path::to_owned)
}
