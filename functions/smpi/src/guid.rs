//! GUIDs, as the dialect writes them.

use uuid::Uuid;

/// Reads 32 hexadecimal digits of either case in groups of 8, 4, 4, 4 and 12 with hyphens between them, and no other of the
/// forms that the library knows.
pub(crate) fn parse(text: &[u8]) -> Option<Uuid> {
    const LENGTH: usize = 36;
    Uuid::try_parse_ascii(text).ok().filter(|_| text.len() == LENGTH)
}

/// The same form, in upper case.
pub(crate) fn render(guid: Uuid) -> String {
    format!("{:X}", guid.hyphenated())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_is_read_in_both_cases_and_written_in_upper_case() {
        for (text, expected) in [
            ("ad38f82d-51a1-46fd-b167-e0d0ff31be83", Some("AD38F82D-51A1-46FD-B167-E0D0FF31BE83")),
            ("AD38F82D-51A1-46FD-B167-E0D0FF31BE83", Some("AD38F82D-51A1-46FD-B167-E0D0FF31BE83")),
            ("Ad38F82d-51a1-46FD-b167-E0D0FF31BE83", Some("AD38F82D-51A1-46FD-B167-E0D0FF31BE83")),
            ("ad38f82d51a146fdb167e0d0ff31be83", None),
            ("{ad38f82d-51a1-46fd-b167-e0d0ff31be83}", None),
            ("urn:uuid:ad38f82d-51a1-46fd-b167-e0d0ff31be83", None),
            ("ad38f82d-51a1-46fd-b167-e0d0ff31be8", None),
            ("ad38f82d-51a1-46fd-b167-e0d0ff31be8g", None),
            ("ad38f82d51a1-46fd-b167-e0d0-ff31be83", None),
            ("not-a-guid", None),
            ("", None),
        ] {
            assert_eq!(parse(text.as_bytes()).map(render).as_deref(), expected, "{text}");
        }
    }
}
