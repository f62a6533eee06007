//! Finding PostgreSQL's server programs, and a user it agrees to run as.

use anyhow::{Context as _, Result, bail};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Folder that holds `initdb` and `postgres`: of the search path, else the newest of those that distributions use.
pub(crate) fn server_folder() -> Result<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::var_os("PATH").iter().flat_map(std::env::split_paths).collect();
    for parent in ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"] {
        let mut versions: Vec<PathBuf> = std::fs::read_dir(parent)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path().join("bin"))
            .filter(|folder| folder.join("initdb").is_file())
            .collect();
        versions.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
        folders.extend(versions);
    }
    folders.into_iter().find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file()).context(
        "PostgreSQL's server is not installed (Debian, Ubuntu: apt-get install postgresql; macOS: brew install \
         postgresql); or point BGR_TEST_POSTGRES_URL to a server in which databases may be created",
    )
}

/// The number in `…/15/bin` or `…/postgresql@15/bin`.
fn version(folder: &Path) -> u32 {
    let name = folder.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    name.and_then(|name| name.rsplit('@').next().and_then(|digits| digits.parse().ok())).unwrap_or(0)
}

/// Who runs the server. PostgreSQL refuses to be run by root.
#[derive(Clone, Debug)]
pub(crate) enum RunAs {
    /// Whoever runs the tests.
    Myself,
    /// Somebody without privileges.
    Other {
        /// User id.
        uid: u32,
        /// Group id.
        gid: u32,
    },
}

impl RunAs {
    /// Who shall run the server, when the tests are run by the user `uid`.
    pub(crate) fn choose(uid: u32) -> Result<Self> {
        if uid != 0 {
            return Ok(Self::Myself);
        }
        for user in ["postgres", "nobody"] {
            if let (Some(uid), Some(gid)) = (id("-u", user), id("-g", user)) {
                return Ok(Self::Other { uid, gid });
            }
        }
        bail!("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody")
    }

    /// Gives a file to that user.
    pub(crate) fn give(&self, path: &Path) -> Result<()> {
        match self {
            RunAs::Myself => Ok(()),
            RunAs::Other { uid, gid } => Ok(std::os::unix::fs::chown(path, Some(*uid), Some(*gid))?),
        }
    }

    /// What stands before a command so that this user runs it, in the same process.
    pub(crate) fn prefix(&self) -> Vec<OsString> {
        match self {
            RunAs::Myself => Vec::new(),
            RunAs::Other { uid, gid } => {
                let words = ["setpriv".to_owned(), format!("--reuid={uid}"), format!("--regid={gid}")];
                words.into_iter().chain(["--clear-groups".to_owned(), "--".to_owned()]).map(OsString::from).collect()
            }
        }
    }
}

fn id(what: &str, user: &str) -> Option<u32> {
    let output = Command::new("id").args([what, user]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
