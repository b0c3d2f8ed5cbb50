//! One session in many contexts, such as those of tenants.

use std::thread;

use axum::{
    Router,
    body::Body,
    extract,
    http::{Request, Response, StatusCode},
    middleware::{Next, from_fn},
    routing::get,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::{Active, Codec, Rejected, Session};
use tower::ServiceExt as _;

use crate::support::{
    Carrier, Format, Login, NOW, OneHeader as _, TestClock, Twin, jwt_keys, login, passed_alone,
    ring, twins, written,
};

/// A codec in no context, and in several that could be taken for one another.
fn codecs(twin: Twin) -> Vec<Codec<u64>> {
    let codec = twin.builder::<u64>("login", &[1]).build().unwrap();
    let longest = "x".repeat(256);
    let contexts = [
        "tenant-42",
        "tenant-43",
        "tenant-4",
        "Tenant-42",
        "login",
        "\0",
        &longest,
    ];
    let contexts = contexts.map(|context| codec.context(context).unwrap());
    [vec![codec], contexts.to_vec()].concat()
}

#[test]
fn a_token_opens_in_its_own_context_and_in_no_other_nor_in_none() {
    for twin in twins() {
        let codecs = codecs(twin);
        for (made_in, maker) in codecs.iter().enumerate() {
            let token = maker.seal(&7).unwrap();
            for (read_in, reader) in codecs.iter().enumerate() {
                let session = reader.session([&twin.carry(reader, &token)]);
                let opened = reader.open(&token).map(|opened| opened.into_value());
                if made_in == read_in {
                    assert_eq!(opened, Ok(7), "{twin:?} {made_in}");
                    assert_eq!(session.get().as_deref(), Some(&7), "{twin:?} {made_in}");
                } else {
                    let refused = Some(Rejected::NotAuthentic);
                    assert_eq!(opened.err(), refused, "{twin:?} {made_in} in {read_in}");
                    assert_eq!(
                        session.rejected(),
                        refused,
                        "{twin:?} {made_in} in {read_in}"
                    );
                    assert_eq!(session.get(), None);
                }
            }
        }
    }
}

#[test]
fn a_codec_in_a_context_is_the_one_that_is_built_with_it() {
    for twin in twins() {
        let builder = || twin.builder::<u64>("login", &[1]);
        let built = builder().context("tenant-42").build().unwrap();
        let bound = builder().build().unwrap().context("tenant-42").unwrap();
        let rebound = builder().context("tenant-43").build().unwrap();
        let rebound = rebound
            .context("tenant-44")
            .unwrap()
            .context("tenant-42")
            .unwrap();
        let codecs = [built, bound, rebound];
        for maker in &codecs {
            let token = maker.seal(&7).unwrap();
            for reader in &codecs {
                assert_eq!(reader.open(&token).unwrap().value(), &7, "{twin:?}");
            }
        }
    }
}

#[test]
fn a_codec_that_was_built_with_a_context_leaves_it_for_another() {
    for twin in twins() {
        let built = twin.builder::<u64>("login", &[1]).context("tenant-43");
        let built = built.build().unwrap();
        let token = built.context("tenant-42").unwrap().seal(&7).unwrap();
        assert_eq!(
            built.open(&token).unwrap_err(),
            Rejected::NotAuthentic,
            "{twin:?}"
        );
        let token = built.seal(&7).unwrap();
        let bound = built.context("tenant-42").unwrap();
        assert_eq!(
            bound.open(&token).unwrap_err(),
            Rejected::NotAuthentic,
            "{twin:?}"
        );
    }
}

#[test]
fn a_context_has_1_to_256_octets() {
    for twin in twins() {
        let builder = || twin.builder::<u64>("login", &[1]);
        let codec = builder().build().unwrap();
        for bad in [String::new(), "x".repeat(257), "é".repeat(128) + "x"] {
            let length = bad.len();
            let error = codec.context(&bad).unwrap_err();
            assert_eq!(error.setting(), "context", "{length}");
            assert!(
                error.to_string().contains(&format!("{length} octets")),
                "{error}"
            );
            assert_eq!(builder().context(&bad).build().unwrap_err(), error);
        }
        for good in ["x".to_owned(), "x".repeat(256), "é".repeat(128)] {
            let length = good.len();
            assert!(codec.context(&good).is_ok(), "{length}");
            assert!(builder().context(&good).build().is_ok(), "{length}");
        }
    }
}

#[test]
fn a_name_and_a_context_do_not_run_into_each_other() {
    for twin in twins() {
        let codec = |name, context| {
            let builder = twin.builder::<u64>(name, &[1]).context(context);
            builder.build().unwrap()
        };
        let token = codec("log", "in-tenant").seal(&7).unwrap();
        for (name, context) in [
            ("login", "-tenant"),
            ("lo", "gin-tenant"),
            ("in-tenant", "log"),
        ] {
            let refused = codec(name, context).open(&token).unwrap_err();
            assert_eq!(refused, Rejected::NotAuthentic, "{twin:?} {name} {context}");
        }
    }
}

#[test]
fn a_context_is_the_audience_of_a_jwt_and_of_nothing_else() {
    let codec = Codec::<u64>::jwt("login", jwt_keys(1)).build().unwrap();
    let claims = |codec: &Codec<u64>| -> serde_json::Value {
        let token = codec.seal(&7).unwrap();
        let claims = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
    };
    for context in ["tenant-42", "a \"quoted\" \\ one, ü"] {
        let claims = claims(&codec.context(context).unwrap());
        assert_eq!(claims["aud"], context);
        assert_eq!(claims["ses"], "login");
    }
    assert!(claims(&codec).get("aud").is_none());
}

#[test]
fn thousands_of_contexts_later_every_one_of_them_is_as_it_was() {
    for format in [Format::Sealed, Format::Jwt] {
        let carrier = Carrier::Cookie;
        let twin = Twin { format, carrier };
        let codec = twin.builder::<u64>("login", &[1]).build().unwrap();
        let first = codec.context("first").unwrap();
        let tokens: Vec<_> = (0..5000_u64)
            .map(|tenant| {
                let context = codec.context(&format!("tenant-{tenant}")).unwrap();
                context.seal(&tenant).unwrap()
            })
            .collect();
        for tenant in [0, 1, 1023, 1024, 1025, 2048, 4999] {
            let token = &tokens[tenant];
            let context = codec.context(&format!("tenant-{tenant}")).unwrap();
            assert_eq!(context.open(token).unwrap().into_value(), tenant as u64);
            let other = codec.context(&format!("tenant-{}", tenant + 1)).unwrap();
            for other in [&codec, &first, &other] {
                assert_eq!(other.open(token).unwrap_err(), Rejected::NotAuthentic);
            }
        }
        assert!(first.open(first.seal(&7).unwrap()).is_ok());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn contexts_that_are_met_once_do_not_fill_the_memory() {
    const TEST: &str = "contexts::contexts_that_are_met_once_do_not_fill_the_memory";

    /// The memory of this process, in KiB.
    fn resident() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let mut lines = status.lines();
        let line = lines.find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    // Other tests of this process take memory too.
    if passed_alone(TEST) {
        return;
    }
    let codec = Codec::<u64>::sealed("login", ring(1)).build().unwrap();
    let meet = |tenants: std::ops::Range<u64>| {
        tenants.for_each(|tenant| drop(codec.context(&format!("{tenant:0256}")).unwrap()));
        resident()
    };
    let before = meet(0..2_000);
    let after = meet(2_000..12_000);
    assert!(after < before + 4 * 1024, "{before} KiB, then {after} KiB");
}

#[test]
fn threads_that_meet_new_contexts_at_once_get_each_its_own() {
    let codec = Codec::<usize>::sealed("login", ring(1)).build().unwrap();
    thread::scope(|scope| {
        for worker in 0..4 {
            let codec = &codec;
            scope.spawn(move || {
                for round in 0..600 {
                    // Half of the contexts are met by two threads.
                    let tenant = round * 4 + worker / 2;
                    let bound = codec.context(&format!("tenant-{tenant}")).unwrap();
                    let other = codec.context(&format!("tenant-{}", tenant + 1)).unwrap();
                    let token = bound.seal(&tenant).unwrap();
                    assert_eq!(bound.open(&token).unwrap().into_value(), tenant);
                    assert_eq!(other.open(&token).unwrap_err(), Rejected::NotAuthentic);
                }
            });
        }
    });
}

#[test]
fn a_context_follows_when_the_keys_are_rotated() {
    for twin in twins() {
        let codec = twin.builder("login", &[1]).build().unwrap();
        let tenant = codec.context("tenant-42").unwrap();
        let value = tenant.write(&login()).unwrap();

        codec.rotate(twin.format.keys(&[2, 1])).unwrap();
        let session = tenant.session(&twin.answer(&value));
        assert_eq!(*session.get().unwrap(), login());
        let moved = written(&session, &tenant).unwrap();
        let moved = twin.token(&moved);
        assert_eq!(twin.format.key_id(moved), twin.format.name_of_key(2));
        assert!(tenant.open(moved).is_ok());
        assert_eq!(codec.open(moved).unwrap_err(), Rejected::NotAuthentic);

        codec.rotate(twin.format.keys(&[2])).unwrap();
        assert_eq!(
            tenant.open(twin.token(&value)).unwrap_err(),
            Rejected::UnknownKey
        );
        assert!(tenant.open(moved).is_ok());
    }
}

#[test]
fn a_session_in_a_context_stays_in_it_from_start_to_end() {
    for twin in twins() {
        let codec = twin.builder("login", &[1]).clock(TestClock::at(NOW));
        let codec = codec.build().unwrap();
        let tenant = codec.context("tenant-42").unwrap();
        assert_eq!(tenant.name(), "login");

        let session = tenant.session(&None::<String>);
        session.start(login());
        let started = written(&session, &tenant).unwrap();
        let session = tenant.session(&twin.answer(&started));
        session.update(|login| login.user = 8);
        let updated = written(&session, &tenant).unwrap();
        for value in [&started, &updated] {
            assert!(
                codec.session(&twin.answer(value)).get().is_none(),
                "{twin:?}"
            );
        }
        let session = tenant.session(&twin.answer(&updated));
        assert_eq!(session.get().unwrap().user, 8, "{twin:?}");
        session.end();
        assert_eq!(twin.answer(&written(&session, &tenant).unwrap()), None);
    }
}

#[test]
fn the_mark_of_an_ended_session_holds_in_its_own_context_only() {
    for format in [Format::Sealed, Format::Jwt] {
        let carrier = Carrier::Cookie;
        let twin = Twin { format, carrier };
        let builder = twin.builder::<u64>("login", &[1]).sticky_end();
        let codec = builder.clock(TestClock::at(NOW)).build().unwrap();
        let tenants = ["tenant-42", "tenant-43"].map(|name| codec.context(name).unwrap());
        let all = [codec, tenants[0].clone(), tenants[1].clone()];
        for ended_in in 0..all.len() {
            let session = all[ended_in].session(&None::<String>);
            session.end();
            let headers = session.response_headers().unwrap();
            let pair = |value: &str| value.split(';').next().map(str::to_owned);
            let mut values = headers.into_iter().filter_map(|(_, value)| pair(&value));
            let mark = values
                .find(|value| value.starts_with("__Host-Http-login.end="))
                .unwrap();
            for (read_in, reader) in all.iter().enumerate() {
                let token = reader.seal(&7).unwrap();
                let cookies = format!("{}; {mark}", twin.carry(reader, &token));
                let reason = (read_in == ended_in).then_some(Rejected::Ended);
                assert_eq!(
                    reader.session([&cookies]).rejected(),
                    reason,
                    "{format:?} {ended_in} {read_in}"
                );
            }
        }
    }
}

#[tokio::test]
async fn each_tenant_has_a_layer_of_its_own() {
    async fn sign_in(session: Session<Login>) {
        session.start(login());
    }
    async fn name(login: Active<Login>) -> String {
        login.name.clone()
    }

    for twin in twins() {
        let codec = twin.builder::<Login>("login", &[1]).build().unwrap();
        let tenants = ["tenant-42", "tenant-43"].map(|tenant| {
            let codec = codec.context(tenant).unwrap();
            let routes = Router::new().route("/", get(name).post(sign_in));
            routes.layer(codec.layer())
        });
        let request = |method: &str, header: Option<&str>| {
            let request = Request::builder().method(method);
            let request = match header {
                Some(value) => request.header(codec.request_header(), value),
                None => request,
            };
            request.body(Body::empty()).unwrap()
        };
        let [own, other] = tenants;
        let response = own.clone().oneshot(request("POST", None)).await.unwrap();
        let value = response.headers()[codec.response_header()]
            .to_str()
            .unwrap();
        let answer = twin.answer(value);
        let visit = || request("GET", answer.as_deref());
        assert_eq!(own.oneshot(visit()).await.unwrap().status(), StatusCode::OK);
        let refused = other.oneshot(visit()).await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{twin:?}");
    }
}

#[tokio::test]
async fn of_two_layers_in_different_contexts_the_inner_one_is_the_handlers() {
    async fn name(login: Active<Login>) -> String {
        login.name.clone()
    }

    for twin in twins() {
        let codec = twin.builder::<Login>("login", &[1]).build().unwrap();
        let context = |context| codec.context(context).unwrap();
        let (inner, other) = (context("tenant-42"), context("tenant-43"));
        for outer in [&codec, &other] {
            let routes = Router::new().route("/", get(name));
            let app = routes.layer(inner.layer()).layer(outer.layer());
            for (signed_in, status) in [(&inner, StatusCode::OK), (outer, StatusCode::UNAUTHORIZED)]
            {
                let answer = twin.answer(&signed_in.write(&login()).unwrap());
                let request = Request::get("/").header(codec.request_header(), answer.unwrap());
                let request = request.body(Body::empty()).unwrap();
                let response = app.clone().oneshot(request).await.unwrap();
                assert_eq!(response.status(), status, "{twin:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_outer_layer_of_another_context_that_only_looks_leaves_the_sign_in_of_the_inner_one() {
    async fn sign_in(session: Session<Login>) {
        session.start(login());
    }
    async fn look(request: extract::Request, next: Next) -> Response<Body> {
        let session = Session::<Login>::of(&request).unwrap();
        assert!(session.get().is_none());
        next.run(request).await
    }

    for twin in twins() {
        let codec = twin.builder::<Login>("login", &[1]).build().unwrap();
        let [inner, outer] =
            ["tenant-42", "tenant-43"].map(|tenant| codec.context(tenant).unwrap());
        let routes = Router::new().route("/", get(sign_in)).layer(inner.layer());
        let app = routes.layer(from_fn(look)).layer(outer.layer());
        for signed_in in [None, twin.answer(&inner.write(&login()).unwrap())] {
            let request =
                Request::get("/").header(codec.request_header(), signed_in.unwrap_or_default());
            let request = request.body(Body::empty()).unwrap();
            let response = app.clone().oneshot(request).await.unwrap();
            let values: Vec<_> = response
                .headers()
                .get_all(codec.response_header())
                .iter()
                .collect();
            assert_eq!(values.len(), 1, "{twin:?}");
            let token = twin.token(values[0].to_str().unwrap());
            assert!(inner.open(token).is_ok(), "{twin:?}");
        }
    }
}
