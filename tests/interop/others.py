"""PyJWT and openssl over the golden JWTs: they read ours, and mint the same token to the octet."""

import json
import pathlib
import subprocess
import sys

import jwt

from reader import base64url, jwt_keys, unbase64url

FOLDER = pathlib.Path(__file__).parent.parent / "vectors" / "golden"


def check(path):
    case = dict(line.split(": ", 1) for line in path.read_text().replace(":\n", ": \n").splitlines())
    token = case["token"]
    header = json.loads(unbase64url(token.split(".")[0]))
    secret = next(secret for _, kid, secret in jwt_keys(case) if kid == header["kid"])

    checks = ("exp", "iat", "nbf", "aud", "iss", "jti", "sub")
    options = {"verify_" + claim: False for claim in checks}
    claims = jwt.decode(token, secret, algorithms=[header["alg"]], options=options)
    assert claims["val"] == json.loads(case["value"]) and claims["ses"] == case["name"], path.name

    text = unbase64url(token.split(".")[1])
    plain = lambda object: json.dumps(object, separators=(",", ":")).encode()
    if plain(claims) == text and plain(header) == unbase64url(token.split(".")[0]):
        minted = jwt.encode(claims, secret, header["alg"], headers={"typ": header["typ"], "kid": header["kid"]}, sort_headers=False)
        assert minted == token, path.name

    signed, signature = token.rsplit(".", 1)
    command = ["openssl", "dgst", "-binary", "-" + header["alg"].replace("HS", "sha"), "-mac", "HMAC", "-macopt", "hexkey:" + secret.hex()]
    digest = subprocess.run(command, input=signed.encode(), capture_output=True, check=True).stdout
    assert base64url(digest) == signature, path.name


good = [path for path in sorted(FOLDER.glob("jwt-*")) if "expect: ok" in path.read_text()]
for path in good:
    check(path)
print(f"{len(good)} passed, 0 failed")
sys.exit(not good)
