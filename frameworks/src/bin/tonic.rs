//! tonic: gRPC with a session in the metadata `x-session`, and another in `authorization`. Its methods are called as
//! the routes of the other programs, where those have such a route.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use frameworks::{
    Error, FRESH, InBearer, InHeader, Login, Sessions, Unlayered, announce, greeting, listener,
};
use futures_util::{StreamExt, stream::BoxStream};
use haversack::{
    Required, Session,
    adapter::{ExtractError, MissingLayer},
};
use prost::Message;
use serde::de::DeserializeOwned;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Code, Request, Response, Status,
    body::Body,
    metadata::MetadataMap,
    server::{Grpc, NamedService},
    transport::Server,
};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let sessions = Sessions::from_env()?;
    let listener = TcpListener::from_std(listener()?)?;
    announce(listener.local_addr()?);
    let server = Server::builder()
        .layer(sessions.in_header.layer())
        .layer(sessions.in_bearer.layer())
        .add_service(Account(sessions));
    Ok(server
        .serve_with_incoming(TcpListenerStream::new(listener))
        .await?)
}

#[derive(Clone, PartialEq, Message)]
struct SignIn {
    #[prost(uint64, tag = "1")]
    user: u64,
    #[prost(bool, tag = "2")]
    remember: bool,
}

#[derive(Clone, PartialEq, Message)]
struct Nothing {}

#[derive(Clone, PartialEq, Message)]
struct Text {
    #[prost(string, tag = "1")]
    text: String,
}

type Answer = Result<Response<Text>, Status>;

fn text(text: impl Into<String>) -> Answer {
    let text = text.into();
    Ok(Response::new(Text { text }))
}

impl Account {
    async fn home(self, _: Request<Nothing>) -> Answer {
        text("home")
    }

    async fn sign_in(self, request: Request<SignIn>) -> Answer {
        let session = session::<InHeader, _>(&request)?;
        let SignIn { user, remember } = request.into_inner();
        let login = Login {
            user,
            ..Login::default()
        };
        match remember {
            true => session.start_remembered(InHeader(login)),
            false => session.start(InHeader(login)),
        }
        text("signed in")
    }

    async fn sign_in_and_fail(self, request: Request<SignIn>) -> Answer {
        self.sign_in(request).await?;
        Err(Status::internal("the records are out of reach"))
    }

    async fn me(self, request: Request<Nothing>) -> Answer {
        let login = session::<InHeader, _>(&request)?.active().map_err(status)?;
        text(login.0.greeting())
    }

    async fn maybe(self, request: Request<Nothing>) -> Answer {
        let login = session::<InHeader, _>(&request)?.active().ok();
        text(login.map_or("nobody".into(), |login| login.0.greeting()))
    }

    async fn count(self, request: Request<Nothing>) -> Answer {
        let login = session::<InHeader, _>(&request)?.active().map_err(status)?;
        let count = login.session().update(|login| {
            login.0.count += 1;
            login.0.count
        });
        text(count.unwrap_or_default().to_string())
    }

    async fn sign_out(self, request: Request<Nothing>) -> Answer {
        session::<InHeader, _>(&request)?.end();
        text("signed out")
    }

    async fn bearer_sign_in(self, request: Request<SignIn>) -> Answer {
        session(&request)?.start(InBearer(request.get_ref().user));
        text("signed in")
    }

    async fn bearer_me(self, request: Request<Nothing>) -> Answer {
        let login = session::<InBearer, _>(&request)?.active().map_err(status)?;
        text(greeting(login.0))
    }

    async fn fresh(self, request: Request<Nothing>) -> Answer {
        let session = session::<InHeader, _>(&request)?;
        let login = session.fresh::<FRESH>().map_err(status)?;
        text(login.0.greeting())
    }

    async fn confirm(self, request: Request<Nothing>) -> Answer {
        let login = session::<InHeader, _>(&request)?.active().map_err(status)?;
        login.session().confirm();
        text("confirmed")
    }

    async fn password(self, request: Request<Nothing>) -> Answer {
        behind(&self.0.in_header.required().fresh(FRESH), &request)?;
        text("password")
    }

    async fn admin(self, request: Request<Nothing>) -> Answer {
        let guard = self.0.in_header.required();
        behind(&guard.when(|login| login.0.is_admin()), &request)?;
        text("admin")
    }

    async fn rotate(self, _: Request<Nothing>) -> Answer {
        let rotated = self.0.rotate();
        rotated.map_err(|_| Status::internal("no new key"))?;
        text("rotated")
    }

    async fn too_large(self, request: Request<Nothing>) -> Answer {
        session(&request)?.start(InHeader(Login::too_large()));
        text("signed in")
    }

    async fn lines(self, request: Request<Nothing>) -> Result<Response<Lines>, Status> {
        session::<InHeader, _>(&request)?.active().map_err(status)?;
        let lines = self.0.lines().map(String::from);
        Ok(Response::new(lines.map(|text| Ok(Text { text })).boxed()))
    }

    async fn next_line(self, _: Request<Nothing>) -> Answer {
        text(self.0.ask_for_line())
    }

    async fn error(self, _: Request<Nothing>) -> Answer {
        Err(Status::aborted("a teapot"))
    }

    async fn error_after_reading(self, request: Request<Nothing>) -> Answer {
        session::<InHeader, _>(&request)?.active().map_err(status)?;
        Err(Status::aborted("a teapot"))
    }

    async fn unlayered(self, request: Request<Nothing>) -> Answer {
        session::<Unlayered, _>(&request)?;
        text("")
    }

    async fn panics(self, request: Request<Nothing>) -> Answer {
        let session = session::<InHeader, _>(&request)?;
        panic!("a method panics, on purpose: {:?}", session.id());
    }
}

type Lines = BoxStream<'static, Result<Text, Status>>;

/// The session that its layer left in the request.
fn session<T, M>(request: &Request<M>) -> Result<Session<T>, Status>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    let session = Session::of(&head(request));
    session.ok_or_else(|| status(MissingLayer::of::<T>(".layer(codec.layer())")))
}

/// Whether a guard lets the request through.
fn behind<T, M>(guard: &Required<T>, request: &Request<M>) -> Result<(), Status>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    let head = head(request);
    guard.check(Session::of(&head), &head).map_err(status)
}

/// The request, which is an `http::Request` in all but its type.
fn head<M>(request: &Request<M>) -> http::Request<()> {
    let mut head = http::Request::new(());
    *head.headers_mut() = request.metadata().as_ref().clone();
    *head.extensions_mut() = request.extensions().clone();
    head
}

fn status(error: impl Into<ExtractError>) -> Status {
    let error = error.into();
    let code = match error.status() {
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        _ => Code::Internal,
    };
    let mut headers = http::HeaderMap::new();
    error.write(&mut headers);
    Status::with_metadata(code, error.body(), MetadataMap::from_headers(headers))
}

/// What tonic's generator writes for the methods of a `service Account`.
#[derive(Clone)]
struct Account(Sessions);

impl NamedService for Account {
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
        macro_rules! unary {
            ($method:ident) => {{
                let account = self.clone();
                Box::pin(async move {
                    let mut grpc = Grpc::new(ProstCodec::default());
                    let method = service_fn(move |request| account.clone().$method(request));
                    Ok(grpc.unary(method, request).await)
                })
            }};
        }
        match request.uri().path() {
            "/Account/Home" => unary!(home),
            "/Account/SignIn" => unary!(sign_in),
            "/Account/SignInAndFail" => unary!(sign_in_and_fail),
            "/Account/Me" => unary!(me),
            "/Account/Maybe" => unary!(maybe),
            "/Account/Count" => unary!(count),
            "/Account/SignOut" => unary!(sign_out),
            "/Account/BearerSignIn" => unary!(bearer_sign_in),
            "/Account/BearerMe" => unary!(bearer_me),
            "/Account/Fresh" => unary!(fresh),
            "/Account/Confirm" => unary!(confirm),
            "/Account/Password" => unary!(password),
            "/Account/Admin" => unary!(admin),
            "/Account/Rotate" => unary!(rotate),
            "/Account/TooLarge" => unary!(too_large),
            "/Account/NextLine" => unary!(next_line),
            "/Account/Error" => unary!(error),
            "/Account/ErrorAfterReading" => unary!(error_after_reading),
            "/Account/Unlayered" => unary!(unlayered),
            "/Account/Panics" => unary!(panics),
            "/Account/Lines" => {
                let account = self.clone();
                Box::pin(async move {
                    let mut grpc = Grpc::new(ProstCodec::default());
                    let method = service_fn(move |request| account.clone().lines(request));
                    Ok(grpc.server_streaming(method, request).await)
                })
            }
            _ => Box::pin(async { Ok(Status::unimplemented("").into_http()) }),
        }
    }
}
