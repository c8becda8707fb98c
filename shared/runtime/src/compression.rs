//! Making large answers small enough for Lambda.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use http::{
    HeaderMap, HeaderValue,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, VARY},
};

use crate::Response;

/// Largest answer of a function, with its envelope: 6 MB, as AWS documents for synchronous invocations.
pub const ANSWER_LIMIT: usize = 6 * 1024 * 1024;
/// What the envelope around a body may take.
const ENVELOPE: usize = 64 * 1024;
/// Bytes that a byte of a body may take in the JSON of the envelope.
const ESCAPED: usize = 6;
/// Bodies below this size are not worth the work.
const WORTH_COMPRESSING: usize = 16 * 1024;

/// Whether a client that sent `headers` takes a gzipped answer.
pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut named = None;
    let mut any = None;
    for coding in codings.flat_map(|value| value.split(',')) {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
        let quality = parameters.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
        let accepted = quality.is_ok_and(|quality| quality > 0.0);
        match name.trim() {
            name if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => named = Some(accepted),
            "*" => any = Some(accepted),
            _ => {}
        }
    }
    named.or(any).unwrap_or(false)
}

/// The response in a form that Lambda carries, gzipped if that is worth it and `accepts_gzip`; none if there is no such
/// form.
pub(crate) fn fit(response: Response, accepts_gzip: bool) -> Option<Response> {
    let response = if accepts_gzip { compressed(response) } else { response };
    let most = ANSWER_LIMIT - ENVELOPE;
    let fits = response.body.len() <= most / ESCAPED || response.size_in_envelope() <= most;
    fits.then_some(response)
}

fn compressed(mut response: Response) -> Response {
    if response.body.len() < WORTH_COMPRESSING || response.headers.contains_key(CONTENT_ENCODING) {
        return response;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(response.body.len() / 4), Compression::fast());
    let Ok(body) = encoder.write_all(&response.body).and_then(|()| encoder.finish()) else { return response };
    response.body = body.into();
    response.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response.headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    response
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use http::StatusCode;

    use super::*;

    #[test]
    fn gzip_is_for_those_who_ask_for_it() {
        for (value, expected) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5, br", true),
            ("x-gzip", true),
            ("*", true),
            ("*;q=0.1", true),
            ("gzip;q=0", false),
            ("gzip;q=0, *", false),
            ("gzip;q=none", false),
            ("identity", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(value))]);
            assert_eq!(accepts_gzip(&headers), expected, "{value}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[test]
    fn what_lambda_does_not_carry_does_not_fit() {
        let text = |bytes: usize| Response::json(StatusCode::OK, &"customer ".repeat(bytes / 9));
        assert!(fit(text(5 << 20), false).is_some());
        assert!(fit(text(6 << 20), false).is_none());
        assert!(fit(text(6 << 20), true).is_some_and(|response| response.body.len() < 1 << 20));
        let quotes = Response::json(StatusCode::OK, &"\"".repeat(2 << 20));
        assert!(fit(quotes, false).is_none(), "every quote takes four bytes in the envelope");
    }

    #[test]
    fn a_large_body_is_gzipped_and_a_small_one_is_not() {
        let text = "customer ".repeat(10_000);
        let response = compressed(Response::json(StatusCode::OK, &text));
        assert_eq!(response.headers[CONTENT_ENCODING], "gzip");
        let mut decoded = String::new();
        flate2::read::GzDecoder::new(&*response.body).read_to_string(&mut decoded).unwrap();
        assert_eq!(decoded, format!("\"{text}\""));
        let small = Response::json(StatusCode::OK, &"customer");
        assert_eq!(compressed(small.clone()), small);
    }
}
