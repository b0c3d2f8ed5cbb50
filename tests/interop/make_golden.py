"""Made tests/vectors/golden, once, from docs/format.md; it never overwrites a file.

A later version of the format adds cases; those that are there stay as they are.
"""

import hashlib
import json
import pathlib
import sys

from cryptography.hazmat.primitives import hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from reader import HASHES, aes, base64url, hkdf, unbase64url

FOLDER = pathlib.Path(__file__).parent.parent / "vectors" / "golden"
NOW = 1_800_000_000
DAY = 86_400
LIVE = (NOW, NOW, NOW + DAY, NOW + DAY)
KEYS = [hashlib.sha256(b"golden key %d" % n).digest() for n in range(3)]
SECRETS = {
    "HS256": [hashlib.sha256(b"golden secret %d" % n).digest() for n in range(3)],
    "HS384": [hashlib.sha384(b"golden secret %d" % n).digest() for n in range(3)],
    "HS512": [hashlib.sha512(b"golden secret %d" % n).digest() for n in range(3)],
}
ALL_CHARACTERS = "!#$%&'*+-.^_`|~09AZaz"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def seed(case, length):
    return hashlib.shake_128(case.encode()).digest(length)


def kid(secret):
    return base64url(hkdf(secret, 6, b"haversack jwt key id"))


def xaes_seal(key, nonce, text, associated):
    l = aes(key, bytes(16))
    k1 = (l << 1) & (1 << 128) - 1 ^ (0x87 if l >> 127 else 0)
    blocks = (bytes([0, i, 0x58, 0]) + nonce[:12] for i in (1, 2))
    masked = ((int.from_bytes(block, "big") ^ k1).to_bytes(16, "big") for block in blocks)
    derived = b"".join(aes(key, block).to_bytes(16, "big") for block in masked)
    return AESGCM(derived).encrypt(nonce[12:], text, associated)


def all_times(times):
    """With the time of the authentication, which is the start's unless there are five."""
    return times if len(times) == 5 else times[:1] + times


def sealed(case, key, name, context, times, value, version=0, flags=0, remembered=False, head=1, body=None, kind="session"):
    started, *others = all_times(times)
    if body is None:
        body = bytes([flags | remembered << 7]) + seed(case, 16) + version.to_bytes(4, "big")
        body += started.to_bytes(5, "big")
        body += b"".join((t - started & 0xFFFFFFFF).to_bytes(4, "big") for t in others)
        body += value
    nonce = seed(case, 40)[16:]
    start = bytes([head]) + hkdf(key, 4, b"haversack key id") + nonce
    token_key = hkdf(key, 32, *map(str.encode, ("haversack sealed 1", kind, name, context or "")))
    return base64url(start + xaes_seal(token_key, nonce, body, start))


def header_of(alg, key_id, kind="session"):
    return json.dumps({"typ": kind + "+jwt", "alg": alg, "kid": key_id}, separators=(",", ":"), ensure_ascii=False)


def jwt(case, alg, secret, name, context, times, value, version=0, claims=None, header=None, issuer=None, remembered=False, kind="session"):
    started, authenticated, issued, expires, ends = all_times(times)
    # What is no UTF-8 must get through.
    text = '{"val":' + value.decode(errors="surrogateescape")
    text += ',"sid":"%s","start":%d,"auth_time":%d,"iat":%d,"exp":%d,"end":%d,"ver":%d,"ses":%s' % (
        base64url(seed(case, 16)), started, authenticated, issued, expires, ends, version, json.dumps(name))
    if context:
        text += ',"aud":' + json.dumps(context)
    if issuer:
        text += ',"iss":' + json.dumps(issuer)
    if remembered:
        text += ',"rem":true'
    text = claims(text + "}") if claims else text + "}"
    header = header or header_of(alg, kid(secret), kind)
    signed = base64url(header.encode()) + "." + base64url(text.encode(errors="surrogateescape"))
    mac = hmac.HMAC(secret, HASHES[alg]())
    mac.update(signed.encode())
    return signed + "." + base64url(mac.finalize())


def write(case, expect, token, keys, value=None, times=LIVE, remembered=False, **config):
    settings = dict(name="login", context="", issuer="", now=NOW, skew=60, idle="", absolute=DAY)
    settings.update(config)
    lines = ["expect: " + expect, "format: " + case.split("-")[0], "keys: " + ", ".join(keys)]
    lines += ["%s: %s" % item for item in settings.items()]
    if expect == "ok":
        lines += ["id: " + base64url(seed(case, 16)), "remembered: " + ("yes" if remembered else "no")]
        lines += ["times: " + ", ".join(map(str, all_times(times))), "value: " + value.decode()]
    path = FOLDER / (case + ".txt")
    if not path.exists():
        path.write_text("\n".join(lines) + "\ntoken: " + token + "\n")


def change(token, at, to=None):
    to = to or ALPHABET[(ALPHABET.index(token[at]) + 32) % 64]
    return token[:at] + to + token[at + 1:]


def both(case, expect, value=b'{"user":7}', times=LIVE, version=0, remembered=False, key=0, token=None, **config):
    """A case in both formats."""
    name, context = config.get("name", "login"), config.get("context")
    facts = dict(times=times, remembered=remembered)
    made = sealed("sealed-" + case, KEYS[key], name, context, times, value, version, remembered=remembered)
    write("sealed-" + case, expect, token(made) if token else made, [base64url(k) for k in KEYS], value, **facts, **config)
    made = jwt("jwt-" + case, "HS256", SECRETS["HS256"][key], name, context, times, value, version, remembered=remembered)
    write("jwt-" + case, expect, token(made) if token else made, ["HS256 " + base64url(k) for k in SECRETS["HS256"]], value, **facts, **config)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    both("good", "ok")
    both("empty-object", "ok", b"{}")
    both("null", "ok", b"null")
    both("text", "ok", '"Grüße, 世界"'.encode())
    both("large", "ok", json.dumps("x" * 2000).encode())
    both("updated", "ok", version=4_294_967_295)
    both("second-key", "ok", key=1)
    both("third-key", "ok", key=2)
    both("context", "ok", context="tenant-42")
    both("long-context", "ok", context="c" * 256)
    both("every-character-of-a-name", "ok", name=ALL_CHARACTERS)
    both("every-letter-of-a-name", "ok", name="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    sliding = (NOW - 900, NOW - 600, NOW + 1200, NOW + 27000)
    both("sliding", "ok", times=sliding, idle=1800, absolute=28800)
    both("last-second-of-idle", "ok", times=sliding, idle=1800, absolute=28800, now=NOW + 1199)
    both("first-second-past-idle", "expired", times=sliding, idle=1800, absolute=28800, now=NOW + 1200)
    capped = (NOW - 28000, NOW, NOW + 800, NOW + 800)
    both("last-second-of-cap", "ok", times=capped, idle=1800, absolute=28800, now=NOW + 799)
    both("first-second-past-cap", "past_cap", times=capped, idle=1800, absolute=28800, now=NOW + 800)
    both("last-second-of-fixed", "ok", now=NOW + DAY - 1)
    both("first-second-past-fixed", "past_cap", now=NOW + DAY)
    both("shorter-cap-last-second", "ok", absolute=3600, now=NOW + 3599)
    both("shorter-cap-first-second-past", "past_cap", absolute=3600, now=NOW + 3600)
    both("shorter-idle-last-second", "ok", times=sliding, idle=700, absolute=28800, now=NOW + 99)
    both("shorter-idle-first-second-past", "expired", times=sliding, idle=700, absolute=28800, now=NOW + 100)
    both("longer-policy-does-not-revive", "past_cap", absolute=10 * DAY, now=NOW + DAY)
    both("issued-at-the-skew", "ok", now=NOW - 60)
    both("issued-past-the-skew", "not_yet_valid", now=NOW - 61)
    both("issued-now-without-skew", "ok", skew=0)
    both("issued-ahead-without-skew", "not_yet_valid", skew=0, now=NOW - 1)
    both("value-of-another-type", "value", b'{"user":[1,2}'[:-1] + b"]}")
    both("value-after-white-space", "ok", b' \t{"user":7} \t')
    both("value-with-a-surrogate-pair", "ok", rb'"\ud83d\ude00"')
    both("value-with-a-large-number", "ok", b'{"user":7,"x":1e300}')
    both("deepest-value", "ok", b"[" * 127 + b"]" * 127)
    for case, value in {
        "too-deep": b"[" * 128 + b"]" * 128,
        "far-too-deep": b"[" * 900 + b"]" * 900,
        "of-minus-zero": b'{"user":-0}',
        "of-a-fraction": b'{"user":7.0}',
        "of-an-exponent": b'{"user":7e0}',
        "with-a-too-large-number": b'{"user":7,"x":1e400}',
        "with-half-a-surrogate-pair": rb'"\ud800"',
        "with-the-wrong-half-first": rb'"\ude00\ud83d"',
        "with-a-control-character": b'"a\nb"',
        "not-utf-8": b'"\xff"',
        "after-a-byte-order-mark": b"\xef\xbb\xbf{}",
        "nan": b"NaN",
        "of-a-leading-zero": b"{\"user\":07}",
        "in-pieces": b"{} {}",
        "with-a-comment": b"{}/**/",
        "with-a-trailing-comma": b'{"user":7,}',
        "empty": b"",
    }.items():
        both("value-" + case, "value", value)
    both("last-character-not-canonical", "malformed", token=lambda t: t[:-1] + ALPHABET[ALPHABET.index(t[-1]) ^ 1] if len(t.split(".")[-1]) % 4 else t + "=")
    both("padded", "malformed", token=lambda t: t + "=")
    both("with-a-space", "malformed", token=lambda t: t + " ")
    both("standard-alphabet", "malformed", token=lambda t: t[:-2] + "+/")
    both("empty-token", "malformed", token=lambda t: "")
    both("too-long", "too_large", token=lambda t: t + "A" * 4096)
    both("extended", "not_authentic", token=lambda t: t + "AAAA")
    both("tag-changed", "not_authentic", token=lambda t: change(t, -3))
    both("middle-changed", "not_authentic", token=lambda t: change(t, len(t) // 2))
    both("starts-in-the-far-future", "not_yet_valid", times=((1 << 40) - 1,) * 2 + ((1 << 40) + DAY - 1,) * 2)
    both("times-out-of-order", "malformed", times=(NOW, NOW + 10, NOW + 5, NOW + DAY))
    both("remembered", "ok", remembered=True)
    both("authenticated-again", "ok", times=(NOW - 900, NOW - 700, NOW - 600, NOW + DAY - 900, NOW + DAY - 900))
    both("authenticated-when-issued", "ok", times=(NOW - 900, NOW - 600, NOW - 600, NOW + DAY - 900, NOW + DAY - 900))
    both("authenticated-before-the-start", "malformed", times=(NOW, NOW - 1, NOW, NOW + DAY, NOW + DAY))
    both("authenticated-after-the-issue", "malformed", times=(NOW, NOW + 1, NOW, NOW + DAY, NOW + DAY))

    keys = [base64url(key) for key in KEYS]
    times = LIVE
    good = sealed("sealed-good", KEYS[0], "login", None, times, b'{"user":7}')

    def only_sealed(case, expect, token=None, **made):
        case = "sealed-" + case
        token = token or sealed(case, KEYS[0], made.pop("name", "login"), made.pop("context", None), times, b'{"user":7}', **made)
        write(case, expect, token, keys, b'{"user":7}')

    only_sealed("another-name", "not_authentic", name="cart")
    only_sealed("another-context", "not_authentic", context="tenant-43")
    only_sealed("unknown-key", "unknown_key", sealed("sealed-unknown-key", hashlib.sha256(b"x").digest(), "login", None, times, b"{}"))
    only_sealed("version-0", "malformed", head=0)
    only_sealed("version-2", "malformed", head=2)
    only_sealed("of-another-kind", "not_authentic", kind="end")
    only_sealed("of-no-kind-yet", "not_authentic", kind="ticket")
    only_sealed("encoding-1", "malformed", flags=1)
    only_sealed("encoding-15", "malformed", flags=15)
    only_sealed("flag-without-a-meaning", "malformed", flags=1 << 6)
    only_sealed("two-pieces-in-one", "incomplete", flags=16)
    only_sealed("too-short", "malformed", base64url(unbase64url(good)[:86]))
    only_sealed("without-value", "malformed", body=b"\0" * 41)
    only_sealed("key-id-changed", "unknown_key", change(good, 3))
    only_sealed("nonce-changed", "not_authentic", change(good, 20))
    only_sealed("a-jwt", "malformed", jwt("jwt-good", "HS256", SECRETS["HS256"][0], "login", None, times, b'{"user":7}'))
    expired_before_value = sealed("sealed-expired-before-value", KEYS[0], "login", None, (NOW - 2 * DAY, NOW - 2 * DAY, NOW - DAY, NOW - DAY), b"[")
    only_sealed("expired-before-value", "past_cap", expired_before_value)

    secrets = ["HS256 " + base64url(secret) for secret in SECRETS["HS256"]]
    secret = SECRETS["HS256"][0]

    def only_jwt(case, expect, token=None, **made):
        case, issuer = "jwt-" + case, made.pop("configured", "")
        token = token or jwt(case, "HS256", secret, made.pop("name", "login"), made.pop("context", None), times, b'{"user":7}', **made)
        write(case, expect, token, secrets, b'{"user":7}', issuer=issuer)

    replace = lambda old, new: lambda text: text.replace(old, new)
    good = jwt("jwt-good", "HS256", secret, "login", None, times, b'{"user":7}')
    header, claims, signature = good.split(".")
    for alg in ("HS384", "HS512"):
        case = "jwt-" + alg.lower()
        token = jwt(case, alg, SECRETS[alg][1], "login", None, times, b'{"user":7}')
        write(case, "ok", token, [alg + " " + base64url(s) for s in SECRETS[alg]], b'{"user":7}')
    only_jwt("another-name", "not_authentic", name="cart")
    only_jwt("another-context", "not_authentic", context="tenant-43")
    only_jwt("issuer", "ok", issuer="https://id.example", configured="https://id.example")
    only_jwt("issuer-not-asked-for", "ok", issuer="https://id.example")
    only_jwt("another-issuer", "not_authentic", issuer="https://evil.example", configured="https://id.example")
    only_jwt("issuer-missing", "not_authentic", configured="https://id.example")
    only_jwt("claims-in-another-order", "ok", claims=lambda t: json.dumps(dict(sorted(json.loads(t).items())), indent=1))
    only_jwt("unknown-claim", "ok", claims=replace('"ver"', '"jti":[{}],"ver"'))
    only_jwt("escaped-claim", "ok", claims=replace('"login"', '"\\u006cogin"'))
    only_jwt("nbf-past", "ok", claims=replace('"ver"', '"nbf":%d,"ver"' % NOW))
    only_jwt("nbf-ahead", "not_yet_valid", claims=replace('"ver"', '"nbf":%d,"ver"' % (NOW + 61)))
    only_jwt("two-pieces-in-one", "incomplete", claims=replace('"ver"', '"pcs":2,"ver"'))
    only_jwt("pieces-too-many-for-an-octet", "malformed", claims=replace('"ver"', '"pcs":256,"ver"'))
    for claim in ("val", "sid", "start", "auth_time", "iat", "exp", "end", "ver", "ses"):
        only_jwt("without-" + claim.replace("_", "-"), "malformed", claims=replace('"%s"' % claim, '"x%s"' % claim))
    only_jwt("of-another-kind", "unknown_key", kind="end")
    only_jwt("of-no-kind-yet", "unknown_key", kind="ticket")
    only_jwt("not-remembered-in-so-many-words", "ok", claims=replace('"ver"', '"rem":false,"ver"'))
    only_jwt("remembered-as-null", "malformed", claims=replace('"ver"', '"rem":null,"ver"'))
    only_jwt("remembered-as-number", "malformed", claims=replace('"ver"', '"rem":1,"ver"'))
    only_jwt("remembered-twice", "malformed", claims=replace('"ver"', '"rem":true,"rem":true,"ver"'))
    only_jwt("reserved-claim", "malformed", claims=replace('"ver"', '"bnd":{"jkt":"a"},"ver"'))
    only_jwt("reserved-claim-null", "malformed", claims=replace('"ver"', '"bnd":null,"ver"'))
    only_jwt("reserved-claim-escaped", "malformed", claims=replace('"ver"', '"\\u0062nd":1,"ver"'))
    only_jwt("exp-as-text", "malformed", claims=replace('"exp":%d' % (NOW + DAY), '"exp":"%d"' % (NOW + DAY)))
    only_jwt("exp-negative", "malformed", claims=replace('"exp":', '"exp":-'))
    only_jwt("exp-float", "malformed", claims=replace('"exp":%d' % (NOW + DAY), '"exp":%d.0' % (NOW + DAY)))
    only_jwt("exp-huge", "malformed", claims=replace('"exp":%d' % (NOW + DAY), '"exp":10000000000000000000'))
    only_jwt("exp-twice", "malformed", claims=replace('"ver"', '"exp":%d,"ver"' % (NOW + DAY)))
    only_jwt("id-too-short", "malformed", claims=lambda t: t.replace(base64url(seed("jwt-id-too-short", 16)), "AAAA"))
    only_jwt("alg-none", "unknown_key", base64url(b'{"alg":"none"}') + "." + claims + ".")
    only_jwt("header-with-crit", "unknown_key", header='{"typ":"session+jwt","alg":"HS256","kid":"%s","crit":["exp"]}' % kid(secret))
    only_jwt("header-with-jwk", "unknown_key", header='{"typ":"session+jwt","alg":"HS256","kid":"%s","jwk":{}}' % kid(secret))
    only_jwt("header-of-a-plain-jwt", "unknown_key", header='{"typ":"JWT","alg":"HS256","kid":"%s"}' % kid(secret))
    only_jwt("header-in-another-order", "unknown_key", header='{"alg":"HS256","typ":"session+jwt","kid":"%s"}' % kid(secret))
    only_jwt("algorithm-of-another-key", "unknown_key", header='{"typ":"session+jwt","alg":"HS512","kid":"%s"}' % kid(secret))
    only_jwt("unknown-key", "unknown_key", jwt("jwt-unknown-key", "HS256", hashlib.sha256(b"x").digest(), "login", None, times, b"{}"))
    only_jwt("signed-by-another-key", "not_authentic", ".".join([header, claims, jwt("jwt-good", "HS256", SECRETS["HS256"][1], "login", None, times, b'{"user":7}').split(".")[2]]))
    only_jwt("short-signature", "not_authentic", good[:-3])
    only_jwt("without-signature", "not_authentic", header + "." + claims + ".")
    only_jwt("two-parts", "malformed", header + "." + claims)
    only_jwt("five-parts", "malformed", ".".join([header, claims, signature, claims, signature]))
    only_jwt("only-dots", "malformed", "." * 4096)
    only_jwt("claims-not-json", "malformed", claims=lambda t: t[:-1])
    last = lambda value: lambda text: "{" + text.removeprefix('{"val":{"user":7},').removesuffix("}") + ',"val":%s}' % value
    first = lambda value: replace('{"user":7}', value)
    for case, value, expect in [
        ("not-json", "nul", "value"),
        ("missing", "", "value"),
        ("with-brackets-crossed", "[1}", "value"),
        ("of-two", "{}{}", "value"),
        ("open", "[1", "malformed"),
        ("open-string", '"a', "malformed"),
    ]:
        only_jwt("value-" + case + "-first", expect, claims=first(value))
        only_jwt("value-" + case + "-last", expect, claims=last(value))
    only_jwt("value-last", "ok", claims=last('{"user":7}'))
    only_jwt("value-not-json-and-exp-as-text", "malformed", claims=lambda t: first("nul")(t).replace('"exp":%d' % (NOW + DAY), '"exp":""'))
    only_jwt("escaped-name-of-a-claim", "ok", claims=replace('"val"', '"v\\u0061l"'))
    only_jwt("escaped-name-twice", "malformed", claims=replace('"ver"', '"\\u0065xp":%d,"ver"' % (NOW + DAY)))
    only_jwt("unknown-claim-twice", "ok", claims=replace('"ver"', '"x":1,"x":1,"ver"'))
    only_jwt("unknown-claim-not-json", "malformed", claims=replace('"ver"', '"x":nul,"ver"'))
    only_jwt("unknown-claim-of-half-a-surrogate-pair", "malformed", claims=replace('"ver"', '"\\ud800":1,"ver"'))
    only_jwt("unknown-claim-deep", "ok", claims=replace('"ver"', '"x":%s,"ver"' % ("[" * 500 + "]" * 500)))
    only_jwt("nbf-null", "malformed", claims=replace('"ver"', '"nbf":null,"ver"'))
    only_jwt("aud-null", "ok", claims=replace('"ver"', '"aud":null,"ver"'))
    only_jwt("version-minus-zero", "malformed", claims=replace('"ver":0', '"ver":-0'))
    only_jwt("version-with-a-leading-zero", "malformed", claims=replace('"ver":0', '"ver":00'))

    def named(case, expect, key_id, header=None):
        """A key with a name of the application's own."""
        case = "jwt-kid-" + case
        key = "HS256 %s %s" % (base64url(secret), base64url(key_id.encode()))
        token = jwt(case, "HS256", secret, "login", None, times, b'{"user":7}', header=header or header_of("HS256", key_id))
        write(case, expect, token, [key], b'{"user":7}')

    spelled = lambda kid: '{"typ":"session+jwt","alg":"HS256","kid":"%s"}' % kid
    named("with-quotes", "ok", 'the "first" \\ key')
    named("with-control-characters", "ok", "".join(map(chr, range(0x20))) + "\x7f")
    named("not-ascii", "ok", "clé/世界😀\u2028")
    named("with-a-slash-escaped", "unknown_key", "a/b", spelled("a\\/b"))
    named("with-a-letter-escaped", "unknown_key", "clé", spelled("cl\\u00e9"))
    named("with-a-line-feed-as-number", "unknown_key", "a\nb", spelled("a\\u000ab"))
    named("with-capital-digits", "unknown_key", "a\x1fb", spelled("a\\u001Fb"))
    only_jwt("a-sealed-token", "malformed", sealed("sealed-good", KEYS[0], "login", None, times, b'{"user":7}'))
    print(len(list(FOLDER.iterdir())), "cases")


if __name__ == "__main__":
    sys.exit(main())
