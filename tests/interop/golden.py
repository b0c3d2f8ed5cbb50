"""Runs reader.py over the golden tokens and requests: it must open what is good and reject the rest for the same reason."""

import json
import pathlib
import re
import sys

from reader import Rejected, jwt_keys, open_request, open_ticket, open_token, read_value, unbase64url

VECTORS = pathlib.Path(__file__).parent.parent / "vectors"


def config(case):
    if case["format"] == "sealed":
        keys = [unbase64url(key) for key in case["keys"].split(", ")]
    else:
        keys = list(jwt_keys(case))
    numbers = {name: int(case[name] or 0) for name in ("now", "skew", "idle", "absolute") if name in case}
    texts = {"context": case["context"] or None, "issuer": case["issuer"] or None}
    return {"format": case["format"], "name": case["name"], "keys": keys, **numbers, **texts}


def of_the_tests(value):
    """What the tests read as a value: a user with a number, text, nothing, an empty object, or a list of such."""
    if type(value) is list:
        return all(map(of_the_tests, value))
    if type(value) is dict and value:
        return type(value.get("user")) is int and 0 <= value["user"] < 1 << 64
    return type(value) in (str, dict, type(None))


def outcome(case, opened):
    try:
        facts = opened()
        if facts is None:
            return "none"
        value = read_value(facts["value"])
        if not of_the_tests(value):
            raise Rejected("value")
        same = value == json.loads(case["value"]) and facts["id"] == unbase64url(case["id"]).hex()
        if "times" in case:
            times = [facts[name] for name in ("started", "authenticated", "issued", "expires", "ends")]
            same &= times == list(map(int, case["times"].split(", "))) and facts["remembered"] == (case["remembered"] == "yes")
        return "ok" if same else "other"
    except Rejected as rejected:
        return rejected.args[0]


def ticket_outcome(case, opened):
    try:
        value = read_value(opened())
        if not of_the_tests(value):
            raise Rejected("value")
        return "ok" if value == json.loads(case["value"]) else "other"
    except Rejected as rejected:
        return rejected.args[0]


def check(path):
    lines = [line.split(": ", 1) for line in path.read_text().replace(":\n", ": \n").splitlines()]
    case = dict(lines)
    if path.parent.name == "golden-tickets":
        settings = dict(config(case), absolute=int(case["lifetime"]))
        got = ticket_outcome(case, lambda: open_ticket(case["token"], settings, case["binding"].encode()))
    elif path.parent.name == "golden":
        got = outcome(case, lambda: open_token(case["token"], config(case)))
    else:
        octets = lambda text: re.sub(rb"\\x(..)", lambda match: bytes.fromhex(match[1].decode()), text.encode())
        headers = [octets(value) for name, value in lines if name == "cookie"]
        carried = {name: case[name] == "yes" for name in ("chunked", "sticky_end")}
        got = outcome(case, lambda: open_request(headers, dict(config(case), cookie=case["cookie_name"], **carried)))
    if got != case["expect"]:
        print(f"{path.parent.name}/{path.name}: expected {case['expect']}, got {got}")
    return got == case["expect"]


for folder in ("golden", "golden-requests", "golden-tickets"):
    results = [check(path) for path in sorted((VECTORS / folder).iterdir())]
    print(f"{folder}: {sum(results)} passed, {results.count(False)} failed")
    if not results or not all(results):
        sys.exit(1)
