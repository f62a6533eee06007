//! `dev`, the default: everything on this machine, one refresh, and the group on the screen.

use crate::outln;
use crate::output::Output;
mod summary;

use crate::commands::refresh;
use crate::commands::send::{self, Delivery};
use crate::config::{Overrides, RosterSettings, Settings};
use crate::dev_key;
use crate::dev_secret;
use crate::documents::{DevDocument, GroupDocument, SellerDocument, Timings};
use crate::exit::{Exit, WrongUsage};
use crate::front_door::{self, FrontDoor};
use crate::refresh_worker::RefreshWorker;
use crate::running::Running;
use crate::secret_watch::OnHangup;
use crate::seller_args::SellerArgs;
use crate::temporal::{self, DevServer, DevServerOptions, Search, WebUi};
use crate::{sample, show_group, signals, wiring};
use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use contracts::{OutcomeKind, RefreshOutcome};
use engine::SellerProfile;
use futures::future::maybe_done;
use starter::{RefreshStarter, StartAnswer};
use std::cell::Cell;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Store;
use temporalio_client::Client;
use tokio::net::TcpListener;
use workflows::BuyerGroupRefresh;

/// What to refresh, and whether to stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct DevArgs {
    /// Exit once the refresh has ended: 0 when a group was saved, else 1 with the reason.
    #[arg(long)]
    pub once: bool,

    /// Your own people: a CSV or JSONL file, as exported from a CRM or HR system [default: the sample company].
    #[arg(long, value_name = "FILE", requires = "company")]
    pub roster: Option<PathBuf>,

    /// Name of the company whose people the roster holds.
    #[arg(long, value_name = "NAME")]
    pub company: Option<String>,

    /// Web domain of that company.
    #[arg(long)]
    pub domain: Option<String>,

    /// What you sell.
    #[command(flatten)]
    pub seller: SellerArgs,

    /// Where to listen for webhooks [default: 127.0.0.1:8080, or a free port when that is taken].
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,

    /// The data folder, where one was given: an option of every command, kept for the commands that are shown.
    #[arg(skip)]
    pub data_dir: Option<PathBuf>,
}

impl DevArgs {
    /// The flags that are settings.
    #[must_use]
    pub fn settings(&self, overrides: Overrides) -> Overrides {
        overrides.flag("--listen", "starter.listen", self.listen.as_ref())
    }
}

/// How much longer than its activities a worker may take to stop that has lost its server.
const STOP_WITHOUT_SERVER: Duration = Duration::from_secs(5);

/// What is running, to be stopped in order.
struct House {
    client: Client,
    store: Store,
    server: Option<DevServer>,
    listener: TcpListener,
}

/// Starts everything, refreshes, shows the group; then serves until told to stop, unless it is to be done once.
///
/// # Errors
/// When something cannot be started, or the refresh does not end with a saved group.
pub async fn run(args: &DevArgs, mut settings: Settings, output: Output) -> Result<Exit> {
    let started = Instant::now();
    let stop = signals::stop()?;
    tokio::pin!(stop);
    let settings = &mut settings;
    // It holds people's data and a secret, which are nobody else's on this machine.
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&settings.data_dir)
        .with_context(|| format!("cannot make the folder {}", settings.data_dir.display()))?;
    let sold = prepare(args, settings)?;
    let House { client, store, mut server, listener } = open(settings).await?;
    settings.starter.listen = listener.local_addr()?;
    let _note = match &server {
        Some(server) => {
            let running = Running { temporal: server.address(), webhooks: send::url(settings) };
            Some(running.note(&settings.data_dir)?)
        }
        None => None,
    };
    let ready = started.elapsed();

    let sold = sold.map_or_else(|| wiring::own_profile(settings), Ok)?;
    let refresher = Arc::new(wiring::dev_refresher(settings, store.clone(), Some(sold.clone()))?);
    let worker = RefreshWorker::new(client.clone(), refresher, wiring::worker_limits(settings))?;
    let starter = Arc::new(RefreshStarter::new(client.clone(), wiring::start_limits(settings)));
    // Its server is part of this house: when it is gone, so is the house.
    let direct = Arc::new(RefreshStarter::new(client.clone(), front_door::start_limits(settings)));
    let door = FrontDoor::new(settings, Some(&sold), OnHangup::End, store.clone(), direct, || true)?;

    let (stop_worker, worker_stopped) = tokio::sync::oneshot::channel::<()>();
    let (stop_serving, serving_stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = door.serve(listener, async move {
        let _ = serving_stopped.await;
    });
    let working = worker.run_until(async move {
        let _ = worker_stopped.await;
    });
    // Both go on while they are stopped, so they are kept until they have ended, whoever ends first.
    let (mut serving, mut working) = (pin!(maybe_done(serving)), pin!(maybe_done(working)));
    let watch = server.as_ref().map(|server| (server.web_ui(), server.namespace().to_owned()));
    // How it ends when it is told to.
    let when_told = Cell::new(Exit::Done);
    let refreshing = async {
        let shown = refresh_and_show(args, settings, output, &client, &store, &starter, watch, ready).await;
        if args.once {
            return shown;
        }
        if let Err(error) = shown {
            // A refresh that failed is something to look at in the Web UI, so everything stays up.
            eprintln!("the refresh did not succeed: {}", crate::exit::chain(&error));
            when_told.set(Exit::Failed);
        }
        std::future::pending().await
    };
    let ended = tokio::select! {
        ended = refreshing => ended,
        () = &mut stop => Ok(when_told.get()),
        // Without any of these nothing can be refreshed any more, and whoever waits would wait for ever.
        () = &mut serving => Err(anyhow!("the webhooks are no longer served")),
        () = &mut working => Err(match working.as_mut().output_mut() {
            Some(Err(error)) => anyhow!("the worker ended by itself: {}", crate::exit::chain(error)),
            _ => anyhow!("the worker ended by itself"),
        }),
        lost = lost_server(&mut server, settings) => Err(lost),
    };
    // First no new events, then no new work; both finish what they have, as far as they can.
    let _ = stop_serving.send(());
    let _ = stop_worker.send(());
    let stopping = async { tokio::join!(&mut serving, &mut working) };
    match &ended {
        Ok(_) => _ = stopping.await,
        // What is broken may be what they need for finishing.
        Err(_) => _ = tokio::time::timeout(settings.worker.graceful + STOP_WITHOUT_SERVER, stopping).await,
    }
    store.close().await;
    if let Some(server) = server {
        server.stop().await?;
    }
    let exit = ended?;
    if serving.as_mut().take_output().is_some_and(|served| !served.complete) {
        eprintln!("note: not every request under way could be answered");
    }
    working.as_mut().take_output().unwrap_or(Ok(()))?;
    Ok(exit)
}

/// Why our own Temporal server is no longer there; not ready while it is, or when it is not ours.
async fn lost_server(server: &mut Option<DevServer>, settings: &Settings) -> anyhow::Error {
    let Some(server) = server else { return std::future::pending().await };
    let log = settings.temporal_log_file();
    match server.ended().await {
        Ok(status) => anyhow!("the Temporal server ended by itself ({status}); its log is {}", log.display()),
        Err(error) => error,
    }
}

/// Settings that only this command makes: the company of the roster and a secret for the sample's events. Gives what is
/// sold, where the command line says so.
fn prepare(args: &DevArgs, settings: &mut Settings) -> Result<Option<SellerProfile>> {
    if let (Some(file), Some(company)) = (&args.roster, &args.company) {
        anyhow::ensure!(file.is_file(), "the roster {} is not a file", file.display());
        settings.rosters.push(RosterSettings {
            workspace: settings.workspace.clone(),
            company: company.clone(),
            company_id: None,
            domain: args.domain.clone(),
            file: file.clone(),
            staff: None,
            revenue: None,
        });
        show_group::roster(file)?;
    } else if args.company.is_some() || args.domain.is_some() {
        let advice = "--company and --domain say whose people a --roster holds; give the file, too";
        return Err(WrongUsage(advice.to_owned()).into());
    }
    dev_secret::ensure_source(settings)?;
    if args.seller == SellerArgs::default() {
        return Ok(None);
    }
    let sold = args.seller.profile(|| wiring::own_profile(settings))?;
    eprintln!("{}", show_group::seller(&SellerDocument::of(&sold)));
    Ok(Some(sold))
}

async fn open(settings: &mut Settings) -> Result<House> {
    let listener = listen(settings).await?;
    let (server, client) = match temporal::existing_server()? {
        Some(named) => {
            eprintln!("using the Temporal server at {}", named.address);
            let client = temporal::connect(&settings.temporal).await?;
            temporal::register_search_attributes(&client).await?;
            (None, client)
        }
        None => {
            let command = Search::new(settings).find_or_install().await?;
            let server = DevServer::start(DevServerOptions::new(command.path, settings)).await?;
            let client = server.connect().await?;
            (Some(server), client)
        }
    };
    let store = wiring::open_store(settings).await?;
    store.migrate().await.context("the schema could not be brought to this build's")?;
    temporal::ensure_due_schedule(&client, settings.schedule.every).await;
    temporal::ensure_slot_schedule(&client).await;
    temporal::ensure_sweep_schedule(&client).await;
    dev_key::ensure(settings, &store).await?;
    temporal::ensure_retention_schedule(&client).await;
    Ok(House { client, store, server, listener })
}

/// The configured address or, on a developer's machine where that is taken, a free port beside it.
async fn listen(settings: &Settings) -> Result<TcpListener> {
    let address = settings.starter.listen;
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            eprintln!("note: {address} is taken, so webhooks are served on another port");
            Ok(TcpListener::bind((address.ip(), 0)).await?)
        }
        Err(error) => Err(error).with_context(|| format!("cannot listen on {address}")),
    }
}

#[expect(clippy::too_many_arguments, reason = "the one place where everything that runs meets")]
async fn refresh_and_show(
    args: &DevArgs,
    settings: &Settings,
    output: Output,
    client: &Client,
    store: &Store,
    starter: &RefreshStarter,
    watch: Option<(WebUi, String)>,
    ready: Duration,
) -> Result<Exit> {
    let asked = Instant::now();
    let (workflow_id, run_id) = match &args.company {
        Some(company) => by_hand(settings, starter, company, args.domain.as_deref()).await?,
        None => by_sample_event(settings, client).await?,
    };
    let link = watch.map(|(pages, namespace)| pages.workflow_url(&namespace, &workflow_id, &run_id));
    eprintln!("refresh {workflow_id}");
    if let Some(link) = &link {
        eprintln!("watch   {link}");
    }
    let handle = client.get_workflow_handle::<BuyerGroupRefresh>(workflow_id.as_str());
    // Whoever runs this wants to see a refresh, however long ago the last one was.
    let outcome = refresh::follow_at_once(client, handle).await?;
    let refreshed = asked.elapsed();
    let RefreshOutcome { outcome: OutcomeKind::Refreshed, company_id: Some(company_id), .. } = &outcome else {
        bail!("the refresh ended as {}; nothing was saved", outcome.outcome);
    };
    let group = store.group(&settings.workspace, company_id).await?.context("the saved group cannot be found")?;
    let diff = store.diff(&outcome.refresh_id).await?.unwrap_or_default();
    let document = DevDocument {
        workflow_id,
        group: GroupDocument::saved(&settings.workspace, &group),
        diff,
        timings: Timings { ready_ms: millis(ready), refresh_ms: millis(refreshed) },
    };
    match output {
        Output::Json => outln!("{}", serde_json::to_string_pretty(&document)?),
        Output::Text => summary::show(&document),
    }
    if !args.once {
        summary::closing(output, &document, link.as_deref(), settings, args);
    }
    Ok(if outcome.degraded.is_empty() { Exit::Done } else { Exit::Degraded })
}

/// A webhook of the sample company, signed and posted as a provider would.
async fn by_sample_event(settings: &Settings, client: &Client) -> Result<(String, String)> {
    let source = dev_secret::source(settings)?;
    let now = jiff::Timestamp::now();
    let event = sample::event(&format!("sample-{}", now.as_millisecond()), now, source.name.as_str())?;
    // The next one, for the `send` command that is shown: an event of its own, so that pasting it starts a refresh.
    let next = sample::event(&format!("sample-{}-again", now.as_millisecond()), now, source.name.as_str())?;
    std::fs::write(summary::next_event(settings), next).context("cannot keep an event to be sent")?;
    let url = send::address_beside(send::url(settings), source);
    let answer = send::send(&Delivery::of(settings, source)?, &url, event).await?;
    let text = |key: &str| answer.body.get(key).and_then(|value| value.as_str()).map(str::to_owned);
    match (text("workflowId"), text("runId")) {
        (Some(workflow_id), Some(run_id)) => Ok((workflow_id, run_id)),
        // It waits in the inbox, for a moment: the server was too busy.
        (Some(workflow_id), None) => Ok((workflow_id.clone(), refresh::run_id(client, &workflow_id).await?)),
        _ => bail!("the sample event was answered {} {}", answer.status, answer.body),
    }
}

/// A company of the user's own: nothing is known to have happened there, so it is refreshed by hand.
async fn by_hand(
    settings: &Settings,
    starter: &RefreshStarter,
    company: &str,
    domain: Option<&str>,
) -> Result<(String, String)> {
    let request = refresh::by_hand(settings, company, domain, None, Default::default(), None)?;
    match starter.start(&request.into()).await? {
        StartAnswer::Started { workflow_id, run_id } => Ok((workflow_id.to_string(), run_id)),
        StartAnswer::Duplicate { workflow_id, run_id } => Ok((workflow_id.to_string(), run_id.unwrap_or_default())),
        StartAnswer::Queued { workflow_id } => bail!("{workflow_id} waits in the inbox"),
        StartAnswer::Conflict { workflow_id, .. } => bail!("{workflow_id} was asked for before, otherwise"),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
