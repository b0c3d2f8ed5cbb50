//! Clients that keep what responses give them: a browser's cookies, and a token over any carrier.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::{Codec, Session};
use serde::{Serialize, de::DeserializeOwned};

use crate::support::{Twin, written};

/// A browser's cookies: it does what `Set-Cookie` says and knows nothing of sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Jar {
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Jar {
    /// Does what the `Set-Cookie` headers of a response say.
    pub(crate) fn follow(&mut self, headers: &[(impl AsRef<str>, String)]) {
        for (_, line) in headers.iter().filter(|(n, _)| n.as_ref() == "set-cookie") {
            let (pair, attributes) = line.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            assert!(name.len() + value.len() <= 4096, "browsers drop {name}");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// A request with these cookies, whose response arrives.
    pub(crate) fn visit<T, R>(
        &mut self,
        codec: &Codec<T>,
        handler: impl FnOnce(&Session<T>) -> R,
    ) -> R
    where
        T: Serialize + DeserializeOwned,
    {
        let session = codec.session([&self.header()]);
        let result = handler(&session);
        self.follow(&session.response_headers().unwrap());
        result
    }

    /// The `Cookie` header of the next request.
    pub(crate) fn header(&self) -> String {
        let pairs = self.cookies.iter().map(|(n, v)| format!("{n}={v}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// The names of the cookies that are there.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.cookies.keys().map(String::as_str).collect()
    }
}

/// A client of one session over any carrier, which follows what responses say.
pub(crate) struct Client {
    twin: Twin,
    /// The request header's value.
    pub(crate) sends: Option<String>,
}

impl Client {
    pub(crate) fn new(twin: Twin) -> Client {
        Client { twin, sends: None }
    }

    /// A request, whose response arrives; tells whether the session was written.
    pub(crate) fn visit<T>(&mut self, codec: &Codec<T>, handler: impl FnOnce(&Session<T>)) -> bool
    where
        T: Serialize + DeserializeOwned,
    {
        let session = codec.session(&self.sends);
        handler(&session);
        let written = written(&session, codec);
        if let Some(value) = &written {
            self.sends = self.twin.answer(value);
        }
        written.is_some()
    }

    /// The claims of the signed token that it sends.
    pub(crate) fn claims(&self) -> serde_json::Value {
        claims(self.sends.as_ref().unwrap())
    }
}

/// The claims of a signed token, which may stand in a request header's value.
pub(crate) fn claims(token: &str) -> serde_json::Value {
    let json = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap());
    serde_json::from_slice(&json.unwrap()).unwrap()
}
