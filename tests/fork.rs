//! A process that forks after it has made tokens: no copy of it makes one of them again.

#![allow(clippy::unwrap_used)]

#[cfg(unix)]
fn main() {
    use std::{collections::HashSet, env, fs, process};

    use fork::{Fork, fork, waitpid};
    use haversack::{Codec, JwtKeys, Key, KeyRing};

    // What a runner of tests asks first, as of the harness that is not here.
    let asked = |what: &str| env::args().any(|arg| arg == what);
    if asked("--list") {
        if !asked("--ignored") {
            println!("copies_of_a_process_never_repeat_a_nonce_or_an_id: test");
        }
        return;
    }

    let sealed = Codec::<u64>::sealed("login", KeyRing::new(Key::generate().unwrap()));
    let sealed = sealed.build().unwrap();
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).unwrap();
    let signed = Codec::<u64>::jwt("api", JwtKeys::hs256(secret).unwrap());
    let signed = signed.build().unwrap();
    // A line for each token: its id, and the start of the sealed one with its nonce.
    let tokens = |times: usize| {
        let line = |_| {
            let (sealed_token, signed_token) = (sealed.seal(&7).unwrap(), signed.seal(&7).unwrap());
            let ids = [sealed.open(&sealed_token), signed.open(&signed_token)];
            let [first, second] = ids.map(|opened| opened.unwrap().id());
            // Version, key id and nonce are 29 octets; 28 of them are before a limit of base64.
            format!("{first}\n{second}\n{}\n", &sealed_token[8..38])
        };
        (0..times).map(line).collect::<String>()
    };

    let folder = env::temp_dir().join(format!("haversack-fork-{}", process::id()));
    fs::create_dir(&folder).unwrap();
    let before = tokens(10);
    let children = (0..CHILDREN).map(|child| match fork().unwrap() {
        Fork::Parent(pid) => pid,
        Fork::Child => {
            let written = fs::write(folder.join(child.to_string()), tokens(TIMES));
            process::exit(written.is_err().into());
        }
    });
    let children: Vec<_> = children.collect();
    let mut all = before + &tokens(TIMES);
    for child in children {
        assert_eq!(waitpid(child).unwrap(), 0, "a child did not end well");
    }
    for child in 0..CHILDREN {
        all += &fs::read_to_string(folder.join(child.to_string())).unwrap();
    }
    fs::remove_dir_all(folder).unwrap();
    let mut seen = HashSet::new();
    for line in all.lines() {
        assert!(seen.insert(line), "{line} comes twice");
    }
    assert_eq!(seen.len(), 3 * (10 + (CHILDREN + 1) * TIMES));
    println!("no nonce and no id of {} came twice", seen.len());
}

#[cfg(unix)]
const CHILDREN: usize = 8;
#[cfg(unix)]
const TIMES: usize = 500;

#[cfg(not(unix))]
fn main() {}
