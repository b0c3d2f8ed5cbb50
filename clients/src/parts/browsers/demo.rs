//! The demo, as a person uses it.

use std::{path::Path, process};

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

use super::stage::Stage;
use crate::{context::Context, process::Process, report::Report};

pub(super) async fn checks(stage: &Stage<'_>, context: &Context, report: &mut Report) {
    let seen = tour(stage, context).await;
    stage.check(report, "the demo: a tour of all its cards", seen);
}

async fn tour(stage: &Stage<'_>, context: &Context) -> Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut build = Command::new("cargo");
    build.arg("build").args(DEMO).current_dir(&root);
    ensure!(build.status().await?.success(), "it doesn't build");
    let person = Person { stage, context };
    person.stage.browser.resize(1400, 1000).await?;
    person.stays_signed_in(&root).await?;
    let (_demo, address) = start(&root, ("FRESH_SECS", "2")).await?;
    let address = &*address;
    person.stage.browser.open(address).await?;
    person.signs_in_and_out().await?;
    person.fills_a_cart().await?;
    person.tampers().await?;
    person.rotates_keys().await?;
    person.keeps_tenants_apart().await?;
    person.calls_the_api().await?;
    person.proves_it_again(address).await?;
    person.resets_a_password(address).await?;
    Ok("each card does what it says".into())
}

/// The demo with a setting of its own, and its address.
async fn start(root: &Path, setting: (&str, &str)) -> Result<(Process, String)> {
    let mut run = process::Command::new("cargo");
    run.arg("run")
        .args(DEMO)
        .current_dir(root)
        .env("PORT", "0")
        .env(setting.0, setting.1);
    let mut demo = Process::start(&mut run)?;
    let line = demo.prints("listening on ").await?;
    let address = line.split_whitespace().last().context("no address")?;
    let address = address.to_owned();
    Ok((demo, address))
}

/// Somebody who clicks and looks.
struct Person<'a> {
    stage: &'a Stage<'a>,
    context: &'a Context,
}

impl Person<'_> {
    async fn signs_in(&self) -> Result<()> {
        let browser = &self.stage.browser;
        browser.fill_in("#login input[name=user]", "ada").await?;
        browser.press("#login form[action='/login'] button").await?;
        browser.until("document.body.dataset.login === 'in'").await
    }

    /// A session that soon ends says so, and goes on at a click.
    async fn stays_signed_in(&self, root: &Path) -> Result<()> {
        let browser = &self.stage.browser;
        let (_demo, address) = start(root, ("IDLE_SECS", "21")).await?;
        browser.open(&address).await?;
        self.signs_in().await?;
        browser
            .until("!document.getElementById('ending').hidden")
            .await?;
        browser
            .until(&says("#ending", "You will be signed out in "))
            .await?;
        self.looks("ending").await?;
        let until = "document.querySelector('#login [data-until]').dataset.until";
        let first = browser.script(&format!("return {until}"), &[]).await?;
        let first = first.as_str().context("no deadline")?;
        browser.press("#ending button").await?;
        browser
            .until("document.getElementById('ending').hidden")
            .await?;
        browser.until(&format!("{until} > {first}")).await?;
        // Beyond the deadline that there was.
        browser
            .until(&format!("Date.now() / 1000 > Number({first})"))
            .await?;
        browser.open(&address).await?;
        browser.until("document.body.dataset.login === 'in'").await
    }

    async fn signs_in_and_out(&self) -> Result<()> {
        let browser = &self.stage.browser;
        browser
            .until("document.body.dataset.login === 'out'")
            .await?;
        self.looks("start").await?;
        self.signs_in().await?;
        browser
            .until(&says("#login [data-facts]", "\"user\":\"ada\""))
            .await?;
        self.looks("signed-in").await?;

        let first = browser.this_tab().await?;
        browser.press("#login a[target=_blank]").await?;
        browser.new_tab(std::slice::from_ref(&first)).await?;
        browser
            .until("document.body.dataset.login === 'in'")
            .await?;
        browser
            .press("#login form[action='/logout'] button")
            .await?;
        browser
            .until("document.body.dataset.login === 'out'")
            .await?;
        browser
            .until(&says("#messages", "You are signed out."))
            .await?;
        browser.close(&first).await?;
        // It was told by the other tab.
        browser
            .until("document.body.dataset.login === 'out'")
            .await?;
        self.signs_in().await
    }

    async fn fills_a_cart(&self) -> Result<()> {
        let browser = &self.stage.browser;
        browser
            .fill_in("#cart input[name=item]", "an apple")
            .await?;
        browser.press("#cart form[action='/cart'] button").await?;
        browser
            .until(&says("#cart [data-facts]", "an apple"))
            .await?;
        browser
            .press("#cart form[action='/cart/slow'] button")
            .await?;
        browser
            .press("#cart form[action='/cart/empty'] button")
            .await?;
        browser
            .until(&says("#cart [data-facts]", "no session"))
            .await?;
        browser
            .until(&says("#cart [data-facts]", "refused as ended"))
            .await?;
        self.looks("cart-ended").await?;
        browser.fill_in("#cart input[name=item]", "a plum").await?;
        browser.press("#cart form[action='/cart'] button").await?;
        browser.until(&says("#cart [data-facts]", "a plum")).await
    }

    async fn tampers(&self) -> Result<()> {
        let browser = &self.stage.browser;
        let change_login = "#tamper form:nth-of-type(1) button";
        browser.press(change_login).await?;
        browser.until(&says("#reasons", "not_authentic")).await?;
        browser
            .until("document.body.dataset.login === 'out'")
            .await?;
        self.looks("tampered").await?;
        browser.press(change_login).await?;
        browser.until("document.body.dataset.login === 'in'").await
    }

    async fn rotates_keys(&self) -> Result<()> {
        let browser = &self.stage.browser;
        browser.press("#rotate form button").await?;
        browser
            .until("document.querySelectorAll('#ring li').length === 2")
            .await?;
        browser.press("#use").await?;
        browser
            .until(&says("#ring li.seals", "__Host-Http-login"))
            .await?;
        browser.until(&says("#log", "re-sealed")).await?;
        self.looks("rotated").await
    }

    async fn keeps_tenants_apart(&self) -> Result<()> {
        let browser = &self.stage.browser;
        browser
            .fill_in("#tenants form:nth-of-type(1) input", "snow")
            .await?;
        browser.press("#tenants form:nth-of-type(1) button").await?;
        browser.until(&says("#north", "snow")).await?;
        browser
            .until(&says("#south", "refused: not_authentic"))
            .await
    }

    async fn calls_the_api(&self) -> Result<()> {
        let browser = &self.stage.browser;
        browser.fill_in("#api input[name=user]", "ada").await?;
        browser.press("#api form button").await?;
        browser.until(&says("#claims", "\"ses\"")).await?;
        browser.press("#call").await?;
        browser.until(&says("#api .says", "200")).await?;
        browser.press("#bend").await?;
        browser.press("#call").await?;
        browser.until(&says("#api .says", "401")).await?;
        self.looks("api").await?;
        let shown = "document.getElementById('log').textContent.match(/[\\w.-]{100,}/)";
        browser.until(&format!("!{shown}")).await?;
        browser.press("#whole").await?;
        browser.until(shown).await?;
        self.looks("whole-tokens").await?;
        browser.press("#whole").await?;
        browser.until(&format!("!{shown}")).await?;
        browser.press("#forget").await?;
        browser.until(&says("#api .says", "Forgotten.")).await?;
        browser
            .until("document.getElementById('claims').textContent === ''")
            .await?;
        browser.press("#call").await?;
        browser.until(&says("#api .says", "401")).await
    }

    async fn proves_it_again(&self, address: &str) -> Result<()> {
        let browser = &self.stage.browser;
        browser.until(&says("#proof", "too old")).await?;
        browser.press("#step-up form button").await?;
        browser.until(&says("#step-up .says", "403")).await?;
        browser.click("#step-up a[href='/account/email']").await?;
        browser.until("location.pathname === '/confirm'").await?;
        self.looks("confirm").await?;
        browser.click("form button").await?;
        browser
            .until("location.pathname === '/account/email'")
            .await?;
        browser
            .fill_in("input[name=email]", "ada@example.com")
            .await?;
        browser.click("form button").await?;
        browser.until("location.pathname === '/account'").await?;
        browser.until(&says("main", "ada@example.com")).await?;
        self.looks("account").await?;
        browser.open(address).await?;
        browser.until("document.body.dataset.login === 'in'").await
    }

    async fn resets_a_password(&self, address: &str) -> Result<()> {
        let browser = &self.stage.browser;
        browser.fill_in("#reset input[name=user]", "ada").await?;
        browser.press("#reset form button").await?;
        browser.until("document.querySelector('#link a')").await?;
        browser.click("#link a").await?;
        self.looks("reset").await?;
        let link = browser.script("return location.href", &[]).await?;
        browser
            .fill_in("input[name=password]", "correct horse")
            .await?;
        browser.click("form button").await?;
        let again = browser.open(link.as_str().context("an address")?).await?;
        ensure!(again.contains("other_binding"), "the link again: {again}");
        self.looks("reset-again").await?;
        browser.open(address).await?;
        browser
            .until(&says("#login [data-facts]", "refused as revoked"))
            .await
    }

    /// Keeps a picture, on a wide screen and on a narrow one.
    async fn looks(&self, at: &str) -> Result<()> {
        let Some(folder) = &self.context.screenshots else {
            return Ok(());
        };
        let browser = &self.stage.browser;
        for (screen, width, height) in [("narrow", 500, 1000), ("wide", 1400, 1000)] {
            browser.resize(width, height).await?;
            let name = format!("{}-{at}-{screen}.png", browser.engine.name());
            browser.screenshot(&folder.join(name)).await?;
        }
        Ok(())
    }
}

/// Whether an element's text has this in it.
fn says(css: &str, text: &str) -> String {
    let text = text.replace('\'', "\\'");
    format!("document.querySelector(\"{css}\")?.textContent.includes('{text}')")
}

const DEMO: [&str; 3] = ["--quiet", "--example", "demo"];
