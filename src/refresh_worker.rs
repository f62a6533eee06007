//! The worker: the workflows and their activities, registered on the task queues.

use crate::temporal::WorkflowStandings;
use activities::{
    BulkActivities, DueActivities, KeeperActivities, NotifyActivities, RefreshActivities, Refresher, SuppressActivities,
};
use anyhow::{Context as _, Result};
use contracts::{BACKGROUND_TASK_QUEUE, DELIVERY_QUEUE, TASK_QUEUE};
use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;
use temporalio_client::Client;
use temporalio_sdk::activities::ActivityImplementer;
use temporalio_sdk::runtime::worker_tuner::{FixedSizeSlotSupplier, TunerHolder};
use temporalio_sdk::runtime::{Runtime, RuntimeOptions};
use temporalio_sdk::{Worker, WorkerOptions};
use workflows::{
    ApplyRetention, BulkRefresh, BuyerGroupRefresh, DeliverNotifications, RefreshDue, SlotKeeper, SuppressContact,
    SweepOutbox,
};

/// The fewest workflow tasks at once with which a worker that caches workflows can take new ones.
const LEAST_WORKFLOW_TASKS: usize = 2;

/// Receivers told at once, beside all that refreshes do. Each is a connection that mostly waits.
const DELIVERIES: usize = 32;

/// How much a worker does at once and how long it takes to stop.
#[derive(Clone, Copy, Debug)]
pub struct WorkerLimits {
    /// Activities at once. Each holds a database connection for moments and a provider connection for seconds.
    pub max_activities: usize,
    /// Activities at once of refreshes that nobody waits for, beside those.
    pub max_background_activities: usize,
    /// How many of those begin in a second, by all workers together.
    pub background_activities_per_second: NonZeroU16,
    /// Workflow tasks at once; they are CPU work of milliseconds.
    pub max_workflow_tasks: usize,
    /// How long activities in flight may take to finish once the worker was told to stop.
    pub graceful: Duration,
}

/// A worker of refreshes, ready to run. Its future is bound to the thread that made it.
///
/// Refreshes that nobody waits for run on a queue of their own. Receivers are told on another, so that one that is silent
/// takes no refresh's place; the first queue tells them as well, for deliveries that a release with one queue has begun.
pub struct RefreshWorker {
    worker: Worker,
    /// For refreshes that nobody waits for.
    background: Worker,
    /// For telling receivers.
    deliveries: Worker,
    // The workers' telemetry and runtime live as long as they do.
    _runtime: Runtime,
}

impl RefreshWorker {
    /// Registers the workflow and its activities; polls nothing yet.
    ///
    /// # Errors
    /// When called outside a Tokio runtime, limits are out of bounds, or secure connections cannot be made.
    pub fn new(client: Client, refresher: Arc<Refresher>, limits: WorkerLimits) -> Result<Self> {
        let due = DueActivities::new(Arc::new(refresher.scheduler()));
        let activities = RefreshActivities::new(refresher.clone());
        let delivery = NotifyActivities::new(Arc::new(refresher.notifier()?));
        let suppression = SuppressActivities::new(refresher.clone());
        Self::with(client, &refresher, activities, suppression, delivery, due, limits)
    }

    /// The same with activities of one's own, which must cite the definitions in `contracts`.
    ///
    /// # Errors
    /// As [`RefreshWorker::new`].
    pub fn with<A: ActivityImplementer + Clone, S: ActivityImplementer>(
        client: Client,
        refresher: &Refresher,
        activities: A,
        suppression: S,
        delivery: NotifyActivities,
        due: DueActivities,
        limits: WorkerLimits,
    ) -> Result<Self> {
        let runtime = Runtime::from_current_tokio(RuntimeOptions::default())?;
        let background = WorkerOptions::new(BACKGROUND_TASK_QUEUE)
            .tuner(tuner(LEAST_WORKFLOW_TASKS, limits.max_background_activities))
            .max_task_queue_activities_per_second(limits.background_activities_per_second.get().into())
            .graceful_shutdown_period(limits.graceful)
            .register_workflow::<BuyerGroupRefresh>()
            .context("the workflow cannot be registered")?
            .register_activities(activities.clone())
            .build();
        let background =
            Worker::new(&runtime, client.clone(), background).context("the background worker cannot be made")?;
        let bulk = BulkActivities::new(refresher.store().clone());
        let keeper = KeeperActivities::new(refresher.keeper(Arc::new(WorkflowStandings(client.clone()))));
        let options = WorkerOptions::new(TASK_QUEUE)
            .tuner(tuner(limits.max_workflow_tasks, limits.max_activities))
            .graceful_shutdown_period(limits.graceful)
            .register_workflow::<BuyerGroupRefresh>()
            .context("the workflow cannot be registered")?
            .register_workflow::<SuppressContact>()
            .context("the workflow cannot be registered")?
            .register_workflow::<RefreshDue>()
            .context("the workflow cannot be registered")?
            .register_workflow::<SlotKeeper>()
            .context("the workflow cannot be registered")?
            .register_workflow::<BulkRefresh>()
            .context("the workflow cannot be registered")?
            .register_workflow::<DeliverNotifications>()
            .context("the workflow cannot be registered")?
            .register_workflow::<SweepOutbox>()
            .context("the workflow cannot be registered")?
            .register_workflow::<ApplyRetention>()
            .context("the workflow cannot be registered")?
            .register_activities(activities)
            .register_activities(keeper)
            .register_activities(bulk)
            .register_activities(suppression)
            .register_activities(due)
            .register_activities(delivery.clone())
            .build();
        let worker = Worker::new(&runtime, client.clone(), options).context("the worker cannot be made")?;
        let options = WorkerOptions::new(DELIVERY_QUEUE)
            .tuner(tuner(1, DELIVERIES))
            .graceful_shutdown_period(limits.graceful)
            .register_activities(delivery)
            .build();
        let deliveries = Worker::new(&runtime, client, options).context("the worker of deliveries cannot be made")?;
        Ok(Self { worker, background, deliveries, _runtime: runtime })
    }

    /// Runs until `stop` is ready, then lets activities in flight finish.
    ///
    /// # Errors
    /// When the worker ends by itself.
    pub async fn run_until(mut self, stop: impl Future<Output = ()>) -> Result<()> {
        let workers = [&self.worker, &self.background, &self.deliveries];
        let shut_down = workers.map(Worker::shutdown_handle);
        let stopping = async {
            stop.await;
            shut_down.iter().for_each(|shut_down| shut_down());
            // Stopping is not having stopped: the worker's own future says when.
            std::future::pending::<()>().await;
        };
        tokio::select! {
            ended = async { tokio::try_join!(self.worker.run(), self.background.run(), self.deliveries.run()) } => {
                ended.map(drop).context("the worker ended")
            }
            () = stopping => Ok(()),
        }
    }
}

/// So many workflow tasks and activities at once.
fn tuner(workflow_tasks: usize, activities: usize) -> TunerHolder {
    let slots = FixedSizeSlotSupplier::new;
    TunerHolder::builder()
        .workflow_task_slot_supplier(slots(workflow_tasks))
        .activity_task_slot_supplier(slots(activities))
        // Neither kind is used; the tuner asks for all four.
        .local_activity_task_slot_supplier(slots(1))
        .nexus_task_slot_supplier(slots(1))
        .build()
}
