//! What a list asks for.

use customers::{
    BillType, Column, Columns, Condition, CustomerId, Direction, Filter, ListQuery, Page, Parents, Pattern, Sort,
    SortKey, TextField, View,
};
use runtime::Params;

use crate::{Refusal, WrongInput, column::BILL_TYPES, inputs::Inputs, rows::Shown};

/// The inputs of a list, read once.
pub(crate) struct Search<'a> {
    deleted: Which,
    bill_type: Option<BillType>,
    directory: Option<Which>,
    name: &'a str,
    parent: Option<CustomerId>,
    recursive: bool,
    sort: Sort,
    page: Page,
    pub(crate) show: Show,
}

/// Which customers pass a switch that each has on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Both,
    Only(bool),
}

/// What a list answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    Rows(Shown),
    Count,
}

const WHICH: [(i64, Which); 3] = [(-1, Which::Both), (0, Which::Only(false)), (1, Which::Only(true))];

/// What lists are sorted by, each with the columns of a page selector.
const SORTS: [(&str, (TextField, &[&str])); 3] = [
    ("account", (TextField::Account, &["id", "account", "name"])),
    ("description", (TextField::Description, &["id", "description", "name"])),
    ("name", SORT_BY_NAME),
];
const SORT_BY_NAME: (TextField, &[&str]) = (TextField::Name, &["id", "name"]);

/// What lists look at.
pub(crate) const COLUMNS: Columns = Columns::of(&[
    Column::Text(TextField::Name),
    Column::Text(TextField::Account),
    Column::Text(TextField::Description),
]);

/// Counts and page selectors take no notice of `limit` and `offset`.
const EVERYTHING: Page = Page { offset: 0, limit: None };

impl<'a> Search<'a> {
    /// Reads the inputs, in the order of the vendor's table.
    pub(crate) fn parse(params: &'a Params) -> Result<Self, Refusal> {
        let mut inputs = Inputs::new(params);
        let deleted = inputs.option("deleted", &WHICH).unwrap_or(Which::Only(false));
        let bill_type = inputs.word("bill_type", &BILL_TYPES);
        let count = inputs.flag("count");
        let descending = inputs.flag("descending");
        let directory = inputs.option("directory", &WHICH);
        let limit = inputs.natural("limit").filter(|limit| *limit != 0);
        let name = inputs.text("name");
        let offset = inputs.natural("offset").unwrap_or_default();
        let pages = inputs.flag("pages");
        let parent = inputs.natural::<u64>("parent").map(CustomerId::from);
        let recursive = inputs.flag("recursive");
        let (field, columns) = inputs.word("sort", &SORTS).unwrap_or(SORT_BY_NAME);

        let direction = if descending { Direction::Descending } else { Direction::Ascending };
        let (show, page) = match (count, pages) {
            (true, _) => (Show::Count, EVERYTHING),
            (false, true) => (Show::Rows(Shown::Only(columns)), EVERYTHING),
            (false, false) => (Show::Rows(Shown::All), Page { offset, limit }),
        };
        inputs.accept(Self {
            deleted,
            bill_type,
            directory,
            name,
            parent,
            recursive: recursive && show == Show::Rows(Shown::All),
            sort: Sort { key: SortKey::Text(field), direction },
            page,
            show,
        })
    }

    /// The query for a user of the customer `caller`, if the parent it names is that customer or below it.
    pub(crate) fn query(&self, view: &View<'_>, caller: CustomerId) -> Result<ListQuery, Refusal> {
        let parent = self.parent.unwrap_or(caller);
        if parent != caller && !view.is_in_subtree(parent, caller) {
            return Err(WrongInput { key: "parent", message: "No such customer." }.into());
        }
        let parents = if self.recursive { view.subtree(parent) } else { view.parent(parent) };
        let directory = view.tenant().settings.directory_default;
        Ok(ListQuery { filter: self.filter(parents, directory), sort: self.sort, page: self.page })
    }

    /// The filter for customers right below `parents`; `listed` is what the tenant shows of its directory by default.
    fn filter(&self, parents: Parents, listed: Option<bool>) -> Filter {
        let conditions = [
            Some(Condition::Parent(parents)),
            self.deleted.only().map(Condition::Deleted),
            self.bill_type.map(Condition::BillType),
            self.directory.map_or(listed, Which::only).map(Condition::Directory),
            (!self.name.is_empty()).then(|| Condition::Text(TextField::Name, Pattern::contains(self.name))),
        ];
        Filter(conditions.into_iter().flatten().collect())
    }
}

impl Which {
    fn only(self) -> Option<bool> {
        match self {
            Self::Both => None,
            Self::Only(on) => Some(on),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use runtime::{Method, Request};

    use super::*;
    use crate::{inputs, login::Credentials};

    fn params(query: &str) -> Params {
        Params::urlencoded(query.as_bytes(), b";&")
    }

    /// Names of the inputs that are wrong, in the order in which they are reported.
    fn wrong_keys(query: &str) -> Vec<&'static str> {
        match Search::parse(&params(query)) {
            Ok(_) => Vec::new(),
            Err(Refusal::WrongInputs(wrong)) => wrong.iter().map(|wrong| wrong.key).collect(),
            Err(other) => panic!("{query}: {other}"),
        }
    }

    #[test]
    fn inputs_outside_their_set_are_refused_by_name() {
        for (query, expected) in [
            ("", &[][..]),
            ("deleted=;bill_type=;count=;descending=;directory=;limit=;name=;offset=;pages=;parent=;sort=", &[]),
            ("unknown=x;Limit=x;LIMIT=-1", &[]),
            ("deleted=2", &["deleted"]),
            ("deleted=-2", &["deleted"]),
            ("bill_type=foo", &["bill_type"]),
            ("bill_type=Prepaid", &["bill_type"]),
            ("count=2", &["count"]),
            ("descending=-1", &["descending"]),
            ("directory=2", &["directory"]),
            ("limit=ten", &["limit"]),
            ("limit=-1", &["limit"]),
            ("limit=5;limit=x", &["limit"]),
            ("limit=x;limit=5", &[]),
            ("name=%FF", &["name"]),
            ("offset=-1", &["offset"]),
            ("pages=yes", &["pages"]),
            ("parent=-1", &["parent"]),
            ("parent=x", &["parent"]),
            ("recursive=2", &["recursive"]),
            ("sort=id", &["sort"]),
            ("sort=Name", &["sort"]),
            ("count=1;limit=x;recursive=x", &["limit", "recursive"]),
            ("sort=id;limit=-1;deleted=2;name=%FF", &["deleted", "limit", "name", "sort"]),
        ] {
            assert_eq!(wrong_keys(query), expected, "{query}");
        }
    }

    #[test]
    fn every_parameter_has_its_default_and_its_values() {
        use Condition::{Deleted, Directory, Text};
        let parents = || Parents { top: 1.into(), deep: false, root: None };
        for (query, listed, expected) in [
            ("", Some(false), "Deleted(false) Directory(false)"),
            ("", Some(true), "Deleted(false) Directory(true)"),
            ("", None, "Deleted(false)"),
            ("directory=1", Some(false), "Deleted(false) Directory(true)"),
            ("directory=0", None, "Deleted(false) Directory(false)"),
            ("directory=-1", Some(false), "Deleted(false)"),
            ("directory=", Some(false), "Deleted(false) Directory(false)"),
            ("deleted=1", None, "Deleted(true)"),
            ("deleted=-1", None, ""),
            ("bill_type=callshop", None, "Deleted(false) BillType(Callshop)"),
            ("bill_type=external", None, "Deleted(false) BillType(External)"),
            ("bill_type=none", None, "Deleted(false) BillType(None)"),
            ("bill_type=postpaid", None, "Deleted(false) BillType(Postpaid)"),
            ("bill_type=prepaid", None, "Deleted(false) BillType(Prepaid)"),
            ("bill_type=prepaid_calls", None, "Deleted(false) BillType(PrepaidCalls)"),
            ("bill_type=prepaid_invoices", None, "Deleted(false) BillType(PrepaidInvoices)"),
            ("name=alpha+l", None, "Deleted(false) Name(alpha l)"),
            ("name=alpha%20l&deleted=-1", None, "Name(alpha l)"),
            ("name=+", None, "Deleted(false) Name( )"),
        ] {
            let params = params(query);
            let Filter(conditions) = Search::parse(&params).unwrap().filter(parents(), listed);
            let (first, others) = conditions.split_first().unwrap();
            assert!(matches!(first, Condition::Parent(_)), "{query}");
            let shown = others.iter().map(|condition| match condition {
                Text(TextField::Name, pattern) => {
                    let name = params.get("name").unwrap().unwrap();
                    assert_eq!(*pattern, Pattern::contains(name));
                    format!("Name({name})")
                }
                Deleted(_) | Directory(_) | Condition::BillType(_) => format!("{condition:?}"),
                other => panic!("{other:?}"),
            });
            assert_eq!(shown.collect::<Vec<_>>().join(" "), expected, "{query}");
        }
    }

    #[test]
    fn orders() {
        use Direction::{Ascending, Descending};
        for (query, field, direction) in [
            ("", TextField::Name, Ascending),
            ("sort=", TextField::Name, Ascending),
            ("sort=name;descending=0", TextField::Name, Ascending),
            ("sort=account", TextField::Account, Ascending),
            ("sort=description;descending=1", TextField::Description, Descending),
            ("descending=1", TextField::Name, Descending),
        ] {
            let params = params(query);
            let Sort { key, direction: found } = Search::parse(&params).unwrap().sort;
            assert_eq!((key, found), (SortKey::Text(field), direction), "{query}");
        }
    }

    #[test]
    fn a_count_and_a_page_selector_are_of_all_rows_and_never_recursive() {
        const ROWS: Show = Show::Rows(Shown::All);
        const BY_NAME: Show = Show::Rows(Shown::Only(&["id", "name"]));
        const BY_ACCOUNT: Show = Show::Rows(Shown::Only(&["id", "account", "name"]));
        for (query, show, page, recursive) in [
            ("", ROWS, (0, None), false),
            ("limit=0;offset=0", ROWS, (0, None), false),
            ("limit=1;offset=9", ROWS, (9, Some(1)), false),
            ("offset=9", ROWS, (9, None), false),
            ("recursive=1", ROWS, (0, None), true),
            ("recursive=1;count=0;pages=0", ROWS, (0, None), true),
            ("recursive=1;count=1;limit=1", Show::Count, (0, None), false),
            ("recursive=1;pages=1;limit=1;offset=1", BY_NAME, (0, None), false),
            ("pages=1;sort=account", BY_ACCOUNT, (0, None), false),
            ("pages=1;count=1", Show::Count, (0, None), false),
        ] {
            let params = params(query);
            let search = Search::parse(&params).unwrap();
            assert_eq!(search.show, show, "{query}");
            assert_eq!((search.page.offset, search.page.limit), page, "{query}");
            assert_eq!(search.recursive, recursive, "{query}");
        }
    }

    proptest! {
        #[test]
        fn no_query_and_no_body_make_reading_inputs_fail(query in any::<String>(), body in any::<Vec<u8>>()) {
            let mut request = Request::new(Method::POST, "/").with_body("", body);
            request.query = query;
            let params = inputs::read(&request);
            let _ = (Credentials::parse(&params), Search::parse(&params));
        }

        #[test]
        fn a_wrong_value_is_reported_under_its_own_name(
            name in "deleted|bill_type|count|limit|name|offset|pages|parent|sort",
            value in any::<Vec<u8>>(),
        ) {
            let encoded: String = value.iter().map(|byte| format!("%{byte:02x}")).collect();
            let keys = wrong_keys(&format!("{name}={encoded}"));
            prop_assert!(keys.is_empty() || keys == [name]);
        }
    }
}
