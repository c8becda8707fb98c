//! Log lines as JSON (or text), at the level and in the format that Lambda's logging controls ask for.

use std::{env, panic};

use lambda_http::tracing::subscriber::{
    Layer, Registry,
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};
use tracing::error;

/// Starts the log of this process. Does nothing if there is one already.
pub(crate) fn start() {
    let level = level(env::var("AWS_LAMBDA_LOG_LEVEL").or_else(|_| env::var("RUST_LOG")).ok().as_deref());
    let is_json = env::var("AWS_LAMBDA_LOG_FORMAT").is_ok_and(|format| format.eq_ignore_ascii_case("json"));
    let lines = fmt::layer().with_target(false).with_ansi(false);
    let lines: Box<dyn Layer<Registry> + Send + Sync> =
        if is_json { lines.json().flatten_event(true).with_span_list(false).boxed() } else { lines.boxed() };
    let _ = lambda_http::tracing::subscriber::registry().with(lines.with_filter(targets(level))).try_init();
    log_panics();
}

/// Lambda knows FATAL too, above ERROR; anything unknown is INFO.
fn level(name: Option<&str>) -> LevelFilter {
    match name {
        Some(name) if name.eq_ignore_ascii_case("fatal") => LevelFilter::ERROR,
        Some(name) => name.parse().unwrap_or(LevelFilter::INFO),
        None => LevelFilter::INFO,
    }
}

/// Only our own code is heard below INFO: there the libraries print requests with the data in them.
fn targets(level: LevelFilter) -> Targets {
    Targets::new()
        .with_default(level.min(LevelFilter::INFO))
        .with_target("customers", level)
        .with_target("runtime", level)
}

/// Logs where a panic happened but not what it says, which may quote a client's data.
fn log_panics() {
    panic::set_hook(Box::new(|panic| {
        let (file, line) = panic.location().map_or(("", 0), |place| (place.file(), place.line()));
        error!(panic.file = file, panic.line = line, "a panic");
    }));
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn lambda_names_the_level() {
        for (name, expected) in [
            (None, LevelFilter::INFO),
            (Some("TRACE"), LevelFilter::TRACE),
            (Some("debug"), LevelFilter::DEBUG),
            (Some("INFO"), LevelFilter::INFO),
            (Some("WARN"), LevelFilter::WARN),
            (Some("ERROR"), LevelFilter::ERROR),
            (Some("FATAL"), LevelFilter::ERROR),
            (Some("customers=debug"), LevelFilter::INFO),
        ] {
            assert_eq!(level(name), expected, "{name:?}");
        }
    }

    #[test]
    fn libraries_stay_silent_where_they_would_print_requests() {
        let targets = targets(LevelFilter::TRACE);
        assert!(targets.would_enable("customers::index", &Level::TRACE));
        assert!(!targets.would_enable("aws_smithy_runtime::client", &Level::DEBUG));
        assert!(targets.would_enable("aws_smithy_runtime::client", &Level::INFO));
    }
}
