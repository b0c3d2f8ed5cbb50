"""httpx's client with a jar of the standard library, kept in a file."""

import http.cookiejar
import os
import ssl
import sys

import httpx

jar_file, authority = sys.argv[1:]
jar = http.cookiejar.LWPCookieJar(jar_file)
if os.path.exists(jar_file):
    jar.load(ignore_discard=True)
client = httpx.Client(verify=ssl.create_default_context(cafile=authority), cookies=jar, trust_env=False)
for line in sys.stdin:
    method, url, body = line.rstrip("\n").split(" ", 2)
    form = {"content-type": "application/x-www-form-urlencoded"} if body else {}
    response = client.request(method, url, content=body or None, headers=form)
    jar.save(ignore_discard=True)
    print(response.status_code, response.text, flush=True)
