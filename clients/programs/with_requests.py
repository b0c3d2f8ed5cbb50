"""Requests' session with a jar of the standard library, kept in a file."""

import http.cookiejar
import os
import sys

import requests

jar_file, authority = sys.argv[1:]
session = requests.Session()
session.verify = authority
session.trust_env = False
session.cookies = http.cookiejar.LWPCookieJar(jar_file)
if os.path.exists(jar_file):
    session.cookies.load(ignore_discard=True)
for line in sys.stdin:
    method, url, body = line.rstrip("\n").split(" ", 2)
    form = {"content-type": "application/x-www-form-urlencoded"} if body else {}
    response = session.request(method, url, data=body or None, headers=form, allow_redirects=False)
    session.cookies.save(ignore_discard=True)
    print(response.status_code, response.text, flush=True)
