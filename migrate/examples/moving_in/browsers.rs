//! Browsers with cookies of their own.

use std::net::SocketAddr;

use reqwest::{blocking::Client, redirect::Policy};

use crate::Result;

pub(crate) struct Browsers(Vec<Client>);

/// What a round of visits saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) signed_out: usize,
    /// Cookies of ours.
    pub(crate) written: usize,
    /// Cookies of the older program that are to go.
    pub(crate) removed: usize,
}

impl Browsers {
    /// As many as there are people, each signed in.
    pub(crate) fn signed_in(address: SocketAddr, people: usize) -> Result<Browsers> {
        let mut browsers = Vec::new();
        for user in 0..people {
            let client = Client::builder()
                .cookie_store(true)
                .redirect(Policy::none())
                .no_proxy()
                .build()?;
            let path = format!("http://{address}/login/{user}");
            client.post(path).send()?.error_for_status()?;
            browsers.push(client);
        }
        let browsers = Browsers(browsers);
        assert_eq!(browsers.visit(address)?.signed_out, 0);
        Ok(browsers)
    }

    /// Each asks who it is.
    pub(crate) fn visit(&self, address: SocketAddr) -> Result<Seen> {
        let mut seen = Seen::default();
        for (user, client) in self.0.iter().enumerate() {
            let response = client.get(format!("http://{address}/me")).send()?;
            for line in response.headers().get_all("set-cookie") {
                let line = line.to_str()?;
                seen.written += usize::from(line.starts_with("login="));
                seen.removed += usize::from(line.starts_with("session=;"));
            }
            let is_signed_in = response.status().is_success();
            let said = response.text()?;
            assert!(!is_signed_in || said == format!("user {user}"), "{said}");
            seen.signed_out += usize::from(!is_signed_in);
        }
        Ok(seen)
    }

    /// Each signs out.
    pub(crate) fn sign_out(&self, address: SocketAddr) -> Result<()> {
        for client in &self.0 {
            let path = format!("http://{address}/logout");
            client.post(path).send()?.error_for_status()?;
        }
        Ok(())
    }
}
