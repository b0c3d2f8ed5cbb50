//! Prints a new key for `SESSION_KEYS`, or a new secret for the keys of a signed session.

fn main() -> Result<(), haversack::RandomError> {
    println!("{}", haversack::Key::generate()?.to_text());
    Ok(())
}
