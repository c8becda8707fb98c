//! What a warm process pays for what others changed since its last list.

use std::convert::Infallible;

use anyhow::{Result, anyhow};
use customers::{
    Condition, Decision, Direction, Directory, Filter, ListQuery, Page, Repository, Sort, SortKey, TextField, Timestamp,
};

use super::{
    clock::{Memory, Stopwatch},
    lists::{PAGE, directory, query},
    report::Figure,
    statistics::median_ms,
    worker::{Found, Place},
};

/// Changes between two lists, how often that is measured, and the goal.
const ROUNDS: [(u64, usize, &str); 3] =
    [(1, 10, "≤ 2 ms at 1M"), (100, 4, "≤ 5 ms at 1M"), (1_000, 2, "≤ 30 ms at 1M")];
/// The demo tenant's first customer.
const FIRST_ID: u64 = 1_000;
/// Steps from one changed customer to the next: a prime, so that they lie all over the index.
const STRIDE: u64 = 7_919;

/// CPU that the index takes to hold 1, 100 and 1,000 changes, and that the list then takes, by several orders.
pub(super) async fn measure(place: &Place) -> Result<Found> {
    let reader = Repository::new(place.store());
    let writer = Repository::new(place.store());
    let group = format!("Changes of {} customers picked up by the next list (CPU)", place.customers);
    for _ in 0..3 {
        list_in_all_orders(&reader, place).await?;
    }
    let mut found = Found::default();
    let mut changed = 0;
    // A thousand changes take longer to make than a first look is worth.
    let rounds = ROUNDS.iter().take(if place.quick { 2 } else { ROUNDS.len() });
    for (changes, rounds, goal) in rounds.copied() {
        let (mut refreshes, mut lists) = (Vec::new(), Vec::new());
        for _ in 0..if place.quick { 1 } else { rounds } {
            for _ in 0..changes {
                changed += 1;
                rename(&directory(&writer), FIRST_ID + changed * STRIDE % place.customers, changed).await?;
            }
            let directory = directory(&reader);
            let stopwatch = Stopwatch::start();
            let mut view = directory.view(neucrm::COLUMNS).await?;
            refreshes.push(stopwatch.read());
            let stopwatch = Stopwatch::start();
            view.list(&query(place.customers / 10)).await?;
            lists.push(stopwatch.read());
            drop(view);
            list_in_all_orders(&reader, place).await?;
        }
        let (_, refresh) = median_ms(&refreshes);
        let (_, list) = median_ms(&lists);
        found
            .figures
            .push(Figure::new(&group, &format!("{changes} changed: read and applied"), refresh, "ms").goal(goal));
        found.figures.push(Figure::new(&group, &format!("{changes} changed: the list after it"), list, "ms"));
    }
    let memory = Memory::read()?;
    found.figures.push(Figure::new(&group, "memory of the process afterwards", memory.now, "MB"));
    Ok(found)
}

/// Lists as several clients do, so that whatever the index keeps for an order is there.
async fn list_in_all_orders(repository: &Repository, place: &Place) -> Result<()> {
    let directory = directory(repository);
    let mut view = directory.view(neucrm::COLUMNS).await?;
    for key in [SortKey::Text(TextField::Name), SortKey::Text(TextField::Email), SortKey::Created, SortKey::Id] {
        let list = ListQuery {
            filter: Filter(vec![Condition::Deleted(false)]),
            sort: Sort { key, direction: Direction::Ascending },
            page: Page { offset: usize::try_from(place.customers / 2)?, limit: Some(PAGE) },
        };
        view.list(&list).await?;
    }
    view.list(&query(place.customers / 10)).await?;
    Ok(())
}

/// Gives the customer another name.
pub(super) async fn rename(directory: &Directory<'_>, id: u64, number: u64) -> Result<()> {
    let edit = directory.begin_edit(id.into()).await?;
    let decision = edit.apply("bench", Timestamp::now(), |customer| {
        let mut profile = customer.profile.clone();
        profile.identity.name = format!("Renamed {number} Annan");
        Ok::<_, Infallible>(Decision::Replace(profile))
    });
    decision.await.map_err(|error| anyhow!("a change failed: {error:?}"))
}
