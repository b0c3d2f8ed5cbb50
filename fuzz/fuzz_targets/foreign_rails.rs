//! Cookies of another system that nobody with its key made: no panic, and no session.

#![no_main]

mod foreign;

use std::sync::LazyLock;

use haversack::foreign::Reader;
use haversack_migrate::{Hash, rails::Rails};
use libfuzzer_sys::fuzz_target;

static READERS: LazyLock<Vec<Box<dyn Reader>>> = LazyLock::new(|| {
    vec![
        Box::new(Rails::encrypted("c", ["secret"], Hash::Sha256).unwrap()),
        Box::new(Rails::encrypted_cbc("c", ["secret"], Hash::Sha1).unwrap()),
        Box::new(Rails::signed("c", ["secret"], Hash::Sha256).unwrap()),
    ]
});

fuzz_target!(|cookies: Vec<(u8, Vec<u8>)>| foreign::read(&READERS, &cookies));
