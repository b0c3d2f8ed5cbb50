//! reqwest, with the jar of cookie_store, kept in a file.

use std::{
    env,
    fs::{self, File},
    io::{BufReader, stdin},
    sync::Arc,
};

use anyhow::{Context as _, Result};
use reqwest::{Certificate, blocking::Client, redirect::Policy};
use reqwest_cookie_store::CookieStoreMutex;
use tokio_rustls::rustls::crypto::ring;

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let mut next = || arguments.next().context("a jar and an authority");
    let (jar_file, authority) = (next()?, fs::read(next()?)?);

    let jar = match File::open(&jar_file) {
        Ok(file) => cookie_store::serde::json::load_all(BufReader::new(file)),
        Err(_) => Ok(cookie_store::CookieStore::default()),
    };
    let jar = jar.map_err(|error| anyhow::anyhow!("{error}"))?;
    let jar = Arc::new(CookieStoreMutex::new(jar));
    let _ = ring::default_provider().install_default();
    let client = Client::builder()
        .tls_certs_only([Certificate::from_pem(&authority)?])
        .cookie_provider(Arc::clone(&jar))
        .redirect(Policy::none())
        .build()?;
    for line in stdin().lines() {
        let line = line?;
        let mut words = line.splitn(3, ' ');
        let mut next = || words.next().context("a method, an address and a body");
        let (method, url, body) = (next()?.parse()?, next()?, next()?);
        let mut request = client.request(method, url);
        if !body.is_empty() {
            let form = "application/x-www-form-urlencoded";
            request = request.header("content-type", form).body(body.to_owned());
        }
        let response = request.send()?;
        let (status, body) = (response.status().as_u16(), response.text()?);
        let cookies = jar.lock().map_err(|error| anyhow::anyhow!("{error}"))?;
        let saved = cookie_store::serde::json::save_incl_expired_and_nonpersistent(
            &cookies,
            &mut File::create(&jar_file)?,
        );
        saved.map_err(|error| anyhow::anyhow!("{error}"))?;
        println!("{status} {body}");
    }
    Ok(())
}
