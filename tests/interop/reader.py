"""Opens tokens of both formats. Written from docs/format.md alone."""

import base64
import json
import re

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HASHES = {"HS256": hashes.SHA256, "HS384": hashes.SHA384, "HS512": hashes.SHA512}


class Rejected(Exception):
    """The reason is the first argument."""


def unbase64url(text):
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        raise Rejected("malformed")
    octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64url(octets) != text:
        raise Rejected("malformed")
    return octets


def base64url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def hkdf(key, length, *parts):
    info = b"".join(len(part).to_bytes(2, "big") + part for part in parts)
    return HKDF(hashes.SHA256(), length, None, info).derive(key)


def aes(key, block):
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return int.from_bytes(encryptor.update(block), "big")


def xaes_open(key, nonce, sealed, associated):
    l = aes(key, bytes(16))
    k1 = (l << 1) & (1 << 128) - 1 ^ (0x87 if l >> 127 else 0)
    blocks = (bytes([0, i, 0x58, 0]) + nonce[:12] for i in (1, 2))
    masked = ((int.from_bytes(block, "big") ^ k1).to_bytes(16, "big") for block in blocks)
    derived = b"".join(aes(key, block).to_bytes(16, "big") for block in masked)
    return AESGCM(derived).decrypt(nonce[12:], sealed, associated)


def open_sealed(token, config):
    octets = unbase64url(token)
    if len(octets) < 29 + 38 + 16 or octets[0] != 1:
        raise Rejected("malformed")
    head, sealed = octets[:29], octets[29:]
    keys = {hkdf(key, 4, b"haversack key id"): key for key in config["keys"]}
    if head[1:5] not in keys:
        raise Rejected("unknown_key")
    name, context = config["name"].encode(), (config["context"] or "").encode()
    key = hkdf(keys[head[1:5]], 32, b"haversack sealed 1", name, context)
    try:
        body = xaes_open(key, head[5:], sealed, head)
    except InvalidTag:
        raise Rejected("not_authentic") from None
    number = lambda start, end: int.from_bytes(body[start:end], "big")
    if body[0] & 15:
        raise Rejected("malformed")
    started = number(21, 26)
    times = [started] + [started + number(at, at + 4) for at in (26, 30, 34)]
    facts = dict(id=body[1:17].hex(), version=number(17, 21), pieces=(body[0] >> 4) + 1)
    return facts, times, 0, body[38:]


def unique(pairs):
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError
    return dict(pairs)


def open_jwt(token, config):
    parts = token.split(".")
    if len(parts) != 3:
        raise Rejected("malformed")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", parts[0]):
        raise Rejected("malformed")
    claims, signature = unbase64url(parts[1]), unbase64url(parts[2])
    for alg, kid, secret in config["keys"]:
        header = {"typ": "session+jwt", "alg": alg, "kid": kid}
        if base64url(json.dumps(header, separators=(",", ":")).encode()) == parts[0]:
            break
    else:
        raise Rejected("unknown_key")
    mac = hmac.HMAC(secret, HASHES[alg]())
    mac.update(token.rsplit(".", 1)[0].encode())
    try:
        mac.verify(signature)
    except InvalidSignature:
        raise Rejected("not_authentic") from None
    try:
        claims = json.loads(claims, object_pairs_hook=unique)
        integers = [claims[name] for name in ("auth_time", "iat", "exp", "end", "ver")]
        integers += [claims.get("nbf", 0), claims.get("pcs", 1)]
        strings = [claims["ses"], claims["sid"], claims.get("aud") or "", claims.get("iss") or ""]
        value = json.dumps(claims["val"]).encode()
    except (ValueError, KeyError):
        raise Rejected("malformed") from None
    if not all(type(x) is int and 0 <= x < 1 << 64 for x in integers):
        raise Rejected("malformed")
    if not all(type(x) is str for x in strings) or integers[4] >> 32 or integers[6] >> 8:
        raise Rejected("malformed")
    same = claims["ses"] == config["name"] and claims.get("aud") == config["context"]
    if not same or config["issuer"] not in (None, claims.get("iss")):
        raise Rejected("not_authentic")
    facts = dict(id=unbase64url(claims["sid"]).hex(), version=integers[4], pieces=integers[6])
    if len(facts["id"]) != 32:
        raise Rejected("malformed")
    return facts, integers[:4], integers[5], value


def open_token(token, config):
    """The facts and the JSON of a token that came whole, or Rejected."""
    if len(token) > 4096:
        raise Rejected("too_large")
    opener = open_sealed if config["format"] == "sealed" else open_jwt
    facts, (started, issued, expires, ends), not_before, value = opener(token, config)
    if not (started <= issued <= expires <= ends and started < 1 << 40 and ends - started < 1 << 32):
        raise Rejected("malformed")
    if facts["pieces"] != 1:
        raise Rejected("incomplete")
    now = config["now"]
    if max(issued, not_before) > now + config["skew"]:
        raise Rejected("not_yet_valid")
    absolute = min(ends, started + config["absolute"])
    if now >= absolute:
        raise Rejected("ended")
    if now >= min(expires, absolute, issued + (config["idle"] or 1 << 64)):
        raise Rejected("expired")
    facts.update(started=started, issued=issued, value=value.decode())
    return facts
