//! `customers/list`.

use customers::{Directory, ListQuery, View};
use runtime::{Failure, Request};

use crate::{
    Answer, Refusal, Rows,
    column::Surroundings,
    inputs,
    login::Credentials,
    route,
    search::{self, Search, Show},
};

/// The customers below the caller's own that match the inputs, or their number.
///
/// # Errors
///
/// The dialect's refusals, and faults of the directory.
pub async fn list(directory: &Directory<'_>, request: &Request) -> Result<Answer, Refusal> {
    route::check(request)?;
    let params = inputs::read(request);
    let credentials = Credentials::parse(&params)?;
    let (caller, view) = tokio::join!(credentials.authenticate(directory, request), directory.view(search::COLUMNS));
    let caller = caller?;
    let search = Search::parse(&params)?;

    let mut view = view?;
    let query = search.query(&view, caller)?;
    match search.show {
        Show::Count => Ok(Answer::Count { count: view.count(&query.filter)? }),
        Show::Rows(shown) => {
            refuse_too_many(&mut view, &query, shown.most_rows(request.accepts_gzip()))?;
            let surroundings = Surroundings::of(view.tenant());
            let begin = || Rows::new(shown, surroundings);
            let (_, rows) = view.fold(&query, begin, |rows, customer| rows.push(customer)).await?;
            if rows.is_too_long() { Err(Failure::AnswerTooLarge.into()) } else { Ok(Answer::Rows(rows)) }
        }
    }
}

/// Refuses a list of more than `most` rows, which no answer carries, before their documents are fetched.
fn refuse_too_many(view: &mut View<'_>, query: &ListQuery, most: usize) -> Result<(), Refusal> {
    let limit = query.page.limit.unwrap_or(usize::MAX);
    if limit > most && view.count(&query.filter)?.saturating_sub(query.page.offset).min(limit) > most {
        return Err(Failure::AnswerTooLarge.into());
    }
    Ok(())
}
