//! How seldom the rules refuse what was drawn at random, computed, and the rules that are computed.

#![allow(clippy::unwrap_used)]

use sha2::{Digest, Sha256};

use super::*;

/// The probability that at least `least` of `count` things happen that have this one.
fn tail(count: usize, least: usize, probability: f64) -> f64 {
    let mut happened = vec![0.0; count + 1];
    happened[0] = 1.0;
    for _ in 0..count {
        for number in (0..=count).rev() {
            let before = number.checked_sub(1).map_or(0.0, |less| happened[less]);
            happened[number] = happened[number] * (1.0 - probability) + before * probability;
        }
    }
    happened[least..].iter().sum()
}

/// The probability that random octets of this alphabet follow a pattern.
fn patterns(length: usize, alphabet: f64) -> f64 {
    let steps = 2.0 * alphabet * tail(length - 1, length / 2, 1.0 / alphabet);
    let repeat = |period: usize| {
        tail(
            length - period,
            (length - period).div_ceil(2),
            1.0 / alphabet,
        )
    };
    let repeats: f64 = (1..=length / 2).map(repeat).sum();
    let same = alphabet * tail(length, length.div_ceil(3), 1.0 / alphabet);
    let mut distinct = vec![0.0; length + 1];
    distinct[0] = 1.0;
    for _ in 0..length {
        for number in (0..=length).rev() {
            let known = number as f64 / alphabet;
            let before = number.checked_sub(1).map_or(0.0, |less| distinct[less]);
            distinct[number] = distinct[number] * known + before * (1.0 - known + 1.0 / alphabet);
        }
    }
    let expected = alphabet * (1.0 - (1.0 - 1.0 / alphabet).powi(length as i32));
    let few: f64 = distinct[..=(expected / 2.0) as usize].iter().sum();
    steps + repeats + same + few
}

/// The probability that random octets are UTF-8 with few control characters.
fn utf8(length: usize) -> f64 {
    // Octets, and the characters that have so many: of text, and control characters.
    let characters = [
        (1, 98.0, 30.0),
        (2, 1888.0, 32.0),
        (3, 61_440.0, 0.0),
        (4, 1_048_576.0, 0.0),
    ];
    // By octets, characters, and the control characters among them.
    let mut ways = vec![vec![vec![0.0; length + 1]; length + 1]; length + 1];
    ways[0][0][0] = 1.0;
    for octets in 0..length {
        for count in 0..=octets {
            for controls in 0..=count {
                let so_far: f64 = ways[octets][count][controls];
                for (more, text, control) in characters {
                    if octets + more <= length {
                        let share = so_far / 256_f64.powi(more as i32);
                        ways[octets + more][count + 1][controls] += share * text;
                        ways[octets + more][count + 1][controls + 1] += share * control;
                    }
                }
            }
        }
    }
    let is_text = |count: usize, controls: usize| controls * MOST_ARE_TEXT <= count;
    let all = (0..=length).flat_map(|count| (0..=count).map(move |controls| (count, controls)));
    all.filter(|(count, controls)| is_text(*count, *controls))
        .map(|(count, controls)| ways[length][count][controls])
        .sum()
}

/// The probability that random octets are text, with zeros behind it or without.
fn texts(length: usize) -> f64 {
    let text = |length: usize| {
        let odd = length / MOST_ARE_TEXT;
        utf8(length) + tail(length, length - odd, 98.0 / 256.0)
    };
    let zeros = (0..length).map(|zeros| 256_f64.powi(-(zeros as i32)) * text(length - zeros));
    zeros.sum()
}

/// The probability that random octets say that they are as long as they are, the content of an
/// element of this length, for each number of octets that this takes.
fn right_lengths(length: usize) -> impl Iterator<Item = (f64, usize)> {
    (0..=4).filter_map(move |digits| {
        let content = length.checked_sub(2 + digits)?;
        let fits = digits > 0 || content < 0x80;
        fits.then_some((256_f64.powi(-(1 + digits as i32)), content))
    })
}

/// The probability that random octets are elements of DER, one behind the other, by length.
fn elements(length: usize) -> Vec<f64> {
    let mut are_elements = vec![0.0; length + 1];
    are_elements[0] = 1.0;
    for octets in 2..=length {
        let first = (2..=octets).flat_map(|first| right_lengths(first).map(move |it| (first, it)));
        let share = first.map(|(first, (share, _))| share * are_elements[octets - first]);
        are_elements[octets] = share.sum();
    }
    are_elements
}

/// The probability that random octets are a SEQUENCE that begins as keys do.
fn ders(length: usize) -> f64 {
    let are_elements = elements(length);
    let shares = right_lengths(length).map(|(share, content)| {
        let one_element: f64 = right_lengths(content).map(|(share, _)| share).sum();
        share * (are_elements[content] - one_element)
    });
    shares.sum::<f64>() / 256.0 * 2.0 / 256.0
}

#[test]
fn of_random_keys_fewer_than_one_in_2_to_the_32_are_refused() {
    let limit = 2_f64.powi(-32);
    for length in [32_usize, 33, 40, 44, 48, 64] {
        let characters = (4 * length).div_ceil(3);
        let words = tail(characters, characters - characters / WORDS, 28.0 / 64.0);
        let text = patterns(characters, 64.0) + 2.0 * words;
        let der = if length < SHORTEST_IN_DER {
            0.0
        } else {
            ders(length)
        };
        let all = patterns(length, 256.0) + texts(length) + der + text;
        assert!(all < limit, "{length}: one in 2^{}", -all.log2());
    }
    // What a rule for all of UTF-8 would refuse.
    let mut ways = vec![1.0_f64];
    for octets in 1..=32_usize {
        let share = |(more, count): (usize, f64)| {
            let before = octets.checked_sub(more).map_or(0.0, |less| ways[less]);
            before * count / 256_f64.powi(more as i32)
        };
        let all = [(1, 128.0), (2, 1920.0), (3, 61_440.0), (4, 1_048_576.0)];
        let next = all.map(share).iter().sum();
        ways.push(next);
    }
    assert_eq!(ways[32].log2().ceil(), -26.0);
}

#[test]
fn what_is_computed_is_what_the_rules_do() {
    // All of two octets.
    let all = (0..=u16::MAX).map(u16::to_be_bytes);
    let share = |count: usize| count as f64 / 65536.0;
    let is_utf8 = |bytes: &[u8; 2]| {
        str::from_utf8(bytes).is_ok_and(|text| {
            text.chars()
                .all(|c| !c.is_control() || "\t\n\r".contains(c))
        })
    };
    let counted = share(all.clone().filter(is_utf8).count());
    assert!((counted - utf8(2)).abs() < 1e-12, "{counted} {}", utf8(2));
    let is_fitting = |bytes: &[u8; 2]| matches!(element(bytes), Some((_, [], [])));
    assert_eq!(share(all.filter(is_fitting).count()), elements(2)[2]);
    assert!((tail(3, 2, 0.5) - 0.5).abs() < 1e-12);
}

#[test]
fn random_keys_pass() {
    for number in 0..50_000_u32 {
        let bytes = Sha256::digest(number.to_be_bytes());
        assert_eq!(weakness(&bytes), None, "{number}");
        let text = crate::base::base64url::text(&bytes);
        assert_eq!(weakness_of_text(text.as_bytes()), None, "{number}");
    }
}
