// What is done inside the machine, as a script, and what it tells, as values.

export interface Download {
  readonly name: string;
  readonly url: string;
  /** For curl: versions, ciphers, ranges. */
  readonly options: readonly string[];
}

/** One nginx from start to stop, under strace. */
export interface Serving {
  readonly config: string;
  readonly downloads: readonly Download[];
}

const head = `#!/bin/busybox sh
/bin/busybox mkdir -p /bin /sbin /usr/bin /usr/sbin /proc /sys /dev /tmp /run
/bin/busybox --install -s
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
ip link set lo up
stty -F /dev/ttyS1 raw -echo
exec >/dev/ttyS1 2>&1
chmod 755 / /srv

tell() { echo "@ $1"; }
stat_of() { tell "$1"; cat /proc/net/tls_stat 2>/dev/null; }

# serve <name>: nginx with /box/<name>.conf
serve() {
  strace -f -y -s 0 -o /tmp/trace -e trace=sendfile,setsockopt,write,writev,sendmsg,read,pread64 \\
    nginx -p /box/nginx -c /box/$1.conf &
  strace_id=$!
  tries=0
  until curl -sk -o /dev/null https://127.0.0.1:8443/; do
    tries=$((tries + 1))
    [ $tries -gt 100 ] && break
    sleep 0.2
  done
  tell "$1/workers"
  for id in $(cat /box/nginx/nginx.pid); do cat /proc/$id/task/$id/children; done
}

# fetch <name> <curl's arguments>
fetch() {
  name=$1
  shift
  stat_of "$name/before"
  from=$(($(wc -l </tmp/trace) + 1))
  tell "$name/curl"
  curl -sSk -o /tmp/body -w '%{http_code} %{http_version} %{size_download}\\n' "$@"
  stat_of "$name/after"
  tell "$name/sha256"
  sha256sum </tmp/body
  sleep 1
  tell "$name/trace"
  tail -n +$from /tmp/trace | grep -E 'sendfile|TCP_ULP|SOL_TLS|socket:|/srv/'
  rm -f /tmp/body
}

halt_nginx() {
  kill $(cat /box/nginx/nginx.pid)
  wait $strace_id
  rm -f /tmp/trace
  tell "$1/errors"
  cat /box/nginx/logs/error.log
  rm -f /box/nginx/logs/error.log
}

offered() {
  tell "$1"
  cat /proc/sys/net/ipv4/tcp_available_ulp
}
`;

const tail = `
tell modules
cut -d' ' -f1 /proc/modules
tell kernel
uname -r
echo "@end"
sync
poweroff -f
`;

/** Before and after the kernel has been told to take TLS along. */
export function insideScript(before: readonly Serving[], after: readonly Serving[]): string {
  return [
    head,
    "tell nginx",
    "nginx -V",
    "offered offered-before",
    ...before.flatMap(served),
    "modprobe tls",
    "offered offered-after",
    "stat_of counters",
    ...after.flatMap(served),
    tail,
  ].join("\n");
}

function served({ config, downloads }: Serving): string[] {
  const fetches = downloads.map(({ name, url, options }) =>
    ["fetch", name, ...options, url].map(quoted).join(" "),
  );
  return [`serve ${config}`, ...fetches, `halt_nginx ${config}`];
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Section → its text. */
export function sectionsOf(told: string): ReadonlyMap<string, string> {
  const parts = told.split(/^@ (\S+)\n/m).slice(1);
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) pairs.push([parts[at] ?? "", parts[at + 1] ?? ""]);
  return new Map(pairs);
}

/** A counter of /proc/net/tls_stat; 0 where there is no such file. Source: kernel, networking/tls, Statistics. */
export function counter(text: string, name: string): number {
  return Number(new RegExp(`^${name}\\s+(\\d+)$`, "m").exec(text)?.[1] ?? 0);
}

export interface Call {
  /** The thread. */
  readonly thread: number;
  readonly name: string;
  /** As strace writes them. */
  readonly args: string;
  readonly result: number;
}

/** strace's lines, those that were interrupted by another thread's put together again. */
export function callsOf(trace: string): readonly Call[] {
  const begun = new Map<string, string>();
  const calls: Call[] = [];
  for (const line of trace.split("\n")) {
    const [, thread = "", rest = ""] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    const cut = /^(.*) <unfinished \.\.\.>$/.exec(rest);
    const again = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    if (cut !== null) begun.set(thread, cut[1] ?? "");
    const whole = again === null ? rest : `${begun.get(thread) ?? ""}${again[1]}`;
    const call = /^(\w+)\((.*)\)\s+= (-?\d+)/.exec(whole);
    if (call === null) continue;
    const [, name = "", args = "", result = ""] = call;
    calls.push({ thread: Number(thread), name, args, result: Number(result) });
  }
  return calls;
}
