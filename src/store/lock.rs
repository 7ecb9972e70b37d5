//! One run per workspace. The operating system holds the lock, so it ends with the process that held it, however
//! that ended; the text in the file only says who it was.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};

use super::{Store, StoreError, create_folder, io_error};

/// Held as long as it lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Store {
    /// Takes the workspace for this process. `since` is written into the file for whoever comes second, e.g.
    /// the instant of start. [`StoreError::Busy`] names the holder.
    pub fn lock(&self, since: &str) -> Result<Lock, StoreError> {
        let path = self.data("lock");
        create_folder(&self.data(""))?;
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = open.map_err(io_error("open the lock", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let known = file.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
                let holder = if known { holder.trim().to_owned() } else { "it has not said who it is".to_owned() };
                return Err(StoreError::Busy { path, holder });
            }
            Err(TryLockError::Error(error)) => return Err(io_error("lock", &path)(error)),
        }
        // A text left by a dead process means nothing: the lock itself was free.
        let text = format!("process {}, since {}\n", std::process::id(), since.replace(['\r', '\n'], " "));
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(text.as_bytes()))
            .and_then(|()| file.flush())
            .map_err(io_error("write the lock", &path))?;
        Ok(Lock { _file: file })
    }
}
