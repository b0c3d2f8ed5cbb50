//! A reader, with when it is asked and what becomes of what it reads.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use super::{Cookies, Foreign, Reader, Refused};
use crate::{
    carrier::{SameSite, settings::CookieSettings},
    error::{ConfigError, Rejected},
    lifetime::LATEST,
};

/// A [`Reader`], the date until which it is asked, and how its cookies were set, which is how they must be
/// removed.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use haversack::{Codec, Key, KeyRing, foreign::{Reader, Source}};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # fn add(old: impl Reader) -> Result<Codec<u64>, Box<dyn std::error::Error>> {
/// # let keys = KeyRing::new(Key::generate()?);
/// let source = Source::new(old, 1_893_456_000) // until 2030-01-01
///     .max_age(Duration::from_secs(14 * 86_400))
///     .path("/app");
/// let login = Codec::<u64>::sealed("login", keys).also_reads(source, |old| old.json()).build()?;
/// # Ok(login)
/// # }
/// # Ok(())
/// # }
/// ```
#[must_use = "a source is given to `also_reads`"]
pub struct Source {
    reader: Box<dyn Reader>,
    until: u64,
    max_age: Option<Duration>,
    remembered: bool,
    removal: CookieSettings,
}

impl Source {
    /// A source that is asked before this time, in seconds since 1970, and never from then on. Choose when
    /// the other system's last session ends: whoever has not come by then signs in once more.
    pub fn new(reader: impl Reader, until: u64) -> Source {
        Source {
            reader: Box::new(reader),
            until,
            max_age: None,
            remembered: false,
            removal: CookieSettings::default(),
        }
    }

    /// The longest that what is read may live after the other system issued it; where no issue is inside,
    /// after the move. Unless set, the codec's own lifetime is the limit: counted the same way, it is one in
    /// any case.
    pub fn max_age(mut self, age: Duration) -> Source {
        self.max_age = Some(age);
        self
    }

    /// What is read starts [remembered](crate::Session::start_remembered), for systems whose sessions all
    /// live that long.
    pub fn remembered(mut self) -> Source {
        self.remembered = true;
        self
    }

    /// The `Path` with which the other system set its cookies: `/` unless set.
    pub fn path(mut self, path: &str) -> Source {
        self.removal.path = Some(path.into());
        self
    }

    /// The `Domain` with which the other system set its cookies: none unless set. With another one the
    /// browser keeps them.
    pub fn domain(mut self, domain: &str) -> Source {
        self.removal.domain = Some(domain.into());
        self
    }

    /// The `SameSite` with which the other system set its cookies: [`Lax`](SameSite::Lax) unless set. It
    /// matters for pages that other sites embed, where browsers only take removals with
    /// [`None`](SameSite::None).
    pub fn same_site(mut self, same_site: SameSite) -> Source {
        self.removal.same_site = Some(same_site);
        self
    }

    /// The other system's cookies are `Partitioned`.
    pub fn partitioned(mut self) -> Source {
        self.removal.partitioned = true;
        self
    }

    /// The other system's cookies are not `Secure` and the site is on plain http, as in development: over
    /// https a `Secure` removal removes them as well.
    pub fn insecure(mut self) -> Source {
        self.removal.insecure = true;
        self
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.until > LATEST {
            let fix = "use seconds since 1970, and not milliseconds";
            return Err(ConfigError::new(
                "also_reads",
                "no clock reaches its date",
                fix,
            ));
        }
        if self.max_age.is_some_and(|age| age.as_secs() == 0) {
            let fix = "give it a second or more";
            return Err(ConfigError::new(
                "also_reads",
                "its max_age is less than a second",
                fix,
            ));
        }
        let removal = self.removal.check_attributes();
        removal.map_err(|error| error.within("also_reads", ""))
    }

    pub(crate) fn system(&self) -> &'static str {
        self.reader.system()
    }

    pub(crate) fn until(&self) -> u64 {
        self.until
    }

    pub(crate) fn is_remembered(&self) -> bool {
        self.remembered
    }

    /// What the request has of the other system.
    pub(crate) fn read(&self, cookies: &Cookies<'_>, now: u64) -> Result<Option<Foreign>, Refused> {
        // A reader of another system's old format is the last thing that should cost a request.
        catch_unwind(AssertUnwindSafe(|| self.reader.read(cookies, now))).unwrap_or(Err(
            Refused::new(Rejected::Malformed, "its reader panicked"),
        ))
    }

    /// The last second of what was issued or moved in then.
    pub(crate) fn last_end(&self, start: u64) -> u64 {
        let age = self.max_age.map_or(u64::MAX, |age| age.as_secs());
        start.saturating_add(age)
    }

    /// The `Set-Cookie` that removes a cookie of the other system.
    pub(crate) fn removal(&self, name: &str) -> Option<String> {
        self.removal.removal_of(name)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("system", &self.system())
            .field("until", &self.until)
            .field("max_age", &self.max_age)
            .finish_non_exhaustive()
    }
}
