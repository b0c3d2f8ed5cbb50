//! tonic: gRPC with the session in the metadata `x-session`. Its routes are its own, not those of the
//! other programs.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use frameworks::{Error, InHeader, Sessions, announce, greeting, listener};
use haversack::{Session, adapter::Denied};
use prost::Message;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, body::Body, server::Grpc, transport::Server};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let sessions = Sessions::from_env()?;
    let listener = TcpListener::from_std(listener()?)?;
    announce(listener.local_addr()?);
    let server = Server::builder()
        .layer(sessions.in_header.layer())
        .add_service(Account);
    Ok(server
        .serve_with_incoming(TcpListenerStream::new(listener))
        .await?)
}

#[derive(Clone, PartialEq, Message)]
struct SignIn {
    #[prost(uint64, tag = "1")]
    user: u64,
}

#[derive(Clone, PartialEq, Message)]
struct Nothing {}

#[derive(Clone, PartialEq, Message)]
struct Greeting {
    #[prost(string, tag = "1")]
    text: String,
}

async fn sign_in(request: Request<SignIn>) -> Result<Response<Nothing>, Status> {
    let session = session(&request)?;
    session.start(InHeader(request.get_ref().user));
    Ok(Response::new(Nothing {}))
}

async fn greet(request: Request<Nothing>) -> Result<Response<Greeting>, Status> {
    let login = session(&request)?.active().map_err(status)?;
    let text = greeting(login.0);
    Ok(Response::new(Greeting { text }))
}

/// What the layer left in the request, which is an `http::Request` in all but its type.
fn session<M>(request: &Request<M>) -> Result<Session<InHeader>, Status> {
    let mut head = http::Request::new(());
    *head.headers_mut() = request.metadata().as_ref().clone();
    *head.extensions_mut() = request.extensions().clone();
    Session::of(&head).ok_or_else(|| Status::internal("no layer"))
}

fn status(denied: Denied) -> Status {
    match denied.status() {
        403 => Status::permission_denied(denied.body()),
        _ => Status::unauthenticated(denied.body()),
    }
}

/// What tonic's generator writes for these two methods of a `service Account`.
#[derive(Clone)]
struct Account;

impl tonic::server::NamedService for Account {
    const NAME: &'static str = "Account";
}

impl Service<http::Request<Body>> for Account {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            Ok(match request.uri().path() {
                "/Account/SignIn" => {
                    let mut grpc = Grpc::new(ProstCodec::default());
                    grpc.unary(service_fn(sign_in), request).await
                }
                "/Account/Greet" => {
                    let mut grpc = Grpc::new(ProstCodec::default());
                    grpc.unary(service_fn(greet), request).await
                }
                _ => Status::unimplemented("").into_http(),
            })
        })
    }
}
