//! Where a sign-in goes on to, whatever the request asks for.

use haversack::next_path;

#[test]
fn a_path_of_this_site_is_kept_as_it_is() {
    for path in [
        "/",
        "/orders",
        "/orders/",
        "/orders/7/items",
        "/orders?page=2&sort=date",
        "/search?q=a%20b%26c",
        "/search?next=https://example.com/",
        "/search?q=//x",
        "/a%20b",
        "/caf%C3%A9",
        "/.well-known/change-password",
        "/...",
        "/a.b/..c",
        "/~ada",
        "/a;b=c",
        "/a@b",
        "/a:b",
        "/docs#part-2",
        "/docs#/route",
        "/?",
        "/#",
    ] {
        assert_eq!(next_path(path), path);
    }
}

/// From the lists of those who test for open redirects: PayloadsAllTheThings, the OWASP cheat sheet,
/// and what slipped through elsewhere (CVE-2017-7233, CVE-2018-14574, CVE-2021-23435, CVE-2023-28370).
#[test]
fn anything_that_might_lead_elsewhere_is_the_front_page() {
    for text in [
        "",
        " ",
        "orders",
        "./orders",
        "../orders",
        "?next",
        "#part",
        "*",
        "https://evil.example",
        "https:evil.example",
        "https:/evil.example",
        "https:///evil.example",
        "HTTPS://evil.example",
        "http:\\\\evil.example",
        "//evil.example",
        "//evil.example/%2f..",
        "///evil.example",
        "////evil.example",
        "/\\evil.example",
        "/\\/evil.example",
        "\\/evil.example",
        "\\\\evil.example",
        "/\\\\evil.example",
        "/ /evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/\u{0}/evil.example",
        "/\u{1f}/evil.example",
        "/\u{7f}/evil.example",
        "/%09/evil.example",
        "/%0a/evil.example",
        "/%0d%0aSet-Cookie:a=b",
        "/%00/evil.example",
        "/%2f/evil.example",
        "/%2fevil.example",
        "/%2F%2Fevil.example",
        "/%5cevil.example",
        "/%5C%5Cevil.example",
        "/%252fevil.example",
        "/%25%32%66evil.example",
        "/./evil.example",
        "/.//evil.example",
        "/..//evil.example",
        "/a/..//evil.example",
        "/a//evil.example",
        "/a//",
        "/%2e/evil.example",
        "/%2e%2e//evil.example",
        "/a/%2e%2e%2f/evil.example",
        "/.%2e/evil.example",
        "/a/..",
        "/a/.",
        "/a%",
        "/a%2",
        "/a%zz",
        "/a%+1",
        "/\u{e9}",
        "/\u{2044}/evil.example",
        "/\u{ff0f}/evil.example",
        "/\u{202e}moc.elpmaxe",
        "\u{feff}/orders",
        "/orders\u{a0}",
        "/orders next",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\tscript:alert(1)",
        "javascript://%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
        "blob:https://evil.example/7",
        "file:///etc/passwd",
        "ftp://evil.example",
        "evil.example",
        "@evil.example",
        "user@evil.example",
        ":80",
        "//",
        "///",
        "/\\",
        "\\",
        "%2f",
        "%2fevil.example",
        "%68ttps://evil.example",
        "<>//evil.example",
        "\"/orders\"",
        "〱evil.example",
        "〵evil.example",
        "ゝevil.example",
        "/〱evil.example",
    ] {
        assert_eq!(next_path(text), "/", "{text:?}");
    }
    assert_eq!(next_path(&format!("/{}", "a".repeat(2048))), "/");
    let longest = format!("/{}", "a".repeat(2047));
    assert_eq!(next_path(&longest), longest);
}

#[test]
fn what_is_kept_is_of_this_site_for_a_browser() {
    // Whatever the octets: one slash, no backslash, nothing that a URL parser strips or skips.
    let pieces = [
        "/", "\\", ".", "..", "%2f", "%5c", "%2e", "a", "?", "#", "@", ":", "\t",
    ];
    let mut kept = 0;
    for first in pieces {
        for second in pieces {
            for third in pieces {
                for fourth in pieces {
                    let text = [first, second, third, fourth, "evil.example"].concat();
                    let path = next_path(&text);
                    assert!(path.starts_with('/') && !path.starts_with("//"), "{text:?}");
                    assert!(!path.contains(['\\', '\t']), "{text:?}");
                    let end = path.find(['?', '#']).unwrap_or(path.len());
                    let decoded = path[..end].to_lowercase().replace("%2e", ".");
                    let odd = ["//", "%2f", "%5c", "/./", "/../"];
                    let is_odd = odd
                        .into_iter()
                        .any(|odd| format!("{decoded}/x").contains(odd));
                    assert!(!is_odd || decoded.ends_with('/'), "{text:?}");
                    kept += usize::from(path == text);
                }
            }
        }
    }
    assert!(kept > 100, "{kept}");
}
