//! A server that ends when it is dropped.

use std::net::SocketAddr;

use axum::Router;
use tokio::{net::TcpListener, runtime::Runtime, sync::oneshot};

use crate::{Result, Running};

/// A router that is served until it is dropped.
pub(crate) struct Served {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    runtime: Runtime,
    task: Option<tokio::task::JoinHandle<std::io::Result<()>>>,
}

impl Served {
    pub(crate) fn start(address: SocketAddr, app: Router) -> Result<Served> {
        let runtime = Runtime::new()?;
        let listener = runtime.block_on(TcpListener::bind(address))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let server = axum::serve(listener, app).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        let task = runtime.spawn(server.into_future());
        Ok(Served {
            address,
            stop: Some(stop),
            runtime,
            task: Some(task),
        })
    }
}

impl Running for Served {
    fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // No new connections, and those that browsers keep open end with the runtime.
        drop(self.stop.take());
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = self.runtime.block_on(task);
        }
    }
}
