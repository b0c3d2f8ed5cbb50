//! What the programs share: the sessions, the forms, and the words of the answers.

#[cfg(feature = "axum")]
pub mod axum;

use std::{
    env, fs,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{Stream, StreamExt, stream};
use haversack::{
    Active, Clock, Codec, CodecBuilder, Key, KeyRing, Lifetime, Session, SystemClock, Values,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::sync::Semaphore;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Who is signed in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Login {
    pub user: u64,
    pub count: u64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub filler: String,
}

impl Login {
    pub fn is_admin(&self) -> bool {
        self.user == 1
    }

    /// More than a cookie holds.
    pub fn too_large() -> Login {
        Login {
            filler: "x".repeat(5000),
            ..Login::default()
        }
    }

    /// What a page says that greets its user.
    pub fn greeting(&self) -> String {
        greeting(self.user)
    }

    pub fn etag(&self) -> String {
        format!("\"user-{}\"", self.user)
    }
}

/// A session of several cookies.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Big(pub String);

/// A second session, which needs no sign-in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Cart(pub Vec<String>);

/// Who is signed in, in the header `x-session`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InHeader(pub Login);

/// Who is signed in, as a JWT: `Authorization: Bearer` in requests, `x-bearer` in responses.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InBearer(pub u64);

/// What a tenant's user wrote.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Note(pub String);

/// A session that no program has a layer for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unlayered;

/// The sessions of a program.
#[derive(Clone, Debug)]
pub struct Sessions {
    pub login: Codec<Login>,
    pub notes: Codec<Values>,
    pub big: Codec<Big>,
    pub cart: Codec<Cart>,
    pub in_header: Codec<InHeader>,
    pub in_bearer: Codec<InBearer>,
    pub tenant: Codec<Note>,
    /// The ring's text.
    keys: Arc<Mutex<String>>,
    /// How many lines clients have asked for.
    asked: Arc<Semaphore>,
}

impl Sessions {
    pub fn from_env() -> Result<Sessions, Error> {
        let keys = match env::var("SESSION_KEYS") {
            Ok(keys) => keys,
            Err(_) => Key::generate()?.to_text(),
        };
        let clock = OffClock(env::var_os("CLOCK").map(PathBuf::from));
        let ring = || keys.parse::<KeyRing>();
        Ok(Sessions {
            login: sealed("login", ring()?, &clock)
                .remembered(Lifetime::fixed(30 * DAY))
                .build()?,
            notes: sealed("notes", ring()?, &clock).build()?,
            big: sealed("big", ring()?, &clock).chunked().build()?,
            cart: sealed("cart", ring()?, &clock).build()?,
            in_header: sealed("in-header", ring()?, &clock)
                .remembered(Lifetime::fixed(30 * DAY))
                .header("x-session")
                .build()?,
            in_bearer: Codec::jwt("in-bearer", Key::generate()?.to_text().parse()?)
                .clock(clock.clone())
                .bearer("x-bearer")
                .build()?,
            tenant: sealed("tenant", ring()?, &clock).build()?,
            keys: Arc::new(Mutex::new(keys)),
            asked: Arc::new(Semaphore::new(0)),
        })
    }

    /// The session of the tenant whose name is the first label of the request's `Host`. A host that names
    /// none has sessions of its own, which open for no tenant.
    pub fn tenant_of(&self, host: &str) -> Codec<Note> {
        let label = host.split(['.', ':']).next().unwrap_or_default();
        let tenant = self.tenant.context(label);
        tenant.unwrap_or_else(|_| self.tenant.clone())
    }

    /// Makes a key that seals from now on; those before it still open.
    pub fn rotate(&self) -> Result<(), Error> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let rotated = format!("{},{keys}", Key::generate()?.to_text());
        self.login.rotate(rotated.parse::<KeyRing>()?)?;
        self.in_header.rotate(rotated.parse::<KeyRing>()?)?;
        *keys = rotated;
        Ok(())
    }

    /// The [`LINES`]: the first at once, and each of the others when a client has asked for one.
    pub fn lines(&self) -> impl Stream<Item = &'static str> + Send + Sync + use<> {
        let [first, rest @ ..] = LINES;
        let asked = Arc::clone(&self.asked);
        let rest = stream::iter(rest).then(move |line| {
            let asked = Arc::clone(&asked);
            async move {
                // It fails if the semaphore is closed, which nobody does.
                asked.acquire().await.expect("it is open").forget();
                line
            }
        });
        stream::iter([first]).chain(rest)
    }

    /// Lets one stream make its next line.
    pub fn ask_for_line(&self) -> &'static str {
        self.asked.add_permits(1);
        "asked"
    }
}

fn sealed<T>(name: &str, keys: KeyRing, clock: &OffClock) -> CodecBuilder<T> {
    Codec::sealed(name, keys)
        .lifetime(Lifetime::sliding(IDLE, CAP))
        .clock(clock.clone())
}

/// The system's clock, ahead by the seconds in a file.
#[derive(Clone, Debug)]
struct OffClock(Option<PathBuf>);

impl Clock for OffClock {
    fn now(&self) -> u64 {
        let ahead = self
            .0
            .as_ref()
            .and_then(|file| fs::read_to_string(file).ok());
        let ahead = ahead.and_then(|text| text.trim().parse().ok());
        SystemClock.now() + ahead.unwrap_or(0)
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub struct LoginForm {
    pub user: u64,
    pub remember: Option<String>,
}

impl LoginForm {
    pub fn login(&self) -> Login {
        Login {
            user: self.user,
            ..Login::default()
        }
    }

    /// Signs the user in, for long if that was asked for.
    pub fn sign_in(&self, session: &Session<Login>) {
        match self.remember {
            Some(_) => session.start_remembered(self.login()),
            None => session.start(self.login()),
        }
    }
}

#[derive(Debug, Deserialize)]
pub struct TextForm {
    pub text: String,
}

#[derive(Debug, Deserialize)]
pub struct BigForm {
    pub octets: usize,
}

impl BigForm {
    pub fn big(&self) -> Big {
        Big("x".repeat(self.octets))
    }
}

#[derive(Debug, Deserialize)]
pub struct ItemForm {
    pub item: String,
}

#[derive(Debug, Deserialize)]
pub struct NoteForm {
    pub note: String,
}

impl NoteForm {
    pub fn note(self) -> Note {
        Note(self.note)
    }
}

/// A form, for servers that read none themselves.
pub fn form<F: DeserializeOwned>(body: &[u8]) -> Option<F> {
    serde_urlencoded::from_bytes(body).ok()
}

/// What a page says that greets its user.
pub fn greeting(user: u64) -> String {
    format!("user {user}")
}

/// Leaves a message for the next page.
pub fn leave(session: &Session<Values>, text: &str) -> Result<(), Error> {
    session.update_or_start(Values::new(), |_| ());
    session.flash("note", text)?;
    Ok(())
}

/// The messages that were left, a line each.
pub fn taken(session: &Session<Values>) -> String {
    let flashes = session.take_flashes();
    let texts = flashes.iter().filter_map(|flash| flash.text());
    texts.collect::<Vec<_>>().join("\n")
}

/// Puts an item into the cart.
pub fn add(session: &Session<Cart>, item: String) {
    session.update_or_start(Cart::default(), |cart| cart.0.push(item));
}

/// Whose cart it is, and what is in it.
pub fn contents(cart: &Session<Cart>, login: Option<&Active<Login>>) -> String {
    let whose = login.map_or("nobody".into(), |login| login.greeting());
    let items = cart.get().map_or(String::new(), |cart| cart.0.join(", "));
    format!("{whose}: {items}")
}

/// Adds one, and tells the count.
pub fn count(login: &Active<Login>) -> String {
    let count = login.session().update(|login| {
        login.count += 1;
        login.count
    });
    count.unwrap_or_default().to_string()
}

/// Whether the client has this already, by its `If-None-Match`.
pub fn not_modified(if_none_match: Option<&[u8]>, etag: &str) -> bool {
    if_none_match == Some(etag.as_bytes())
}

/// The port to listen on.
pub fn port() -> u16 {
    let port = env::var("PORT").ok();
    port.and_then(|port| port.parse().ok()).unwrap_or(3000)
}

/// A listener on that port, which is non-blocking, as all asynchronous runtimes want it.
pub fn listener() -> std::io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", port()))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Tells whoever started the program that it accepts connections.
pub fn announce(address: SocketAddr) {
    println!("listening on http://{address}");
}

/// What `GET /stream` answers, a chunk each.
pub const LINES: [&str; 3] = ["one\n", "two\n", "three\n"];

/// How old a proof of identity may be that is fresh, in seconds.
pub const FRESH: u64 = 300;

pub const IDLE: Duration = Duration::from_secs(1800);
pub const CAP: Duration = Duration::from_secs(8 * 3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
