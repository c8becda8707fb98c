//! How a connection of a function process ended: it tells whether a process that died had read what it was sent.

use std::{
    io::{ErrorKind, Result},
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};

/// How long a dead process's connection takes at most to end: the kernel closes it before the process is gone.
const END_LIMIT: Duration = Duration::from_secs(1);

/// What is known of the bytes that were sent over a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// The connection is open.
    Open,
    /// The other side had read all when it closed.
    Read,
    /// The other side closed before it had read all: the kernel says so by a reset.
    Unread,
}

/// A connection, seen from its requests.
#[derive(Debug, Clone)]
pub(crate) struct Connection(watch::Receiver<Fate>);

impl Connection {
    /// Waits for the connection's end, and tells whether the other side closed before it had read the last answer.
    pub(crate) async fn ended_unread(mut self) -> bool {
        let end = timeout(END_LIMIT, self.0.wait_for(|fate| *fate != Fate::Open)).await;
        matches!(end, Ok(Ok(fate)) if *fate == Fate::Unread)
    }
}

impl Connected<IncomingStream<'_, Watcher>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Watcher>) -> Self {
        Self(stream.io().fate.subscribe())
    }
}

/// A listener whose connections are watched.
pub(crate) struct Watcher(pub(crate) TcpListener);

impl Listener for Watcher {
    type Io = Watched;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Watched, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (Watched { stream, answered: true, fate: watch::Sender::new(Fate::Open) }, address)
    }

    fn local_addr(&self) -> Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A stream that notes its end.
pub(crate) struct Watched {
    stream: TcpStream,
    /// Whether bytes were sent since the last ones came: those of an answer to a request.
    answered: bool,
    fate: watch::Sender<Fate>,
}

impl Watched {
    fn note_reset<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result
            && matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
        {
            self.fate.send_replace(Fate::Unread);
        }
        result
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // A reset that no read or write has met yet.
        let is_reset = !matches!(self.stream.take_error(), Ok(None));
        self.fate.send_if_modified(|fate| {
            let is_open = *fate == Fate::Open;
            if is_open {
                *fate = if self.answered && !is_reset { Fate::Read } else { Fate::Unread };
            }
            is_open
        });
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let before = buffer.filled().len();
        let result = ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
        if buffer.filled().len() > before {
            self.answered = false;
        }
        Poll::Ready(self.note_reset(result))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let result = ready!(Pin::new(&mut self.stream).poll_write(context, bytes));
        self.answered = true;
        Poll::Ready(self.note_reset(result))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
