//! Reading logs, and digests that tell whether files changed.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::failure::{Explain as _, Outcome};

/// A file's text, wrong bytes replaced; nothing if it can't be read.
pub fn whole(path: &Path) -> Option<String> {
    fs::read(path)
        .ok()
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// The last `bytes` of a file.
pub fn tail(path: &Path, bytes: u64) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(bytes))).ok()?;
    let mut end = Vec::new();
    file.read_to_end(&mut end).ok()?;
    Some(String::from_utf8_lossy(&end).into_owned())
}

/// Writes a file so that it is there whole or not at all.
pub fn write_whole(path: &Path, content: &[u8]) -> Outcome<()> {
    let part = path.with_added_extension("part");
    fs::write(&part, content)
        .and_then(|()| fs::rename(&part, path))
        .explain(|| format!("Can't write {}", path.display()))
}

/// As [`write_whole`], but an equal file keeps its time, so that nothing is built again for it.
pub fn write_if_new(path: &Path, content: &[u8]) -> Outcome<()> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).explain(|| format!("Can't create {}", folder.display()))?;
    }
    write_whole(path, content)
}

/// A digest for "did anything change?" (FNV-1a, 64 bits): not for security, and the same for every
/// compiler version, which the standard library's hasher is not.
#[derive(Clone, Copy)]
pub struct Digest(u64);

impl Digest {
    /// The digest of nothing.
    pub fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Adds bytes, with their length, so that two parts can't be mistaken for one.
    pub fn add(&mut self, bytes: &[u8]) -> &mut Self {
        for byte in bytes.len().to_le_bytes().iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self
    }

    /// Adds a file's content; a missing file counts as such.
    pub fn add_content(&mut self, path: &Path) -> &mut Self {
        match fs::read(path) {
            Ok(content) => self.add(&content),
            Err(_) => self.add(b"(missing)"),
        }
    }

    /// Adds path, size and time of a file, or of every file below a folder.
    pub fn add_state(&mut self, path: &Path) -> &mut Self {
        for file in below(path) {
            self.add(file.as_os_str().as_encoded_bytes());
            if let Ok(about) = fs::metadata(&file) {
                self.add(&about.len().to_le_bytes());
                self.add(&about.mtime().to_le_bytes());
                self.add(&about.mtime_nsec().to_le_bytes());
            }
        }
        self
    }

    /// As 16 hexadecimal digits.
    pub fn text(self) -> String {
        format!("{:016x}", self.0)
    }
}

/// The path itself if it is a file, else every file below it, sorted.
pub fn below(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return if path.exists() {
            vec![path.to_owned()]
        } else {
            Vec::new()
        };
    }
    let mut found = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(_) => found.push(entry.path()),
                Err(_) => {}
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_tells_changed_content_moved_borders_and_new_files() {
        let of = |parts: &[&[u8]]| {
            let mut digest = Digest::new();
            for part in parts {
                digest.add(part);
            }
            digest.text()
        };
        assert_eq!(of(&[b"ab"]), of(&[b"ab"]));
        assert_ne!(of(&[b"ab"]), of(&[b"a", b"b"]));
        assert_ne!(of(&[b"ab"]), of(&[b"ac"]));

        let folder = std::env::temp_dir().join(format!("xtask-digest-{}", std::process::id()));
        fs::create_dir_all(folder.join("deep")).unwrap();
        let before = Digest::new().add_state(&folder).text();
        fs::write(folder.join("deep/new"), "x").unwrap();
        let after = Digest::new().add_state(&folder).text();
        assert_ne!(before, after);
        assert_eq!(after, Digest::new().add_state(&folder).text());
        fs::remove_dir_all(folder).unwrap();
    }
}
