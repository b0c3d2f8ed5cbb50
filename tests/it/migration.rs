//! Values whose shape changes from one release of a program to the next.

mod hook;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    routing::get,
};
use haversack::{Active, Codec, Rejected, Session};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tower::ServiceExt as _;

use crate::support::{Login, NOW, OneHeader as _, TestClock, Twin, login, twins, written};

/// The value of a release, and how the next one reads its token.
fn read_by<Old, New>(twin: Twin, value: &Old) -> Result<New, Rejected>
where
    Old: Clone + Serialize + DeserializeOwned,
    New: Clone + Serialize + DeserializeOwned,
{
    let writes = twin.builder::<Old>("login", &[1]).build().unwrap();
    let reads = twin.builder::<New>("login", &[1]).build().unwrap();
    let answer = twin.answer(&writes.write(value).unwrap());
    let session = reads.session(&answer);
    let opened = reads
        .read(answer.unwrap())
        .map(|opened| opened.unwrap().into_value());
    assert_eq!(
        session.rejected(),
        opened.as_ref().err().copied(),
        "{twin:?}"
    );
    assert_eq!(session.get().is_some(), opened.is_ok(), "{twin:?}");
    opened
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Named {
    user: u64,
    name: String,
}

fn named() -> Named {
    let name = "Ada".into();
    Named { user: 7, name }
}

#[test]
fn a_field_with_a_default_is_added_and_taken_back_without_a_rejection() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Themed {
        user: u64,
        name: String,
        #[serde(default)]
        theme: Option<String>,
    }

    for twin in twins() {
        let (user, name) = (7, "Ada".to_owned());
        let expected = Themed {
            user,
            name,
            theme: None,
        };
        assert_eq!(read_by(twin, &named()), Ok(expected), "{twin:?}");
        let themed = Themed {
            user: 7,
            name: "Ada".into(),
            theme: Some("dark".into()),
        };
        assert_eq!(
            read_by(twin, &themed),
            Ok(named()),
            "{twin:?}: the old release reads it"
        );
    }
}

#[test]
fn a_field_without_a_default_signs_out_those_who_came_before_it() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Numbered {
        user: u64,
        name: String,
        visits: u32,
    }

    for twin in twins() {
        assert_eq!(
            read_by::<_, Numbered>(twin, &named()),
            Err(Rejected::Value),
            "{twin:?}"
        );
        let numbered = Numbered {
            user: 7,
            name: "Ada".into(),
            visits: 3,
        };
        assert_eq!(read_by(twin, &numbered), Ok(named()), "{twin:?}");
    }
}

#[test]
fn a_field_is_renamed_with_an_alias_and_written_by_its_old_name_while_both_releases_run() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Both {
        user: u64,
        #[serde(rename(serialize = "name"), alias = "name")]
        full_name: String,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct After {
        user: u64,
        #[serde(alias = "name")]
        full_name: String,
    }

    let full_name = || "Ada".to_owned();
    let both = || Both {
        user: 7,
        full_name: full_name(),
    };
    let after = || After {
        user: 7,
        full_name: full_name(),
    };
    for twin in twins() {
        assert_eq!(read_by(twin, &named()), Ok(both()), "{twin:?}");
        assert_eq!(read_by(twin, &both()), Ok(named()), "{twin:?}");
        assert_eq!(read_by(twin, &named()), Ok(after()), "{twin:?}");
        assert_eq!(read_by(twin, &both()), Ok(after()), "{twin:?}");
        assert_eq!(read_by(twin, &after()), Ok(both()), "{twin:?}");
        assert_eq!(
            read_by::<_, Named>(twin, &after()),
            Err(Rejected::Value),
            "{twin:?}"
        );
    }
}

#[test]
fn a_field_is_removed_once_nobody_needs_it_any_more() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Nameless {
        user: u64,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Tolerant {
        user: u64,
        #[serde(default)]
        name: String,
    }

    for twin in twins() {
        let nameless = || Nameless { user: 7 };
        assert_eq!(read_by(twin, &named()), Ok(nameless()), "{twin:?}");
        assert_eq!(
            read_by::<_, Named>(twin, &nameless()),
            Err(Rejected::Value),
            "{twin:?}"
        );
        let name = String::new();
        assert_eq!(
            read_by(twin, &nameless()),
            Ok(Tolerant { user: 7, name }),
            "{twin:?}"
        );
    }
}

#[test]
fn a_value_of_another_kind_is_rejected() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Role {
        Author,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum OlderRole {
        Editor,
    }

    for twin in twins() {
        assert_eq!(
            read_by::<_, Login>(twin, &7),
            Err(Rejected::Value),
            "{twin:?}"
        );
        assert_eq!(
            read_by::<_, u64>(twin, &login()),
            Err(Rejected::Value),
            "{twin:?}"
        );
        assert_eq!(
            read_by::<_, u8>(twin, &256),
            Err(Rejected::Value),
            "{twin:?}"
        );
        assert_eq!(
            read_by::<_, Role>(twin, &OlderRole::Editor),
            Err(Rejected::Value)
        );

        let builder = || twin.builder("login", &[1]).clock(TestClock::at(NOW));
        let old = builder().build().unwrap().write(&login()).unwrap();
        let new: Codec<u64> = twin
            .builder("login", &[1])
            .clock(TestClock::at(NOW))
            .build()
            .unwrap();
        let session = new.session(&twin.answer(&old));
        assert_eq!(session.rejected(), Some(Rejected::Value), "{twin:?}");
    }
}

#[test]
fn a_start_replaces_a_session_whose_value_does_not_fit() {
    for twin in twins() {
        let old = twin.builder("login", &[1]).build().unwrap();
        let new = twin.builder("login", &[1]).build().unwrap();
        let session = new.session(&twin.answer(&old.write(&7).unwrap()));
        assert_eq!(session.rejected(), Some(Rejected::Value), "{twin:?}");
        session.start(login());
        let value = written(&session, &new).unwrap();
        assert_eq!(new.open(twin.token(&value)).unwrap().into_value(), login());
    }
}

#[tokio::test]
async fn a_value_that_no_longer_fits_is_no_session_and_never_an_error_page() {
    async fn active(login: Active<Login>) -> String {
        login.name.clone()
    }
    async fn optional(login: Option<Active<Login>>) -> String {
        format!("{:?}", login.map(|login| login.name.clone()))
    }
    async fn session(session: Session<Login>) -> String {
        let code = session.rejected().map(Rejected::code);
        format!("{:?} {code:?}", session.get())
    }

    for twin in twins() {
        let old = twin.builder("login", &[1]).build().unwrap();
        let codec: Codec<Login> = twin.builder("login", &[1]).build().unwrap();
        let app = Router::new()
            .route("/active", get(active))
            .route("/optional", get(optional))
            .route("/session", get(session))
            .layer(codec.layer());
        let answer = twin
            .answer(&old.write(&["another", "shape"].map(str::to_owned)).unwrap())
            .unwrap();
        for (path, status, expected) in [
            ("/active", StatusCode::UNAUTHORIZED, "no live session"),
            ("/optional", StatusCode::OK, "None"),
            ("/session", StatusCode::OK, r#"None Some("value")"#),
        ] {
            let request = Request::builder()
                .uri(path)
                .header(codec.request_header(), &answer);
            let request = request.body(Body::empty()).unwrap();
            let response = app.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), status, "{twin:?} {path}");
            let header = response.headers().get(codec.response_header());
            let written = header.map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(
                written.and_then(|value| twin.answer(&value)),
                None,
                "{twin:?} {path}"
            );
            let body = axum::body::to_bytes(response.into_body(), 1024)
                .await
                .unwrap();
            assert_eq!(body, expected, "{twin:?} {path}");
        }
    }
}
