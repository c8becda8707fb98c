//! `POST /api/customer/list`.

use customers::{
    Column, Columns, Condition, CustomerId, CustomerKind, Direction, Directory, Filter, IspId, ListQuery, Page,
    Pattern, ResellerId, ServiceId, Sort, SortKey, TEXT_LIMIT, TextField,
};
use runtime::Request;
use time::Date;

use crate::{
    Answer, Refusal, Row,
    fields::within,
    form::Form,
    local_time::{LocalTime, parse_date},
    login::Credentials,
    route,
    row::KINDS,
};

/// Rows of a page if the form does not say.
const ROWS_DEFAULT: usize = 10;
/// Rows of a page at most; who wants more gets these.
const ROWS_MAXIMUM: usize = 100;

/// What lists look at.
pub const COLUMNS: Columns = Columns::of(&[
    Column::Text(TextField::Name),
    Column::Text(TextField::Mobile),
    Column::Text(TextField::Email),
    Column::Text(TextField::PostalCode),
    Column::Text(TextField::State),
    Column::Text(TextField::City),
    Column::Text(TextField::ServiceUsername),
    Column::Service,
    Column::Created,
]);

/// The customers in the login's scope that match the form, or their number.
///
/// # Errors
///
/// The dialect's refusals, and faults of the directory.
pub async fn list(directory: &Directory<'_>, request: &Request) -> Result<Answer, Refusal> {
    route::check(request, route::LIST)?;
    let form = Form::read(request).await?;
    let credentials = Credentials::parse(&form)?;
    let (login, view) = tokio::join!(credentials.authenticate(directory), directory.view(COLUMNS));
    let login = login?;
    let search = Search::parse(&form)?;

    let mut view = view?;
    let clock = LocalTime::of(view.tenant());
    let filter = search.filter(view.within(&login.scope), clock);
    match search.show {
        Show::Count => Ok(Answer::Count(view.count(&filter)?)),
        Show::Rows(sort, page) => {
            let listing = view.list(&ListQuery { filter, sort, page }).await?;
            Ok(Answer::Rows(listing.customers.iter().map(|customer| Row::new(customer, clock)).collect()))
        }
    }
}

/// What a form asks for, within any scope.
struct Search {
    conditions: Vec<Condition>,
    created_from: Option<Date>,
    created_upto: Option<Date>,
    show: Show,
}

enum Show {
    Rows(Sort, Page),
    Count,
}

impl Search {
    fn parse(form: &Form) -> Result<Self, Refusal> {
        let exact = |name, field| text(form, name, field, Pattern::exact);
        let wildcard = |name, field| text(form, name, field, |value| Pattern::wildcard(value, '%'));
        let conditions = [
            form.number::<IspId>("ispid")?.map(Condition::Isp),
            form.number::<ResellerId>("resellerid")?.map(Condition::Reseller),
            form.number::<CustomerId>("customerid")?.map(Condition::Id),
            form.number::<ServiceId>("serviceid")?.map(Condition::Service),
            wildcard("username", TextField::ServiceUsername)?,
            form.choice::<CustomerKind>("type", &KINDS)?.map(Condition::Kind),
            wildcard("name", TextField::Name)?,
            exact("mobile", TextField::Mobile)?,
            exact("email", TextField::Email)?,
            exact("zipcode", TextField::PostalCode)?,
            exact("state", TextField::State)?,
            exact("city", TextField::City)?,
        ];
        Ok(Self {
            conditions: conditions.into_iter().flatten().collect(),
            created_from: date(form, "created_from")?,
            created_upto: date(form, "created_upto")?,
            show: Show::parse(form)?,
        })
    }

    /// The filter for customers that meet the conditions of `scope` too.
    fn filter(&self, scope: Vec<Condition>, clock: LocalTime) -> Filter {
        let created_from = self.created_from.map(|day| Condition::CreatedFrom(clock.start_of(day)));
        let created_before = self.created_upto.and_then(|day| clock.end_of(day)).map(Condition::CreatedBefore);
        let dates = created_from.into_iter().chain(created_before);
        Filter(
            [Condition::Deleted(false)]
                .into_iter()
                .chain(scope)
                .chain(self.conditions.iter().cloned())
                .chain(dates)
                .collect(),
        )
    }
}

impl Show {
    /// A count takes no notice of `rows_limit` and `rows_offset`, whatever they hold.
    fn parse(form: &Form) -> Result<Self, Refusal> {
        let counts = form.choice("show_count", &[("0", false), ("1", true)]);
        if let Ok(Some(true)) = counts {
            sort(form)?;
            return Ok(Self::Count);
        }
        let (page, sort) = (page(form)?, sort(form)?);
        counts.map(|_| Self::Rows(sort, page))
    }
}

fn page(form: &Form) -> Result<Page, Refusal> {
    let rows = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let limit = form.number("rows_limit")?.map_or(ROWS_DEFAULT, rows);
    if limit == 0 {
        return Err(Refusal::InvalidValue("rows_limit"));
    }
    Ok(Page { limit: Some(limit.min(ROWS_MAXIMUM)), offset: form.number("rows_offset")?.map_or(0, rows) })
}

fn sort(form: &Form) -> Result<Sort, Refusal> {
    const KEYS: [(&str, SortKey); 4] = [
        ("id", SortKey::Id),
        ("name", SortKey::Text(TextField::Name)),
        ("mobile", SortKey::Text(TextField::Mobile)),
        ("email", SortKey::Text(TextField::Email)),
    ];
    const DIRECTIONS: [(&str, Direction); 2] = [("asc", Direction::Ascending), ("desc", Direction::Descending)];
    Ok(Sort {
        key: form.choice("sort_field", &KEYS)?.unwrap_or(SortKey::Id),
        direction: form.choice("sort_order", &DIRECTIONS)?.unwrap_or(Direction::Ascending),
    })
}

fn text(
    form: &Form,
    name: &'static str,
    field: TextField,
    pattern: impl Fn(&str) -> Pattern,
) -> Result<Option<Condition>, Refusal> {
    let value = form.text(name)?.map(|value| within(TEXT_LIMIT, name, value)).transpose()?;
    Ok(value.map(|value| Condition::Text(field, pattern(value))))
}

fn date(form: &Form, name: &'static str) -> Result<Option<Date>, Refusal> {
    form.text(name)?.map(|text| parse_date(text).ok_or(Refusal::InvalidDate(name))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        form::tests::{form, words},
        local_time::tests::UTC,
    };

    fn parse(body: &str) -> Result<Search, String> {
        words(Search::parse(&form(body)))
    }

    fn page_of(body: &str) -> (usize, Option<usize>) {
        let Ok(Search { show: Show::Rows(_, page), .. }) = parse(body) else { panic!("{body} asks for no rows") };
        (page.offset, page.limit)
    }

    #[test]
    fn pages() {
        for (body, expected) in [
            ("", (0, Some(10))),
            ("rows_limit=&rows_offset=", (0, Some(10))),
            ("rows_limit=2&rows_offset=2", (2, Some(2))),
            ("rows_limit=100", (0, Some(100))),
            ("rows_limit=101", (0, Some(100))),
            ("rows_limit=500&rows_offset=18446744073709551615", (usize::MAX, Some(100))),
        ] {
            assert_eq!(page_of(body), expected, "{body}");
        }
    }

    #[test]
    fn orders() {
        for (body, key, direction) in [
            ("", SortKey::Id, Direction::Ascending),
            ("sort_field=name", SortKey::Text(TextField::Name), Direction::Ascending),
            ("sort_field=mobile&sort_order=asc", SortKey::Text(TextField::Mobile), Direction::Ascending),
            ("sort_field=email&sort_order=desc", SortKey::Text(TextField::Email), Direction::Descending),
            ("sort_order=desc", SortKey::Id, Direction::Descending),
        ] {
            let Ok(Search { show: Show::Rows(sort, _), .. }) = parse(body) else { panic!("{body} asks for no rows") };
            assert_eq!((sort.key, sort.direction), (key, direction), "{body}");
        }
    }

    #[test]
    fn wrong_values_are_refused_by_name_in_the_order_of_the_fields() {
        for (body, expected) in [
            ("ispid=x", "ispid must be a number"),
            ("resellerid=-1", "resellerid must be a number"),
            ("customerid=18446744073709551616", "customerid must be a number"),
            ("serviceid=1.5", "serviceid must be a number"),
            ("type=individual", "Invalid value for type"),
            ("name=%FF", "Invalid value for name"),
            ("created_from=10-02-2022", "created_from must be in yyyy-mm-dd format"),
            ("created_upto=2022-02-30", "created_upto must be in yyyy-mm-dd format"),
            ("rows_limit=0", "Invalid value for rows_limit"),
            ("rows_limit=-1", "rows_limit must be a number"),
            ("rows_limit=ten", "rows_limit must be a number"),
            ("rows_offset=-1", "rows_offset must be a number"),
            ("sort_field=city", "Invalid value for sort_field"),
            ("sort_order=ASC", "Invalid value for sort_order"),
            ("show_count=2", "Invalid value for show_count"),
            ("show_count=1&sort_order=up", "Invalid value for sort_order"),
            ("show_count=2&rows_limit=0&created_from=x", "created_from must be in yyyy-mm-dd format"),
            ("show_count=2&rows_limit=0", "Invalid value for rows_limit"),
        ] {
            assert_eq!(parse(body).err().as_deref(), Some(expected), "{body}");
        }
        let long = format!("name={}", "x".repeat(TEXT_LIMIT + 1));
        assert_eq!(parse(&long).err().as_deref(), Some("name is too long"));
    }

    #[test]
    fn a_count_ignores_the_page() {
        for body in
            ["show_count=1", "show_count=1&rows_limit=1&rows_offset=9", "show_count=1&rows_limit=0&rows_offset=x"]
        {
            assert!(matches!(parse(body), Ok(Search { show: Show::Count, .. })), "{body}");
        }
        assert!(matches!(parse("show_count=0"), Ok(Search { show: Show::Rows(..), .. })));
    }

    #[test]
    fn the_filter_is_the_form_within_the_scope() {
        let every = "ispid=2&resellerid=5&customerid=11&serviceid=7&username=xyz_%&type=Individual&name=an%&mobile=1\
            &email=a@x.in&zipcode=1&state=Goa&city=Panaji&created_from=2022-02-10&created_upto=2022-02-10";
        let isp = |number: u64| vec![Condition::Isp(number.into())];
        for (body, scope, expected) in [
            ("", vec![], "Deleted(false)"),
            ("", isp(2), "Deleted(false) Isp(IspId(2))"),
            ("ispid=3", isp(2), "Deleted(false) Isp(IspId(2)) Isp(IspId(3))"),
            ("name=&type=&rows_limit=", vec![], "Deleted(false)"),
            (
                every,
                isp(2),
                "Deleted(false) Isp(IspId(2)) Isp(IspId(2)) Reseller(ResellerId(5)) Id(CustomerId(11)) \
                 Service(ServiceId(7)) Text(ServiceUsername) Kind(Individual) Text(Name) Text(Mobile) Text(Email) \
                 Text(PostalCode) Text(State) Text(City) CreatedFrom(Timestamp(1644451200)) \
                 CreatedBefore(Timestamp(1644537600))",
            ),
        ] {
            let Filter(conditions) = parse(body).unwrap().filter(scope, UTC);
            let shown = conditions.iter().map(|condition| match condition {
                Condition::Text(field, _) => format!("Text({field:?})"),
                other => format!("{other:?}"),
            });
            assert_eq!(shown.collect::<Vec<_>>().join(" "), expected, "{body}");
        }
    }

    #[test]
    fn names_and_user_names_have_wildcards_and_other_texts_are_whole() {
        for (body, expected) in [
            ("username=xyz_%", Pattern::wildcard("xyz_%", '%')),
            ("name=a%25n", Pattern::wildcard("a%n", '%')),
            ("city=100%", Pattern::exact("100%")),
            ("mobile=+12+", Pattern::exact("12")),
        ] {
            let search = parse(body).unwrap();
            assert!(matches!(&search.conditions[..], [Condition::Text(_, pattern)] if *pattern == expected), "{body}");
        }
    }

    #[test]
    fn the_last_day_there_is_has_no_end() {
        let Filter(conditions) = parse("created_upto=9999-12-31").unwrap().filter(vec![], UTC);
        assert!(matches!(conditions[..], [Condition::Deleted(false)]));
    }
}
