//! Cookies of another system that nobody with its key made: no panic, and no session.

#![no_main]

mod foreign;

use std::sync::LazyLock;

use haversack::foreign::Reader;
use haversack_migrate::cookie_rs::{CookieRs, Key};
use libfuzzer_sys::fuzz_target;

static READERS: LazyLock<Vec<Box<dyn Reader>>> = LazyLock::new(|| {
    let key = || Key::from_bytes(&[7; 64]).unwrap();
    vec![
        Box::new(CookieRs::private("c", [key()]).unwrap()),
        Box::new(CookieRs::signed("c", [key()]).unwrap().actix_session()),
        Box::new(
            CookieRs::signed("c", [key()])
                .unwrap()
                .tower_sessions_cookie_store(),
        ),
    ]
});

fuzz_target!(|cookies: Vec<(u8, Vec<u8>)>| foreign::read(&READERS, &cookies));
