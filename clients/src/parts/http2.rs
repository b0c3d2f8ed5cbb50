//! Cookies in several lines, as clients of HTTP/2 send them (RFC 9113, section 8.2.3): whatever the
//! server or the proxy makes of them, each session is found.

use anyhow::{Context as _, Result, ensure};
use axum::http::{HeaderMap, HeaderValue, Response, header::COOKIE};
use hyper::body::Bytes;

use crate::{
    app::{App, Server, Sessions, Settings, router},
    client::{Client, Protocol},
    context::Context,
    install::Tool,
    jar::Jar,
    proxy::{Front, Kind, Proxy, Setup},
    report::Report,
};

pub(crate) async fn run(context: &Context, report: &mut Report) -> Result<()> {
    let sessions = Sessions::new(&Settings::new()?)?;
    let server = Server::start(router(&sessions, &App::default()), None).await?;
    let hyper = Tool::built_in("hyper");
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let client = Client::new(server.address, protocol);
        let seen = visit(client, context).await;
        report.check(&hyper, done(protocol, ""), seen);
    }
    for (kind, http2_behind) in [
        (Kind::Nginx, false),
        (Kind::Haproxy, false),
        (Kind::Haproxy, true),
    ] {
        let tool = match kind.install().await {
            Ok(tool) => tool,
            Err(error) => {
                report.not_done(kind.name(), "cookies in several lines", &error);
                continue;
            }
        };
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let front = match protocol {
                Protocol::Http1 => Front::Http1,
                Protocol::Http2 => Front::Http2,
            };
            // For the response that has both cookies of the large session.
            let inside = match kind {
                Kind::Nginx => "proxy_buffer_size 16k; proxy_buffers 8 16k;",
                _ => "",
            };
            let setup = Setup {
                front,
                http2_behind,
                inside: inside.into(),
                ..Setup::default()
            };
            let behind = match http2_behind {
                true => ", HTTP/2 behind it",
                false => ", HTTP/1.1 behind it",
            };
            let proxy = Proxy::start(kind, &tool, server.address, &setup).await?;
            let seen = visit(Client::new(proxy.address, protocol), context).await;
            report.check(&tool, done(protocol, behind), seen);
        }
    }
    Ok(())
}

fn done(protocol: Protocol, behind: &str) -> String {
    let protocol = match protocol {
        Protocol::Http1 => "HTTP/1.1",
        Protocol::Http2 => "HTTP/2",
    };
    format!("cookies split into lines at every place, {protocol}{behind}")
}

/// Signs in to three sessions of four cookies, and sends these, among others, in every division into
/// lines.
async fn visit(mut client: Client, context: &Context) -> Result<String> {
    let mut jar = Jar::default();
    let plain = HeaderMap::new();
    for (path, form) in [
        ("/login", "user=7"),
        ("/big", "octets=4000"),
        ("/flash", "text=left"),
    ] {
        let response = client.post(path, &plain, form).await?;
        jar.keep(response.headers());
    }
    let mut pairs: Vec<String> = jar.pairs().collect();
    ensure!(pairs.len() == 4, "{} cookies instead of four", pairs.len());
    // As an analytics script and an old application leave them.
    pairs.insert(0, "theme=dark".into());
    pairs.insert(3, "empty=".into());
    if context.long {
        pairs.insert(5, "a=b=c".into());
        pairs.push("quoted=\"x\"".into());
    }

    let divisions = 1_u32 << (pairs.len() - 1);
    for division in 0..divisions {
        let headers = divided(&pairs, division)?;
        let lines = headers.get_all(COOKIE).iter().count();
        let me = client.get("/me", &headers).await?;
        sees(&me, "user 7").with_context(|| format!("{lines} lines, division {division:b}"))?;
        let big = client.get("/big", &headers).await?;
        sees(&big, "4000").with_context(|| format!("{lines} lines, division {division:b}"))?;
    }
    let flash = client
        .get("/flash", &divided(&pairs, divisions - 1)?)
        .await?;
    sees(&flash, "left")?;
    Ok(format!(
        "{} cookies in {divisions} divisions into 1 to {} lines: every session found",
        pairs.len(),
        pairs.len()
    ))
}

/// The pairs in lines: after each pair whose bit is set, a new one begins.
fn divided(pairs: &[String], division: u32) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    let mut line = String::new();
    for (place, pair) in pairs.iter().enumerate() {
        if !line.is_empty() {
            line += "; ";
        }
        line += pair;
        if division >> place & 1 == 1 || place + 1 == pairs.len() {
            headers.append(COOKIE, HeaderValue::from_str(&line)?);
            line.clear();
        }
    }
    Ok(headers)
}

fn sees(response: &Response<Bytes>, body: &str) -> Result<()> {
    let (status, seen) = (response.status(), response.body());
    ensure!(
        status.is_success() && seen == body.as_bytes(),
        "{status} {seen:?} instead of {body:?}"
    );
    Ok(())
}
