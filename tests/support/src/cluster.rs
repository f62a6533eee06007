//! A PostgreSQL server of one's own, to be stopped and started at will.

use crate::binaries::{RunAs, server_folder};
use crate::database::{TestDb, create_database};
use anyhow::{Context as _, Result, bail};
use std::ffi::OsString;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// Watches over a server: ends it and removes its folder when the pipe from us closes, however we end, a kill -9
/// included. On `keep` it ends the server and leaves the folder. Signals meant for us, such as Ctrl-C, do not reach it.
const WATCH: &str = r#"
trap '' INT TERM HUP
folder=$1; shift
"$@" </dev/null >"$folder/server.log" 2>&1 &
server=$!
read -r word
kill -QUIT "$server" 2>/dev/null
wait "$server" 2>/dev/null
[ "$word" = keep ] || rm -rf "$folder"
"#;

const PATIENCE: Duration = Duration::from_secs(60);

/// A PostgreSQL server on a free port of the loopback interface, with its own data. It ends, and its data goes, when
/// this is dropped or the process ends, whichever way.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    run_as: RunAs,
    port: u16,
    server: Option<Server>,
}

#[derive(Debug)]
struct Server {
    watch: Child,
    pipe: ChildStdin,
}

impl Cluster {
    /// Creates a cluster and starts its server; returns when the server takes connections.
    ///
    /// # Errors
    /// When the server programs are missing (the message says what to install) or the server does not start (the message
    /// holds the end of its log).
    pub async fn create() -> Result<Self> {
        let programs = server_folder()?;
        let folder = tempfile::Builder::new().prefix("bgr-postgres-").tempdir()?;
        let run_as = RunAs::choose(folder.path().metadata()?.uid())?;
        run_as.give(folder.path())?;
        init(&programs, &run_as, folder.path())?;
        let mut cluster = Self { folder: folder.keep(), programs, run_as, port: free_port()?, server: None };
        // A port that was free a moment ago may be taken by now.
        for _ in 0..3 {
            if cluster.start().await.is_ok() {
                return Ok(cluster);
            }
            cluster.stop_immediate().await?;
            cluster.port = free_port()?;
        }
        cluster.start().await?;
        Ok(cluster)
    }

    /// Address of its maintenance database.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Creates an empty database in it.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn fresh_database(&self) -> Result<TestDb> {
        Ok(TestDb::borrowed(create_database(&self.url()).await?))
    }

    /// Stops the server as a crash would: connections break off, and nothing is tidied up. What was committed stays.
    ///
    /// # Errors
    /// When the server cannot be stopped.
    pub async fn stop_immediate(&mut self) -> Result<()> {
        let Some(Server { mut watch, mut pipe }) = self.server.take() else { return Ok(()) };
        pipe.write_all(b"keep\n")?;
        drop(pipe);
        let deadline = Instant::now() + PATIENCE;
        while watch.try_wait()?.is_none() {
            if Instant::now() > deadline {
                bail!("the server did not stop");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// Starts the server again, at the same address and with the same data; returns when it takes connections. Does
    /// nothing when it is running.
    ///
    /// # Errors
    /// When it does not start; the message holds the end of its log.
    pub async fn start(&mut self) -> Result<()> {
        if self.server.is_some() {
            return Ok(());
        }
        // What a server that was killed left behind says "ready" too.
        let _ = std::fs::remove_file(self.status_file());
        let mut watch = Command::new("sh")
            .args(["-c", WATCH, "watch"])
            .arg(&self.folder)
            .args(self.run_as.prefix())
            .args(self.server_command())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let pipe = watch.stdin.take().context("no pipe")?;
        let server = self.server.insert(Server { watch, pipe });
        let pid = server.watch.id();
        let deadline = Instant::now() + PATIENCE;
        while !self.is_ready() {
            if Instant::now() > deadline || !self.is_alive() {
                bail!("PostgreSQL did not start (watched by process {pid}); its log ends:\n{}", self.log());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    fn server_command(&self) -> Vec<OsString> {
        let mut command: Vec<OsString> = vec![self.programs.join("postgres").into(), "-D".into(), self.data().into()];
        for setting in [
            format!("port={}", self.port),
            format!("unix_socket_directories={}", self.folder.display()),
            "listen_addresses=127.0.0.1".to_owned(),
            "max_connections=300".to_owned(),
            "shared_buffers=32MB".to_owned(),
            "autovacuum=off".to_owned(),
            // Data outlives the server, which is all that tests ask; it need not outlive the machine.
            "fsync=off".to_owned(),
            "full_page_writes=off".to_owned(),
        ] {
            command.extend(["-c".into(), setting.into()]);
        }
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn status_file(&self) -> PathBuf {
        self.data().join("postmaster.pid")
    }

    /// The server writes its status as the last line of its pid file; `pg_ctl` waits for the same.
    fn is_ready(&self) -> bool {
        std::fs::read_to_string(self.status_file())
            .is_ok_and(|text| text.lines().last().is_some_and(|status| status.trim() == "ready"))
    }

    /// A server that cannot start says why in its log, which is new with every start; the watch itself goes on waiting
    /// for us. Those who ask for a connection too early leave lines of the same kind.
    fn is_alive(&self) -> bool {
        !self.log().lines().any(|line| line.contains("FATAL:") && !line.contains("the database system is"))
    }

    fn log(&self) -> String {
        let log = std::fs::read(self.folder.join("server.log")).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(2000)..]).into_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        match self.server.take() {
            // The watch removes the folder; waited for, so that nothing is left when a test is over.
            Some(Server { mut watch, pipe }) => {
                drop(pipe);
                let _ = watch.wait();
            }
            None => drop(std::fs::remove_dir_all(&self.folder)),
        }
    }
}

fn init(programs: &Path, run_as: &RunAs, folder: &Path) -> Result<()> {
    let mut words = run_as.prefix();
    words.push(programs.join("initdb").into());
    let program = words.remove(0);
    let output = Command::new(program)
        .args(words)
        .arg("-D")
        .arg(folder.join("data"))
        .args(["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"])
        .current_dir("/")
        .output()
        .context("initdb cannot be run; as root it needs setpriv (Debian: apt-get install util-linux)")?;
    if !output.status.success() {
        bail!("initdb failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
