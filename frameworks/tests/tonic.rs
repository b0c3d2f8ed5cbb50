//! tonic's program, asked by tonic's client over TCP for what the suite asks the others, as far as gRPC has it.

#[allow(dead_code, reason = "the suite needs the rest")]
mod suite {
    pub(crate) mod client;
    pub(crate) mod hostile;
    pub(crate) mod server;
}

use std::path::Path;

use frameworks::{FRESH, LINES};
use prost::Message;
use tokio::{task::JoinSet, time::timeout};
use tonic::{
    Code, Request, Status, Streaming,
    client::Grpc,
    metadata::{AsciiMetadataKey, AsciiMetadataValue, MetadataMap},
    transport::Channel,
};
use tonic_prost::ProstCodec;

use suite::client::{self, PATIENCE};

use crate::suite::{
    hostile::Random,
    server::{Server, new_key},
};

#[derive(Clone, PartialEq, Message)]
struct SignIn {
    #[prost(uint64, tag = "1")]
    user: u64,
    #[prost(bool, tag = "2")]
    remember: bool,
}

#[derive(Clone, PartialEq, Message)]
struct Text {
    #[prost(string, tag = "1")]
    text: String,
}

fn start() -> Server {
    Server::start(Path::new(env!("CARGO_BIN_EXE_tonic")))
}

/// Somebody whose calls have the session that the responses before them had.
#[derive(Clone)]
struct Client {
    channel: Channel,
    token: String,
    bearer: String,
}

impl Client {
    async fn of(server: &Server) -> Client {
        let channel = Channel::from_shared(format!("http://{}", server.address));
        Client {
            channel: channel.unwrap().connect().await.unwrap(),
            token: String::new(),
            bearer: String::new(),
        }
    }

    async fn signed_in(server: &Server, user: u64) -> Client {
        let mut client = Client::of(server).await;
        client.sign_in("SignIn", user).await.is("signed in");
        client
    }

    async fn call(&mut self, method: &str) -> Reply {
        self.sign_in(method, 0).await
    }

    /// Calls with a user's number, which methods that take none ignore.
    async fn sign_in(&mut self, method: &str, user: u64) -> Reply {
        let remember = false;
        self.send(method, SignIn { user, remember }).await
    }

    async fn send(&mut self, method: &str, message: SignIn) -> Reply {
        let (mut grpc, path) = self.grpc(method).await;
        let codec = ProstCodec::<SignIn, Text>::default();
        let reply = match grpc.unary(self.request(message), path, codec).await {
            Ok(response) => Reply {
                metadata: response.metadata().clone(),
                outcome: Ok(response.into_inner().text),
            },
            Err(status) => Reply {
                metadata: status.metadata().clone(),
                outcome: Err(status),
            },
        };
        self.keep(&reply);
        reply
    }

    /// The head of a stream, and its messages.
    async fn lines(&mut self) -> (Reply, Streaming<Text>) {
        let (mut grpc, path) = self.grpc("Lines").await;
        let codec = ProstCodec::<SignIn, Text>::default();
        let request = self.request(SignIn::default());
        let response = grpc.server_streaming(request, path, codec).await.unwrap();
        let head = Reply {
            metadata: response.metadata().clone(),
            outcome: Ok(String::new()),
        };
        self.keep(&head);
        (head, response.into_inner())
    }

    async fn grpc(&self, method: &str) -> (Grpc<Channel>, http::uri::PathAndQuery) {
        let mut grpc = Grpc::new(self.channel.clone());
        grpc.ready().await.unwrap();
        (grpc, format!("/Account/{method}").parse().unwrap())
    }

    fn request(&self, message: SignIn) -> Request<SignIn> {
        let mut request = Request::new(message);
        let metadata = request.metadata_mut();
        if !self.token.is_empty() {
            metadata.insert("x-session", self.token.parse().unwrap());
        }
        if !self.bearer.is_empty() {
            let value = format!("Bearer {}", self.bearer);
            metadata.insert("authorization", value.parse().unwrap());
        }
        request
    }

    fn keep(&mut self, reply: &Reply) {
        if let Some(token) = reply.value("x-session") {
            self.token = token.into();
        }
        if let Some(token) = reply.value("x-bearer") {
            self.bearer = token.into();
        }
    }
}

#[derive(Debug)]
struct Reply {
    metadata: MetadataMap,
    outcome: Result<String, Status>,
}

impl Reply {
    fn value(&self, name: &str) -> Option<&str> {
        self.metadata.get(name).map(|value| value.to_str().unwrap())
    }

    fn varies_by(&self, name: &str) -> bool {
        let vary = self.value("vary").unwrap_or_default();
        vary.split(',').any(|member| member.trim() == name)
    }

    #[track_caller]
    fn is(&self, text: &str) -> &Reply {
        assert_eq!(self.outcome.as_deref().ok(), Some(text), "{self:?}");
        self
    }

    #[track_caller]
    fn fails(&self, code: Code, message: &str) -> &Reply {
        let status = self.outcome.as_ref().expect_err("a status");
        assert_eq!((status.code(), status.message()), (code, message));
        self
    }

    /// Nobody is signed in, and nothing is written.
    #[track_caller]
    fn denied(&self) -> &Reply {
        assert!(self.value("x-session").is_none(), "{self:?}");
        assert_eq!(self.value("cache-control"), Some("no-store"));
        self.fails(Code::Unauthenticated, "no live session")
    }

    #[track_caller]
    fn only_read(&self) -> &Reply {
        assert!(self.value("x-session").is_none(), "{self:?}");
        assert!(self.varies_by("x-session"), "{self:?}");
        assert_eq!(self.value("cache-control"), Some("private"));
        self
    }

    #[track_caller]
    fn written(&self) -> &Reply {
        assert!(self.value("x-session").is_some(), "{self:?}");
        assert!(self.varies_by("x-session"), "{self:?}");
        assert_eq!(self.value("cache-control"), Some("no-store"));
        self
    }

    /// No session was looked at.
    #[track_caller]
    fn without_trace(&self) -> &Reply {
        for name in ["x-session", "x-bearer", "vary", "cache-control"] {
            assert_eq!(self.value(name), None, "{name}");
        }
        self
    }
}

#[tokio::test]
async fn a_sign_in_is_read() {
    let server = start();
    let mut client = Client::of(&server).await;
    client.call("Maybe").await.is("nobody").only_read();
    assert!(client.call("Me").await.denied().varies_by("x-session"));
    let reply = client.sign_in("SignIn", 7).await;
    reply.is("signed in").written();
    client.call("Me").await.is("user 7").only_read();
    client.call("Maybe").await.is("user 7").only_read();
    let mut other = Client::of(&server).await;
    other.call("Maybe").await.is("nobody");
    let unknown = other.call("Unknown").await;
    unknown.fails(Code::Unimplemented, "").without_trace();
}

#[tokio::test]
async fn reading_writes_nothing() {
    let server = start();
    let mut client = Client::signed_in(&server, 7).await;
    for _ in 0..3 {
        client.call("Me").await.is("user 7").only_read();
    }
}

#[tokio::test]
async fn an_update_stays() {
    let server = start();
    Client::of(&server).await.call("Count").await.denied();
    let mut client = Client::signed_in(&server, 7).await;
    let before = client.token.clone();
    client.call("Count").await.is("1").written();
    client.call("Count").await.is("2").written();
    client.call("Me").await.is("user 7");
    // An earlier token opens too: nothing is kept on the server.
    client.token = before;
    client.call("Count").await.is("1");
}

#[tokio::test]
async fn use_renews_until_the_cap() {
    let server = start();
    let mut client = Client::signed_in(&server, 7).await;
    server.later(800);
    client.call("Me").await.is("user 7").only_read();
    server.later(800);
    client.call("Me").await.is("user 7").written();
    server.later(1801);
    client.call("Me").await.denied();

    let mut client = Client::signed_in(&server, 7).await;
    for _ in 0..19 {
        server.later(1500);
        client.call("Me").await.is("user 7");
    }
    server.later(1500);
    client.call("Me").await.denied();
}

#[tokio::test]
async fn a_remembered_session_stays() {
    let server = start();
    let mut client = Client::of(&server).await;
    let message = SignIn {
        user: 7,
        remember: true,
    };
    client.send("SignIn", message).await.written();
    server.later(29 * 24 * 3600);
    client.call("Me").await.is("user 7");
    server.later(24 * 3600);
    client.call("Me").await.denied();
}

#[tokio::test]
async fn a_sign_out_removes() {
    let server = start();
    let mut client = Client::signed_in(&server, 7).await;
    client.call("SignOut").await.is("signed out").written();
    assert_eq!(client.token, "");
    client.call("Me").await.denied();
}

#[tokio::test]
async fn two_sessions_are_apart() {
    let server = start();
    let mut client = Client::signed_in(&server, 7).await;
    client.sign_in("BearerSignIn", 8).await.is("signed in");
    client.call("Me").await.is("user 7").only_read();
    client.call("BearerMe").await.is("user 8");
    client.call("SignOut").await;
    client.call("Me").await.denied();
    client.call("BearerMe").await.is("user 8");
    // A token of one session doesn't open as the other.
    client.token = client.bearer.clone();
    client.call("Me").await.denied();
}

#[tokio::test]
async fn a_session_as_bearer() {
    let server = start();
    let mut client = Client::of(&server).await;
    let denied = client.call("BearerMe").await;
    denied.fails(Code::Unauthenticated, "no live session");
    assert_eq!(denied.value("www-authenticate"), Some("Bearer"));
    let reply = client.sign_in("BearerSignIn", 7).await;
    assert_eq!(reply.value("cache-control"), Some("no-store"));
    assert!(reply.varies_by("authorization"));
    assert_eq!(client.bearer.split('.').count(), 3, "a JWT");
    client.call("BearerMe").await.is("user 7");
    client.bearer += "A";
    let refused = client.call("BearerMe").await;
    refused.fails(Code::Unauthenticated, "no live session");
    let challenge = r#"Bearer error="invalid_token""#;
    assert_eq!(refused.value("www-authenticate"), Some(challenge));
}

/// By the session, and by a guard.
#[tokio::test]
async fn a_fresh_proof_is_asked_for() {
    for (method, passed) in [("Fresh", "user 7"), ("Password", "password")] {
        let server = start();
        let mut client = Client::of(&server).await;
        client.call(method).await.denied();
        client.call("Confirm").await.denied();
        client.sign_in("SignIn", 7).await;
        client.call(method).await.is(passed);
        server.later(FRESH + 10);
        let denied = client.call(method).await;
        denied.fails(Code::PermissionDenied, "authentication too old");
        assert_eq!(denied.value("cache-control"), Some("no-store"));
        client.call("Me").await.is("user 7");
        client.call("Confirm").await.is("confirmed").written();
        client.call(method).await.is(passed);
    }
}

#[tokio::test]
async fn a_guard_allows_some() {
    let server = start();
    Client::of(&server).await.call("Admin").await.denied();
    let mut other = Client::signed_in(&server, 2).await;
    let denied = other.call("Admin").await;
    denied.fails(Code::PermissionDenied, "not allowed");
    let mut admin = Client::signed_in(&server, 1).await;
    admin.call("Admin").await.is("admin");
}

#[tokio::test]
async fn what_is_changed_does_not_open() {
    let server = start();
    let mut client = Client::signed_in(&server, 7).await;
    let token = client.token.clone();
    for at in (0..token.len()).step_by(7) {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        client.token = String::from_utf8(changed).unwrap();
        client.call("Me").await.denied();
    }
    for other in [
        &token[1..],
        &token[..token.len() - 1],
        &format!("{token}A"),
        "\"\"",
    ] {
        client.token = other.into();
        client.call("Me").await.denied();
    }
    client.token = token;
    client.call("Me").await.is("user 7");
}

#[tokio::test]
async fn a_refusal_writes_nothing() {
    let server = start();
    let mut client = Client::of(&server).await;
    client.token = "AQIDBAUGBwgJ".into();
    client.call("Maybe").await.is("nobody").only_read();
    client.call("Me").await.denied();
    client.sign_in("SignIn", 7).await;
    server.later(1801);
    client.call("Maybe").await.is("nobody").only_read();
}

#[tokio::test(flavor = "multi_thread")]
async fn rotation_signs_nobody_out() {
    let server = start();
    let mut client = Client::signed_in(&server, 7).await;
    // The other workers: one that seals with a new key already, and one that only knows it.
    let (old, new) = (&server.keys, new_key());
    let ahead = server.worker(&format!("{new},{old}"));
    let behind = server.worker(&format!("{old},{new}"));
    let mut at_ahead = Client::of(&ahead).await;
    at_ahead.token = client.token.clone();
    at_ahead.call("Me").await.is("user 7").written();
    let mut at_behind = Client::of(&behind).await;
    at_behind.token = at_ahead.token;
    at_behind.call("Me").await.is("user 7");
    at_behind.token = client.token.clone();
    at_behind.call("Me").await.is("user 7").only_read();

    // And in one that is running, under its readers.
    let mut readers = JoinSet::new();
    for _ in 0..3 {
        let token = client.token.clone();
        let mut reader = client.clone();
        readers.spawn(async move {
            for _ in 0..20 {
                reader.token = token.clone();
                reader.call("Me").await.is("user 7");
            }
        });
    }
    for _ in 0..3 {
        client.clone().call("Rotate").await.is("rotated");
    }
    readers.join_all().await;
    client.call("Me").await.is("user 7").written();
    client.call("Me").await.is("user 7").only_read();
}

/// The layer's empty 500, which is no gRPC.
#[tokio::test]
async fn what_cannot_be_saved_is_an_error() {
    let server = start();
    let mut client = Client::signed_in(&server, 7).await;
    let reply = client.call("TooLarge").await;
    let status = reply.outcome.as_ref().expect_err("a status");
    assert_eq!(status.code(), Code::Unknown);
    assert!(!status.message().contains("octets"), "{status}");
    assert!(reply.value("x-session").is_none());
    assert_eq!(reply.value("cache-control"), Some("no-store"));
    client.call("Me").await.is("user 7");
}

#[tokio::test]
async fn an_error_keeps_the_sign_in() {
    let server = start();
    let mut client = Client::of(&server).await;
    let reply = client.sign_in("SignInAndFail", 7).await;
    reply.fails(Code::Internal, "the records are out of reach");
    reply.written();
    client.call("Me").await.is("user 7");
}

#[tokio::test]
async fn errors_write_sessions_that_were_read_and_no_others() {
    let server = start();
    let mut client = Client::signed_in(&server, 7).await;
    server.later(1000);
    let error = client.call("Error").await;
    error.fails(Code::Aborted, "a teapot").without_trace();
    let unknown = client.call("Unknown").await;
    unknown.fails(Code::Unimplemented, "").without_trace();
    let error = client.call("ErrorAfterReading").await;
    error.fails(Code::Aborted, "a teapot").written();
    let error = client.call("ErrorAfterReading").await;
    error.fails(Code::Aborted, "a teapot").only_read();
    let mut other = Client::of(&server).await;
    other.call("ErrorAfterReading").await.denied();
}

/// Each message arrives before the program makes the next one, and the session before all of them.
#[tokio::test]
async fn a_stream_begins_with_the_session() {
    let server = start();
    let mut client = Client::signed_in(&server, 7).await;
    server.later(1000);
    for is_due in [true, false] {
        let in_time = timeout(PATIENCE, lines_one_by_one(&mut client)).await;
        let head = in_time.expect("a line that was asked for");
        match is_due {
            true => head.written(),
            false => head.only_read(),
        };
    }
    let mut other = Client::of(&server).await;
    other.call("Lines").await.denied();
}

async fn lines_one_by_one(client: &mut Client) -> Reply {
    let (head, mut lines) = client.lines().await;
    for (number, line) in LINES.into_iter().enumerate() {
        if number > 0 {
            let asked = client.call("NextLine").await;
            asked.is("asked").without_trace();
        }
        assert_eq!(lines.message().await.unwrap().unwrap().text, line);
    }
    assert_eq!(lines.message().await.unwrap(), None);
    head
}

#[tokio::test]
async fn only_what_was_looked_at_varies() {
    let server = start();
    let mut client = Client::signed_in(&server, 7).await;
    client.sign_in("BearerSignIn", 8).await;
    server.later(1000);
    client.call("Home").await.is("home").without_trace();
    let bearer = client.call("BearerMe").await;
    assert!(bearer.varies_by("authorization") && !bearer.varies_by("x-session"));
    assert!(bearer.value("x-session").is_none(), "{bearer:?}");
    let reply = client.call("Me").await;
    assert!(!reply.written().varies_by("authorization"));
}

#[tokio::test]
async fn a_missing_layer_is_internal() {
    let server = start();
    let mut client = Client::signed_in(&server, 7).await;
    let reply = client.call("Unlayered").await;
    assert_eq!(reply.outcome.expect_err("a status").code(), Code::Internal);
    client.call("Me").await.is("user 7");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_at_once_are_apart() {
    let server = start();
    // Over one connection, as clients of gRPC do.
    let stranger = Client::of(&server).await;
    let mut users = JoinSet::new();
    for user in 1..=8 {
        let mut stranger = stranger.clone();
        users.spawn(async move {
            let mut client = stranger.clone();
            client.sign_in("SignIn", user).await;
            for round in 1..=15 {
                client.call("Me").await.is(&format!("user {user}"));
                client.call("Count").await.is(&round.to_string());
                stranger.call("Maybe").await.is("nobody");
            }
        });
    }
    users.join_all().await;
}

#[tokio::test]
async fn a_panic_leaks_nothing() {
    let server = start();
    let mut client = Client::signed_in(&server, 7).await;
    let (_, mut lines) = client.lines().await;
    let reply = client.call("Panics").await;
    assert!(reply.value("x-session").is_none(), "{reply:?}");
    let status = reply.outcome.expect_err("a status");
    assert_eq!(status.code(), Code::Cancelled);
    assert!(!status.message().contains("purpose"), "{status}");
    // A call that is under way on the same connection goes on.
    for line in LINES {
        client.call("NextLine").await.is("asked");
        assert_eq!(lines.message().await.unwrap().unwrap().text, line);
    }
    for _ in 0..4 {
        let mut other = Client::of(&server).await;
        other.call("Maybe").await.is("nobody");
        client.call("Me").await.is("user 7");
    }
}

#[tokio::test]
async fn hostile_metadata_is_no_internal_error() {
    let server = start();
    let client = Client::signed_in(&server, 7).await;
    let mut random = Random::new();
    let mut opened = 0;
    for number in 0..10_000 {
        let mut request = Request::new(SignIn::default());
        for name in ["x-session", "authorization", "x-session"] {
            // Some of it no HTTP can carry.
            if let Ok(value) = AsciiMetadataValue::try_from(random.token(&client.token)) {
                request
                    .metadata_mut()
                    .append(AsciiMetadataKey::from_static(name), value);
            }
        }
        let method = ["Me", "Maybe", "BearerMe", "Password"][number % 4];
        let (mut grpc, path) = client.grpc(method).await;
        let codec = ProstCodec::<SignIn, Text>::default();
        match grpc.unary(request, path, codec).await {
            Ok(_) => opened += u32::from(method != "Maybe"),
            Err(status) => assert_eq!(status.code(), Code::Unauthenticated, "{status}"),
        }
    }
    assert!(opened > 0);
    assert_eq!(server.panics(), 0);
    client.clone().call("Me").await.is("user 7");
}
