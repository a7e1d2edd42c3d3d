# A link between two network namespaces, made in user space where the kernel has no netem: a tunnel's end in each, and between them a
# rate with a queue that drops what does not fit, a delay, and a chance to lose a packet on its way to the viewer.
#
#   edge-delay-link.py '{"server", "viewer", "serverDevice", "viewerDevice", "bitsPerSecond", "delayMs", "queueBytes", "loss", "seed"}'
#
# Says "ready", then reads lines of JSON with a new loss and seed, and answers each with what was counted since. Ends with its input.
import ctypes
import collections
import fcntl
import json
import os
import random
import select
import struct
import sys
import time

order = json.loads(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
NEW_NETWORK, SET_INTERFACE, TUN_BARE = 0x40000000, 0x400454CA, 0x1001
rate = order["bitsPerSecond"] / 8
# Each processor has a queue of its own for what came out of a tunnel: from two of them, packets would overtake each other.
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
try:
    # A link does not wait for its turn. It takes a tenth of a processor.
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
except PermissionError:
    print("the link runs like any program, and may be late", file=sys.stderr)
delay = order["delayMs"] / 1000


def tunnel(namespace, name):
    with open(f"/run/netns/{namespace}") as place:
        if libc.setns(place.fileno(), NEW_NETWORK) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, SET_INTERFACE, struct.pack("16sH22s", name.encode(), TUN_BARE, b""))
    return device


class Way:
    """One direction. `due`: packets with the moment at which they come out."""

    def __init__(self, source, target, rate, loss):
        self.source, self.target, self.rate, self.loss = source, target, rate, loss
        self.free_at = 0.0
        self.due = collections.deque()
        self.random = random.Random(order["seed"])
        self.reset()

    def reset(self):
        self.passed = self.lost = self.overflown = self.late = self.tardy = 0

    def take(self, now):
        while True:
            try:
                packet = os.read(self.source, 65536)
            except BlockingIOError:
                return
            waiting = max(0.0, self.free_at - now) * self.rate
            if waiting + len(packet) > order["queueBytes"]:
                self.overflown += 1
                continue
            self.free_at = max(now, self.free_at) + len(packet) / self.rate
            # What is lost was sent: it has taken its time on the wire.
            if self.loss > 0 and self.random.random() < self.loss:
                self.lost += 1
                continue
            self.due.append((self.free_at + delay, packet))

    def give(self, now):
        while self.due and self.due[0][0] <= now:
            at, packet = self.due.popleft()
            self.late = max(self.late, now - at)
            self.tardy += now - at > 0.002
            self.passed += 1
            try:
                os.write(self.target, packet)
            except OSError:
                pass


server = tunnel(order["server"], order["serverDevice"])
viewer = tunnel(order["viewer"], order["viewerDevice"])
down = Way(server, viewer, rate, order["loss"])
up = Way(viewer, server, rate, 0)
print("ready", flush=True)
said = b""
ends = [server, viewer, sys.stdin.fileno()]
while True:
    now = time.monotonic()
    next_at = min([way.due[0][0] for way in (down, up) if way.due], default=now + 1)
    ready = select.select(ends, [], [], max(0.0, next_at - now))[0]
    now = time.monotonic()
    if server in ready:
        down.take(now)
    if viewer in ready:
        up.take(now)
    down.give(now)
    up.give(now)
    if sys.stdin.fileno() in ready:
        chunk = os.read(sys.stdin.fileno(), 65536)
        if not chunk:
            break
        said += chunk
        while b"\n" in said:
            line, said = said.split(b"\n", 1)
            new = json.loads(line)
            seen = {"passed": down.passed, "lost": down.lost, "overflown": down.overflown}
            seen.update({"tardy": down.tardy, "lateMs": down.late * 1000})
            print(json.dumps(seen), flush=True)
            down.loss = new["loss"]
            down.random = random.Random(new["seed"])
            down.reset()
            up.reset()
