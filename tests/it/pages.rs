//! The pages of the documentation, where two files must say the same.

use base64::{Engine as _, engine::general_purpose::STANDARD};

#[test]
fn the_picture_of_the_front_page_is_the_one_in_the_repository() {
    let link = include_str!("../../docs/speed.link");
    let octets = link.trim_end().rsplit(',').next().unwrap();
    let picture = STANDARD.decode(octets).unwrap();
    assert!(picture == include_bytes!("../../docs/speed.svg"));
}
