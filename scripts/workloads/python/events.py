"""A server of Tornado with two processes: coroutines, a websocket, static files, children, files in threads. Answers are the same
in every run. Usage: events.py FOLDER PORT"""
import asyncio
import pathlib
import sys

import tornado.httpserver
import tornado.ioloop
import tornado.netutil
import tornado.process
import tornado.web
import tornado.websocket

folder, port = pathlib.Path(sys.argv[1]), int(sys.argv[2])


class Page(tornado.web.RequestHandler):
    async def get(self):
        await asyncio.sleep(0.001)
        self.write("it works")


class Child(tornado.web.RequestHandler):
    async def get(self):
        child = await asyncio.create_subprocess_exec("sh", "-c", "cat; exit 3", stdin=asyncio.subprocess.PIPE,
                                                     stdout=asyncio.subprocess.PIPE)
        said, _ = await child.communicate(b"hello")
        self.write(f"{said.decode()} {child.returncode}")


class Files(tornado.web.RequestHandler):
    async def get(self):
        def work():
            name = folder / f"work-{id(self)}"
            name.write_text("one")
            text = name.read_text()
            name.unlink()
            return text
        self.write(await asyncio.get_running_loop().run_in_executor(None, work))


class Echo(tornado.websocket.WebSocketHandler):
    def on_message(self, message):
        self.write_message(message)


class Talk(tornado.web.RequestHandler):
    async def get(self):
        connection = await tornado.websocket.websocket_connect(f"ws://127.0.0.1:{port}/echo")
        await connection.write_message("ping")
        self.write(await connection.read_message())
        connection.close()


sockets = tornado.netutil.bind_sockets(port, "127.0.0.1")
tornado.process.fork_processes(2)


async def main():
    application = tornado.web.Application([("/", Page), ("/child", Child), ("/files", Files), ("/echo", Echo), ("/talk", Talk)],
                                          static_path=str(folder / "static"), compress_response=True)
    tornado.httpserver.HTTPServer(application).add_sockets(sockets)
    await asyncio.Event().wait()


asyncio.run(main())
