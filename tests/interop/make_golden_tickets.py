"""Made tests/vectors/golden-tickets, once, from docs/format.md; it never overwrites a file."""

import json
import sys

from cryptography.hazmat.primitives import hashes, hmac

from make_golden import FOLDER, KEYS, LIVE, NOW, SECRETS, header_of, kid, sealed
from reader import HASHES, base64url, hkdf

TICKETS = FOLDER.parent / "golden-tickets"
LIFE = 900
HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"
VALUE = b'{"user":7}'


def mac(key, octets, hash=hashes.SHA256):
    mac = hmac.HMAC(key, hash())
    mac.update(octets)
    return mac.finalize()


def commitment(key, issued, expires, value, binding):
    numbers = b"".join(number.to_bytes(8, "big") for number in (issued, expires, len(value)))
    return mac(key, numbers + value + binding.encode())[:16]


def write(case, expect, token, keys, binding=HASH, **config):
    settings = dict(name="reset", context="", issuer="", now=NOW, skew=60, lifetime=LIFE, binding=binding)
    settings.update(config)
    lines = ["expect: " + expect, "format: " + case.split("-")[0], "keys: " + ", ".join(keys)]
    lines += ["%s: %s" % item for item in settings.items()]
    if expect == "ok":
        lines += ["value: " + config.get("value", VALUE.decode())]
    path = TICKETS / (case + ".txt")
    if not path.exists():
        path.write_text("\n".join(lines) + "\ntoken: " + token + "\n")


def sealed_ticket(case, binding=HASH, issued=NOW, expires=None, value=VALUE, name="reset", context="", key=0, flags=0, body=None, kind="ticket"):
    expires = issued + LIFE if expires is None else expires
    if body is None:
        body = bytes([flags | bool(binding) << 7]) + issued.to_bytes(5, "big") + (expires - issued & 0xFFFFFFFF).to_bytes(4, "big")
        if binding:
            texts = "haversack ticket binding", "ticket", name, context
            body += mac(hkdf(KEYS[key], 32, *map(str.encode, texts)), binding.encode())[:16]
        body += value
    return sealed(case, KEYS[key], name, context, LIVE, b"", body=body, kind=kind)


def jwt_ticket(case, binding=HASH, issued=NOW, expires=None, value=VALUE, name="reset", context="", issuer="", key=0, alg="HS256", claims=lambda text: text, kind="ticket"):
    expires = issued + LIFE if expires is None else expires
    secret = SECRETS[alg][key]
    text = '{"val":%s,"iat":%d,"exp":%d,"ses":%s' % (value.decode(), issued, expires, json.dumps(name))
    text += ',"aud":' + json.dumps(context) if context else ""
    text += ',"iss":' + json.dumps(issuer) if issuer else ""
    if binding:
        texts = "haversack ticket binding", name, context, issuer
        info = b"".join(len(text.encode()).to_bytes(2, "big") + text.encode() for text in texts)
        bound = commitment(mac(secret, info, HASHES[alg]), issued, expires, value, binding)
        text += ',"bound":"%s"' % base64url(bound)
    text = claims(text + "}")
    signed = base64url(header_of(alg, kid(secret), kind).encode()) + "." + base64url(text.encode())
    return signed + "." + base64url(mac(secret, signed.encode(), HASHES[alg]))


SEALED_KEYS = list(map(base64url, KEYS))
JWT_KEYS = ["HS256 " + base64url(secret) for secret in SECRETS["HS256"]]


def both(case, expect, made={}, **config):
    """A case in both formats."""
    common = {name: config[name] for name in ("name", "context") if name in config}
    write("sealed-" + case, expect, sealed_ticket("ticket sealed " + case, **common, **made), SEALED_KEYS, **config)
    write("jwt-" + case, expect, jwt_ticket("ticket jwt " + case, **common, **made), JWT_KEYS, **config)


def main():
    TICKETS.mkdir(parents=True, exist_ok=True)
    both("good", "ok")
    both("unbound", "ok", dict(binding=""), binding="")
    both("context", "ok", context="tenant-42")
    both("second-key", "ok", dict(key=1))
    both("text", "ok", dict(value=b'"a"'), value='"a"')
    both("last-second", "ok", now=NOW + LIFE - 1)
    both("first-second-past", "expired", now=NOW + LIFE)
    both("shorter-policy-last-second", "ok", lifetime=60, now=NOW + 59)
    both("shorter-policy-first-second-past", "expired", lifetime=60, now=NOW + 60)
    both("longer-policy-does-not-revive", "expired", lifetime=9999, now=NOW + LIFE)
    both("at-the-skew", "ok", now=NOW - 60)
    both("past-the-skew", "not_yet_valid", now=NOW - 61)
    both("another-binding", "other_binding", binding="other")
    both("no-binding-asked-for", "other_binding", binding="")
    both("binding-asked-for", "other_binding", dict(binding=""))
    both("value-of-another-type", "value", dict(value=b'{"user":[1,2]}'))
    both("value-not-json", "value", dict(value=b"nul"))
    both("too-far", "not_yet_valid", dict(issued=(1 << 40) - 1))

    def only_sealed(case, expect, **made):
        write("sealed-" + case, expect, sealed_ticket("ticket sealed " + case, **made), SEALED_KEYS)

    only_sealed("another-name", "not_authentic", name="confirm")
    only_sealed("another-context", "not_authentic", context="tenant-43")
    only_sealed("a-session", "not_authentic", kind="session")
    only_sealed("a-mark", "not_authentic", kind="end")
    only_sealed("encoding-1", "malformed", flags=1)
    only_sealed("flag-without-a-meaning", "malformed", flags=1 << 6)
    only_sealed("commitment-cut", "malformed", body=bytes([128]) + NOW.to_bytes(5, "big") + LIFE.to_bytes(4, "big") + b"short")
    only_sealed("without-value", "malformed", body=b"\0" * 9)

    def only_jwt(case, expect, **made):
        config = {"issuer": made.pop("configured")} if "configured" in made else {}
        write("jwt-" + case, expect, jwt_ticket("ticket jwt " + case, **made), JWT_KEYS, **config)

    replace = lambda old, new: lambda text: text.replace(old, new)
    only_jwt("another-name", "not_authentic", name="confirm")
    only_jwt("another-context", "not_authentic", context="tenant-43")
    only_jwt("issuer", "ok", issuer="https://id.example", configured="https://id.example")
    only_jwt("another-issuer", "not_authentic", issuer="https://evil.example", configured="https://id.example")
    only_jwt("a-session", "unknown_key", kind="session")
    only_jwt("claims-in-another-order", "ok", claims=lambda t: "{" + t.removeprefix('{"val":{"user":7},').removesuffix("}") + ',\n"val": {"user":7}}'.replace(": ", ":"))
    only_jwt("unknown-claim", "ok", claims=replace('"ses"', '"jti":[{}],"ses"'))
    only_jwt("reserved-claim", "malformed", claims=replace('"ses"', '"bnd":1,"ses"'))
    only_jwt("exp-twice", "malformed", claims=replace('"ses"', '"exp":%d,"ses"' % (NOW + LIFE)))
    only_jwt("exp-before-iat", "malformed", expires=NOW - 1)
    only_jwt("exp-before-iat-and-another-name", "not_authentic", expires=NOW - 1, name="confirm")
    only_jwt("bound-too-short", "malformed", claims=replace('"bound":"', '"bound":"AAAA","x":"'))
    only_jwt("bound-null", "malformed", claims=replace('"bound":"', '"bound":null,"x":"'))
    for claim in ("val", "iat", "exp", "ses"):
        only_jwt("without-" + claim, "malformed", claims=replace('"%s"' % claim, '"x%s"' % claim))
    for alg in ("HS384", "HS512"):
        write("jwt-" + alg.lower(), "ok", jwt_ticket("ticket " + alg, alg=alg), [alg + " " + base64url(secret) for secret in SECRETS[alg]])
    print(len(list(TICKETS.iterdir())), "tickets")


if __name__ == "__main__":
    sys.exit(main())
