//! A client whose every field is the test's own: one connection, no jar, no redirects.

use std::{fmt, mem, net::SocketAddr, ops::AddAssign, sync::Arc, time::Duration};

use anyhow::{Error, Result, anyhow};
use axum::http::{HeaderMap, Method, Request, Response, header::HOST};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::Bytes,
    client::conn::{TrySendError, http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls::ClientConfig};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Protocol {
    Http1,
    /// Known beforehand where there is no TLS, negotiated where there is.
    Http2,
}

/// One connection, which is opened again when the server has closed it.
///
/// If it fails under a request, that request is sent again, once, where HTTP allows a client to do so by
/// itself (RFC 9110, section 9.2.2): a safe one is, and counted, and any other if none of it was sent.
#[derive(Debug)]
pub(crate) struct Client {
    address: SocketAddr,
    protocol: Protocol,
    tls: Option<Arc<ClientConfig>>,
    sender: Option<Sender>,
    again: Again,
}

/// How many requests were sent again, each of which the server may have got twice.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Again(usize);

#[derive(Debug)]
enum Sender {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

impl Client {
    pub(crate) fn new(address: SocketAddr, protocol: Protocol) -> Client {
        Client {
            address,
            protocol,
            tls: None,
            sender: None,
            again: Again::default(),
        }
    }

    /// Over TLS, to the server `localhost`.
    pub(crate) fn over_tls(mut self, config: &Arc<ClientConfig>) -> Client {
        self.tls = Some(config.clone());
        self
    }

    pub(crate) async fn get(&mut self, path: &str, headers: &HeaderMap) -> Result<Response<Bytes>> {
        self.send(&Method::GET, path, headers, "").await
    }

    /// Posts a form.
    pub(crate) async fn post(
        &mut self,
        path: &str,
        headers: &HeaderMap,
        form: &str,
    ) -> Result<Response<Bytes>> {
        self.send(&Method::POST, path, headers, form).await
    }

    /// Sends a request with these headers and no others but `Host` or its like, and what goes with a
    /// form.
    pub(crate) async fn send(
        &mut self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        form: &str,
    ) -> Result<Response<Bytes>> {
        let request = self.request(method, path, headers, form)?;
        let reused = self
            .sender
            .as_ref()
            .is_some_and(|sender| !sender.is_closed());
        let answered = match self.attempt(request.clone()).await {
            // The server may have closed the connection meanwhile.
            Err(failure) if reused && (failure.unsent || method.is_safe()) => {
                self.again.0 += usize::from(!failure.unsent);
                self.attempt(request).await
            }
            answered => answered,
        };
        answered.map_err(|failure| failure.error)
    }

    /// What was sent again since this was asked last.
    pub(crate) fn take_again(&mut self) -> Again {
        mem::take(&mut self.again)
    }

    fn request(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        form: &str,
    ) -> Result<Request<Full<Bytes>>> {
        let mut builder = Request::builder().method(method);
        builder = match (self.protocol, &self.tls) {
            (Protocol::Http1, _) => builder.uri(path).header(HOST, "localhost"),
            (Protocol::Http2, None) => builder.uri(format!("http://localhost{path}")),
            (Protocol::Http2, Some(_)) => builder.uri(format!("https://localhost{path}")),
        };
        if !form.is_empty() {
            builder = builder.header("content-type", "application/x-www-form-urlencoded");
        }
        let mut request = builder.body(Full::from(form.to_owned()))?;
        request.headers_mut().extend(headers.clone());
        Ok(request)
    }

    async fn attempt(&mut self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Failure> {
        let late = |_| Failure::of(anyhow!("no response in time"));
        timeout(PATIENCE, self.exchange(request))
            .await
            .map_err(late)?
    }

    async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, Failure> {
        let mut sender = match self.sender.take().filter(|sender| !sender.is_closed()) {
            Some(sender) => sender,
            None => self.connect().await.map_err(Failure::before)?,
        };
        let response = match &mut sender {
            Sender::Http1(sender) => {
                sender.ready().await.map_err(Failure::before)?;
                sender.try_send_request(request).await?
            }
            Sender::Http2(sender) => {
                sender.ready().await.map_err(Failure::before)?;
                sender.try_send_request(request).await?
            }
        };
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(Failure::of)?.to_bytes();
        // After a failure the next request takes a connection of its own.
        self.sender = Some(sender);
        Ok(Response::from_parts(parts, body))
    }

    async fn connect(&self) -> Result<Sender> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            Some(config) => {
                let connector = TlsConnector::from(config.clone());
                let name = "localhost".try_into()?;
                handshake(connector.connect(name, stream).await?, self.protocol).await
            }
            None => handshake(stream, self.protocol).await,
        }
    }
}

impl Sender {
    fn is_closed(&self) -> bool {
        match self {
            Sender::Http1(sender) => sender.is_closed(),
            Sender::Http2(sender) => sender.is_closed(),
        }
    }
}

/// Why there is no response.
struct Failure {
    error: Error,
    /// None of the request was sent.
    unsent: bool,
}

impl Failure {
    fn of(error: impl Into<Error>) -> Failure {
        Failure {
            error: error.into(),
            unsent: false,
        }
    }

    /// Before there was anything sent.
    fn before(error: impl Into<Error>) -> Failure {
        Failure {
            error: error.into(),
            unsent: true,
        }
    }
}

impl<T> From<TrySendError<T>> for Failure {
    fn from(mut error: TrySendError<T>) -> Failure {
        Failure {
            // hyper gives back what it did not begin to send.
            unsent: error.take_message().is_some(),
            error: error.into_error().into(),
        }
    }
}

impl AddAssign for Again {
    fn add_assign(&mut self, other: Again) {
        self.0 += other.0;
    }
}

impl fmt::Display for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("none sent again"),
            requests => write!(f, "{requests} GET or HEAD sent again"),
        }
    }
}

async fn handshake(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    protocol: Protocol,
) -> Result<Sender> {
    let stream = TokioIo::new(stream);
    // Each task ends with its connection.
    match protocol {
        Protocol::Http1 => {
            let (sender, connection) = http1::handshake(stream).await?;
            tokio::spawn(connection);
            Ok(Sender::Http1(sender))
        }
        Protocol::Http2 => {
            let (sender, connection) = http2::Builder::new(TokioExecutor::new())
                .max_header_list_size(1 << 20)
                .handshake(stream)
                .await?;
            tokio::spawn(connection);
            Ok(Sender::Http2(sender))
        }
    }
}

/// How long a response may take.
const PATIENCE: Duration = Duration::from_secs(60);
