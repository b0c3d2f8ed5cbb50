//! What a program has in scope when it imports everything.

use haversack::*;

use crate::support::{NOW, ring};

#[tokio::test]
async fn all_names_at_once_hide_no_crate_that_is_used_beside_this_one() {
    use axum::{Router, body::Body, routing::get};
    use tower::ServiceExt as _;

    let codec = Codec::<u64>::sealed("login", ring(1)).clock(|| NOW);
    let codec = codec.build().unwrap();
    let show = async |login: Result<Active<u64>, adapter::ExtractError>| match login {
        Ok(login) => login.to_string(),
        Err(adapter::ExtractError::Denied(_)) => "nobody".into(),
        Err(other) => other.to_string(),
    };
    let layer: SessionLayer<u64> = codec.layer();
    let app: Router = Router::new().route("/", get(show)).layer(layer);
    let request: http::Request<Body> = http::Request::new(Body::empty());
    let response: http::Response<Body> = app.oneshot(request).await.unwrap();
    let body = axum::body::to_bytes(response.into_body(), 16).await;
    assert_eq!(body.unwrap(), "nobody");
    tracing::debug!("a crate, and no module");
    assert!(jsonwebtoken::decode_header("x").is_err());
    assert!(matches!(
        Algorithm::HS256.into(),
        jsonwebtoken::Algorithm::HS256
    ));
}
