"""A WSGI application of Flask, as gunicorn serves it: templates, files, a database, uploads, children. Answers are the same in
every run."""
import hashlib
import json
import os
import pathlib
import sqlite3
import subprocess
import tempfile
import threading

from flask import Flask, Response, abort, redirect, render_template_string, request, send_file

app = Flask(__name__)
data = pathlib.Path(os.environ["DATA"])
local = threading.local()


def base():
    if not hasattr(local, "base"):
        local.base = sqlite3.connect(data / "base.sqlite", timeout=20)
        local.base.execute("pragma journal_mode = wal")
        local.base.execute("create table if not exists t (x integer primary key, y text)")
    return local.base


@app.get("/")
def page():
    return render_template_string("<p>{{ text }}</p>", text="it works")


@app.get("/large")
def large():
    return send_file(data / "large.txt", conditional=True)


@app.get("/stream")
def stream():
    return Response((f"{i}\n" for i in range(20000)), mimetype="text/plain")


@app.get("/moved")
def moved():
    return redirect("/")


@app.get("/broken")
def broken():
    abort(418)


@app.get("/rows")
def rows():
    with base() as transaction:
        transaction.execute("insert or replace into t values (1, 'one')")
    return json.dumps(base().execute("select * from t").fetchall())


@app.get("/child")
def child():
    done = subprocess.run(["sh", "-c", "cat; exit 3"], input=b"hello", capture_output=True, cwd="/", check=False)
    return f"{done.stdout.decode()} {done.returncode}"


@app.post("/upload")
def upload():
    with tempfile.NamedTemporaryFile(dir=data) as file:
        file.write(request.get_data())
        file.flush()
        return hashlib.sha256(pathlib.Path(file.name).read_bytes()).hexdigest()[:16]
