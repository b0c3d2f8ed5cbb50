//! Where a sign-in goes on to is of this site for a browser, whatever the text.

#![no_main]

use haversack::next_path;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|text: &str| {
    let path = next_path(text);
    assert!(path == text || path == "/");
    let here = Url::parse("https://here.example/sign-in?next=x").unwrap();
    let next = here.join(path).unwrap();
    assert_eq!(next.origin(), here.origin());
    assert!(!next.path().starts_with("//"));
});
