//! The instances of one function: as many as there are concurrent requests, the most recently used first.

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::sync::Semaphore;

use crate::{
    instance::{Instance, Launch, Outcome},
    log::Log,
};

/// The instances of one function.
pub(crate) struct Pool {
    launch: Launch,
    log: Log,
    permits: Semaphore,
    instances: Mutex<Instances>,
}

#[derive(Default)]
struct Instances {
    /// The most recently used last.
    idle: Vec<Instance>,
    busy: BTreeSet<u32>,
}

impl Pool {
    /// A pool of at most `limit` instances; more concurrent requests wait for one of them.
    pub(crate) fn new(launch: Launch, limit: usize, log: Log) -> Self {
        Self { launch, log, permits: Semaphore::new(limit), instances: Mutex::default() }
    }

    /// The function's name.
    pub(crate) fn function(&self) -> &str {
        &self.launch.function
    }

    /// Invokes the function on an idle instance, else on a new one. Only an invocation that was never fetched is given
    /// to another instance.
    pub(crate) async fn invoke(&self, event: Bytes, trace_root: &str) -> Outcome {
        // The semaphore is never closed.
        let _permit = self.permits.acquire().await;
        loop {
            let mut instance = match self.take_idle() {
                Some(instance) => instance,
                None => match Instance::start(&self.launch, &self.log).await {
                    Ok(instance) => instance,
                    Err(error) => return Outcome::Gone { fetched: false, message: format!("{error:#}") },
                },
            };
            let reused = instance.started();
            let busy = Busy::new(self, instance.pid());
            let outcome = instance.invoke(&self.launch, event.clone(), trace_root).await;
            drop(busy);
            if outcome.keeps_instance() {
                self.lock().idle.push(instance);
            }
            if !(reused && matches!(outcome, Outcome::Gone { fetched: false, .. })) {
                return outcome;
            }
        }
    }

    /// The process ids of the living instances.
    pub(crate) fn pids(&self) -> Vec<u32> {
        let mut instances = self.lock();
        let idle: Vec<_> = instances.idle.iter_mut().filter_map(Instance::pid).collect();
        instances.busy.iter().copied().chain(idle).collect()
    }

    /// Kills the idle instances.
    pub(crate) fn clear(&self) {
        self.lock().idle.clear();
    }

    /// The most recently used idle instance that is alive; dead ones are let go.
    fn take_idle(&self) -> Option<Instance> {
        let mut instances = self.lock();
        while let Some(mut instance) = instances.idle.pop() {
            if instance.pid().is_some() {
                return Some(instance);
            }
            self.log.line(&format!("[{}] an idle instance is gone", self.launch.function));
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, Instances> {
        self.instances.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Marks an instance as busy while it lives.
struct Busy<'a>(&'a Pool, Option<u32>);

impl<'a> Busy<'a> {
    fn new(pool: &'a Pool, pid: Option<u32>) -> Self {
        pool.lock().busy.extend(pid);
        Self(pool, pid)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        if let Some(pid) = self.1 {
            self.0.lock().busy.remove(&pid);
        }
    }
}
