"""Runs reader.py over tests/vectors/golden: it must open what is good and reject the rest for the same reason."""

import json
import pathlib
import sys

from reader import Rejected, base64url, hkdf, open_token, unbase64url


def config(case):
    keys = case["keys"].split(", ")
    if case["format"] == "sealed":
        keys = [unbase64url(key) for key in keys]
    else:
        pairs = [key.split(" ") for key in keys]
        keys = [(alg, base64url(hkdf(unbase64url(k), 6, b"haversack jwt key id")), unbase64url(k)) for alg, k in pairs]
    numbers = {name: int(case[name] or 0) for name in ("now", "skew", "idle", "absolute")}
    texts = {"context": case["context"] or None, "issuer": case["issuer"] or None}
    return {"format": case["format"], "name": case["name"], "keys": keys, **numbers, **texts}


def check(path):
    case = dict(line.split(": ", 1) for line in path.read_text().replace(":\n", ": \n").splitlines())
    try:
        facts = open_token(case["token"], config(case))
        # What the tests read as a value: a user with a number, text, nothing, or an empty object.
        value = json.loads(facts["value"])
        if type(value) is dict and type(value.get("user", 0)) is not int:
            raise Rejected("value")
        got = "ok" if value == json.loads(case["value"]) and facts["id"] == unbase64url(case["id"]).hex() else "other"
    except Rejected as rejected:
        got = rejected.args[0]
    if got != case["expect"]:
        print(f"{path.name}: expected {case['expect']}, got {got}")
    return got == case["expect"]


folder = pathlib.Path(__file__).parent.parent / "vectors" / "golden"
results = [check(path) for path in sorted(folder.iterdir())]
print(f"{sum(results)} passed, {results.count(False)} failed")
sys.exit(not results or not all(results))
