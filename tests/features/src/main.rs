//! Prints what a program's own use of serde_json does. It must print the same with haversack among
//! its dependencies and without: features are switched on for the whole program, so none that
//! haversack enables may change what others get. `.ci/features` compares the two.

use serde_json::Value;

fn main() {
    let read = |text: &str| match serde_json::from_str::<Value>(text) {
        Ok(value) => format!("{value:?} and back {value}"),
        Err(error) => format!("{error}"),
    };
    for text in [
        r#"{"$serde_json::private::RawValue":"{\"admin\":true}"}"#,
        r#"{"$serde_json::private::RawValue":7}"#,
        r#"{"$serde_json::private::Number":"7"}"#,
        r#"{"b":1,"a":2,"b":3}"#,
        "123456789012345678901234567890",
        "0.10",
        "1e400",
        "-0",
    ] {
        println!("{text}: {}", read(text));
    }
    for depth in [126, 127, 128, 100_000] {
        let text = "[".repeat(depth) + &"]".repeat(depth);
        println!(
            "{depth} deep: {}",
            serde_json::from_str::<Value>(&text).is_ok()
        );
    }
    // Each level starts the recursion limit again where raw values are on.
    let mut text = "0".to_owned();
    for _ in 0..10 {
        let inner = Value::from("[".repeat(100) + &text + &"]".repeat(100));
        text = format!(r#"{{"$serde_json::private::RawValue":{inner}}}"#);
    }
    println!("private names in each other: {}", read(&text).len());
    // Most of these come back with another last bit unless floats make the round trip.
    let mut state = 1_u64;
    let floats = (0..1000).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        f64::from_bits((state >> 12) | 0x3ff0_0000_0000_0000)
    });
    let same = floats.filter(|float| {
        let text = serde_json::to_string(float).expect("a number is JSON");
        serde_json::from_str::<f64>(&text).is_ok_and(|read| read == *float)
    });
    println!("floats that come back: {}", same.count());
}
