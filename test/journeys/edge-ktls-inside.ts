// What is done inside the machine, as a script: one nginx after the other, under strace, and downloads from it.

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
  stat_of "$1/begun"
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
  id=$(cat /box/nginx/nginx.pid)
  echo $(cat /proc/$id/task/$id/children)
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
  sleep 0.5
  tell "$name/trace"
  tail -n +$from /tmp/trace | grep -E 'sendfile|TCP_ULP|SOL_TLS|socket:|/srv/'
  rm -f /tmp/body
}

halt_nginx() {
  # What nginx keeps of its log is written within a second.
  sleep 1.5
  stat_of "$1/ended"
  tell "$1/access"
  cat /box/nginx/logs/access.log
  rm -f /box/nginx/logs/access.log
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

export interface Visit {
  /** The kernel as it booted. */
  readonly bare: Serving;
  /** After `modprobe tls`, while the kernel cannot load a cipher. */
  readonly cipherless: Serving;
  /** A kernel as on a disk: it loads by itself what it needs. */
  readonly whole: readonly Serving[];
}

export function insideScript({ bare, cipherless, whole }: Visit): string {
  return [
    head,
    "tell nginx",
    "nginx -V",
    "offered offered-before",
    ...served(bare),
    "modprobe tls",
    "offered offered-after",
    "modules=/lib/modules/$(uname -r)",
    "mv $modules $modules.away",
    ...served(cipherless),
    "mv $modules.away $modules",
    // On a real machine udev does this, because its processor has the instructions.
    "modprobe aesni_intel",
    ...whole.flatMap(served),
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
