"""A threaded HTTP server that does what Python programs do: files, a database, children, pools, coroutines, TLS, signals.

Each path answers the same text in every run. Usage: server.py FOLDER PORT
"""
import asyncio
import bz2
import concurrent.futures
import ctypes
import fcntl
import gc
import hashlib
import http.server
import json
import lzma
import mmap
import multiprocessing
import multiprocessing.shared_memory
import os
import pathlib
import pickle
import queue
import secrets
import selectors
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import zlib

folder = pathlib.Path(sys.argv[1])
data = folder / "data"
logging_lock = threading.Lock()
state = {"config": "", "log": None}


def digest(content):
    return hashlib.sha256(content).hexdigest()[:16]


# --- What the paths do. Each takes the request's body and gives a text.


def page(_):
    return "it works: " + state["config"]


def large(_):
    return (data / "large.txt").read_bytes()


def listing(_):
    with os.scandir(data / "list") as entries:
        return "\n".join(sorted(f"{entry.name} {entry.stat().st_size}" for entry in entries))


def upload(body):
    with tempfile.NamedTemporaryFile(dir=data, delete=False) as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(file.name, 0o640)
    os.replace(file.name, data / f"upload-{threading.get_ident()}")
    (data / f"upload-{threading.get_ident()}").unlink()
    return f"{len(body)} {digest(body)}"


def files(_):
    with tempfile.TemporaryDirectory(dir=data) as name:
        root = pathlib.Path(name)
        (root / "a" / "b").mkdir(parents=True)
        (root / "a" / "text").write_text("one\ntwo\n")
        os.link(root / "a" / "text", root / "a" / "hard")
        (root / "a" / "soft").symlink_to("text")
        os.truncate(root / "a" / "hard", 5)
        os.utime(root / "a" / "text", (1, 2))
        shutil.copytree(root / "a", root / "copy", symlinks=True)
        shutil.move(root / "copy", root / "moved")
        with open(root / "moved" / "text", "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            fcntl.lockf(file, fcntl.LOCK_EX)
            with mmap.mmap(file.fileno(), 0) as view:
                view[0:3] = b"ONE"
                view.flush()
            os.posix_fallocate(file.fileno(), 0, 8192)
            found = os.pread(file.fileno(), 3, 0) + os.readlink(root / "a" / "soft").encode()
        walked = sorted(entry for _, dirs, names in os.walk(root) for entry in dirs + names)
        usage = shutil.disk_usage(root).total > 0
        return f"{found.decode()} {walked} {os.access(root, os.W_OK)} {usage} {os.stat(root / 'a' / 'text').st_mtime}"


def database(_):
    with tempfile.TemporaryDirectory(dir=data) as name:
        first = sqlite3.connect(f"{name}/db", isolation_level=None)
        first.execute("pragma journal_mode = wal")
        first.execute("create table t (id integer primary key, word text)")
        first.executemany("insert into t (word) values (?)", [(f"word {i}",) for i in range(500)])
        second = sqlite3.connect(f"{name}/db")
        second.execute("delete from t where id % 2")
        second.commit()
        first.execute("vacuum")
        answer = first.execute("select count(*), max(word) from t").fetchone()
        first.close()
        second.close()
        rollback = sqlite3.connect(f"{name}/other")
        rollback.execute("create table u (x)")
        rollback.execute("insert into u values (1)")
        rollback.rollback()
        rollback.close()
        return str(answer)


def children(_):
    shell = subprocess.run(["sh", "-c", "cat; echo $((6 * 7)); exit 3"], input=b"given\n", capture_output=True, check=False)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as pipe:
        answer = pipe.communicate(b"piped")[0]
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        sleeper.terminate()
    try:
        subprocess.run(["sleep", "60"], timeout=0.05, check=False)
        late = "in time"
    except subprocess.TimeoutExpired:
        late = "too late"
    missing = "found"
    try:
        subprocess.run(["no-such-program"], check=False)
    except FileNotFoundError:
        missing = "missing"
    spawned = os.waitstatus_to_exitcode(os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", "exit 7"], os.environ), 0)[1])
    return f"{shell.stdout.decode()} {shell.returncode} {answer.decode()} {sleeper.returncode} {late} {missing} {spawned}"


def square(number):
    return number * number


def pool(_):
    # A server with threads forks nothing that goes on running Python: locks of other threads would stay locked in it.
    child = os.fork()
    if child == 0:
        os._exit(square(3))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    context = multiprocessing.get_context("forkserver")
    workers = context.Pool(2)
    mapped = workers.map(square, range(20))
    workers.close()
    workers.join()
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        served = list(executor.map(square, range(5)))
    shared = multiprocessing.shared_memory.SharedMemory(create=True, size=4096)
    shared.buf[0] = 9
    answer = f"{code} {sum(mapped)} {served} {shared.buf[0]}"
    shared.close()
    shared.unlink()
    return answer


def threads(_):
    words = queue.Queue()

    def work(number):
        local = threading.Event()
        threading.Timer(0.01, local.set).start()
        local.wait(30)
        words.put(number)
        return square(number)

    with concurrent.futures.ThreadPoolExecutor(8) as workers:
        total = sum(workers.map(work, range(40)))
    barrier = threading.Barrier(4)
    waiting = [threading.Thread(target=barrier.wait) for _ in range(4)]
    for thread in waiting:
        thread.start()
    for thread in waiting:
        thread.join()
    return f"{total} {words.qsize()}"


async def coroutines_main(path):
    async def serve(reader, writer):
        writer.write((await reader.readline()).upper())
        await writer.drain()
        writer.close()

    async def ask(number):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(f"line {number}\n".encode())
        answer = await reader.readline()
        writer.close()
        return answer.decode().strip()

    async with await asyncio.start_unix_server(serve, path):
        answers = await asyncio.gather(*(ask(number) for number in range(10)))
    process = await asyncio.create_subprocess_exec("sh", "-c", "echo child", stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    loop = asyncio.get_running_loop()
    names = await loop.getaddrinfo("localhost", 80, family=socket.AF_INET, type=socket.SOCK_STREAM)
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
    transport.sendto(b"x", transport.get_extra_info("sockname"))
    await asyncio.sleep(0.01)
    transport.close()
    number = await asyncio.to_thread(square, 12)
    return f"{answers} {out.decode().strip()} {names[0][4]} {number}"


def coroutines(_):
    # The child watcher of Python 3.11 wants to know whether pidfds work; a thread is what it takes otherwise.
    with tempfile.TemporaryDirectory() as name:
        return asyncio.run(coroutines_main(f"{name}/socket"))


def tls(_):
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "tls.pem")
    client = ssl.create_default_context(cafile=folder / "tls.pem")
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer():
            with server.wrap_socket(listener.accept()[0], server_side=True) as connection:
                connection.sendall(connection.recv(100).upper())

        thread = threading.Thread(target=answer)
        thread.start()
        with socket.create_connection(listener.getsockname(), 30) as plain:
            with client.wrap_socket(plain, server_hostname="localhost") as connection:
                connection.sendall(b"secret")
                text = connection.recv(100).decode()
                version = connection.version()
        thread.join()
    return f"{text} {version}"


def sockets(_):
    left, right = socket.socketpair()
    with left, right, open(data / "list" / "one.txt", "rb") as file:
        socket.send_fds(left, [b"take"], [file.fileno()])
        message, descriptors, _, _ = socket.recv_fds(right, 10, 1)
        content = os.read(descriptors[0], 10)
        os.close(descriptors[0])
        kinds = []
        for kind in (selectors.EpollSelector, selectors.PollSelector, selectors.SelectSelector):
            with kind() as selector:
                selector.register(right, selectors.EVENT_READ)
                left.send(b"x")
                kinds.append(len(selector.select(30)))
                right.recv(1)
        left.sendfile(file)
        right.settimeout(0.01)
    with socket.socket(socket.AF_INET6) as six:
        six.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with socket.socket(socket.AF_INET) as refused:
        error = refused.connect_ex(("127.0.0.1", 1))
    return f"{message} {content} {kinds} {error} {socket.gethostbyname('localhost')} {len(socket.if_nameindex()) > 0}"


def packed(_):
    text = (data / "large.txt").read_bytes()[:200000]
    return f"{len(zlib.compress(text))} {len(bz2.compress(text))} {len(lzma.compress(text))} {digest(pickle.dumps(text))}"


def memory(_):
    blocks = [bytearray(1 << 20) for _ in range(96)]
    objects = [{str(i): [i]} for i in range(200000)]
    count = len(blocks) + len(objects)
    del blocks, objects
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return str(count)


def system(_):
    numbers = len(secrets.token_bytes(16)) + len(os.urandom(8)) + len(os.getrandom(4))
    os.nice(0)
    os.sched_yield()
    os.umask(os.umask(0o22))
    read, write = os.pipe2(os.O_CLOEXEC)
    os.write(write, b"x")
    os.close(read)
    os.close(write)
    clocks = time.clock_gettime(time.CLOCK_MONOTONIC) > 0 and os.times().user >= 0 and time.get_clock_info("time").resolution > 0
    return f"{numbers} {clocks} {os.getpriority(os.PRIO_PROCESS, 0)} {len(os.uname())} {os.cpu_count() > 0} {len(os.sched_getaffinity(0)) > 0}"


actions = {"/": page, "/large": large, "/list": listing, "/upload": upload, "/files": files, "/database": database,
           "/children": children, "/pool": pool, "/threads": threads, "/coroutines": coroutines, "/tls": tls,
           "/sockets": sockets, "/packed": packed, "/memory": memory, "/system": system}


# --- The server.


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        action = actions.get(self.path)
        status, text = 404, "no such path"
        if action:
            try:
                status, text = 200, action(body)
            except Exception as error:  # Shown to the client, which compares answers.
                status, text = 500, f"{type(error).__name__}: {error}"
        content = text if isinstance(text, bytes) else text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_HEAD = answer

    def log_message(self, form, *values):
        with logging_lock:
            state["log"].write(form % values + "\n")
            state["log"].flush()


def open_log(*_):
    if state["log"]:
        state["log"].close()
    state["log"] = open(folder / "log", "a", encoding="utf-8")


def load_config(*_):
    state["config"] = json.loads((folder / "config.json").read_text())["greeting"]


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64


def main():
    open_log()
    load_config()
    server = Server(("127.0.0.1", int(sys.argv[2])), Handler)
    signal.signal(signal.SIGHUP, load_config)
    signal.signal(signal.SIGUSR1, open_log)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    server.server_close()


if __name__ == "__main__":
    main()
