//! The cookie carries the session's id alone; what belongs to it is a record in a store of the application's choice.
//!
//! ```text
//! cargo run --example store
//! curl -c jar -b jar -L -d user=ada http://127.0.0.1:3000/login
//! curl -c jar -b jar http://127.0.0.1:3000/
//! curl -c jar -b jar -d "" http://127.0.0.1:3000/logout
//! ```
//!
//! `PORT` is the port on 127.0.0.1, 3000 unless set, 0 for a free one.

use std::{
    collections::HashMap,
    env,
    error::Error,
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Form, Router,
    extract::State,
    http::StatusCode,
    response::Redirect,
    routing::{get, post},
};
use haversack::{Clock, Codec, Key, KeyRing, Lifetime, Session, SessionId, SystemClock};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

/// What the cookie carries beside the id and the deadlines: nothing.
#[derive(Serialize, Deserialize)]
struct Login;

/// What the server keeps for an id.
#[derive(Clone)]
struct Record {
    user: String,
    visits: u32,
    /// In seconds since 1970: when the session ends in any case, and the record with it.
    ends_at: u64,
}

/// Where records are. The methods are `async` for a store that is asked over the network.
trait Store: Clone + Send + Sync + 'static {
    fn insert(&self, id: SessionId, record: Record) -> impl Future<Output = ()> + Send;

    /// Counts a visit and returns the record as it is then, if there is one. The store does both at
    /// once, so of two visits at the same time neither is lost.
    fn visit(&self, id: SessionId) -> impl Future<Output = Option<Record>> + Send;

    fn remove(&self, id: SessionId) -> impl Future<Output = ()> + Send;
}

/// Records in this process's memory.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<HashMap<SessionId, Record>>>);

impl Memory {
    fn records(&self) -> MutexGuard<'_, HashMap<SessionId, Record>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    async fn insert(&self, id: SessionId, record: Record) {
        let (mut records, now) = (self.records(), SystemClock.now());
        // Not everyone signs out. A database has a job for what is past its end, or an expiry built in.
        records.retain(|_, record| now < record.ends_at);
        records.insert(id, record);
    }

    async fn visit(&self, id: SessionId) -> Option<Record> {
        // No record past its end is asked for: its token ends in the same second.
        let mut records = self.records();
        let record = records.get_mut(&id)?;
        record.visits += 1;
        Some(record.clone())
    }

    async fn remove(&self, id: SessionId) {
        self.records().remove(&id);
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The records do not outlast this process, so the key need not either. With a real store it is
    // kept where every worker finds it: `KeySource::variable("SESSION_KEYS").read()?`.
    let keys = KeyRing::new(Key::generate()?);
    let (idle, cap) = (Duration::from_secs(1800), Duration::from_secs(8 * 3600));
    let lifetime = Lifetime::sliding(idle, cap);
    let login = Codec::sealed("login", keys).lifetime(lifetime).build()?;

    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app(&login, Memory::default()))
        .with_graceful_shutdown(async { drop(tokio::signal::ctrl_c().await) })
        .await?;
    Ok(())
}

fn app<S: Store>(login: &Codec<Login>, store: S) -> Router {
    Router::new()
        .route("/", get(home::<S>))
        .route("/login", post(sign_in::<S>))
        .route("/logout", post(sign_out::<S>))
        .layer(login.layer())
        .with_state(store)
}

async fn home<S: Store>(session: Session<Login>, store: State<S>) -> (StatusCode, String) {
    let Some(id) = session.id() else {
        return (StatusCode::UNAUTHORIZED, "nobody is signed in\n".into());
    };
    let Some(Record { user, visits, .. }) = store.visit(id).await else {
        // The token is live and its record is gone: the session was ended on the server.
        session.end();
        return (StatusCode::UNAUTHORIZED, "you were signed out\n".into());
    };
    (StatusCode::OK, format!("{user}, visit {visits}\n"))
}

async fn sign_in<S: Store>(
    session: Session<Login>,
    store: State<S>,
    Form(form): Form<HashMap<String, String>>,
) -> Result<Redirect, StatusCode> {
    // A real program checks a password.
    let user = form.get("user").ok_or(StatusCode::UNPROCESSABLE_ENTITY)?;
    if let Some(old) = session.id() {
        store.remove(old).await;
    }
    // The id is new at every start, and its record is there before the client knows it.
    session.start(Login);
    let started = session.facts().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
    let record = Record {
        user: user.clone(),
        visits: 0,
        ends_at: started.ends_at,
    };
    store.insert(started.id, record).await;
    Ok(Redirect::to("/"))
}

async fn sign_out<S: Store>(session: Session<Login>, store: State<S>) -> Redirect {
    // Without its record, a copy of the cookie that somebody kept is worth nothing.
    if let Some(id) = session.id() {
        store.remove(id).await;
    }
    session.end();
    Redirect::to("/")
}
