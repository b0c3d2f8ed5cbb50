"""Opens tokens of both formats, and what a request brings of them. Written from docs/format.md alone."""

import base64
import hashlib
import json
import math
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


def jwt_keys(case):
    """Algorithm, name and secret of the keys in a golden case, each `ALG SECRET` or `ALG SECRET NAME`."""
    for key in case["keys"].split(", "):
        alg, *octets = key.split(" ")
        secret, *name = map(unbase64url, octets)
        yield alg, name[0].decode() if name else base64url(hkdf(secret, 6, b"haversack jwt key id")), secret


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


def sealed_body(token, config, least):
    """The key and the body of an authentic token."""
    octets = unbase64url(token)
    if len(octets) < 29 + least + 16 or octets[0] != 1:
        raise Rejected("malformed")
    head, sealed = octets[:29], octets[29:]
    keys = {hkdf(key, 4, b"haversack key id"): key for key in config["keys"]}
    if head[1:5] not in keys:
        raise Rejected("unknown_key")
    texts = "haversack sealed 1", config.get("kind", "session"), config["name"], config["context"] or ""
    key = hkdf(keys[head[1:5]], 32, *map(str.encode, texts))
    try:
        return keys[head[1:5]], xaes_open(key, head[5:], sealed, head)
    except InvalidTag:
        raise Rejected("not_authentic") from None


def open_sealed(token, config):
    _, body = sealed_body(token, config, 42)
    number = lambda start, end: int.from_bytes(body[start:end], "big")
    if body[0] & 0b01001111:
        raise Rejected("malformed")
    started = number(21, 26)
    times = [started] + [started + number(at, at + 4) for at in (26, 30, 34, 38)]
    pieces, remembered = (body[0] >> 4 & 3) + 1, body[0] >> 7 == 1
    facts = dict(id=body[1:17].hex(), version=number(17, 21), pieces=pieces, remembered=remembered)
    return facts, times, 0, body[42:]


def end_of_string(text, at):
    while text[at:at + 1] != b'"':
        if at >= len(text):
            raise ValueError
        at += 2 if text[at:at + 1] == b"\\" else 1
    return at + 1


def end_of_value(text, at):
    depth = 0
    while at < len(text):
        octet = text[at:at + 1]
        if octet in b",]}" and depth == 0:
            return at
        if octet == b'"':
            at = end_of_string(text, at + 1)
            continue
        depth += (octet in b"[{") - (octet in b"]}")
        at += 1
    raise ValueError


def members(text):
    """The members of an object, each with the text of its value."""
    text = text.strip(WHITE)
    if text[:1] != b"{" or text[-1:] != b"}":
        raise ValueError
    at = 1
    if text[1:-1].strip(WHITE):
        while True:
            at += len(text[at:]) - len(text[at:].lstrip(WHITE))
            if text[at:at + 1] != b'"':
                raise ValueError
            colon = end_of_string(text, at + 1)
            name = string(text[at:colon])
            colon += len(text[colon:]) - len(text[colon:].lstrip(WHITE))
            if text[colon:colon + 1] != b":":
                raise ValueError
            end = end_of_value(text, colon + 1)
            yield name, text[colon + 1:end]
            at = end + 1
            if text[end:end + 1] != b",":
                break
        if text[end:] != b"}":
            raise ValueError


WHITE = b" \t\n\r"


def no_number(text):
    raise ValueError(text)


def any_json(text):
    return json.loads(text.decode(), parse_constant=no_number)


def string(text):
    text = any_json(text)
    if type(text) is not str:
        raise ValueError
    text.encode()  # half of a surrogate pair cannot be
    return text


def optional_string(text):
    return None if any_json(text) is None else string(text)


def boolean(text):
    return {b"true": True, b"false": False}[text.strip(WHITE)]


def integer(most):
    def read(text):
        text = text.strip(WHITE)
        if not re.fullmatch(rb"0|[1-9][0-9]*", text) or int(text) > most:
            raise ValueError
        return int(text)

    return read


TIME = integer((1 << 64) - 1)
CLAIMS = {
    "val": lambda text: text, "sid": string, "ses": string, "aud": optional_string, "iss": optional_string,
    "start": TIME, "auth_time": TIME, "iat": TIME, "exp": TIME, "end": TIME, "nbf": TIME,
    "ver": integer((1 << 32) - 1), "rem": boolean, "pcs": integer(255),
}


TICKET_CLAIMS = {name: CLAIMS[name] for name in ("val", "iat", "exp", "ses", "aud", "iss", "nbf")} | {"bound": string}


def read_claims(text, known=CLAIMS):
    claims = {"aud": None, "iss": None, "nbf": 0, "rem": False, "pcs": 1}
    seen = set()
    for name, value in members(text):
        if name == "bnd":
            raise ValueError
        if name not in known:
            any_json(value)
        elif name in seen:
            raise ValueError
        else:
            seen.add(name)
            claims[name] = known[name](value)
    return claims


def jwt_claims(token, config):
    """The secret and the text of the claims of an authentic token."""
    parts = token.split(".")
    if len(parts) != 3:
        raise Rejected("malformed")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", parts[0]):
        raise Rejected("malformed")
    text, signature = unbase64url(parts[1]), unbase64url(parts[2])
    for alg, kid, secret in config["keys"]:
        header = {"typ": config.get("kind", "session") + "+jwt", "alg": alg, "kid": kid}
        if base64url(json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()) == parts[0]:
            break
    else:
        raise Rejected("unknown_key")
    mac = hmac.HMAC(secret, HASHES[alg]())
    mac.update(token.rsplit(".", 1)[0].encode())
    try:
        mac.verify(signature)
    except InvalidSignature:
        raise Rejected("not_authentic") from None
    return secret, text


def open_jwt(token, config):
    _, text = jwt_claims(token, config)
    try:
        claims = read_claims(text)
        times = [claims[name] for name in ("start", "auth_time", "iat", "exp", "end")]
        facts = dict(id=claims["sid"], version=claims["ver"], pieces=claims["pcs"], remembered=claims["rem"])
        name, value = claims["ses"], claims["val"]
    except (ValueError, KeyError):
        raise Rejected("malformed") from None
    same = name == config["name"] and claims["aud"] == config["context"]
    if not same or config["issuer"] not in (None, claims["iss"]):
        raise Rejected("not_authentic")
    facts["id"] = unbase64url(facts["id"]).hex()
    if len(facts["id"]) != 32:
        raise Rejected("malformed")
    return facts, times, claims["nbf"], value


def read_value(text):
    """The value, or Rejected if it is none whatever the application reads."""

    def number(text):
        if math.isinf(float(text)):
            raise ValueError
        return float(text) if text == "-0" or not re.fullmatch("-?[0-9]+", text) else int(text)

    try:
        text.decode()  # it is UTF-8
        depth = deepest = at = 0
        while at < len(text):
            octet = text[at:at + 1]
            if octet == b'"':
                at = end_of_string(text, at + 1)
                continue
            depth += (octet in b"[{") - (octet in b"]}")
            deepest, at = max(deepest, depth), at + 1
        if deepest > 127:
            raise ValueError
        value = json.loads(text.decode(), parse_constant=no_number, parse_int=number, parse_float=number)
        json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair cannot be
        return value
    except ValueError:
        raise Rejected("value") from None


def open_authentic(token, config):
    """The facts, times, `nbf` and value of a token, without a look at the clock."""
    if len(token) > (16384 if config.get("chunked") else 4096):
        raise Rejected("too_large")
    opener = open_sealed if config["format"] == "sealed" else open_jwt
    facts, times, not_before, value = opener(token, config)
    started, authenticated, issued, expires, ends = times
    if not (started <= authenticated <= issued <= expires <= ends and started < 1 << 40 and ends - started < 1 << 32):
        raise Rejected("malformed")
    return facts, times, not_before, value


def open_token(token, config, pieces=1):
    """The facts and the value's JSON of a token that came in so many pieces, or Rejected."""
    facts, (started, authenticated, issued, expires, ends), not_before, value = open_authentic(token, config)
    if facts["pieces"] != pieces:
        raise Rejected("incomplete")
    now = config["now"]
    if max(issued, not_before) > now + config["skew"]:
        raise Rejected("not_yet_valid")
    absolute = min(ends, started + config["absolute"])
    if now >= absolute:
        raise Rejected("past_cap")
    if now >= min(expires, absolute, issued + (config["idle"] or 1 << 64)):
        raise Rejected("expired")
    read_value(value)
    facts.update(started=started, authenticated=authenticated, issued=issued, expires=expires, ends=ends, value=value)
    return facts


def open_ticket(token, config, binding):
    """The JSON of a ticket's value; the binding is what the application knows, as octets."""
    if len(token) > 4096:
        raise Rejected("too_large")
    config = dict(config, kind="ticket")
    if config["format"] == "sealed":
        key, body = sealed_body(token, config, 10)
        bound, value = (body[10:26], body[26:]) if body[0] & 128 else (None, body[10:])
        issued = int.from_bytes(body[1:6], "big")
        expires, not_before = issued + int.from_bytes(body[6:10], "big"), 0
        if body[0] & 127 or bound is not None and len(bound) < 16:
            raise Rejected("malformed")
        texts = "haversack ticket binding", "ticket", config["name"], config["context"] or ""
        key, committed = hkdf(key, 32, *map(str.encode, texts)), binding
    else:
        key, text = jwt_claims(token, config)
        try:
            claims = read_claims(text, TICKET_CLAIMS)
            issued, expires, not_before = claims["iat"], claims["exp"], claims["nbf"]
            name, value, bound = claims["ses"], claims["val"], claims.get("bound")
        except (ValueError, KeyError):
            raise Rejected("malformed") from None
        if name != config["name"] or claims["aud"] != config["context"] or config["issuer"] not in (None, claims["iss"]):
            raise Rejected("not_authentic")
        if bound is not None:
            bound = unbase64url(bound)
            if len(bound) != 16:
                raise Rejected("malformed")
        texts = "haversack ticket binding", config["name"], config["context"] or "", config["issuer"] or ""
        info = b"".join(len(text.encode()).to_bytes(2, "big") + text.encode() for text in texts)
        key = hmac_of(key, info, config["keys"])
        numbers = (number.to_bytes(8, "big") for number in (issued, expires, len(value)))
        committed = b"".join(numbers) + value + binding
    if not (issued < 1 << 40 and issued <= expires and expires - issued < 1 << 32):
        raise Rejected("malformed")
    now = config["now"]
    if max(issued, not_before) > now + config["skew"]:
        raise Rejected("not_yet_valid")
    if now >= min(expires, issued + config["absolute"]):
        raise Rejected("expired")
    read_value(value)
    mac = hmac.HMAC(key, hashes.SHA256())
    mac.update(committed)
    if bound != (mac.finalize()[:16] if binding else None):
        raise Rejected("other_binding")
    return value


def hmac_of(secret, text, keys):
    """With the hash of the secret's algorithm."""
    mac = hmac.HMAC(secret, next(HASHES[alg]() for alg, _, other in keys if other == secret))
    mac.update(text)
    return mac.finalize()


def pairs(headers):
    """The pairs of all `Cookie` headers, as octets."""
    for pair in b";".join(headers).split(b";"):
        name, equals, value = pair.strip(b" \t").partition(b"=")
        if equals:
            yield name, value


def text_of(octets):
    """What is not ASCII is in no token."""
    return octets.decode("latin-1")


def sets_of(pieces):
    """The pieces that belong together: index in the name, index, count, set, slice."""
    sets = {}
    for named, value in pieces:
        match = re.fullmatch(rb"([1-4])([1-4])(.{8})(.+)", value, re.S)
        good = match and match[1] == named and 2 <= int(match[2]) >= int(match[1])
        key, piece = ((match[2], match[3]), (match[1], match[4])) if good else (None, None)
        sets.setdefault(key, []).append(piece)
    return sets.items()


def join(key, pieces):
    count, name = key or (b"0", b"")
    slices = dict(pieces) if key else {}
    if not key or len(pieces) != int(count) or len(slices) != int(count):
        raise Rejected("incomplete")
    token = b"".join(slices[b"%d" % index] for index in range(1, int(count) + 1))
    if base64url(hashlib.sha256(token).digest())[:8].encode() != name:
        raise Rejected("incomplete")
    return text_of(token), int(count)


def mark_of(token, config):
    """When the session was ended, by a live mark."""
    config = dict(config, kind="end")
    try:
        _, (started, _, _, _, ends), _, value = open_authentic(token, config)
        if read_value(value) is None and started < config["now"] + config["skew"] and config["now"] < ends:
            return started
    except Rejected:
        pass
    return -1


def open_request(headers, config):
    """The facts of the session in `Cookie` headers, None if there is none, or Rejected."""
    name = config["cookie"].encode()
    wholes, pieces, marks = [], [], []
    for pair, value in pairs(headers):
        if pair == name:
            wholes.append(text_of(value))
        elif config["chunked"] and re.fullmatch(re.escape(name) + rb"\.[1-4]", pair):
            pieces.append((pair[-1:], value))
        elif config["sticky_end"] and pair == name + b".end":
            marks.append(text_of(value))
    ended = max([mark_of(token, config) for token in marks[:8]], default=-1)

    candidates = [lambda token=token: (token, 1) for token in wholes[:8]]
    candidates += [lambda key=key, parts=parts: join(key, parts) for key, parts in sets_of(pieces)]
    best, reasons = None, []
    for candidate in candidates:
        try:
            token, count = candidate()
            facts = open_token(token, config, count)
            if facts["started"] <= ended:
                raise Rejected("ended")
            age = (facts["issued"], facts["started"], facts["version"])
            if best is None or age > best[0]:
                best = (age, facts)
        except Rejected as rejected:
            reasons.append(rejected.args[0])
    if best is None and reasons:
        raise Rejected(reasons[0])
    return best and best[1]
