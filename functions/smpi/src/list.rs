//! `GET /SMPI/{version}/service/wfbss/api/customers`.

use customers::{Column, Columns, Directory, TextField};
use runtime::Request;

use crate::{Answer, Refusal, credentials::Credentials, route, search::Search};

/// What lists look at.
const COLUMNS: Columns = Columns::of(&[Column::Text(TextField::Name), Column::Guid]);

/// The customers of the token's partner that fit the parameters, by name, a page of them.
///
/// # Errors
///
/// The dialect's refusals, and faults of the directory.
pub async fn list(directory: &Directory<'_>, request: &Request) -> Result<Answer, Refusal> {
    let credentials = Credentials::parse(request)?;
    let search = match route::check(request).and_then(|()| Search::parse(request)) {
        Ok(search) => search,
        Err(refusal) => return Err(credentials.refuse(directory, refusal).await),
    };
    let (login, view) = tokio::join!(credentials.authenticate(directory), directory.view(COLUMNS));
    let login = login?;

    let mut view = view?;
    let query = search.query(view.within(&login.scope));
    let listing = view.list(&query).await?;
    Ok(Answer::new(&listing, search.page, &view.tenant().settings))
}
