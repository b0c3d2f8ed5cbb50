//! What a source sees of a request.

use haversack::foreign::Cookies;

fn named<'r>(lines: &[&'r [u8]], name: &str) -> Vec<&'r [u8]> {
    let cookies: Cookies<'r> = lines.iter().copied().collect();
    cookies.named(name).collect()
}

#[test]
fn a_semicolon_always_separates_and_quotes_mean_nothing() {
    assert_eq!(named(&[br#"a="1; b=2"; c=3"#], "b"), [br#"2""#]);
    assert_eq!(named(&[br#"a="1; b=2"; c=3"#], "a"), [br#""1"#]);
    assert_eq!(named(&[b"$Version=1; a=1; $Path=/"], "a"), [b"1"]);
}

#[test]
fn only_spaces_and_tabs_around_pairs_are_trimmed() {
    assert_eq!(named(&[b"\t a=1 \t;b=2"], "a"), [b"1"]);
    assert!(named(&[b"a =1"], "a").is_empty());
    assert_eq!(named(&[b"a= 1"], "a"), [b" 1"]);
    assert!(named(&[b"\x0ba=1; \xc2\xa0a=2"], "a").is_empty());
}

#[test]
fn names_match_octet_for_octet_and_nothing_is_decoded() {
    assert!(named(&[b"A=1; %61=2; ba=3; a.=4; a"], "a").is_empty());
    assert_eq!(named(&[b"a=%31=\xff"], "a"), [b"%31=\xff"]);
    assert_eq!(named(&[b"a="], "a"), [b""]);
    assert!(named(&[b"=1; 1"], "").is_empty());
}

#[test]
fn several_headers_count_as_one_and_eight_candidates_are_enough() {
    let lines: Vec<String> = (0..20)
        .map(|index| format!("a={index}; b={index}"))
        .collect();
    let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
    let found = named(&lines, "b");
    assert_eq!(found, [b"0", b"1", b"2", b"3", b"4", b"5", b"6", b"7"]);
}
