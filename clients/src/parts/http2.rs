//! HTTP/2, and `Cookie` fields that are split: through hyper, nginx and HAProxy, every session is found.

mod splits;

use std::sync::Arc;

use anyhow::{Result, ensure};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header::COOKIE};

use self::splits::splits;
use crate::{
    app::{App, Server, Sessions, Settings, greeting, router},
    client::{Client, Protocol},
    context::Context,
    install::Tool,
    jar::Jar,
    process::{folder, write},
    proxy::{Front, Kind, Proxy, Setup},
    report::Report,
    tls::Authority,
};

pub(crate) async fn run(context: &Context, report: &mut Report) -> Result<()> {
    let authority = Authority::new()?;
    let certificate = authority.certificate(&["localhost"])?;
    let trusts = Arc::new(authority.client(&["h2"])?);
    let trusts_http1 = Arc::new(authority.client(&["http/1.1"])?);
    let folder = folder()?;
    write(folder.path(), "server.pem", &certificate.pem)?;
    let tls = Front::Tls(folder.path().join("server.pem"));

    let sessions = Sessions::new(&Settings::new()?)?;
    let application = router(&sessions, &App::default());
    let plain = Server::start(application.clone(), None).await?;
    let acceptor = certificate.acceptor(&["h2", "http/1.1"])?;
    let secure = Server::start(application, Some(acceptor)).await?;
    let visitor = Visitor::new(&plain, context.long).await?;

    let hyper = Tool::built_in("hyper");
    let direct = |server: &Server, protocol| Client::new(server.address, protocol);
    for (done, client) in [
        ("HTTP/2", direct(&plain, Protocol::Http2)),
        (
            "HTTP/2 over TLS",
            direct(&secure, Protocol::Http2).over_tls(&trusts),
        ),
        (
            "HTTP/1.1, several `Cookie`",
            direct(&plain, Protocol::Http1),
        ),
    ] {
        report.check(&hyper, done, visitor.is_found(client).await);
    }
    for kind in [Kind::Nginx, Kind::Haproxy, Kind::Apache, Kind::Varnish] {
        let tool = match kind.install().await {
            Ok(tool) => tool,
            Err(error) => {
                report.not_done(kind.name(), "split cookies", &error);
                continue;
            }
        };
        for (done, front, behind) in fronts(kind, &tls) {
            let setup = Setup {
                front: front.clone(),
                http2_behind: behind,
                ..Setup::default()
            };
            let proxy = Proxy::start(kind, &tool, plain.address, &setup).await?;
            let client = match (&front, done) {
                (Front::Http1, _) => Client::new(proxy.address, Protocol::Http1),
                (Front::Http2, _) => Client::new(proxy.address, Protocol::Http2),
                (Front::Tls(_), HTTP_1_OVER_TLS) => {
                    Client::new(proxy.address, Protocol::Http1).over_tls(&trusts_http1)
                }
                (Front::Tls(_), _) => Client::new(proxy.address, Protocol::Http2).over_tls(&trusts),
            };
            report.check(&tool, done, visitor.is_found(client).await);
        }
    }
    Ok(())
}

/// What a proxy can speak, with its clients and with the application.
fn fronts(kind: Kind, tls: &Front) -> Vec<(&'static str, Front, bool)> {
    let mut fronts = vec![("HTTP/2", Front::Http2, false)];
    if kind != Kind::Varnish {
        fronts.push(("HTTP/2 over TLS", tls.clone(), false));
    }
    // Apache joins those of HTTP/1.1 by commas, and no client may send them (RFC 6265, section 5.4).
    if let Kind::Nginx | Kind::Haproxy = kind {
        fronts.push((HTTP_1_OVER_TLS, tls.clone(), false));
    }
    if kind == Kind::Haproxy {
        fronts.push(("HTTP/2 on both sides", tls.clone(), true));
        fronts.push(("HTTP/1.1, and HTTP/2 behind it", Front::Http1, true));
    }
    fronts
}

/// Who has sessions in many cookies, among those of others.
struct Visitor {
    cookies: Vec<String>,
    in_header: HeaderValue,
    long: bool,
}

impl Visitor {
    async fn new(server: &Server, long: bool) -> Result<Visitor> {
        let mut client = Client::new(server.address, Protocol::Http1);
        let mut jar = Jar::default();
        for (path, form) in [("/login", "user=7"), ("/big", "octets=5000")] {
            let response = client.post(path, &HeaderMap::new(), form).await?;
            jar.keep(response.headers());
        }
        ensure!(jar.len() >= 3, "{} cookies, not several", jar.len());
        let mut cookies: Vec<_> = jar.pairs().collect();
        // Those of others come first, last and between, and some are odd.
        cookies.insert(0, "theme=dark".into());
        cookies.insert(2, "odd=\"a".into());
        cookies.push("_ga=GA1.1.2042".into());
        let form = "user=8";
        let response = client
            .post("/header/login", &HeaderMap::new(), form)
            .await?;
        let in_header = response.headers().get("x-session").cloned();
        Ok(Visitor {
            cookies,
            in_header: in_header.unwrap_or(HeaderValue::from_static("none")),
            long,
        })
    }

    /// Asks for each session, with the cookies split in every way.
    async fn is_found(&self, mut client: Client) -> Result<String> {
        let mut requests = 0;
        let splits = splits(&self.cookies, self.long);
        for fields in &splits {
            let mut headers = HeaderMap::new();
            for field in fields {
                headers.append(COOKIE, HeaderValue::try_from(field)?);
            }
            headers.insert(X_SESSION, self.in_header.clone());
            for (path, whole) in [
                ("/me", greeting(7)),
                ("/big", "5000".into()),
                ("/header/me", greeting(8)),
            ] {
                let response = client.get(path, &headers).await?;
                requests += 1;
                ensure!(
                    response.body() == whole.as_bytes(),
                    "{path}, {} fields that end in {:?}: {} {:?}",
                    fields.len(),
                    fields
                        .iter()
                        .map(|field| field.chars().last())
                        .collect::<Vec<_>>(),
                    response.status(),
                    response.body()
                );
            }
        }
        Ok(format!(
            "{} ways to split, {requests} requests, {}: every session found",
            splits.len(),
            client.take_again()
        ))
    }
}

const X_SESSION: HeaderName = HeaderName::from_static("x-session");
const HTTP_1_OVER_TLS: &str = "HTTP/1.1 over TLS, several `Cookie`";
