# Asks a server for files over HTTP/3 with ngtcp2's client, one program per connection, all of them at once, turn by turn, and looks at the length of each file.
#
#   edge-quic-client.py '{"host", "port", "paths", "bodyBytes", "connections", "turns", "folder"}'   prints one line of JSON
import json
import os
import resource
import shutil
import subprocess
import sys
import time

order = json.loads(sys.argv[1])
origin = f"https://{order['host']}:{order['port']}"
flags = ["-q", "--no-quic-dump", "--no-http-dump", "--exit-on-all-streams-close"]


def begin(number):
    folder = os.path.join(order["folder"], str(number))
    os.makedirs(folder, exist_ok=True)
    uris = [origin + path for path in order["paths"]]
    argv = ["gtlsclient", *flags, f"--download={folder}", order["host"], str(order["port"]), *uris]
    return subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE), folder


begun = time.monotonic()
total = 0
for _ in range(order["turns"]):
    for child, folder in [begin(number) for number in range(order["connections"])]:
        _, said = child.communicate(timeout=100)
        if child.returncode != 0:
            raise SystemExit(f"gtlsclient ended with {child.returncode}: {said[-500:]!r}")
        for path in order["paths"]:
            file = os.path.join(folder, os.path.basename(path))
            got = os.path.getsize(file) if os.path.exists(file) else "no"
            if got != order["bodyBytes"]:
                raise SystemExit(f"{got} bytes came of {path}")
            total += got
            if not order.get("keep"):
                os.remove(file)
seconds = time.monotonic() - begun
if not order.get("keep"):
    shutil.rmtree(order["folder"])
spent = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"bodyBytes": total, "seconds": seconds, "clientCpuSeconds": spent.ru_utime + spent.ru_stime}))
