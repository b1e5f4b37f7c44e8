//! A key-value store in SQLite, safe for several processes. It holds what may be lost: one that is damaged is moved
//! aside and begun anew.

mod writer;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params};

use self::writer::{Entries, Writer};
use super::{files, terminal};
use crate::host::{Held, HostError, HostErrorKind, HostResult, Store, Stream};

/// How long a process waits for another's write.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct SqliteStore {
    database: Arc<Database>,
    writer: Writer,
}

/// The file, and the connections to it: reading waits for no group that is being written.
struct Database {
    path: PathBuf,
    reading: Mutex<Connection>,
    /// Made when something is to be written.
    writing: Mutex<Option<Connection>>,
}

impl SqliteStore {
    pub(super) fn open(path: &Path) -> HostResult<SqliteStore> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| files::failure("make", folder, &error))?;
        }
        let connection = match connect(path) {
            Err(error) if is_damaged(&error) => begin_anew(path)?,
            other => other.map_err(|error| failure(path, &error))?,
        };
        let database = Arc::new(Database {
            path: path.to_owned(),
            reading: Mutex::new(connection),
            writing: Mutex::default(),
        });
        let written = database.clone();
        let writer = Writer::new(Arc::new(move |group| {
            written.write(|connection| insert(connection, group))
        }));
        Ok(SqliteStore { database, writer })
    }

    /// Does something with the database behind all that was put.
    fn behind<T>(&self, work: impl Fn(&Connection) -> rusqlite::Result<T>) -> HostResult<T> {
        self.writer.flush()?;
        self.database.with(work)
    }
}

impl Database {
    fn reading(&self) -> MutexGuard<'_, Connection> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> MutexGuard<'_, Option<Connection>> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the database, once more with a new one if this one turns out to be damaged.
    fn with<T>(&self, work: impl Fn(&Connection) -> rusqlite::Result<T>) -> HostResult<T> {
        let mut outcome = work(&self.reading());
        if outcome.as_ref().is_err_and(is_damaged) {
            self.begin_anew()?;
            outcome = work(&self.reading());
        }
        outcome.map_err(|error| failure(&self.path, &error))
    }

    /// The same on the writer's connection.
    fn write(&self, work: impl Fn(&Connection) -> rusqlite::Result<()>) -> HostResult<()> {
        let attempt = || {
            let mut writing = self.writing();
            let connection = match writing.take() {
                Some(connection) => connection,
                None => connect(&self.path)?,
            };
            work(writing.insert(connection))
        };
        let mut outcome = attempt();
        if outcome.as_ref().is_err_and(is_damaged) {
            self.begin_anew()?;
            outcome = attempt();
        }
        outcome.map_err(|error| failure(&self.path, &error))
    }

    /// Both connections go to the new file.
    fn begin_anew(&self) -> HostResult<()> {
        let mut writing = self.writing();
        let mut reading = self.reading();
        *writing = None;
        *reading = begin_anew(&self.path)?;
        Ok(())
    }
}

/// A group in one transaction.
fn insert(connection: &Connection, group: &Entries) -> rusqlite::Result<()> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let mut insert =
        transaction.prepare_cached("INSERT OR REPLACE INTO entries (key, value, at) VALUES (?1, ?2, ?3)")?;
    for (key, (value, at)) in group {
        insert.execute(params![key, &value[..], at])?;
    }
    drop(insert);
    transaction.commit()
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    let deadline = Instant::now() + PATIENCE;
    // While several processes make a new store, SQLite does not wait by itself.
    while let Err(error) = set_up(&connection) {
        if error.sqlite_error_code() != Some(ErrorCode::DatabaseBusy) || Instant::now() > deadline {
            return Err(error);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(connection)
}

fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value BLOB NOT NULL, at INTEGER NOT NULL DEFAULT 0)",
    )?;
    // A store of before there were times: its entries are as old as can be.
    match connection.prepare("SELECT at FROM entries") {
        Ok(_) => Ok(()),
        Err(_) => connection.execute_batch("ALTER TABLE entries ADD COLUMN at INTEGER NOT NULL DEFAULT 0"),
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Bytes of the file that hold something.
fn size(connection: &Connection) -> rusqlite::Result<u64> {
    let pages = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let used = pages("page_count")?.saturating_sub(pages("freelist_count")?);
    Ok(used.saturating_mul(pages("page_size")?).unsigned_abs())
}

fn is_damaged(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
    )
}

/// Moves a damaged file aside and opens a new one. Another process may have done so already.
fn begin_anew(path: &Path) -> HostResult<Connection> {
    if let Ok(connection) = connect(path)
        && connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
            .is_ok_and(|ok| ok == "ok")
    {
        return Ok(connection);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let aside = path.with_file_name(format!("{name}.damaged"));
    fs::rename(path, &aside).map_err(|error| files::failure("move", path, &error))?;
    for journal in ["-wal", "-shm"] {
        // They belong to the damaged file, and need not be there.
        let _may_be_absent = fs::remove_file(path.with_file_name(format!("{name}{journal}")));
    }
    let warning = format!(
        "warning: `{}` was damaged; it was moved to `{}` and begun anew\n",
        path.display(),
        aside.display()
    );
    terminal::print(Stream::Err, &warning)?;
    connect(path).map_err(|error| failure(path, &error))
}

fn failure(path: &Path, error: &rusqlite::Error) -> HostError {
    let kind = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => HostErrorKind::DiskFull,
        _ => HostErrorKind::Io,
    };
    HostError::new(kind, format!("could not use `{}`: {error}", path.display()))
}

impl Store for SqliteStore {
    fn flush(&self) -> HostResult<()> {
        self.writer.flush()
    }

    fn get(&self, key: &str) -> HostResult<Option<Vec<u8>>> {
        if let Some(value) = self.writer.get(key) {
            return Ok(Some(value));
        }
        self.database.with(|connection| {
            let mut query = connection.prepare_cached("SELECT value FROM entries WHERE key = ?1")?;
            query.query_row(params![key], |row| row.get(0)).optional()
        })
    }

    fn put(&self, key: &str, value: Arc<[u8]>) -> HostResult<()> {
        self.writer.put(key, value, now(), None)
    }

    fn put_held(&self, key: &str, value: Arc<[u8]>, held: Held) -> HostResult<()> {
        self.writer.put(key, value, now(), Some(held))
    }

    /// In one transaction. What was added last has the largest row number.
    fn append(&self, values: &[Vec<u8>], keep: usize) -> HostResult<()> {
        self.behind(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let mut insert =
                transaction.prepare("INSERT INTO entries (key, value) VALUES (hex(randomblob(16)), ?1)")?;
            for value in values {
                insert.execute(params![value])?;
            }
            drop(insert);
            let sql =
                "DELETE FROM entries WHERE rowid <= (SELECT rowid FROM entries ORDER BY rowid DESC LIMIT 1 OFFSET ?1)";
            transaction.execute(sql, params![i64::try_from(keep).unwrap_or(i64::MAX)])?;
            transaction.commit()
        })
    }

    fn last(&self, n: usize) -> HostResult<Vec<Vec<u8>>> {
        self.behind(|connection| {
            let mut query = connection.prepare("SELECT value FROM entries ORDER BY rowid DESC LIMIT ?1")?;
            let limit = i64::try_from(n).unwrap_or(i64::MAX);
            let newest_first = query.query_map(params![limit], |row| row.get(0))?;
            let mut values: Vec<Vec<u8>> = newest_first.collect::<rusqlite::Result<_>>()?;
            values.reverse();
            Ok(values)
        })
    }

    /// A tenth at a time, so that it is not to be done anew soon.
    fn trim(&self, oldest: Option<Duration>, most: u64) -> HostResult<()> {
        self.writer.flush()?;
        self.database.write(|connection| {
            if let Some(oldest) = oldest {
                let before = now().saturating_sub(i64::try_from(oldest.as_secs()).unwrap_or(i64::MAX));
                // The oldest have the smallest row numbers, so that not all need be looked at.
                let sql = "DELETE FROM entries WHERE at < ?1 AND rowid IN (SELECT rowid FROM entries ORDER BY rowid \
                           LIMIT 1000)";
                while connection.execute(sql, params![before])? == 1000 {}
            }
            while size(connection)? > most {
                let sql = "DELETE FROM entries WHERE rowid IN (SELECT rowid FROM entries ORDER BY rowid LIMIT \
                           (SELECT count(*) / 10 + 1 FROM entries))";
                if connection.execute(sql, [])? == 0 {
                    break;
                }
            }
            Ok(())
        })
    }

    fn each(&self, visit: &mut dyn FnMut(&str, &[u8])) -> HostResult<()> {
        self.writer.flush()?;
        let connection = self.database.reading();
        let mut read = || -> rusqlite::Result<()> {
            let mut query = connection.prepare("SELECT key, value FROM entries ORDER BY rowid")?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                visit(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_blob()?);
            }
            Ok(())
        };
        read().map_err(|error| failure(&self.database.path, &error))
    }

    fn clear(&self) -> HostResult<u64> {
        self.behind(|connection| {
            let count = connection.execute("DELETE FROM entries", [])?;
            connection.execute_batch("VACUUM")?;
            Ok(count as u64)
        })
    }

    fn stats(&self) -> HostResult<(u64, u64)> {
        self.behind(|connection| {
            connection.query_row(
                "SELECT count(*), coalesce(sum(length(value)), 0) FROM entries",
                [],
                |row| {
                    Ok((
                        row.get::<_, i64>(0)?.unsigned_abs(),
                        row.get::<_, i64>(1)?.unsigned_abs(),
                    ))
                },
            )
        })
    }
}
