//! tonic's program, asked by tonic's client over TCP.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use prost::Message;
use tonic::{Code, Request, Response, Status, client::Grpc, transport::Channel};
use tonic_prost::ProstCodec;

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

struct Program(Child);

impl Program {
    fn start() -> (Program, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tonic"))
            .env("PORT", "0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let output = child.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap();
        (Program(child), address.to_owned())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn call<M, R>(
    channel: &Channel,
    path: &'static str,
    message: M,
    token: Option<&str>,
) -> Result<Response<R>, Status>
where
    M: Message + Default + 'static,
    R: Message + Default + 'static,
{
    let mut request = Request::new(message);
    if let Some(token) = token {
        let metadata = request.metadata_mut();
        metadata.insert("x-session", token.parse().unwrap());
    }
    let mut grpc = Grpc::new(channel.clone());
    grpc.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static(path);
    grpc.unary(request, path, ProstCodec::<M, R>::default())
        .await
}

#[tokio::test]
async fn the_session_is_in_the_metadata() {
    let (_program, address) = Program::start();
    let channel = Channel::from_shared(address).unwrap();
    let channel = channel.connect().await.unwrap();
    let greet = |token: Option<String>| {
        let channel = channel.clone();
        async move {
            call::<_, Greeting>(&channel, "/Account/Greet", Nothing {}, token.as_deref()).await
        }
    };
    let denied = greet(None).await.unwrap_err();
    assert_eq!(denied.code(), Code::Unauthenticated);
    assert_eq!(denied.message(), "no live session");
    // Whatever the outcome, the layer has written what caches must know.
    assert_eq!(denied.metadata().get("vary").unwrap(), "x-session");

    let message = SignIn { user: 7 };
    let signed_in = call::<_, Nothing>(&channel, "/Account/SignIn", message, None).await;
    let signed_in = signed_in.unwrap();
    let token = signed_in.metadata().get("x-session").unwrap();
    let token = token.to_str().unwrap().to_owned();

    let greeted = greet(Some(token.clone())).await.unwrap();
    assert!(greeted.metadata().get("x-session").is_none());
    assert_eq!(greeted.into_inner().text, "user 7");
    let changed = greet(Some(token + "A")).await.unwrap_err();
    assert_eq!(changed.code(), Code::Unauthenticated);
    let unknown = call::<_, Nothing>(&channel, "/Account/Unknown", Nothing {}, None).await;
    assert_eq!(unknown.unwrap_err().code(), Code::Unimplemented);
}
