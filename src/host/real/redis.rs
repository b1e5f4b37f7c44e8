//! A Redis as a cache that several machines share: the few commands of its protocol (RESP 2) that this takes, each over a
//! connection that is kept for the next one, encrypted where the address begins with `rediss://`.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use reqwest::Url;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::files::system_words;
use super::net;
use crate::host::{BoxFuture, HostError, HostErrorKind, HostResult, Shared};

const PORT: u16 = 6379;

/// For a connection, and for an answer: a cache that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(2);

/// A longer value is not taken.
const LONGEST: usize = 64 << 20;

/// As many connections are kept.
const KEPT: usize = 16;

pub(super) struct Redis(Arc<Server>);

struct Server {
    host: String,
    port: u16,
    /// Name, if there is one, and password.
    login: Option<(String, String)>,
    database: Option<u32>,
    encrypted: bool,
    /// How a connection is encrypted, once one was.
    encryption: OnceLock<Arc<ClientConfig>>,
    idle: Mutex<Vec<Connection>>,
}

type Connection = BufReader<Box<dyn Wire>>;

/// What bytes go over.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// What the server says to a command.
enum Reply {
    Text(Option<Vec<u8>>),
    Refused(String),
}

impl Redis {
    /// `redis://user:password@host:port/database`, of which all but the host may be missing; or `rediss://…`.
    pub(super) fn at(url: &str) -> HostResult<Redis> {
        let invalid = |why: &str| {
            let message = format!("this is no address of a Redis: {why}; write it as `redis://host:6379`");
            HostError::new(HostErrorKind::Invalid, message)
        };
        // What is wrong with it is not shown: it may hold a password.
        let parsed = Url::parse(url).map_err(|error| invalid(&error.to_string()))?;
        let encrypted = match parsed.scheme() {
            "redis" => false,
            "rediss" => true,
            _ => return Err(invalid("it does not begin with `redis://` or `rediss://`")),
        };
        let host = parsed.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| invalid("it names no host"))?;
        let database = parsed.path().trim_matches('/');
        let database = match database.is_empty() {
            true => None,
            false => Some(database.parse().map_err(|_| invalid("its database is no number"))?),
        };
        let plain = |text: &str| percent_decoded(text).ok_or_else(|| invalid("its password is not UTF-8"));
        let login = match parsed.password() {
            Some(password) => Some((plain(parsed.username())?, plain(password)?)),
            None => None,
        };
        Ok(Redis(Arc::new(Server {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: parsed.port().unwrap_or(PORT),
            login,
            database,
            encrypted,
            encryption: OnceLock::new(),
            idle: Mutex::default(),
        })))
    }

    /// Where it is, as permissions are asked for it.
    pub(super) fn place(&self) -> String {
        let Server { host, port, .. } = self.0.as_ref();
        match host.contains(':') {
            true => format!("http://[{host}]:{port}/"),
            false => format!("http://{host}:{port}/"),
        }
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        bytes.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
    }
    String::from_utf8(bytes).ok()
}

impl Server {
    fn failure(&self, kind: HostErrorKind, why: &str) -> HostError {
        let scheme = if self.encrypted { "rediss" } else { "redis" };
        HostError::new(kind, format!("`{scheme}://{}:{}` {why}", self.host, self.port))
    }

    fn broken(&self, error: &std::io::Error) -> HostError {
        let why = format!("cannot be used: {}", system_words(error));
        self.failure(HostErrorKind::Connection, &why)
    }

    async fn in_time<T>(&self, work: impl Future<Output = HostResult<T>>) -> HostResult<T> {
        let late = |_| {
            let why = format!("did not answer within {} s", PATIENCE.as_secs());
            self.failure(HostErrorKind::Timeout, &why)
        };
        tokio::time::timeout(PATIENCE, work).await.map_err(late)?
    }

    async fn connect(&self) -> HostResult<Connection> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await;
        let stream = stream.map_err(|error| self.broken(&error))?;
        // Slower without it, and no worse.
        let _slower = stream.set_nodelay(true);
        let wire: Box<dyn Wire> = match self.encrypted {
            true => self.encrypt(stream).await?,
            false => Box::new(stream),
        };
        let mut connection = BufReader::new(wire);
        if let Some((name, password)) = &self.login {
            let named: &[&[u8]] = &[b"AUTH", name.as_bytes(), password.as_bytes()];
            let command = if name.is_empty() {
                &[named[0], named[2]][..]
            } else {
                named
            };
            self.granted(&mut connection, command, "refused the password").await?;
        }
        if let Some(database) = self.database {
            let number = database.to_string();
            let command: &[&[u8]] = &[b"SELECT", number.as_bytes()];
            self.granted(&mut connection, command, "refused the database").await?;
        }
        Ok(connection)
    }

    /// The server must be who it says it is, by the certificates that the system trusts.
    async fn encrypt(&self, stream: TcpStream) -> HostResult<Box<dyn Wire>> {
        let broken = |why: &str| self.failure(HostErrorKind::Connection, &format!("cannot be used: {why}"));
        let config = match self.encryption.get() {
            Some(config) => config.clone(),
            None => {
                net::choose_cryptography();
                let config = ClientConfig::with_platform_verifier().map_err(|error| broken(&error.to_string()))?;
                self.encryption.get_or_init(|| Arc::new(config)).clone()
            }
        };
        let name = ServerName::try_from(self.host.clone()).map_err(|_| broken("no certificate can have its name"))?;
        let stream = TlsConnector::from(config).connect(name, stream).await;
        Ok(Box::new(stream.map_err(|error| broken(&error.to_string()))?))
    }

    async fn granted(&self, connection: &mut Connection, command: &[&[u8]], otherwise: &str) -> HostResult<()> {
        match self.exchange(connection, command).await? {
            Reply::Text(_) => Ok(()),
            Reply::Refused(why) => Err(self.failure(HostErrorKind::Io, &format!("{otherwise}: {why}"))),
        }
    }

    /// One command. A connection that was kept may have been closed meanwhile; then a new one is asked.
    async fn ask(&self, command: &[&[u8]]) -> HostResult<Option<Vec<u8>>> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let first = match kept {
            Some(mut connection) => {
                let reply = self.in_time(self.exchange(&mut connection, command)).await;
                reply.ok().map(|reply| (connection, reply))
            }
            None => None,
        };
        let (connection, reply) = match first {
            Some(answered) => answered,
            None => {
                let mut connection = self.in_time(self.connect()).await?;
                let reply = self.in_time(self.exchange(&mut connection, command)).await?;
                (connection, reply)
            }
        };
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(connection);
        }
        drop(idle);
        match reply {
            Reply::Text(text) => Ok(text),
            Reply::Refused(why) => Err(self.failure(HostErrorKind::Io, &format!("refused: {why}"))),
        }
    }

    async fn exchange(&self, connection: &mut Connection, command: &[&[u8]]) -> HostResult<Reply> {
        let mut sent = format!("*{}\r\n", command.len()).into_bytes();
        for word in command {
            sent.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            sent.extend_from_slice(word);
            sent.extend_from_slice(b"\r\n");
        }
        let wire = connection.get_mut();
        let written = match wire.write_all(&sent).await {
            Ok(()) => wire.flush().await,
            failed => failed,
        };
        written.map_err(|error| self.broken(&error))?;
        self.reply(connection).await
    }

    async fn reply(&self, connection: &mut Connection) -> HostResult<Reply> {
        let mut line = Vec::new();
        let mut bounded = (&mut *connection).take(LONGEST as u64);
        let read = bounded.read_until(b'\n', &mut line).await;
        read.map_err(|error| self.broken(&error))?;
        let odd = || self.failure(HostErrorKind::Invalid, "is no Redis, by its answer");
        let said = line.strip_suffix(b"\r\n").ok_or_else(odd)?;
        let (kind, rest) = said.split_first().ok_or_else(odd)?;
        let text = String::from_utf8_lossy(rest);
        match kind {
            b'-' => Ok(Reply::Refused(text.into_owned())),
            b'+' | b':' => Ok(Reply::Text(Some(rest.to_vec()))),
            b'$' if text == "-1" => Ok(Reply::Text(None)),
            b'$' => {
                let length: usize = text.parse().ok().filter(|n| *n <= LONGEST).ok_or_else(odd)?;
                let mut value = vec![0; length + 2];
                let read = connection.read_exact(&mut value).await;
                read.map_err(|error| self.broken(&error))?;
                value.truncate(length);
                Ok(Reply::Text(Some(value)))
            }
            _ => Err(odd()),
        }
    }
}

impl Shared for Redis {
    fn get(&self, key: &str) -> BoxFuture<'static, HostResult<Option<Vec<u8>>>> {
        let (server, key) = (self.0.clone(), key.to_owned());
        Box::pin(async move { server.ask(&[b"GET", key.as_bytes()]).await })
    }

    fn put(&self, key: &str, value: Vec<u8>, lasting: Option<Duration>) -> BoxFuture<'static, HostResult<()>> {
        let (server, key) = (self.0.clone(), key.to_owned());
        Box::pin(async move {
            let seconds = lasting.map(|lasting| lasting.as_secs().max(1).to_string());
            let mut command: Vec<&[u8]> = vec![b"SET", key.as_bytes(), &value];
            if let Some(seconds) = &seconds {
                command.extend([&b"EX"[..], seconds.as_bytes()]);
            }
            server.ask(&command).await.map(drop)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_whole_and_what_is_wrong_with_one_shows_no_password() {
        let read = Redis::at("redis://ada:p%40ss@cache.example:7000/3").unwrap();
        assert_eq!(read.place(), "http://cache.example:7000/");
        assert_eq!(read.0.login, Some(("ada".to_owned(), "p@ss".to_owned())));
        assert_eq!(read.0.database, Some(3));
        assert!(Redis::at("rediss://cache.example").is_ok_and(|read| read.0.encrypted));
        assert_eq!(Redis::at("redis://[::1]").unwrap().place(), "http://[::1]:6379/");
        for wrong in ["http://u:hidden@h", "redis://u:hidden@h/x", "redis:"] {
            let message = Redis::at(wrong).err().unwrap().message;
            assert!(
                message.contains("redis://host:6379") && !message.contains("hidden"),
                "{message}"
            );
        }
    }
}
