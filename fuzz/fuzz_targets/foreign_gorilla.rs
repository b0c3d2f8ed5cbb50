//! Cookies of another system that nobody with its key made: no panic, and no session.

#![no_main]

mod foreign;

use std::sync::LazyLock;

use haversack::foreign::Reader;
use haversack_migrate::gorilla::Gorilla;
use libfuzzer_sys::fuzz_target;

static READERS: LazyLock<Vec<Box<dyn Reader>>> = LazyLock::new(|| {
    vec![
        Box::new(Gorilla::new("c", [([7; 32], None)]).unwrap()),
        Box::new(Gorilla::new("c", [([7; 32], Some([8; 32]))]).unwrap()),
    ]
});

fuzz_target!(|cookies: Vec<(u8, Vec<u8>)>| foreign::read(&READERS, &cookies));
