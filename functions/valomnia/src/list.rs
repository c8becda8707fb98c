//! `GET /api/VERSION/customers`.

use customers::{Column, Columns, Directory, Scope, Superior, TextField};
use runtime::{Params, Request, Response, StatusCode};
use serde::Serialize;

use crate::{
    Refusal,
    origin::Origin,
    paging::Paging,
    route,
    row::{Row, Rows},
    search::Search,
    session::Token,
};

/// What lists look at, and show of parents.
const COLUMNS: Columns = Superior::COLUMNS.and(Columns::of(&[
    Column::Text(TextField::CategoryReference),
    Column::Text(TextField::Email),
    Column::Text(TextField::Mobile),
    Column::Text(TextField::City),
    Column::Text(TextField::PostalCode),
    Column::Created,
    Column::Updated,
    Column::Rare,
]));

/// The customers of the caller's organisation that the query asks for: `{"paging": …, "data": [row…]}`.
///
/// # Errors
///
/// The dialect's refusals, and faults of the directory.
pub async fn list(directory: &Directory<'_>, request: &Request) -> Result<Response, Refusal> {
    let version = route::customers(request)?;
    let token = Token::of(request)?;
    let (caller, view) = tokio::join!(token.authenticate(directory, request.received_at), directory.view(COLUMNS));
    let organisation = caller?.organisation;
    let params = Params::urlencoded(request.query.as_bytes(), b"&");
    let search = Search::parse(&params)?;

    let mut view = view?;
    let query = search.within(view.within(&Scope::Organisation(organisation.clone())));
    let listing = view.list(&query).await?;
    let rows = Rows {
        version,
        origin: &Origin::of(request),
        organisation: &organisation,
        settings: &view.tenant().settings,
        superior: &|customer| view.superior(customer),
    };
    let answer = Answer {
        paging: Paging::new(version, &search, listing.total),
        data: listing.customers.iter().map(|customer| rows.row(customer)).collect(),
    };
    Ok(Response::json(StatusCode::OK, &answer))
}

/// The envelope of a list.
#[derive(Serialize)]
struct Answer<'a> {
    paging: Paging,
    data: Vec<Row<'a>>,
}
