//! A server: one contender in a process of its own.

use std::{
    error::Error,
    future::pending,
    net::{Ipv4Addr, SocketAddr},
};

use actix_session::config::CookieContentSecurity;
use actix_web::{App, HttpServer, cookie::Key};
use axum::Router;
use fred::prelude::{ClientLike as _, Config, Pool};
use haversack_benches::{
    apps::{actix, bare, jar, layers, least, ours},
    carried::NAME,
    compared::{Kind, Size},
    values::{Value, large, medium, small},
};
use rustix::process::{Signal, set_parent_process_death_signal};
use tokio::net::TcpListener;
use tower::layer::util::Identity;
use tower_sessions::{MemoryStore, SessionManagerLayer};
use tower_sessions_redis_store::RedisStore;

use super::{contender::Contender, process::pin};

/// Prints the port, and serves until it is killed or its parent is gone.
pub(crate) fn serve(mut args: impl Iterator<Item = String>) -> Result<(), Box<dyn Error>> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let mut next = |what| args.next().ok_or(format!("serve: {what} is missing"));
    pin(next("core")?.parse()?)?;
    let contender = next("contender")?.parse()?;
    let size = next("size")?;
    let redis = args.next();
    match size.parse()? {
        Size::S => of_value(contender, &small(), redis),
        Size::M => of_value(contender, &medium(), redis),
        Size::L => of_value(contender, &large(), redis),
    }
}

/// An app is of a type of its own with each middleware.
macro_rules! actix {
    ($app:expr) => {
        actix_web::rt::System::new().block_on(async {
            let server = HttpServer::new($app).workers(1).disable_signals();
            let server = server.bind(ANY_PORT)?;
            tell(server.addrs()[0]);
            Ok(server.run().await?)
        })
    };
}

fn of_value<T: Value>(
    contender: Contender,
    value: &T,
    redis: Option<String>,
) -> Result<(), Box<dyn Error>> {
    match contender {
        Contender::Axum => axum(async || Ok(bare::router())),
        Contender::Layered => axum(async || Ok(bare::router().layer(Identity::new()))),
        Contender::Least => axum(async || Ok(least::router(value))),
        Contender::Sealed => axum(async || Ok(ours::router(&ours::codec(Kind::Encrypts), value))),
        Contender::Jwt => axum(async || Ok(ours::router(&ours::codec(Kind::Jwt), value))),
        Contender::PrivateJar => axum(async || Ok(jar::router(value))),
        Contender::Seshcookie => axum(async || Ok(layers::seshcookie(value))),
        Contender::Memory => axum(async || {
            let layer = SessionManagerLayer::new(MemoryStore::default()).with_name(NAME);
            Ok(layers::kept(value).layer(layer))
        }),
        Contender::Redis => axum(async || {
            use tower_sessions_of_redis::SessionManagerLayer;
            let url = redis.ok_or("serve: the socket of a Redis is missing")?;
            let pool = Pool::new(Config::from_url(&url)?, None, None, None, POOL)?;
            pool.init().await?;
            let layer = SessionManagerLayer::new(RedisStore::new(pool)).with_name(NAME);
            Ok(layers::stored(value).layer(layer))
        }),
        Contender::Actix => actix!(|| App::new().configure(bare::actix)),
        Contender::ActixSealed => {
            let (codec, routes) = (ours::codec::<T>(Kind::Encrypts), ours::actix(value));
            actix!(move || App::new().configure(&routes).wrap(codec.layer()))
        }
        Contender::ActixSession => {
            let (key, routes) = (Key::generate(), actix::routes(value));
            let layer = move || actix::middleware(key.clone(), CookieContentSecurity::Private);
            actix!(move || App::new().configure(&routes).wrap(layer()))
        }
    }
}

fn axum(
    router: impl AsyncFnOnce() -> Result<Router, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(ANY_PORT).await?;
        let router = router().await?;
        tell(listener.local_addr()?);
        axum::serve(listener, router).await?;
        pending().await
    })
}

fn tell(address: SocketAddr) {
    println!("{}", address.port());
}

const ANY_PORT: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// Connections to Redis, as in the documentation of its store.
const POOL: usize = 6;
