//! One list, found in several ways: by name, backwards, from far behind the beginning, with its total.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use customers::{
    Condition, Customer, Dialect, Direction, Directory, Filter, ListQuery, Listing, Page, Pattern, Repository, Sort,
    SortKey, TextField, Usage,
    table::{Key, Store},
};
use futures_util::future::try_join_all;

use super::{
    clock::{Memory, Stopwatch, Time},
    instrumented::{Instrumented, Latency},
    report::{AGAIN, COLD, FIRST_TIME, Figure, ListLine, SEARCH},
    statistics::median_ms,
    worker::{Found, Place},
};
use crate::demo::TENANT;

/// What names contain.
pub(super) const WORD: &str = "an";
/// Other parts of about as many names: more than searches are kept.
const OTHER_WORDS: [&str; 8] = ["ar", "sh", "ka", "es", "ha", "na", "ra", "ni"];
/// The login that is read beside a list.
const IDENTITY: &str = "1";
/// Customers on a page.
pub(super) const PAGE: usize = 100;
/// Partitions of the documents' second copy: as many as the list index has, read at once.
const COPY_PARTITIONS: u64 = 4;
/// Items asked for in one Query: more than its 1 MB holds.
const QUERY_LIMIT: u32 = 8_000;
/// A way is tried until it was often enough or took long enough.
const LONG_ENOUGH: Duration = Duration::from_secs(10);

/// The list, at `offset`.
pub(super) fn query(offset: u64) -> ListQuery {
    search(WORD, offset)
}

/// The same for names that contain `word`.
fn search(word: &str, offset: u64) -> ListQuery {
    ListQuery {
        filter: Filter(vec![Condition::Deleted(false), Condition::Text(TextField::Name, Pattern::contains(word))]),
        sort: Sort { key: SortKey::Text(TextField::Name), direction: Direction::Descending },
        page: Page { offset: usize::try_from(offset).unwrap_or(usize::MAX), limit: Some(PAGE) },
    }
}

/// A: all documents, page by page from four partitions at once, filtered and sorted as they are.
pub(super) async fn documents(place: &Place) -> Result<Found> {
    let store = place.store();
    let scale = Arc::new(Instrumented::new(Arc::clone(&store), Latency::default()));
    let answer = list_documents(&*scale, place.customers).await?;
    let before = store.meter().usage();
    let times = repeat(5, place, async |_| list_documents(&*store, place.customers).await.map(drop)).await?;
    let line = line("A: every document", place, &times, &store.meter().usage().since(&before), scale.bytes())?;
    Ok(Found { answer: Some(answer), lists: vec![line], ..Found::default() })
}

/// B: all rows, by a repository that remembers nothing of earlier requests but its connections.
pub(super) async fn rows(place: &Place) -> Result<Found> {
    let store = place.store();
    let list =
        async |store: &Arc<dyn Store>| request(&Repository::new(Arc::clone(store)), &query(place.customers / 10)).await;
    let scale = Arc::new(Instrumented::new(Arc::clone(&store), Latency::default()));
    let answer = answer(&list(&(Arc::clone(&scale) as Arc<dyn Store>)).await?);
    let before = store.meter().usage();
    let times = repeat(5, place, async |_| list(&store).await.map(drop)).await?;
    let line = line("B: every row", place, &times, &store.meter().usage().since(&before), scale.bytes())?;
    Ok(Found { answer: Some(answer), lists: vec![line], ..Found::default() })
}

/// C, cold: the first request of a process, with its connections.
pub(super) async fn cold(place: &Place) -> Result<Found> {
    let list = query(place.customers / 10);
    let scale = Arc::new(Instrumented::new(place.store(), Latency::default()));
    let answer = answer(&request(&Repository::new(Arc::clone(&scale) as Arc<dyn Store>), &list).await?);
    let stores = std::cell::RefCell::new(Vec::new());
    let times = repeat(5, place, async |_| {
        let store = place.store();
        stores.borrow_mut().push(Arc::clone(&store));
        request(&Repository::new(store), &list).await.map(drop)
    });
    let times = times.await?;
    let usage = stores.borrow().iter().fold(Usage::default(), |sum, store| plus(sum, store.meter().usage()));
    let line = line(COLD, place, &times, &usage, scale.bytes())?;
    Ok(Found { answer: Some(answer), lists: vec![line], ..Found::default() })
}

/// C, warm: a process that listed before; searches that it did not make yet, pages that it did not read yet, and one that it
/// did.
pub(super) async fn warm(place: &Place) -> Result<Found> {
    let offset = place.customers / 10;
    let scale = Arc::new(Instrumented::new(place.store(), Latency::default()));
    let repository = Repository::new(Arc::clone(&scale) as Arc<dyn Store>);
    // The end of the list: the pages measured have documents that were never read.
    let total = request(&repository, &query(u64::MAX)).await?.total;
    let pages = (total.saturating_sub(usize::try_from(offset)?) / PAGE).clamp(1, if place.quick { 5 } else { 50 });
    let mut found = Found::default();
    let measure = async |what, list: &dyn Fn(usize) -> ListQuery| {
        scale.weigh_from_now(false);
        let before = repository.usage();
        let times = repeat(pages, place, async |number| request(&repository, &list(number)).await.map(drop)).await?;
        let usage = repository.usage().since(&before);
        scale.weigh_from_now(true);
        let unread = scale.bytes();
        request(&repository, &list(times.len())).await?;
        line(what, place, &times, &usage, scale.bytes() - unread)
    };
    let page = |number: usize| offset + u64::try_from(number * PAGE).unwrap_or_default();
    found.lists.push(measure(SEARCH, &|number| search(another_word(number), page(number / OTHER_WORDS.len()))).await?);
    found.lists.push(measure(FIRST_TIME, &|number| query(page(number))).await?);
    let answered = request(&repository, &query(offset)).await?;
    found.lists.push(measure(AGAIN, &|_| query(offset)).await?);
    found.answer = Some(answer(&answered));
    scale.weigh_from_now(false);
    found.figures = in_memory(&repository, place, answered.total).await?;
    Ok(found)
}

/// What the list costs without its round trip: on an open view, with the documents of its pages at hand.
async fn in_memory(repository: &Repository, place: &Place, total: usize) -> Result<Vec<Figure>> {
    let group = format!("Warm list of {} customers, without its round trip (CPU)", place.customers);
    let directory = directory(repository);
    let mut view = directory.view(neucrm::COLUMNS).await?;
    let unfiltered = |key| ListQuery {
        filter: Filter(vec![Condition::Deleted(false)]),
        sort: Sort { key, direction: Direction::Descending },
        page: Page { offset: usize::try_from(place.customers / 2).unwrap_or_default(), limit: Some(PAGE) },
    };
    let mut figures = Vec::new();
    // A page far behind the end has no documents: what remains is the search.
    let ends = (0..).map(|number| search(another_word(number), u64::MAX));
    let mut time = async |lists: &mut dyn Iterator<Item = ListQuery>| {
        let mut times = Vec::new();
        for list in lists {
            let stopwatch = Stopwatch::start();
            view.list(&list).await?;
            times.push(stopwatch.read());
        }
        let (_, cpu) = median_ms(&times);
        anyhow::Ok(cpu)
    };
    let runs = if place.quick { 3 } else { 20 };
    let searches = time(&mut ends.take(runs)).await?;
    figures
        .push(Figure::new(&group, "name contains, not searched before, total", searches, "ms").goal("≤ 10 ms at 1M"));
    for (what, list, goal) in [
        ("name contains, sort, offset N/10, total", query(place.customers / 10), "≤ 10 ms at 1M"),
        ("name contains, sort, the middle page, total", query(u64::try_from(total / 2)?), "≤ 10 ms at 1M"),
        ("no filter, by name, the middle page, total", unfiltered(SortKey::Text(TextField::Name)), "≤ 2 ms at 1M"),
        ("no filter, by creation, the middle page, total", unfiltered(SortKey::Created), "≤ 2 ms at 1M"),
    ] {
        let first = time(&mut std::iter::once(list.clone())).await?;
        let again = time(&mut std::iter::repeat_n(list, runs)).await?;
        figures.push(Figure::new(&group, what, again, "ms").goal(goal));
        figures.push(Figure::new(&group, "the same, its first time, with its documents", first, "ms"));
    }
    let memory = Memory::read()?;
    figures.push(Figure::new(&group, "memory of the process", memory.now, "MB").goal("≤ 220 MB at 1M"));
    figures.push(Figure::new(&group, "memory of the process, peak", memory.peak, "MB"));
    Ok(figures)
}

/// One request as a function makes it: the login beside the list.
pub(super) async fn request(repository: &Repository, query: &ListQuery) -> Result<Listing> {
    let directory = directory(repository);
    let (login, view) = tokio::join!(directory.login(Dialect::NeuCrm, IDENTITY), directory.view(neucrm::COLUMNS));
    login?.context("the login is gone")?;
    Ok(view?.list(query).await?)
}

fn another_word(number: usize) -> &'static str {
    OTHER_WORDS.iter().cycle().nth(number).copied().unwrap_or_default()
}

pub(super) fn directory(repository: &Repository) -> Directory<'_> {
    #[expect(clippy::expect_used, reason = "a constant, which a test parses")]
    let tenant = TENANT.parse().expect("a tenant's name");
    repository.directory(&tenant, "bench")
}

/// Where the second copy of a document stands; none if `key` is no document's.
pub(super) fn copy_key(key: &Key) -> Option<Key> {
    let (_, id) = key.partition.rsplit_once('#').filter(|_| key.sort == "D")?;
    let id: u64 = id.parse().ok()?;
    Some(Key { partition: copy_partition(id % COPY_PARTITIONS), sort: format!("{id:012}") })
}

fn copy_partition(number: u64) -> String {
    format!("COPY#{number}")
}

async fn list_documents(store: &dyn Store, customers: u64) -> Result<String> {
    let matching = try_join_all((0..COPY_PARTITIONS).map(|number| matching(store, copy_partition(number)))).await?;
    let mut matching: Vec<(String, Customer)> = matching.into_iter().flatten().collect();
    matching.sort_by(|(name, customer), (other, another)| other.cmp(name).then(customer.id.cmp(&another.id)));
    let (total, skipped) = (matching.len(), usize::try_from(customers / 10)?);
    let page: Vec<_> = matching.into_iter().skip(skipped).take(PAGE).map(|(_, customer)| customer.id).collect();
    Ok(format!("{total} {page:?}"))
}

/// The customers of a partition that fit, by their folded names.
async fn matching(store: &dyn Store, partition: String) -> Result<Vec<(String, Customer)>> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = store.query(&partition, &after, QUERY_LIMIT).await.map_err(customers::Fault::from)?;
        for item in page.items {
            after = item.get("SK").and_then(|sort| sort.as_s().ok()).context("an item without its sort key")?.clone();
            let customer: Customer = serde_dynamo::from_item(item)?;
            let name = customer.profile.identity.name.to_lowercase();
            if customer.lifecycle.deleted_at.is_none() && name.contains(WORD) {
                found.push((name, customer));
            }
        }
        if !page.more {
            return Ok(found);
        }
    }
}

fn answer(listing: &Listing) -> String {
    let ids: Vec<_> = listing.customers.iter().map(|customer| customer.id).collect();
    format!("{} {ids:?}", listing.total)
}

/// Times `times` runs of `work`, or as many as are done until it took long enough.
async fn repeat(times: usize, place: &Place, work: impl AsyncFn(usize) -> Result<()>) -> Result<Vec<Time>> {
    let began = Instant::now();
    let mut measured = Vec::new();
    for number in 0..if place.quick { times.min(3) } else { times } {
        let stopwatch = Stopwatch::start();
        work(number).await?;
        measured.push(stopwatch.read());
        if began.elapsed() > LONG_ENOUGH {
            break;
        }
    }
    ensure!(!measured.is_empty(), "nothing was measured");
    Ok(measured)
}

fn line(what: &str, place: &Place, times: &[Time], usage: &Usage, bytes: usize) -> Result<ListLine> {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let mean = |total: u64| total as f64 / times.len() as f64;
    let (wall_ms, cpu_ms) = median_ms(times);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    Ok(ListLine {
        customers: place.customers,
        what: what.to_owned(),
        runs: times.len(),
        wall_ms,
        cpu_ms,
        calls: mean(usage.calls),
        round_trips: mean(usage.round_trips),
        read_units: usage.read_units / times.len() as f64,
        kilobytes: bytes as f64 / 1e3,
        memory_mb: Memory::read()?.now,
        times_faster: None,
    })
}

fn plus(one: Usage, other: Usage) -> Usage {
    Usage {
        calls: one.calls + other.calls,
        round_trips: one.round_trips + other.round_trips,
        read_units: one.read_units + other.read_units,
        ..one
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_documents_are_copied_and_the_tenant_is_one() {
        let key = |partition: &str, sort: &str| Key { partition: partition.to_owned(), sort: sort.to_owned() };
        assert_eq!(copy_key(&key("T#demo#C#1007", "D")), Some(key("COPY#3", "000000001007")));
        assert_eq!(copy_key(&key("T#demo#L#1#0", "~")), None);
        assert!(TENANT.parse::<customers::TenantId>().is_ok());
    }
}
