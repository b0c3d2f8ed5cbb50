//! The server: hyper, with HTTP/1.1 and HTTP/2, on loopback.

use std::{
    convert::Infallible,
    io,
    net::{Ipv4Addr, SocketAddr},
};

use anyhow::Result;
use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    task::{AbortHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

/// A server, which stops on drop with all its connections.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    serving: AbortHandle,
}

impl Server {
    /// Serves at a free port, over TLS if there is an acceptor.
    pub(crate) async fn start(router: Router, tls: Option<TlsAcceptor>) -> Result<Server> {
        let hyper = Builder::new(TokioExecutor::new());
        Server::of(hyper, router, tls).await
    }

    /// The same by a hyper that is configured otherwise.
    pub(crate) async fn of(
        hyper: Builder<TokioExecutor>,
        router: Router,
        tls: Option<TlsAcceptor>,
    ) -> Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let serving = tokio::spawn(serve(hyper, listener, router, tls)).abort_handle();
        Ok(Server { address, serving })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(
    hyper: Builder<TokioExecutor>,
    listener: TcpListener,
    router: Router,
    tls: Option<TlsAcceptor>,
) -> io::Result<Infallible> {
    // Dropped with this future, and each connection with it.
    let mut connections = JoinSet::new();
    loop {
        let (connection, _) = listener.accept().await?;
        connection.set_nodelay(true)?;
        let (hyper, router, tls) = (hyper.clone(), router.clone(), tls.clone());
        connections.spawn(async move {
            match tls {
                // Otherwise a client that does not trust the authority.
                Some(tls) => {
                    if let Ok(connection) = tls.accept(connection).await {
                        answer(&hyper, connection, router).await;
                    }
                }
                None => answer(&hyper, connection, router).await,
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(
    hyper: &Builder<TokioExecutor>,
    connection: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    router: Router,
) {
    let service = TowerToHyperService::new(router);
    let connection = TokioIo::new(connection);
    // A client that goes away is no fault of the server.
    let _ = hyper
        .serve_connection_with_upgrades(connection, service)
        .await;
}
