//! What a writer makes of each way in which a transaction may end.

use std::sync::Arc;

use crate::{
    CreateError, Repository,
    domain::{Columns, Condition, Customer, CustomerId, Filter, Identity, Profile, Tenant, Timestamp, Unique},
    edit::{Decision, EditError},
    fault::Fault,
    protocol::{
        document_item, keys, tenant_item,
        testing::{SimulatedTable, customer, tenant},
    },
    store::{Reason, Store, TransactError},
};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

struct Process {
    table: Arc<SimulatedTable>,
    repository: Repository,
}

impl Process {
    fn new() -> Self {
        let table = Arc::new(SimulatedTable::new());
        let repository = Repository::new(Arc::clone(&table) as Arc<dyn Store>);
        Self { table, repository }
    }

    fn next_transactions_end(&self, ends: impl IntoIterator<Item = (bool, TransactError)>) {
        self.table.scripted.lock().unwrap().extend(ends);
    }

    async fn create(&self, unique_id: Option<&str>) -> Result<CustomerId, CreateError> {
        let directory = self.repository.directory(&tenant().id, "request");
        directory.begin_create().await.unwrap().commit(profile(unique_id), "writer", NOW).await
    }

    async fn set_unique_id(&self, id: CustomerId, unique_id: Option<&str>) -> Result<(), EditError<()>> {
        let directory = self.repository.directory(&tenant().id, "request");
        let edit = directory.begin_edit(id).await.unwrap();
        edit.apply("writer", NOW, |_| Ok(Decision::Replace(profile(unique_id)))).await
    }

    async fn delete(&self, id: CustomerId) -> Result<(), EditError<()>> {
        let directory = self.repository.directory(&tenant().id, "request");
        directory.begin_edit(id).await.unwrap().apply("writer", NOW, |_| Ok(Decision::Delete)).await
    }

    fn documents(&self) -> usize {
        self.table.items(|key| key.sort == "D").len()
    }

    fn tokens(&self) -> Vec<String> {
        std::mem::take(&mut self.table.tokens_sent.lock().unwrap())
    }
}

fn profile(unique_id: Option<&str>) -> Profile {
    let unique_id = unique_id.map(str::to_owned);
    Profile { identity: Identity { name: "Anil".to_owned(), unique_id, ..Identity::default() }, ..Profile::default() }
}

fn cancelled(place: usize, reason: Reason) -> (bool, TransactError) {
    let mut reasons = vec![Reason::None; 3];
    reasons[place] = reason;
    (false, TransactError::Cancelled(reasons))
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_under_the_same_token_and_applied_once() {
    let process = Process::new();
    process.next_transactions_end([
        (true, TransactError::Unknown("answer lost".into())),
        (false, TransactError::InProgress("still at it".into())),
    ]);
    process.create(None).await.unwrap();
    let tokens = process.tokens();
    assert_eq!(tokens.len(), 3);
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!(process.documents(), 1);
}

#[tokio::test]
async fn a_conflict_and_a_busy_partition_are_waited_out_with_a_new_token() {
    let process = Process::new();
    process.next_transactions_end([cancelled(2, Reason::Conflict), cancelled(1, Reason::Throttled)]);
    process.create(None).await.unwrap();
    let tokens = process.tokens();
    assert_eq!(tokens.len(), 3);
    assert!(tokens[0] != tokens[1] && tokens[1] != tokens[2]);
}

#[tokio::test]
async fn a_throttled_request_is_sent_again() {
    let process = Process::new();
    process.next_transactions_end([(false, TransactError::Throttled("too many".into()))]);
    process.create(None).await.unwrap();
    assert_eq!(process.documents(), 1);
}

#[tokio::test]
async fn a_refused_transaction_is_not_tried_again() {
    let process = Process::new();
    process.next_transactions_end([(false, TransactError::Refused("no permission".into()))]);
    assert!(matches!(process.create(None).await, Err(CreateError::Fault(Fault::Refused(_)))));
    assert_eq!(process.tokens().len(), 1);
}

#[tokio::test]
async fn an_unknown_reason_is_not_tried_again() {
    let process = Process::new();
    process.next_transactions_end([cancelled(1, Reason::Other("ItemCollectionSizeLimitExceeded".to_owned()))]);
    assert!(matches!(process.create(None).await, Err(CreateError::Fault(Fault::Refused(_)))));
}

#[tokio::test]
async fn a_row_in_the_way_without_a_moved_head_is_damage() {
    let process = Process::new();
    process.next_transactions_end([cancelled(1, Reason::ConditionFailed(None))]);
    assert!(matches!(process.create(None).await, Err(CreateError::Fault(Fault::Damaged(_)))));
    assert_eq!(process.tokens().len(), 1);
}

#[tokio::test]
async fn a_moved_head_is_taken_from_the_reason_without_reading() {
    let process = Process::new();
    let directory = process.repository.directory(&tenant().id, "request");
    let stale = directory.begin_create().await.unwrap();
    process.create(None).await.unwrap();
    process.tokens();
    stale.commit(profile(None), "writer", NOW).await.unwrap();
    assert_eq!(process.tokens().len(), 2);
    assert_eq!(process.documents(), 2);
}

#[tokio::test]
async fn a_changed_document_is_decided_on_again() {
    let process = Process::new();
    let id = process.create(None).await.unwrap();
    let directory = process.repository.directory(&tenant().id, "request");
    let edit = directory.begin_edit(id).await.unwrap();
    process.set_unique_id(id, Some("first")).await.unwrap();
    let seen = std::sync::Mutex::new(Vec::new());
    let result = edit.apply("writer", NOW, |customer| {
        seen.lock().unwrap().push(customer.profile.identity.unique_id.clone());
        Ok::<_, ()>(Decision::Replace(Profile { notes: Some("second".to_owned()), ..customer.profile.clone() }))
    });
    result.await.unwrap();
    assert_eq!(*seen.lock().unwrap(), [None, Some("first".to_owned())]);
    assert!(matches!(process.create(Some("FIRST")).await, Err(CreateError::Taken(Unique::UniqueId))));
}

#[tokio::test]
async fn an_id_in_use_is_passed_over() {
    let process = Process::new();
    let first = process.create(None).await.unwrap();
    process.table.remove(&keys::id_counter(&tenant().id));
    let restarted = Repository::new(Arc::clone(&process.table) as Arc<dyn Store>);
    let directory = restarted.directory(&tenant().id, "another request");
    let second = directory.begin_create().await.unwrap().commit(profile(None), "writer", NOW).await.unwrap();
    assert_eq!((first, second), (1.into(), 2.into()));
}

#[tokio::test]
async fn a_create_that_finds_its_own_document_is_done() {
    let process = Process::new();
    process.next_transactions_end([(true, TransactError::Cancelled(vec![Reason::ConditionFailed(None)]))]);
    assert_eq!(process.create(None).await.unwrap(), 1.into());
    assert_eq!(process.documents(), 1);
}

#[tokio::test]
async fn a_superseded_row_that_is_gone_is_damage() {
    let process = Process::new();
    let id = process.create(None).await.unwrap();
    let mut reasons = vec![Reason::None; 4];
    reasons[3] = Reason::ConditionFailed(None);
    process.next_transactions_end([(false, TransactError::Cancelled(reasons))]);
    assert!(matches!(process.delete(id).await, Err(EditError::Fault(Fault::Damaged(_)))));
}

#[tokio::test]
async fn a_row_in_the_way_beside_a_conflict_is_no_damage() {
    let process = Process::new();
    let reasons = vec![Reason::None, Reason::ConditionFailed(None), Reason::Conflict];
    process.next_transactions_end([(false, TransactError::Cancelled(reasons))]);
    process.create(None).await.unwrap();
}

#[tokio::test]
async fn a_closed_head_sends_the_writer_back_to_the_tenant() {
    let process = Process::new();
    let id = process.create(None).await.unwrap();
    let directory = process.repository.directory(&tenant().id, "another request");
    let (creation, edit) = (directory.begin_create().await.unwrap(), directory.begin_edit(id).await.unwrap());
    let old = keys::head(&keys::shard(&tenant().id, 1, 0));
    let head = process.table.items(|key| *key == old).remove(0).1;
    process.table.put(keys::head(&keys::shard(&tenant().id, 2, 0)), head.clone());
    let rows = process.table.items(|key| key.partition == old.partition && key.sort != old.sort);
    for (row, item) in rows {
        process.table.put(crate::store::Key { partition: keys::shard(&tenant().id, 2, 0), ..row }, item);
    }
    let mut closed = head;
    closed.insert("closed".to_owned(), aws_sdk_dynamodb::types::AttributeValue::Bool(true));
    process.table.put(old, closed);
    process.table.put(keys::tenant(&tenant().id), tenant_item(&Tenant { epoch: 2, ..tenant() }).unwrap());

    creation.commit(profile(None), "writer", NOW).await.unwrap();
    edit.apply("writer", NOW, |_| Ok::<_, ()>(Decision::Delete)).await.unwrap();
    let mut view = directory.view(Columns::ALL).await.unwrap();
    let live = Filter(vec![Condition::Deleted(false)]);
    assert_eq!((view.count(&Filter::default()).unwrap(), view.count(&live).unwrap()), (2, 1));
}

#[tokio::test]
async fn a_reference_that_follows_from_an_id_is_that_customers() {
    let process = Process::new();
    let (first, second) = (process.create(None).await.unwrap(), process.create(None).await.unwrap());
    let directory = process.repository.directory(&tenant().id, "request");
    let refer = async |reference: String| {
        let edit = directory.begin_edit(second).await.unwrap();
        let decide = |customer: &Customer| {
            let mut profile = customer.profile.clone();
            profile.identity.reference = Some(reference.clone());
            Ok::<_, ()>(Decision::Replace(profile))
        };
        edit.apply("writer", NOW, decide).await
    };
    assert!(matches!(refer(format!("c-{first}")).await, Err(EditError::Taken(Unique::Reference))));
    refer(format!("c-{second}")).await.unwrap();
    refer("X-1".to_owned()).await.unwrap();
}

#[tokio::test]
async fn a_customer_that_has_anothers_reference_can_be_changed_all_the_same() {
    let process = Process::new();
    let (first, second) = (process.create(None).await.unwrap(), process.create(None).await.unwrap());
    let mut damaged = customer(second);
    damaged.profile.identity.reference = Some(format!("C-{first}"));
    process.table.put(keys::document(&tenant().id, second), document_item(&damaged, 2, "import").unwrap());
    let directory = process.repository.directory(&tenant().id, "request");
    let edit = directory.begin_edit(second).await.unwrap();
    let note = |customer: &Customer| {
        Ok::<_, ()>(Decision::Replace(Profile { notes: Some("changed".to_owned()), ..customer.profile.clone() }))
    };
    edit.apply("writer", NOW, note).await.unwrap();
}

#[tokio::test]
async fn a_unique_value_belongs_to_one_live_customer() {
    let process = Process::new();
    let first = process.create(Some("A-1")).await.unwrap();
    assert!(matches!(process.create(Some("a-1")).await, Err(CreateError::Taken(Unique::UniqueId))));
    let second = process.create(Some("A-2")).await.unwrap();
    assert!(matches!(process.set_unique_id(second, Some("A-1")).await, Err(EditError::Taken(Unique::UniqueId))));
    process.set_unique_id(first, Some("A-3")).await.unwrap();
    process.set_unique_id(second, Some("A-1")).await.unwrap();
    process.delete(second).await.unwrap();
    process.create(Some("A-1")).await.unwrap();
    assert!(matches!(process.delete(second).await, Err(EditError::NotFound)));
}

#[tokio::test]
async fn a_change_that_changes_nothing_is_not_written() {
    let process = Process::new();
    let id = process.create(Some("A-1")).await.unwrap();
    process.tokens();
    process.set_unique_id(id, Some("A-1")).await.unwrap();
    assert_eq!(process.tokens().len(), 0);
}
