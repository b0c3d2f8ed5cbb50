"""Makes the container `shop` in Azurite on the port given, by its documented account (Shared Key authorization)."""

import base64
import email.utils
import hashlib
import hmac
import sys
import urllib.request

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

date = email.utils.formatdate(usegmt=True)
headers = f"x-ms-date:{date}\nx-ms-version:2021-08-06\n"
to_sign = "PUT\n" + "\n" * 11 + headers + f"/{ACCOUNT}/{ACCOUNT}/shop\nrestype:container"
tag = hmac.new(base64.b64decode(KEY), to_sign.encode(), hashlib.sha256).digest()
request = urllib.request.Request(
    f"http://127.0.0.1:{sys.argv[1]}/{ACCOUNT}/shop?restype=container",
    method="PUT",
    headers={
        "x-ms-date": date,
        "x-ms-version": "2021-08-06",
        "Authorization": f"SharedKey {ACCOUNT}:{base64.b64encode(tag).decode()}",
    },
)
assert urllib.request.urlopen(request).status == 201
