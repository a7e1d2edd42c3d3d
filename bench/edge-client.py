# Asks a server for files and throws the bytes away in the kernel (MSG_TRUNC), so that the client is not what is measured.
# Over TLS 1.3 it greets and asks, and leaves the answers encrypted: nothing is spent on what nobody reads.
#
#   edge-client.py '{"host", "port", "tls", "paths", "bodyBytes", "requests", "connections"}'   prints one line of JSON
#   … with "hold": true: opens the connections, asks once on each, prints "held", and keeps them until its input ends
import json
import resource
import select
import socket
import ssl
import sys
import time

order = json.loads(sys.argv[1])
body = order["bodyBytes"]
rest_seconds = 30
# A TLS 1.3 record: 5 bytes before, 1 + 16 behind at most 16 KiB. Source: RFC 8446 §5.
step = body + body * 22 // 16384 if order["tls"] else body
sink = bytearray(4 << 20)
# Woken for each packet, a client that shares the server's processor would mostly measure being woken.
gulp = 512 << 10


def context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.set_alpn_protocols(["http/1.1"])
    return made


tls = context() if order["tls"] else None


class Connection:
    def __init__(self):
        self.socket = socket.create_connection((order["host"], order["port"]), timeout=rest_seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sealed = self.greet() if tls else None
        self.asked = 0
        self.got = 0

    def greet(self):
        self.inward, self.outward = ssl.MemoryBIO(), ssl.MemoryBIO()
        sealed = tls.wrap_bio(self.inward, self.outward)
        while True:
            try:
                sealed.do_handshake()
                self.socket.sendall(self.outward.read())
                return sealed
            except ssl.SSLWantReadError:
                self.socket.sendall(self.outward.read())
                come = self.socket.recv(65536)
                if not come:
                    raise SystemExit("the server ended the greeting")
                self.inward.write(come)

    def ask(self, path, last):
        text = f"GET {path} HTTP/1.1\r\nHost: edge\r\n{'Connection: close' if last else 'Accept: */*'}\r\n\r\n"
        if self.sealed is None:
            self.socket.sendall(text.encode())
        else:
            self.sealed.write(text.encode())
            self.socket.sendall(self.outward.read())
        self.asked += 1
        self.wake_later()

    def wake_later(self):
        due = self.asked * step - self.got
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, max(1, min(gulp, due)))


def hold():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    held = []
    for _ in range(order["connections"]):
        connection = Connection()
        connection.ask(order["paths"][0], False)
        if not connection.socket.recv(65536):
            raise SystemExit("the server closed a connection that should stay")
        connection.sealed = connection.inward = connection.outward = None
        held.append(connection.socket)
    print("held", flush=True)
    sys.stdin.read()


def load():
    each = order["requests"] // order["connections"]
    poll = select.epoll()
    open_ones = {}
    for _ in range(order["connections"]):
        connection = Connection()
        connection.socket.setblocking(False)
        open_ones[connection.socket.fileno()] = connection
        poll.register(connection.socket, select.EPOLLIN)
    begun = time.monotonic()
    for connection in open_ones.values():
        connection.ask(order["paths"][0], each == 1)
    total = 0
    while open_ones:
        ready = poll.poll(rest_seconds)
        if not ready:
            raise SystemExit(f"nothing came for {rest_seconds} s")
        for number, _ in ready:
            connection = open_ones[number]
            come = connection.socket.recv_into(sink, len(sink), socket.MSG_TRUNC)
            connection.got += come
            if come == 0:
                total += finished(connection, each)
                poll.unregister(connection.socket)
                connection.socket.close()
                del open_ones[number]
            elif connection.asked < each and connection.got >= connection.asked * step:
                paths = order["paths"]
                connection.ask(paths[connection.asked % len(paths)], connection.asked + 1 == each)
            elif connection.got >= connection.asked * step - gulp:
                connection.wake_later()
    spent = resource.getrusage(resource.RUSAGE_SELF)
    cpu = spent.ru_utime + spent.ru_stime
    print(json.dumps({"bodyBytes": total, "seconds": time.monotonic() - begun, "clientCpuSeconds": cpu}))


def finished(connection, each):
    """What came must be all bodies, and little more: an error page would be less."""
    if not each * body <= connection.got <= each * (step + 2048) + 8192:
        raise SystemExit(f"{connection.got} bytes came for {each} answers of {body}")
    return each * body


hold() if order.get("hold") else load()
