//! What is asked of the provider.

use std::{error::Error, time::Duration};

use haversack::oauth::{Begun, Finished};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata},
    reqwest,
    url::Url,
};
use tokio::sync::RwLock;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

pub(crate) struct Provider {
    issuer: IssuerUrl,
    callback: RedirectUrl,
    form_post: bool,
    http: reqwest::Client,
    client: RwLock<Client>,
}

impl Provider {
    /// Asks the issuer where its endpoints and its keys are.
    pub(crate) async fn discover(
        issuer: String,
        callback: String,
        form_post: bool,
    ) -> Result<Provider, Box<dyn Error + Send + Sync>> {
        let (issuer, callback) = (IssuerUrl::new(issuer)?, RedirectUrl::new(callback)?);
        let http = reqwest::Client::builder()
            // A provider that redirects could have this server call others.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(10))
            .build()?;
        let client = RwLock::new(client(&issuer, &callback, &http).await?);
        Ok(Provider {
            issuer,
            callback,
            form_post,
            http,
            client,
        })
    }

    /// Asks again each hour, as providers replace their keys.
    pub(crate) async fn keep_up(&self) {
        let mut hours = tokio::time::interval(Duration::from_secs(3600));
        hours.tick().await;
        loop {
            hours.tick().await;
            match client(&self.issuer, &self.callback, &self.http).await {
                Ok(client) => *self.client.write().await = client,
                Err(error) => eprintln!("the provider is as it was an hour ago: {error}"),
            }
        }
    }

    /// The link with which the browser goes there.
    pub(crate) async fn link(&self, begun: &Begun) -> Url {
        let verifier = PkceCodeVerifier::new(begun.code_verifier.clone());
        let (state, nonce) = (begun.state.clone(), begun.nonce.clone());
        let client = self.client.read().await;
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if self.form_post {
            request = request.add_extra_param("response_mode", "form_post");
        }
        request.url().0
    }

    /// Who signed in, by the ID token that this code is good for.
    pub(crate) async fn subject(
        &self,
        code: String,
        finished: &Finished,
    ) -> Result<String, Box<dyn Error + Send + Sync>> {
        let verifier = PkceCodeVerifier::new(finished.code_verifier.clone());
        let client = self.client.read().await;
        let request = client.exchange_code(AuthorizationCode::new(code))?;
        let request = request.set_pkce_verifier(verifier);
        let tokens = request.request_async(&self.http).await?;
        let token = tokens
            .extra_fields()
            .id_token()
            .ok_or("there is no ID token")?;
        let nonce = Nonce::new(finished.nonce.clone());
        let claims = token.claims(&client.id_token_verifier(), &nonce)?;
        Ok(claims.subject().to_string())
    }
}

async fn client(
    issuer: &IssuerUrl,
    callback: &RedirectUrl,
    http: &reqwest::Client,
) -> Result<Client, Box<dyn Error + Send + Sync>> {
    let found = CoreProviderMetadata::discover_async(issuer.clone(), http).await?;
    let secret = ClientSecret::new("a secret of the shop".into());
    let client =
        CoreClient::from_provider_metadata(found, ClientId::new("shop".into()), Some(secret));
    Ok(client.set_redirect_uri(callback.clone()))
}
