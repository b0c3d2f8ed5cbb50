//! A subscriber that keeps what one thread says.

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock},
};

use tracing::{
    Dispatch, Level, Metadata, Subscriber,
    callsite::rebuild_interest_cache,
    dispatcher::with_default,
    field::{Field, Visit},
    span,
};

/// An event with all that is in it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Event {
    pub(super) level: Level,
    pub(super) target: String,
    message: String,
    session: Option<String>,
    pub(super) reason: Option<String>,
    key: Option<String>,
    /// Fields that nobody expects.
    others: Vec<String>,
}

impl Event {
    /// The event of a token that did not open.
    pub(super) fn rejected(session: &str, reason: &str, key: Option<String>) -> Event {
        Event {
            reason: Some(reason.into()),
            message: "token rejected".into(),
            ..Event::new(Level::DEBUG, session, key)
        }
    }

    /// The event of keys that were replaced.
    pub(super) fn rotated(session: &str, key: Option<String>) -> Event {
        Event {
            message: "keys rotated".into(),
            ..Event::new(Level::INFO, session, key)
        }
    }

    /// The event of a request whose answer is a 500.
    pub(super) fn failed(what: &str, session: Option<&str>, error: &str) -> Event {
        Event {
            message: what.into(),
            session: session.map(Into::into),
            others: vec![format!("error={error}")],
            ..Event::new(Level::ERROR, "", None)
        }
    }

    /// The event of a codec whose cookie is for development.
    pub(super) fn insecure(session: &str) -> Event {
        let message = "the cookie travels over plain http, where anyone on the way can copy it; \
                       remove .insecure()";
        Event {
            message: message.into(),
            ..Event::new(Level::WARN, session, None)
        }
    }

    /// The event of a response with more cookies than proxies take.
    pub(super) fn large(session: &str, octets: usize) -> Event {
        let message = "the session's cookies are more than nginx takes in a response by default: \
                       keep less in the session, or raise proxy_buffer_size";
        Event {
            message: message.into(),
            others: vec![format!("octets={octets}")],
            ..Event::new(Level::WARN, session, None)
        }
    }

    /// What the event of a failure says of it.
    pub(super) fn error(&self) -> Option<&str> {
        self.others.first()?.strip_prefix("error=")
    }

    fn new(level: Level, session: &str, key: Option<String>) -> Event {
        Event {
            level,
            target: "haversack".into(),
            message: String::new(),
            session: Some(session.into()),
            reason: None,
            key,
            others: Vec::new(),
        }
    }
}

/// Everything that this thread says during `work`.
pub(super) fn record(work: impl FnOnce()) -> Vec<Event> {
    // A place in the code that one thread without a subscriber comes to first is asked for by
    // nobody, if there is only one subscriber, and its events are then lost for all threads.
    static OTHERS: OnceLock<[Dispatch; 2]> = OnceLock::new();
    OTHERS.get_or_init(|| [(); 2].map(|()| Dispatch::new(Recorder::default())));

    let recorder = Recorder::default();
    let events = Arc::clone(&recorder.0);
    let dispatch = Dispatch::new(recorder);
    rebuild_interest_cache();
    with_default(&dispatch, work);
    std::mem::take(&mut events.lock().unwrap())
}

#[derive(Default)]
struct Recorder(Arc<Mutex<Vec<Event>>>);

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let metadata = event.metadata();
        let mut kept = Event {
            target: metadata.target().into(),
            session: None,
            ..Event::new(*metadata.level(), "", None)
        };
        event.record(&mut kept);
        self.0.lock().unwrap().push(kept);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl Visit for Event {
    fn record_str(&mut self, field: &Field, value: &str) {
        let value = value.to_owned();
        match field.name() {
            "session" => self.session = Some(value),
            "reason" => self.reason = Some(value),
            "key" => self.key = Some(value),
            other => self.others.push(format!("{other}={value}")),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            other => self.others.push(format!("{other}={value:?}")),
        }
    }
}
