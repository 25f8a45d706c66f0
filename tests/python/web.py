"""A gateway for a test: asked, attacked, listened to. Plain sockets and http.client, so that nothing is polite on our behalf."""

import base64
import http.client
import json
import os
import pathlib
import socket
import struct
import time
import urllib.parse

from harness import Network


class Web(Network):
    """A network with its gateway on a port of its own."""

    def __init__(self, config="", gateway="", tls=None):
        """gateway: more of its settings; tls: the ssl context of whoever asks."""
        super().__init__(gateway=True)
        self.tls = tls
        os.makedirs(self.dir, exist_ok=True)
        pathlib.Path(self.dir, "network.yaml").write_text(f"gateway: {{listen: \"127.0.0.1:0\"{gateway}}}\n" + config, encoding="utf-8")

    def start(self):
        super().start()
        self.find()

    def find(self, seconds=60):
        """Wait until the gateway serves, and learn its address and token."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                url = pathlib.Path(self.dir, "gateway.url").read_text().strip()
                self.address = ("127.0.0.1", int(url.rsplit(":", 1)[1]))
                self.token = pathlib.Path(self.dir, "gateway.token").read_text().strip()
                if self.ask("GET", "/readyz", token=None)[0] == 200:
                    return
            except (OSError, ValueError, http.client.HTTPException):
                pass
            time.sleep(0.1)
        raise AssertionError("the gateway does not serve: " + pathlib.Path(self.dir, "gateway.log").read_text()[-500:])

    def ask(self, method, path, body=None, token="", headers=None, timeout=60):
        """Status, headers, body (parsed where it is JSON). token "": the network's own; None: none."""
        line = http.client.HTTPConnection(*self.address, timeout=timeout) if self.tls is None else http.client.HTTPSConnection(
            *self.address, timeout=timeout, context=self.tls)
        head = dict(headers or {})
        if token is not None:
            head.setdefault("Authorization", "Bearer " + (token or self.token))
        try:
            line.request(method, path, body=body, headers=head)
            answer = line.getresponse()
            said = answer.read()
            kind = answer.getheader("Content-Type", "")
            said = json.loads(said) if "json" in kind and said else said
            self.answered(method, path, answer.status, kind, said)
            return answer.status, answer.headers, said
        finally:
            line.close()

    def answered(self, method, path, status, kind, said):
        """For who keeps a list of what was answered."""

    def get(self, path, **arguments):
        query = urllib.parse.urlencode(arguments)
        status, _, said = self.ask("GET", path + ("?" + query if query else ""))
        assert status == 200, f"{path}: {status} {said}"
        return said

    def post(self, events, kind="application/cloudevents-batch+json", token=""):
        body = events if isinstance(events, bytes) else json.dumps(events).encode()
        return self.ask("POST", "/v1/events", body=body, token=token, headers={"Content-Type": kind})

    def connect(self, seconds=60):
        line = socket.create_connection(self.address, timeout=seconds)
        return line if self.tls is None else self.tls.wrap_socket(line, server_hostname=self.address[0])

    def raw(self, text, seconds=30):
        """Bytes as they are; what comes back until the end or for so long."""
        line = self.connect(seconds)
        heard = b""
        try:
            line.sendall(text)
            while True:
                piece = line.recv(65536)
                if not piece:
                    break
                heard += piece
        except (socket.timeout, ConnectionError):
            pass
        finally:
            line.close()
        return heard

    def stream(self, path, headers=(), token=""):
        """A stream of lines, to be read one by one; close it."""
        line = self.connect()
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token or self.token}\r\n" + "".join(f"{h}\r\n" for h in headers) + "\r\n"
        line.sendall(head.encode())
        return line.makefile("rb"), line


def sale(seq, source="S1/T1", outlet="S1", sku="A", **more):
    return {"specversion": "1.0", "id": f"{source}#{seq}", "source": source, "type": "ticket.sold", "sequence": str(seq),
            "time": "2026-03-01T10:00:00Z",
            "data": {"outlet": outlet, "receipt": f"R-{source}-{seq}", "currency": "GBP", "day": "2026-03-01",
                     "lines": [{"sku": sku, "quantity": 1000, "unit_price": 25500}]}, **more}


def server_events(lines, until):
    """(id, event, data) from a stream until `until` says enough."""
    heard, now = [], {}
    for line in lines:
        line = line.decode().rstrip("\r\n")
        if line == "" and now:
            heard.append((now.get("id"), now.get("event"), json.loads(now["data"])))
            now = {}
            if until(heard):
                return heard
        elif ": " in line and line.split(": ")[0] in ("id", "event", "data"):
            name, _, value = line.partition(": ")
            now[name] = value
    return heard


class Socket:
    """A WebSocket, as little of it as the tests need."""

    def __init__(self, web, path, origin=None, token=""):
        self.line = web.connect()
        head = [f"GET {path} HTTP/1.1", "Host: %s:%d" % web.address, "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode(), "Sec-WebSocket-Protocol: tributary.v1"]
        head += [f"Origin: {origin}"] if origin else []
        head += [f"Authorization: Bearer {token or web.token}"] if token is not None else []
        self.line.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
        self.file = self.line.makefile("rb")
        self.status = int((self.file.readline().split() or [b"", b"0"])[1])
        while self.file.readline() not in (b"\r\n", b""):
            pass

    def hear(self):
        """The next message, "pong" for one, None at the end."""
        while True:
            try:
                head = self.file.read(2)
            except ConnectionError:
                return None  # it was ended while bytes of ours were on their way
            if len(head) < 2:
                return None
            size = head[1] & 127
            if size == 126:
                size = struct.unpack(">H", self.file.read(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self.file.read(8))[0]
            said = self.file.read(size)
            if head[0] & 15 == 1:
                return json.loads(said)
            if head[0] & 15 == 10:
                return "pong"
            if head[0] & 15 == 8:
                return None

    def say(self, size, claimed=None, opcode=1):
        """A frame (1: text, 9: ping) of so many bytes, or one that claims so many."""
        count = claimed or size
        length = bytes([0x80 | count]) if count < 126 else bytes([0x80 | 127]) + struct.pack(">Q", count)
        try:
            self.line.sendall(bytes([0x80 | opcode]) + length + bytes(4) + b"x" * size)
        except ConnectionError:
            pass  # it was ended: hear() says so

    def close(self):
        self.file.close()
        self.line.close()
