"""Made tests/vectors/golden-requests, once, from docs/format.md; it never overwrites a file.

Each case is a request's `Cookie` headers, with \\xNN for octets that do not show, and what comes of them.
"""

import hashlib
import re
import sys

from make_golden import DAY, FOLDER, KEYS, LIVE, NOW, SECRETS, jwt, sealed, seed
from reader import base64url

REQUESTS = FOLDER.parent / "golden-requests"
NAME = "sid"
VALUE = b'{"user":7}'


class Token:
    """A token of one of the formats, told apart from others by its label."""

    def __init__(self, format, label, times=LIVE, value=VALUE, version=0, pieces=1, name="login", key=0, kind="session", **claims):
        self.value, seed_of = value, "request %s %s" % (format, label)
        self.id = base64url(seed(seed_of, 16))
        if format == "sealed":
            self.text = sealed(seed_of, KEYS[key], name, None, times, value, version, flags=pieces - 1 << 4, kind=kind)
        else:
            claims = dict(claims, pcs=pieces) if pieces > 1 else claims
            add = lambda text: text[:-1] + "".join(',"%s":%d' % claim for claim in claims.items()) + "}"
            secret = SECRETS["HS256"][key]
            self.text = jwt(seed_of, "HS256", secret, name, None, times, value, version, claims=add, kind=kind)

    def __str__(self):
        return "%s=%s" % (NAME, self.text)

    def mark(self):
        return "%s.end=%s" % (NAME, self.text)

    def cut(self, count):
        """The cookies of this token in so many pieces."""
        room = -(-len(self.text) // count)
        return self.slices([self.text[at:at + room] for at in range(0, len(self.text), room)])

    def slices(self, slices, count=None, index=lambda named: named):
        set_id = base64url(hashlib.sha256(self.text.encode()).digest())[:8]
        cookie = "%s.%d=%d%s%s%s"
        return [cookie % (NAME, at, index(at), count or len(slices), set_id, s) for at, s in enumerate(slices, 1)]


def visible(octets):
    text = "".join(chr(octet) if 0x20 <= octet < 0x7F and octet != 0x5C else "\\x%02x" % octet for octet in octets)
    return re.sub("^ | $", r"\\x20", text)


def write(format, case, expect, headers, token=None, **settings):
    keys = map(base64url, KEYS) if format == "sealed" else ("HS256 " + base64url(secret) for secret in SECRETS["HS256"])
    lines = ["expect: " + expect, "format: " + format, "keys: " + ", ".join(keys)]
    config = dict(name="login", context="", issuer="", now=NOW, skew=60, idle="", absolute=DAY, cookie_name=NAME, chunked="", sticky_end="")
    lines += ["%s: %s" % item for item in dict(config, **settings).items()]
    if expect == "ok":
        lines += ["id: " + token.id, "value: " + token.value.decode()]
    lines += ["cookie: " + visible(header if type(header) is bytes else header.encode()) for header in headers]
    path = REQUESTS / ("%s-%s.txt" % (format, case))
    if not path.exists():
        path.write_text("\n".join(lines) + "\n")


def splitting(format, case):
    good = Token(format, "good")
    text = good.text
    bare = lambda template: template.encode("latin-1").replace(b"TOKEN", text.encode())
    for name, header in {
        "alone": "sid=TOKEN",
        "among-others": "theme=dark; sid=TOKEN; lang=en",
        "without-spaces": "a=b;sid=TOKEN;c=d",
        "spaces-and-tabs": " \t a=b ; \t sid=TOKEN \t ; c",
        "semicolon-in-quotes": 'a="; sid=TOKEN; "',
        "dollar-names": "$Version=1; sid=TOKEN; $Path=/",
        "octets-beside": "a=\xff\x00\x80; \xe9; =; ;; sid=TOKEN; =x",
        "bad-pairs-beside": "sid; sid =x; xsid=x; sid.1=x; sid.end=x; SID=x; sid=TOKEN",
    }.items():
        case(name, "ok", [bare(header)], good)
    for name, header in {
        "no-cookie": "",
        "only-separators": "; ;;\t;",
        "no-equals": "sid; TOKEN",
        "name-in-another-case": "Sid=TOKEN",
        "longer-names": "xsid=TOKEN; sidx=TOKEN; sid.x=TOKEN",
        "space-before-equals": "sid =TOKEN",
        "vertical-tab-before": "a=b;\x0bsid=TOKEN",
        "no-break-space-before": "a=b;\xa0sid=TOKEN",
        "comma-before": "a=b, sid=TOKEN",
        "dollar-before": "$sid=TOKEN",
        "percent-encoded-name": "%73id=TOKEN",
        "quoted-name": '"sid"=TOKEN',
        "pieces-where-none-are-cut": "sid.1=TOKEN; sid.2=TOKEN",
    }.items():
        case(name, "none", [bare(header)])
    for name, header in {
        "empty-value": "sid=",
        "empty-value-before-semicolon": "a=b; sid=; c=d",
        "space-after-equals": "sid= TOKEN",
        "two-equals": "sid==TOKEN",
        "quoted-value": 'sid="TOKEN"',
        "percent-encoded-value": "sid=%41TOKEN",
        "comma-behind": "sid=TOKEN, a=b",
        "vertical-tab-behind": "sid=TOKEN\x0b",
        "no-break-space-behind": "sid=TOKEN\xa0",
        "null-octet-behind": "sid=TOKEN\x00",
    }.items():
        case(name, "malformed", [bare(header)])
    case("several-headers", "ok", ["a=b; c=d", "e=f; " + str(good), "g=h"], good)
    case("no-header", "none", [])


def choosing(format, case):
    def ordered(name, first, second, counts=None):
        """Whichever comes first, the second counts."""
        case(name, "ok", ["%s; %s" % (first, second)], counts or second)
        case(name + "-in-the-other-order", "ok", ["%s; %s" % (second, first)], counts or second)

    at = lambda started, issued, **more: Token(format, "%d %d %s" % (started, issued, more), (NOW - started, NOW - issued, NOW + DAY - started, NOW + DAY - started), **more)
    ordered("issued-last", at(60, 60), at(60, 30))
    ordered("issued-last-and-started-first", at(50, 50), at(60, 30))
    ordered("issued-together-and-started-last", at(60, 30, version=9), at(50, 30))
    ordered("started-together-with-the-higher-version", at(60, 30, version=9), at(60, 30, version=10))
    one, two = Token(format, "one"), Token(format, "two")
    case("all-the-same", "ok", ["%s; %s" % (one, two)], one)
    case("all-the-same-in-two-headers", "ok", [str(two), str(one)], two)
    good, junk = Token(format, "good"), "sid=x; "
    case("eighth-of-a-name", "ok", [junk * 7 + str(good)], good)
    case("ninth-of-a-name", "malformed", [junk * 8 + str(good)])
    case("ninth-of-a-name-in-another-header", "malformed", [junk] * 8 + [str(good)])
    case("junk-behind", "ok", [str(good) + "; sid=x" * 20], good)

    gone = Token(format, "gone", tuple(time - 2 * DAY for time in LIVE))
    foreign, unfit = Token(format, "foreign", name="cart"), Token(format, "unfit", value=b"nul")
    for name, expect, tokens in [
        ("first-malformed", "malformed", ["sid=x", gone, foreign]),
        ("first-past-cap", "past_cap", [gone, "sid=x", foreign]),
        ("first-not-authentic", "not_authentic", [foreign, unfit, gone]),
        ("first-value", "value", [unfit, foreign, gone]),
    ]:
        case("reasons-" + name, expect, ["; ".join(map(str, tokens))])
        case("reasons-%s-in-headers" % name, expect, map(str, tokens))
        case("reasons-%s-and-a-good-one" % name, "ok", ["; ".join(map(str, tokens + [good]))], good)


def pieces(format, case):
    chunked = lambda name, expect, headers, token=None: case("pieces-" + name, expect, headers, token, chunked="yes")
    good, four = Token(format, "two pieces", pieces=2), Token(format, "four pieces", pieces=4)
    one, two = good.cut(2)
    chunked("good", "ok", ["; ".join([one, "a=b", two])], good)
    chunked("in-another-order", "ok", ["; ".join([two, one])], good)
    chunked("in-several-headers", "ok", [two, "a=b", one], good)
    chunked("four", "ok", ["; ".join(four.cut(4))], four)
    chunked("of-any-length", "ok", ["; ".join(good.slices([good.text[:1], good.text[1:]]))], good)
    chunked("one-lost", "incomplete", [one])
    chunked("one-of-four-lost", "incomplete", ["; ".join(four.cut(4)[:3])])
    chunked("one-doubled", "incomplete", ["; ".join([one, two, two])])
    chunked("swapped-names", "incomplete", ["; ".join([one.replace(".1=", ".2="), two.replace(".2=", ".1=")])])
    chunked("empty-slice", "incomplete", ["; ".join(four.slices([four.text[:50], "", four.text[50:90], four.text[90:]]))])
    chunked("only-empty-slices", "incomplete", ["; ".join(good.slices(["", ""]))])
    single = Token(format, "whole")
    chunked("set-of-one", "incomplete", single.slices([single.text]))
    chunked("set-of-none", "incomplete", ["; ".join(good.slices([good.text[:50], good.text[50:]], "0"))])
    chunked("index-past-the-count", "incomplete", ["; ".join(good.slices([good.text[:50], good.text[50:90], good.text[90:]], 2))])
    chunked("index-of-another-name", "incomplete", ["; ".join(good.slices([good.text[:50], good.text[50:]], 2, lambda at: 3 - at))])
    chunked("of-another-set", "incomplete", ["; ".join([one, Token(format, "other", pieces=2).cut(2)[1]])])
    chunked("slice-changed", "incomplete", ["; ".join([one, two[:-1] + ("A" if two[-1] != "A" else "B")])])
    chunked("empty-value", "incomplete", ["sid.1=; sid.2="])
    chunked("too-short", "incomplete", ["sid.1=12abcdefgh; " + two])
    chunked("of-a-token-that-is-whole", "incomplete", ["; ".join(single.cut(2))])
    chunked("fewer-than-the-token-says", "incomplete", ["; ".join(four.cut(2))])
    chunked("whole-that-was-cut", "incomplete", [str(good)])
    chunked("whole-beside-lost-ones", "ok", ["; ".join([one, str(single)])], single)
    chunked("broken-one-beside", "ok", ["; ".join(["sid.3=x", one, two])], good)
    later = tuple(time + 30 for time in LIVE)
    newer_set, newer = Token(format, "newer set", later, pieces=2), Token(format, "newer", later)
    chunked("older-set-beside", "ok", ["; ".join(good.cut(2) + newer_set.cut(2))], newer_set)
    chunked("older-whole-beside", "ok", ["; ".join([str(single)] + newer_set.cut(2))], newer_set)
    chunked("newer-whole-beside", "ok", ["; ".join(good.cut(2) + [str(newer)])], newer)
    chunked("whole-of-the-same-age-beside", "ok", ["; ".join(good.cut(2) + [str(single)])], single)
    gone = Token(format, "gone set", tuple(time - 2 * DAY for time in LIVE), pieces=2)
    chunked("reason-of-a-whole-before-sets", "malformed", ["; ".join(gone.cut(2) + ["sid=x"])])
    chunked("reason-of-the-first-set", "past_cap", ["; ".join([gone.cut(2)[0], one, gone.cut(2)[1]])])
    chunked("reason-of-the-first-lost-set", "incomplete", ["; ".join([one] + gone.cut(2))])


def marks(format, case):
    good = Token(format, "good")
    sticky = lambda name, expect, headers, **more: case("mark-" + name, expect, headers, good, sticky_end="yes", **more)

    def mark(label, started=NOW, ends=NOW + DAY, expires=None, issued=None, value=b"null", **more):
        expires = ends if expires is None else expires
        issued = started if issued is None else issued
        more = dict(dict(kind="end"), **more)
        return Token(format, "mark " + label, (started, issued, expires, ends), value, **more).mark()

    def counts(name, mark, **more):
        sticky(name, "ended", ["%s; %s" % (good, mark)], **more)

    def means_nothing(name, mark, **more):
        sticky(name, "ok", ["%s; %s" % (mark, good)], **more)

    counts("good", mark("good"))
    sticky("before-the-session", "ended", ["%s; %s" % (mark("good"), good)])
    sticky("in-another-header", "ended", [mark("good"), str(good)])
    sticky("alone", "none", [mark("good")])
    case("mark-where-none-is-asked-for", "ok", ["%s; %s" % (mark("good"), good)], good)
    counts("of-a-later-second", mark("later", NOW + 1))
    means_nothing("of-an-earlier-second", mark("earlier", NOW - 1))
    counts("just-within-the-skew", mark("within the skew", NOW + 59, NOW + DAY))
    means_nothing("as-far-as-the-skew", mark("as far as the skew", NOW + 60, NOW + DAY))
    counts("last-second", mark("last second", ends=NOW + 9), now=NOW + 8)
    means_nothing("past-its-end", mark("last second", ends=NOW + 9), now=NOW + 9)
    counts("past-its-idle-deadline", mark("idle", expires=NOW), now=NOW + 9)
    counts("issued-in-the-future", mark("future", issued=NOW + 900))
    counts("longer-than-the-policy", mark("long", ends=NOW + 400 * DAY))
    counts("with-any-version-and-pieces", mark("version", version=7, pieces=2))
    counts("of-another-key-of-the-ring", mark("second key", key=1))
    means_nothing("with-a-value", mark("value", value=b"{}"))
    means_nothing("with-a-value-that-is-no-json", mark("no json", value=b"nul"))
    counts("with-white-space-around-null", mark("white", value=b" null "))
    means_nothing("of-another-name", mark("cart", name="cart"))
    means_nothing("that-is-a-session", Token(format, "session", value=b"null").mark())
    means_nothing("out-of-order", mark("out of order", expires=NOW - 1))
    means_nothing("changed", mark("good")[:-3] + ("AAA" if mark("good")[-3:] != "AAA" else "BBB"))
    means_nothing("empty", "sid.end=")
    sticky("as-session", "not_authentic" if format == "sealed" else "unknown_key", [mark("good").replace(".end", "")])
    junk = "sid.end=x; "
    sticky("eighth", "ended", [junk * 7 + mark("good") + "; " + str(good)])
    sticky("ninth", "ok", [junk * 8 + mark("good") + "; " + str(good)])
    counts("of-two-the-one-that-started-last", mark("earlier", NOW - 1) + "; " + mark("good"))
    counts("of-two-in-the-other-order", mark("good") + "; " + mark("earlier", NOW - 1))
    newer = Token(format, "started after", tuple(time + 9 for time in LIVE))
    case("mark-between-two", "ok", ["%s; %s; %s" % (good, mark("good"), newer)], newer, sticky_end="yes")
    sticky("reason-in-its-place", "ended", ["%s; %s; sid=x" % (mark("good"), good)])
    if format == "jwt":
        counts("not-valid-before-a-later-time", mark("nbf", nbf=NOW + 900))


def main():
    REQUESTS.mkdir(parents=True, exist_ok=True)
    for format in ("sealed", "jwt"):
        for cases in (splitting, choosing, pieces, marks):
            cases(format, lambda *case, **settings: write(format, *case, **settings))
    print(len(list(REQUESTS.iterdir())), "requests")


if __name__ == "__main__":
    sys.exit(main())
