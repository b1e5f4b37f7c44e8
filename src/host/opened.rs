//! A file that is read part by part.

use std::io::{self, Read, Seek, SeekFrom};

use super::{HostError, HostErrorKind, HostResult};

/// A file that stays open. Several threads may read from it at once.
pub trait Opened: Send + Sync {
    /// How many bytes it had when it was opened.
    fn size(&self) -> u64;
    /// Fills `part` with the bytes from `start` on; an error of kind [`HostErrorKind::Io`] where there are fewer.
    fn read_at(&self, start: u64, part: &mut [u8]) -> HostResult<()>;
}

impl Opened for Vec<u8> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, start: u64, part: &mut [u8]) -> HostResult<()> {
        let from = usize::try_from(start).ok().and_then(|start| self.get(start..));
        let Some(found) = from.and_then(|from| from.get(..part.len())) else {
            return Err(HostError::new(HostErrorKind::Io, "the file ends before that"));
        };
        part.copy_from_slice(found);
        Ok(())
    }
}

/// A file as libraries read it: from its beginning, with a place of its own.
pub struct Reader<'a> {
    file: &'a dyn Opened,
    at: u64,
}

impl<'a> Reader<'a> {
    /// Stands at the file's beginning.
    pub fn new(file: &'a dyn Opened) -> Reader<'a> {
        Reader { file, at: 0 }
    }
}

impl Read for Reader<'_> {
    fn read(&mut self, part: &mut [u8]) -> io::Result<usize> {
        let left = self.file.size().saturating_sub(self.at);
        let count = usize::try_from(left).map_or(part.len(), |left| left.min(part.len()));
        let read = self.file.read_at(self.at, &mut part[..count]);
        read.map_err(|error| io::Error::other(error.message))?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Reader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(offset) => self.file.size().checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        self.at = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
