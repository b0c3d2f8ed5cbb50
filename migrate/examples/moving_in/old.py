"""A program of today: Flask with its own sessions."""

import logging
import sys

from flask import Flask, abort, session
from werkzeug.serving import make_server

logging.getLogger("werkzeug").setLevel(logging.ERROR)
app = Flask(__name__)
app.secret_key = sys.argv[1]


@app.post("/login/<int:user>")
def sign_in(user):
    session["user_id"] = user
    return ""


@app.get("/me")
def me():
    if "user_id" not in session:
        abort(401)
    return f"user {session['user_id']}"


server = make_server("127.0.0.1", 0, app)
print(server.port, flush=True)
server.serve_forever()
