//! The application's own records: passwords, in the memory of this process.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use sha2::{Digest, Sha256};

#[derive(Default)]
pub(crate) struct Accounts(Mutex<HashMap<String, Password>>);

struct Password {
    salt: [u8; 16],
    hash: Vec<u8>,
    /// How many the user has set so far.
    count: u32,
}

/// The password is not what it was, or there is no room for another account.
pub(crate) struct NotChanged;

impl Accounts {
    /// How many passwords the user has set, if this is the last one. Who has set none signs in by name
    /// alone. Both in one look, or a session would start with an old password and the new one's number.
    pub(crate) fn check(&self, user: &str, password: &str) -> Option<u32> {
        match self.accounts().get(user) {
            None => Some(0),
            Some(account) => {
                (account.hash == hash(account.salt, password)).then_some(account.count)
            }
        }
    }

    /// How many passwords the user has set.
    pub(crate) fn passwords(&self, user: &str) -> u32 {
        self.accounts().get(user).map_or(0, |account| account.count)
    }

    /// What a reset link is bound to: it changes with the password.
    pub(crate) fn hash_of(&self, user: &str) -> Vec<u8> {
        let accounts = self.accounts();
        let account = accounts.get(user);
        account.map_or(NO_PASSWORD.to_vec(), |account| account.hash.clone())
    }

    /// Sets a password where the hash is still this one: of two requests with one link, one wins.
    pub(crate) fn replace(
        &self,
        user: &str,
        old_hash: &[u8],
        password: &str,
    ) -> Result<(), NotChanged> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|_| NotChanged)?;
        let mut accounts = self.accounts();
        let account = accounts.get(user);
        let hash_now = account.map_or(NO_PASSWORD, |account| &account.hash);
        let has_room = account.is_some() || accounts.len() < MOST;
        if hash_now != old_hash || !has_room {
            return Err(NotChanged);
        }
        let count = account.map_or(0, |account| account.count) + 1;
        let hash = hash(salt, password);
        accounts.insert(user.to_owned(), Password { salt, hash, count });
        Ok(())
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<String, Password>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A real program takes a slow hash made for passwords, such as Argon2id.
fn hash(salt: [u8; 16], password: &str) -> Vec<u8> {
    let digest = Sha256::new()
        .chain_update(salt)
        .chain_update(password)
        .finalize();
    digest.to_vec()
}

const NO_PASSWORD: &[u8] = b"no password yet";

/// Accounts with a password.
const MOST: usize = 100;
