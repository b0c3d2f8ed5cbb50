//! What is asked of the provider.

use std::error::Error;

use haversack::oauth::{Begun, Finished};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata},
    reqwest,
    url::Url,
};

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

pub(crate) struct Provider {
    client: Client,
    http: reqwest::Client,
    form_post: bool,
}

impl Provider {
    /// Asks the issuer where its endpoints and its keys are.
    pub(crate) async fn discover(
        issuer: String,
        callback: String,
        form_post: bool,
    ) -> Result<Provider, Box<dyn Error>> {
        // A provider that redirects could have this server call others.
        let no_redirects = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().redirect(no_redirects).build()?;
        let found = CoreProviderMetadata::discover_async(IssuerUrl::new(issuer)?, &http).await?;
        let secret = ClientSecret::new("a secret of the shop".into());
        let client =
            CoreClient::from_provider_metadata(found, ClientId::new("shop".into()), Some(secret))
                .set_redirect_uri(RedirectUrl::new(callback)?);
        Ok(Provider {
            client,
            http,
            form_post,
        })
    }

    /// The link with which the browser goes there.
    pub(crate) fn link(&self, begun: &Begun) -> Url {
        let verifier = PkceCodeVerifier::new(begun.code_verifier.clone());
        let (state, nonce) = (begun.state.clone(), begun.nonce.clone());
        let mut request = self
            .client
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
    ) -> Result<String, Box<dyn Error>> {
        let verifier = PkceCodeVerifier::new(finished.code_verifier.clone());
        let request = self.client.exchange_code(AuthorizationCode::new(code))?;
        let request = request.set_pkce_verifier(verifier);
        let tokens = request.request_async(&self.http).await?;
        let token = tokens
            .extra_fields()
            .id_token()
            .ok_or("there is no ID token")?;
        let nonce = Nonce::new(finished.nonce.clone());
        let claims = token.claims(&self.client.id_token_verifier(), &nonce)?;
        Ok(claims.subject().to_string())
    }
}
