//! The fields of a customer that `create` and `update` take, in the order in which they are checked.

use customers::{CustomerKind, NOTES_LIMIT, Profile, TEXT_LIMIT};
use time::Date;

use crate::{
    Refusal,
    form::{Form, choose},
    local_time::parse_date,
    row::KINDS,
};

/// One field.
struct Field {
    name: &'static str,
    /// Whether a customer cannot be without it.
    is_required: bool,
    format: Format,
}

/// What a field holds.
enum Format {
    Kind,
    Name,
    Date,
    /// At most `limit` bytes that `accepts` lets pass, kept in `slot`.
    Text {
        limit: usize,
        accepts: fn(&str) -> bool,
        slot: Slot,
    },
}

type Slot = fn(&mut Profile) -> &mut Option<String>;

const FIELDS: [Field; 12] = [
    Field { name: "type", is_required: true, format: Format::Kind },
    Field { name: "name", is_required: true, format: Format::Name },
    text("surname", false, |profile| &mut profile.identity.surname),
    Field { name: "dob", is_required: false, format: Format::Date },
    checked("mobile", is_mobile, |profile| &mut profile.contact.mobile),
    checked("email", is_email, |profile| &mut profile.contact.email),
    text("uniqueid", false, |profile| &mut profile.identity.unique_id),
    text("zipcode", true, |profile| &mut profile.address.postal_code),
    text("state", true, |profile| &mut profile.address.state),
    text("city", true, |profile| &mut profile.address.city),
    text("street", true, |profile| &mut profile.address.street),
    Field {
        name: "notes",
        is_required: false,
        format: Format::Text { limit: NOTES_LIMIT, accepts: |_| true, slot: |profile| &mut profile.notes },
    },
];

const fn text(name: &'static str, is_required: bool, slot: Slot) -> Field {
    Field { name, is_required, format: Format::Text { limit: TEXT_LIMIT, accepts: |_| true, slot } }
}

const fn checked(name: &'static str, accepts: fn(&str) -> bool, slot: Slot) -> Field {
    Field { name, is_required: true, format: Format::Text { limit: TEXT_LIMIT, accepts, slot } }
}

/// Refuses a form that lacks a field without which there is no customer.
pub(crate) fn require_all(form: &Form) -> Result<(), Refusal> {
    FIELDS.iter().filter(|field| field.is_required).try_for_each(|field| form.require(field.name))
}

/// Refuses a form that would take such a field from a customer.
pub(crate) fn require_none_emptied(form: &Form) -> Result<(), Refusal> {
    FIELDS.iter().filter(|field| field.is_required).try_for_each(|field| form.require_if_given(field.name))
}

/// What a form sets and clears of a customer.
pub(crate) struct Changes(Vec<Change>);

enum Change {
    Kind(CustomerKind),
    Name(String),
    BirthDate(Option<Date>),
    Text(Slot, Option<String>),
}

impl Changes {
    /// Reads the fields that the form gives; an empty one clears what it names.
    pub(crate) fn parse(form: &Form) -> Result<Self, Refusal> {
        let given = |field: &Field| Some(form.given(field.name).transpose()?.and_then(|text| field.parse(text)));
        FIELDS.iter().filter_map(given).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the form gives none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Makes the changes.
    pub(crate) fn apply(&self, profile: &mut Profile) {
        for change in &self.0 {
            match change {
                Change::Kind(kind) => profile.identity.kind = Some(*kind),
                Change::Name(name) => profile.identity.name.clone_from(name),
                Change::BirthDate(date) => profile.identity.birth_date = *date,
                Change::Text(slot, text) => slot(profile).clone_from(text),
            }
        }
    }
}

impl Field {
    /// Reads a value; an empty one only of a field that may be cleared.
    fn parse(&self, value: &str) -> Result<Change, Refusal> {
        let name = self.name;
        let is_empty = value.is_empty();
        match self.format {
            Format::Kind => choose(value, &KINDS).map(Change::Kind).ok_or(Refusal::InvalidValue(name)),
            Format::Name => within(TEXT_LIMIT, name, value).map(|name| Change::Name(name.to_owned())),
            Format::Date if is_empty => Ok(Change::BirthDate(None)),
            Format::Date => {
                parse_date(value).map(|date| Change::BirthDate(Some(date))).ok_or(Refusal::InvalidDate(name))
            }
            Format::Text { slot, .. } if is_empty => Ok(Change::Text(slot, None)),
            Format::Text { limit, accepts, slot } => {
                let text = within(limit, name, value)?;
                accepts(text).then(|| Change::Text(slot, Some(text.to_owned()))).ok_or(Refusal::InvalidValue(name))
            }
        }
    }
}

/// Refuses a text longer than `limit` bytes.
pub(crate) fn within<'a>(limit: usize, name: &'static str, text: &'a str) -> Result<&'a str, Refusal> {
    if text.len() > limit { Err(Refusal::TooLong(name)) } else { Ok(text) }
}

/// Digits, spaces, `+` and `-`, at least one digit among them.
fn is_mobile(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_digit() || matches!(byte, b' ' | b'+' | b'-');
    text.bytes().all(allowed) && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// One `@` with text on both sides.
fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'))
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;
    use crate::form::tests::{form, words};

    fn applied(body: &str, mut profile: Profile) -> Result<Profile, String> {
        words(Changes::parse(&form(body))).map(|changes| {
            changes.apply(&mut profile);
            profile
        })
    }

    #[test]
    fn every_field_reaches_its_place() {
        let profile = applied(
            "type=Organisation&name=Bharat+Net&surname=S&dob=1990-02-01&mobile=%2B91+12-34&email=b@x.in&uniqueid=U&zipcode=1\
             &state=Goa&city=Panaji&street=3rd+street&notes=N",
            Profile::default(),
        )
        .unwrap();
        assert_eq!(profile.identity.kind, Some(CustomerKind::Organisation));
        assert_eq!(profile.identity.name, "Bharat Net");
        assert_eq!(profile.identity.surname.as_deref(), Some("S"));
        assert_eq!(profile.identity.birth_date, Some(date!(1990 - 02 - 01)));
        assert_eq!(profile.identity.unique_id.as_deref(), Some("U"));
        assert_eq!(profile.contact.mobile.as_deref(), Some("+91 12-34"));
        assert_eq!(profile.contact.email.as_deref(), Some("b@x.in"));
        assert_eq!(profile.address.postal_code.as_deref(), Some("1"));
        assert_eq!(profile.address.state.as_deref(), Some("Goa"));
        assert_eq!(profile.address.city.as_deref(), Some("Panaji"));
        assert_eq!(profile.address.street.as_deref(), Some("3rd street"));
        assert_eq!(profile.notes.as_deref(), Some("N"));
    }

    #[test]
    fn absent_fields_stay_and_empty_optional_ones_are_cleared() {
        let before = applied("name=A&surname=S&dob=1990-02-01&uniqueid=U&notes=N", Profile::default()).unwrap();
        assert_eq!(applied("ispid=3&unknown=1", before.clone()).unwrap(), before);
        let after = applied("surname=&dob=&uniqueid=+&notes=", before).unwrap();
        assert_eq!(after, applied("name=A", Profile::default()).unwrap());
    }

    #[test]
    fn wrong_values_are_refused_by_name_in_the_order_of_the_fields() {
        for (body, expected) in [
            ("type=individual", "Invalid value for type"),
            ("dob=10-02-1990", "dob must be in yyyy-mm-dd format"),
            ("dob=1990-02-30", "dob must be in yyyy-mm-dd format"),
            ("mobile=12a", "Invalid value for mobile"),
            ("mobile=%2B-", "Invalid value for mobile"),
            ("email=x.in", "Invalid value for email"),
            ("email=@x.in", "Invalid value for email"),
            ("email=a@", "Invalid value for email"),
            ("email=a@b@c", "Invalid value for email"),
            ("name=%C3", "Invalid value for name"),
            ("notes=%FF", "Invalid value for notes"),
            ("email=x&dob=x&notes=%FF", "dob must be in yyyy-mm-dd format"),
        ] {
            assert_eq!(applied(body, Profile::default()), Err(expected.to_owned()), "{body}");
        }
    }

    #[test]
    fn texts_may_fill_their_limit_and_no_more() {
        for (name, limit) in
            [("name", TEXT_LIMIT), ("surname", TEXT_LIMIT), ("street", TEXT_LIMIT), ("notes", NOTES_LIMIT)]
        {
            let body = |length| format!("{name}={}", "x".repeat(length));
            assert!(applied(&body(limit), Profile::default()).is_ok(), "{name}");
            assert_eq!(applied(&body(limit + 1), Profile::default()), Err(format!("{name} is too long")));
        }
        assert_eq!(
            applied(&format!("mobile={}", "x".repeat(256)), Profile::default()),
            Err("mobile is too long".to_owned())
        );
    }

    #[test]
    fn what_a_customer_needs_cannot_be_emptied() {
        for (body, expected) in [
            ("city=&type=", Err("type is required")),
            ("street=++", Err("street is required")),
            ("surname=&dob=&uniqueid=&notes=", Ok(())),
            ("", Ok(())),
        ] {
            assert_eq!(words(require_none_emptied(&form(body))), expected.map_err(str::to_owned), "{body}");
        }
    }
}
