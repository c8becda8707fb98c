//! What a warm process pays for what others changed since its last list.

use std::convert::Infallible;

use anyhow::{Result, anyhow};
use customers::{
    Condition, Decision, Direction, Directory, Filter, ListQuery, Page, Repository, Sort, SortKey, TextField, Timestamp,
};

use super::{
    clock::{Memory, Stopwatch},
    lists::directory,
    report::Figure,
    statistics::median_ms,
    worker::{Found, Place},
};

/// Changes between two lists, how often that is measured, and the goal.
const ROUNDS: [(u64, usize, &str); 3] =
    [(1, 10, "≤ 2 ms at 1M"), (100, 4, "≤ 5 ms at 1M"), (1_000, 2, "≤ 30 ms at 1M")];
/// As many orders as are kept. Renamed customers come first in none of them.
const ORDERS: [Sort; 4] = [
    Sort { key: SortKey::Text(TextField::Name), direction: Direction::Descending },
    Sort { key: SortKey::Text(TextField::Email), direction: Direction::Ascending },
    Sort { key: SortKey::Created, direction: Direction::Ascending },
    Sort { key: SortKey::Id, direction: Direction::Ascending },
];
/// The demo tenant's first customer.
const FIRST_ID: u64 = 1_000;
/// Steps from one changed customer to the next: a prime, so that they lie all over the index.
const STRIDE: u64 = 7_919;

/// CPU of the next list after 1, 100 and 1,000 changes, while four orders are kept: what was changed is read, applied, and
/// put in its place in the order that the list asks for.
pub(super) async fn measure(place: &Place) -> Result<Found> {
    let reader = Repository::new(place.store());
    let writer = Repository::new(place.store());
    let group = format!("Changes of {} customers picked up by the next list, four orders kept (CPU)", place.customers);
    let [listed, others @ ..] = &ORDERS;
    for _ in 0..3 {
        list_by(&reader, &ORDERS).await?;
    }
    let mut found = Found::default();
    let mut changed = 0;
    // A thousand changes take longer to make than a first look is worth.
    let rounds = ROUNDS.iter().take(if place.quick { 2 } else { ROUNDS.len() });
    for (changes, rounds, goal) in rounds.copied() {
        let (mut lists, mut rests) = (Vec::new(), Vec::new());
        for _ in 0..if place.quick { 1 } else { rounds } {
            for _ in 0..changes {
                changed += 1;
                rename(&directory(&writer), FIRST_ID + changed * STRIDE % place.customers, changed).await?;
            }
            for (orders, times) in [(std::slice::from_ref(listed), &mut lists), (others, &mut rests)] {
                let stopwatch = Stopwatch::start();
                list_by(&reader, orders).await?;
                times.push(stopwatch.read());
            }
        }
        let (_, list) = median_ms(&lists);
        let (_, rest) = median_ms(&rests);
        found.figures.push(Figure::new(&group, &format!("{changes} changed: the next list"), list, "ms").goal(goal));
        found.figures.push(Figure::new(&group, "lists in the three other orders after it", rest, "ms"));
    }
    let memory = Memory::read()?;
    found
        .figures
        .push(Figure::new(&group, "memory of the process afterwards", memory.now, "MB").goal("≤ 220 MB at 1M"));
    Ok(found)
}

/// Lists the first customer by each of `orders`: hardly more than a view of the index and a look at the order.
async fn list_by(repository: &Repository, orders: &[Sort]) -> Result<()> {
    let directory = directory(repository);
    let mut view = directory.view(neucrm::COLUMNS).await?;
    for sort in orders {
        let filter = Filter(vec![Condition::Deleted(false)]);
        view.list(&ListQuery { filter, sort: *sort, page: Page { offset: 0, limit: Some(1) } }).await?;
    }
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
