//! Cookies of another system that nobody with its key made: no panic, and no session.

#![no_main]

mod foreign;

use std::sync::LazyLock;

use haversack::foreign::Reader;
use haversack_migrate::django::Django;
use libfuzzer_sys::fuzz_target;

static READERS: LazyLock<Vec<Box<dyn Reader>>> = LazyLock::new(|| {
    vec![Box::new(
        Django::new(["secret"]).unwrap().cookie("c").unwrap(),
    )]
});

fuzz_target!(|cookies: Vec<(u8, Vec<u8>)>| foreign::read(&READERS, &cookies));
