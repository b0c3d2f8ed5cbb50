//! The server under test: an application with sessions, in this process.

mod clock;
mod routes;
mod server;
mod sessions;

pub(crate) use self::{
    clock::TestClock,
    routes::{App, greeting, router},
    server::Server,
    sessions::{InBearer, InHeader, Login, Sessions, Settings},
};
