//! Where a roster's bytes lie, and what is said when they cannot be had.

use crate::sources::SourceError;
use contracts::FailureClass;
use sha2::{Digest, Sha256};
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Where a roster's bytes lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RosterData {
    /// A file, which need not exist until somebody asks for its people.
    File(PathBuf),
    /// Bytes built into the program.
    Embedded {
        /// Name for messages.
        name: &'static str,
        /// The content.
        bytes: &'static [u8],
    },
}

/// The bytes, open for reading.
pub(super) enum Input {
    File(File),
    Bytes(io::Cursor<&'static [u8]>),
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Input::File(file) => file.read(buffer),
            Input::Bytes(bytes) => bytes.read(buffer),
        }
    }
}

impl Seek for Input {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Input::File(file) => file.seek(to),
            Input::Bytes(bytes) => bytes.seek(to),
        }
    }
}

impl Input {
    /// Changes when the content does: length and modification time of a file, length and hash of embedded bytes.
    pub(super) fn fingerprint(&self) -> io::Result<String> {
        match self {
            Input::File(file) => Ok(file_fingerprint(&file.metadata()?)),
            Input::Bytes(bytes) => {
                let bytes = bytes.get_ref();
                Ok(format!("{:x}-{}", bytes.len(), hex::encode(&Sha256::digest(bytes)[..8])))
            }
        }
    }
}

fn file_fingerprint(metadata: &Metadata) -> String {
    // A file system without modification times leaves the length alone to tell.
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format!("{:x}-{:x}", metadata.len(), modified.map_or(0, |since| since.as_nanos()))
}

impl RosterData {
    /// Short name for messages: the file's name without its folders, which are nobody's business.
    pub(super) fn label(&self) -> String {
        match self {
            RosterData::File(path) => {
                path.file_name().map_or_else(|| "(no name)".to_owned(), |name| name.to_string_lossy().into_owned())
            }
            RosterData::Embedded { name, .. } => (*name).to_owned(),
        }
    }

    /// Tells this place from every other. Not for messages.
    pub(super) fn key(&self) -> String {
        match self {
            RosterData::File(path) => format!("file {}", path.display()),
            RosterData::Embedded { name, .. } => format!("embedded {name}"),
        }
    }

    /// Whether the file's name promises JSON.
    pub(super) fn is_named_json(&self) -> bool {
        let label = match self {
            RosterData::File(path) => path.as_path(),
            RosterData::Embedded { name, .. } => Path::new(name),
        };
        let extension = label.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        ["jsonl", "ndjson", "json"].iter().any(|json| extension.eq_ignore_ascii_case(json))
    }

    pub(super) fn open(&self) -> Result<Input, SourceError> {
        match self {
            RosterData::Embedded { bytes, .. } => Ok(Input::Bytes(io::Cursor::new(bytes))),
            RosterData::File(path) => {
                // Asked before opening: opening a pipe would wait for ever.
                let metadata = fs::metadata(path).map_err(|error| self.unreadable(error))?;
                if !metadata.is_file() {
                    return Err(self.refuse(FailureClass::InvalidRequest, "is not a file; name a CSV or JSONL file"));
                }
                File::open(path).map(Input::File).map_err(|error| self.unreadable(error))
            }
        }
    }

    /// The error for a problem with the content.
    pub(super) fn refuse(&self, class: FailureClass, problem: impl std::fmt::Display) -> SourceError {
        SourceError::new(class, format!("roster '{}' {problem}", self.label()))
    }

    /// The error for a failed read. A missing file stays missing; anything else may pass.
    pub(super) fn unreadable(&self, error: io::Error) -> SourceError {
        let (class, problem) = match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => (
                FailureClass::InvalidRequest,
                "does not exist; put the file in its place or correct its path in the configuration",
            ),
            ErrorKind::IsADirectory => (FailureClass::InvalidRequest, "is not a file; name a CSV or JSONL file"),
            ErrorKind::PermissionDenied => {
                (FailureClass::Transient, "may not be read; allow the worker's user to read the file")
            }
            _ => (FailureClass::Transient, "could not be read"),
        };
        self.refuse(class, problem).caused_by(error)
    }
}
