//! The flags of `bench`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::cold::ColdArguments;

/// How many customers, unless told.
const SIZES: &[u64] = &[1_000, 10_000, 100_000];
const QUICK_SIZES: &[u64] = &[1_000];

/// The flags of `bench`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BenchArguments {
    #[command(subcommand)]
    pub(super) only: Option<Only>,
    /// Numbers of customers to measure with [default: 1000,10000,100000; with --quick: 1000]
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(100..=2_000_000))]
    customers: Option<Vec<u64>>,
    /// Write the result as Markdown, too
    #[arg(long, value_name = "FILE")]
    pub(super) markdown: Option<PathBuf>,
    /// Write the result as JSON, too
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Fewer repetitions, for a first look
    #[arg(long)]
    pub(super) quick: bool,
    /// Leave out the lists over HTTP, for which the functions are built
    #[arg(long)]
    pub(super) without_http: bool,
}

/// A part that is measured by itself.
#[derive(Debug, Subcommand)]
pub(super) enum Only {
    /// Start each function, and one that does nothing, with DynamoDB behind TLS: size, init, CPU, memory
    Cold(ColdArguments),
}

impl BenchArguments {
    /// The command that measures the same.
    pub(super) fn command(&self) -> String {
        let sizes: Vec<_> = self.sizes().iter().map(u64::to_string).collect();
        let flags = [(self.quick, " --quick"), (self.without_http, " --without-http")];
        let flags: String = flags.iter().filter_map(|(is_set, flag)| is_set.then_some(*flag)).collect();
        format!("cargo run --release -- bench --customers {}{flags}", sizes.join(","))
    }

    /// Numbers of customers, at least one.
    pub(super) fn sizes(&self) -> &[u64] {
        match &self.customers {
            Some(sizes) if !sizes.is_empty() => sizes,
            _ if self.quick => QUICK_SIZES,
            _ => SIZES,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        bench: BenchArguments,
    }

    #[test]
    fn sizes_come_from_the_flag_or_fit_the_patience() {
        for (flags, sizes) in [
            (vec![], Some(SIZES)),
            (vec!["--quick"], Some(QUICK_SIZES)),
            (vec!["--customers", "200,3000", "--quick"], Some([200, 3000].as_slice())),
            (vec!["--customers", "99"], None),
            (vec!["--customers", "1000,"], None),
            (vec!["--customers", "many"], None),
        ] {
            let cli = Cli::try_parse_from([vec!["bench"], flags.clone()].concat());
            assert_eq!(cli.ok().as_ref().map(|cli| cli.bench.sizes()), sizes, "{flags:?}");
        }
    }

    #[test]
    fn the_command_says_all_that_matters() {
        let cli = Cli::try_parse_from(["bench", "--customers", "200,300", "--quick", "--json", "file"]);
        assert_eq!(cli.unwrap().bench.command(), "cargo run --release -- bench --customers 200,300 --quick");
    }
}
