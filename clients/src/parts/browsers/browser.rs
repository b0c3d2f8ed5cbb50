//! A browser that a test drives.

use std::{
    path::Path,
    process,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{By, Capabilities, Cookie, TimeoutConfiguration, WebDriver, WindowHandle};
use tokio::time::sleep;

use super::{
    engine::{Engine, Installed, Restart},
    site::{DEADLINE, Site},
};
use crate::{
    install::Tool,
    process::{Process, folder},
    tls::Authority,
};

/// A browser, headless, with a profile of its own; closed on drop.
#[derive(Debug)]
pub(super) struct Browser {
    pub(super) engine: Engine,
    pub(super) tool: Tool,
    window: WebDriver,
    // Below the window, as they are dropped in this order.
    _driver: Process,
    address: String,
    home: TempDir,
}

/// What a script of a page got.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

impl Browser {
    pub(super) async fn start(
        engine: Engine,
        installed: Installed,
        authority: &Authority,
    ) -> Result<Browser> {
        let home = folder()?;
        engine.trust(home.path(), authority).await?;
        let (arguments, ready) = engine.driving();
        let mut driver = process::Command::new(&installed.driver);
        let mut driver = Process::start(driver.args(arguments).env("HOME", home.path()))?;
        let line = driver.prints(ready).await?;
        let digits = |c: char| c.is_ascii_digit();
        let port = line
            .trim_end_matches(|c| !digits(c))
            .rsplit(|c| !digits(c))
            .next();
        let address = format!("http://127.0.0.1:{}", port.context("no port")?);
        let tool = installed.tool;
        let capabilities = engine.capabilities(home.path(), &tool.program, Restart::Fresh)?;
        Ok(Browser {
            engine,
            window: begin(&address, capabilities).await?,
            tool,
            _driver: driver,
            address,
            home,
        })
    }

    /// Closes it as a person does, and starts it again.
    pub(super) async fn restart(&mut self, restart: Restart) -> Result<()> {
        self.quit().await?;
        let program = &self.tool.program;
        let capabilities = self
            .engine
            .capabilities(self.home.path(), program, restart)?;
        self.window = begin(&self.address, capabilities).await?;
        Ok(())
    }

    pub(super) async fn quit(&self) -> Result<()> {
        Ok(self.window.clone().quit().await?)
    }

    /// Goes to an address, as by typing it, and tells what the page says.
    pub(super) async fn open(&self, address: &str) -> Result<String> {
        let opened = self.window.goto(address).await;
        opened.with_context(|| format!("opening {address}"))?;
        self.text().await
    }

    pub(super) async fn reload(&self) -> Result<String> {
        self.window.refresh().await?;
        self.text().await
    }

    pub(super) async fn back(&self) -> Result<String> {
        self.window.back().await?;
        self.text().await
    }

    /// What the page says.
    pub(super) async fn text(&self) -> Result<String> {
        let text = self.script("return document.body.innerText", &[]).await?;
        Ok(text.as_str().unwrap_or_default().trim().into())
    }

    /// Fills in a form and clicks on its button, and tells what the page behind it says.
    pub(super) async fn submit(
        &self,
        site: &Site,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Result<String> {
        self.open(&site.form(action, fields)).await?;
        self.click("button").await?;
        self.text().await
    }

    /// Clicks on the first element that matches, and waits for the page to which that leads: a driver
    /// returns early when the browser takes its time to begin.
    pub(super) async fn click(&self, css: &str) -> Result<()> {
        let element = self.window.find(By::Css(css)).await?;
        self.script("window.isLeft = true", &[]).await?;
        element.click().await?;
        let deadline = Instant::now() + DEADLINE;
        let is_there = "return !window.isLeft && document.readyState === 'complete'";
        while self.script(is_there, &[]).await? != true {
            ensure!(Instant::now() < deadline, "a click on {css} leads nowhere");
            sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Types into the first element that matches.
    pub(super) async fn fill_in(&self, css: &str, text: &str) -> Result<()> {
        let element = self.window.find(By::Css(css)).await?;
        element.clear().await?;
        Ok(element.send_keys(text).await?)
    }

    /// Clicks on the first element that matches, which leads nowhere.
    pub(super) async fn press(&self, css: &str) -> Result<()> {
        let element = self.window.find(By::Css(css)).await?;
        Ok(element.click().await?)
    }

    /// Waits until an expression holds in the page.
    pub(super) async fn until(&self, expression: &str) -> Result<()> {
        let deadline = Instant::now() + DEADLINE;
        let script = format!("return Boolean({expression})");
        // On the way from one page to the next there may be nothing to ask.
        while !matches!(self.script(&script, &[]).await, Ok(holds) if holds == true) {
            ensure!(
                Instant::now() < deadline,
                "never: {expression}: {}",
                self.text().await?
            );
            sleep(PAUSE).await;
        }
        Ok(())
    }

    /// A picture of what it shows.
    pub(super) async fn screenshot(&self, file: &Path) -> Result<()> {
        Ok(self.window.screenshot(file).await?)
    }

    /// Makes its window as large as a screen, or as small as one.
    pub(super) async fn resize(&self, width: u32, height: u32) -> Result<()> {
        Ok(self.window.set_window_rect(0, 0, width, height).await?)
    }

    /// The tab that a click has opened.
    pub(super) async fn new_tab(&self, others: &[WindowHandle]) -> Result<WindowHandle> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let tabs = self.window.windows().await?;
            if let Some(tab) = tabs.into_iter().find(|tab| !others.contains(tab)) {
                self.to(&tab).await?;
                return Ok(tab);
            }
            ensure!(Instant::now() < deadline, "no tab is opened");
            sleep(PAUSE).await;
        }
    }

    /// Clicks on a link of the page to this address.
    pub(super) async fn follow(&self, address: &str) -> Result<()> {
        let link = "document.body.innerHTML = `<a href='${arguments[0]}'>link</a>`";
        self.script(link, &[json!(address)]).await?;
        self.click("a").await
    }

    /// Puts a page into a frame of this page, and goes into the frame.
    pub(super) async fn enter_frame(&self, address: &str) -> Result<()> {
        let frame = "const frame = document.createElement('iframe')
            const loaded = new Promise(done => frame.onload = done)
            frame.src = args[0]
            document.body.replaceChildren(frame)
            await loaded";
        self.wait(frame, &[json!(address)]).await?;
        Ok(self.window.enter_frame(0).await?)
    }

    /// Runs a script in the page.
    pub(super) async fn script(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        let returned = self.window.execute(script, arguments.to_vec()).await?;
        Ok(returned.json().clone())
    }

    /// Runs an async function in the page, and waits for what it returns.
    pub(super) async fn wait(&self, body: &str, arguments: &[Value]) -> Result<Value> {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             (async (...args) => {{ {body} }})(...arguments).then(
                 value => done({{ value }}), error => done({{ error: String(error) }}))"
        );
        let returned = self
            .window
            .execute_async(script, arguments.to_vec())
            .await?;
        match returned.json().get("error") {
            Some(error) => bail!("a script failed: {error}"),
            None => Ok(returned.json()["value"].clone()),
        }
    }

    /// What a script of the page gets from its own origin.
    pub(super) async fn get(&self, path: &str) -> Result<Answer> {
        let script = "const response = await fetch(args[0])
            return { status: response.status, body: await response.text() }";
        let answer = self.wait(script, &[json!(path)]).await?;
        Ok(serde_json::from_value(answer)?)
    }

    /// The same, with a form that it sends.
    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let script = "const body = new URLSearchParams(args[1])
            const response = await fetch(args[0], { method: 'POST', body })
            return { status: response.status, body: await response.text() }";
        let answer = self.wait(script, &[json!(path), json!(fields)]).await?;
        Ok(serde_json::from_value(answer)?)
    }

    /// The cookies that it keeps for the page.
    pub(super) async fn cookies(&self) -> Result<Vec<Cookie>> {
        Ok(self.window.get_all_cookies().await?)
    }

    /// The cookie of this name that it keeps for the page.
    pub(super) async fn cookie(&self, name: &str) -> Result<Option<Cookie>> {
        let mut cookies = self.cookies().await?.into_iter();
        Ok(cookies.find(|cookie| cookie.name == name))
    }

    /// Changes a cookie of the page that belongs to its host alone, as with a cookie editor.
    pub(super) async fn edit(&self, cookie: &Cookie) -> Result<()> {
        let domain = None;
        let cookie = Cookie {
            domain,
            ..cookie.clone()
        };
        Ok(self.window.add_cookie(cookie).await?)
    }

    /// Forgets all cookies of the page.
    pub(super) async fn forget(&self) -> Result<()> {
        Ok(self.window.delete_all_cookies().await?)
    }

    /// Opens a tab, and goes there.
    pub(super) async fn tab(&self) -> Result<WindowHandle> {
        let tab = self.window.new_tab().await?;
        self.to(&tab).await?;
        Ok(tab)
    }

    /// The tab that is in front.
    pub(super) async fn this_tab(&self) -> Result<WindowHandle> {
        Ok(self.window.window().await?)
    }

    pub(super) async fn to(&self, tab: &WindowHandle) -> Result<()> {
        Ok(self.window.switch_to_window(tab.clone()).await?)
    }

    /// Closes this tab, and goes to another.
    pub(super) async fn close(&self, then: &WindowHandle) -> Result<()> {
        self.window.close_window().await?;
        self.to(then).await
    }
}

async fn begin(address: &str, capabilities: Capabilities) -> Result<WebDriver> {
    let window = WebDriver::new(address, capabilities).await?;
    let deadlines = TimeoutConfiguration::new(Some(DEADLINE), Some(DEADLINE), None);
    window.update_timeouts(deadlines).await?;
    Ok(window)
}

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);
