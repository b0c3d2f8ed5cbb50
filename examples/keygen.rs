//! Prints a new key for `SESSION_KEYS`.

fn main() -> Result<(), haversack::RandomError> {
    println!("{}", haversack::Key::generate()?.to_text());
    Ok(())
}
