//! A thousand inputs that nobody means well with: each ends with a status that is one of three, and with
//! text that is harmless to a terminal and has no key in it.

use std::{fs, path::Path, thread};

use crate::support::{Folder, NOW, Ran, jwt, key_text, sealed, texts, value};

/// xorshift64*, which is enough to choose with and the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }

    fn of<'l, T: ?Sized>(&mut self, list: &[&'l T]) -> &'l T {
        list[self.below(list.len())]
    }
}

const PARTS: [&[u8]; 24] = [
    b"Cookie: ",
    b"Set-Cookie: ",
    b"Authorization: Bearer ",
    b"> ",
    b"< ",
    b"* ",
    b"\r\n",
    b"\n",
    b"; ",
    b"=",
    b".1=",
    b".4=",
    b".end=",
    b"__Host-Http-login=",
    b"login",
    b"\x1b[2J\x1b]0;x\x07",
    b"\xff\xfe\x00",
    b"\xc2\x9b31m",
    "\u{202e}\u{2028}".as_bytes(),
    b"eyJ0eXAiOiJKV1QifQ.",
    b"..",
    b"12AAAAAAAA",
    b"{\"keys\":[",
    b"\"}],",
];

fn mutated(dice: &mut Dice, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut input = Vec::new();
    for _ in 0..=dice.below(4) {
        if dice.below(2) == 0 {
            input.extend_from_slice(dice.of(&PARTS));
        }
        input.extend_from_slice(&seeds[dice.below(seeds.len())]);
    }
    for _ in 0..dice.below(6) {
        if input.is_empty() {
            break;
        }
        let at = dice.below(input.len());
        match dice.below(5) {
            0 => input[at] ^= 1 << dice.below(8),
            1 => input.truncate(at),
            2 => {
                input.remove(at);
            }
            3 => {
                let part = dice.of(&PARTS);
                input.splice(at..at, part.iter().copied());
            }
            _ => {
                let copy = input[at..].to_vec();
                input.extend_from_slice(&copy);
            }
        }
    }
    input
}

/// Golden tokens, requests, and tokens of these keys.
fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![
        Vec::new(),
        sealed("login", &[1])
            .build()
            .unwrap()
            .seal(&value())
            .unwrap()
            .into_bytes(),
        jwt("login", &[1])
            .build()
            .unwrap()
            .seal(&value())
            .unwrap()
            .into_bytes(),
        b"A".repeat(5000),
        b"[".repeat(3000),
        texts(&[1]).into_bytes(),
    ];
    for folder in ["golden", "golden-requests", "golden-tickets"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../tests/vectors")
            .join(folder);
        let mut files: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        for file in files.iter().step_by(5) {
            let text = fs::read_to_string(file).unwrap();
            let tokens = text.lines().filter_map(|line| {
                line.strip_prefix("token: ")
                    .or(line.strip_prefix("cookie: "))
            });
            seeds.extend(tokens.map(|token| token.as_bytes().to_vec()));
        }
    }
    seeds
}

fn check(input: &[u8], args: &[&str], ran: &Ran) {
    let what = || format!("{args:?} < {:?}: {ran:?}", String::from_utf8_lossy(input));
    assert!((0..=2).contains(&ran.status), "{}", what());
    assert!(!ran.err.contains("fault of the program"), "{}", what());
    match ran.status {
        0 => assert!(!ran.out.is_empty(), "{}", what()),
        1 => assert!(ran.out.is_empty() != ran.err.is_empty(), "{}", what()),
        _ => assert!(ran.out.is_empty() && !ran.err.is_empty(), "{}", what()),
    }
    for text in [&ran.out, &ran.err] {
        let moves = |c: char| {
            let hides = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}');
            hides || c.is_control() && c != '\n'
        };
        assert!(!text.contains(moves), "{}", what());
        assert!(
            !text.contains(&key_text(1)) || args[0] == "ring",
            "{}",
            what()
        );
    }
}

#[test]
fn a_thousand_hostile_inputs_do_no_harm() {
    let seeds = seeds();
    let tries = |number: usize| {
        let folder = Folder::new();
        folder.file("keys", &texts(&[1, 2]));
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15 + number as u64);
        let at = format!("--at={NOW}");
        let commands: [&[&str]; 8] = [
            &["inspect"][..],
            &["inspect", "--json"],
            &["inspect", "--keys=keys", "--name=login", &at],
            &[
                "inspect",
                "--keys=keys",
                "--name=login",
                "--json",
                "--chunked",
                &at,
            ],
            &["inspect", "--keys=keys", "--cookie=__Host-Http-login", &at],
            &["ring", "show"],
            &["ring", "show", "--json", "--format=jwt"],
            &["jwks"],
        ];
        for _ in 0..250 {
            let input = mutated(&mut dice, &seeds);
            let args = dice.of(&commands);
            check(&input, args, &folder.pipe(args, &input));
        }
    };
    thread::scope(|scope| {
        for number in 0..4 {
            scope.spawn(move || tries(number));
        }
    });
}

#[test]
fn a_megabyte_of_cookies_is_looked_through() {
    let folder = Folder::new();
    folder.file("keys", &texts(&[1]));
    let most = (1 << 20) - 100;
    let names: String = (0..)
        .map(|number| format!("c{number}=x; "))
        .take(most / 11)
        .collect();
    let token = sealed("login", &[1])
        .build()
        .unwrap()
        .seal(&value())
        .unwrap();
    let at = format!("--at={NOW}");
    let args = ["inspect", "--keys=keys", "--name=login", &at];
    let input = format!(
        "Cookie: {}login={token}",
        &names[..names.len().min(most - token.len())]
    );
    folder.pipe(&args, &input).ok();
    let many = format!("Cookie: {}", format!("login={token}; ").repeat(1000));
    let said = folder.pipe(&args, many).misused();
    assert!(said.contains("more than 100"), "{said}");
    let said = folder.pipe(&args, "x".repeat(1 << 21)).misused();
    assert!(said.contains("longer than 1024 KB"), "{said}");
}
