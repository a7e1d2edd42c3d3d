// The kernel encrypts, for real: Debian's kernel in a machine of software, our configuration, and what the kernel counted.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { tally } from "#edge/access-log.ts";
import { judgeKernelTls, kernelCount, seenTls } from "#edge/kernel-tls.ts";
import { nginxConfig } from "#edge/nginx-config.ts";
import type { NginxState } from "#edge/nginx-state.ts";
import { macKey } from "#io/signed-path.ts";
import { bytesPerSecond, milliseconds } from "#units/quantity.ts";
import { hostFiles, type ImageOrder, librariesIn, makeImage } from "./edge-ktls-image.ts";
import { type Download, insideScript, type Visit } from "./edge-ktls-inside.ts";
import { boot, cloudKernel, type Kernel, missingMachine } from "./edge-ktls-machine.ts";
import {
  answers,
  assertBody,
  assertByKernel,
  assertByNginx,
  callsOf,
  counter,
  filmFile,
  pieces,
  type Sections,
  type Seen,
  sectionsOf,
  seenIn,
  sendfiles,
} from "./edge-ktls-seen.ts";
import { atEnd, k1, signed, tools } from "./edge-rig.ts";
import { makeCertificate, missingTls } from "./edge-tls-rig.ts";

const asked = process.env.MILLRACE_TEST_QEMU === "1";
const skip =
  missingTls ||
  missingMachine ||
  (asked ? false : "it boots a kernel in a machine of software, for a minute: MILLRACE_TEST_QEMU=1");

/** Two whole pieces of what nginx sends at a time, and a rest that is no round number. */
const film = randomBytes(2 * 2 ** 21 + 12_345);
const range = { from: 1_000_001, to: 3_100_000 };
const cut = film.subarray(range.from, range.to + 1);

function stateOf(tls: { readonly oldest: "1.2" | "1.3"; readonly kernel: boolean }): NginxState {
  return {
    platform: "linux",
    listen: "127.0.0.1:8080",
    folder: "/srv/millrace",
    prefixDir: "/box/nginx",
    stubSocket: "/box/nginx/status.sock",
    modulesFolder: tools.nginxSetMisc,
    user: "www-data",
    keys: [{ kid: k1.kid, macKey: macKey(k1) }],
    workers: 1,
    connections: 256,
    threads: 4,
    pace: bytesPerSecond(0),
    headerTimeout: milliseconds(15_000),
    perAddress: 0,
    generation: "0123456789abcdef",
    tls: { listen: "127.0.0.1:8443", certificate: "/box/tls.crt", key: "/box/tls.key", ...tls },
  };
}

const path = signed(k1, "film", "v1/0.m4s", 30 * 86_400);

function download(name: string, ...options: string[]): Download {
  return { name, url: `https://127.0.0.1:8443${path}`, options };
}

const part = ["-r", `${range.from}-${range.to}`];
const http1 = ["--http1.1"];
const http2 = ["--http2"];
const suite = (name: string): string[] => ["--http1.1", "--tls13-ciphers", name];
const version12 = (cipher: string): string[] => ["--http1.1", "--tls-max", "1.2", "--ciphers", cipher];

const visit: Visit = {
  bare: { config: "bare", downloads: [download("bare-whole", ...http1)] },
  cipherless: { config: "cipherless", downloads: [download("cipherless-whole", ...http1)] },
  whole: [
    {
      config: "kernel",
      downloads: [
        download("whole", ...http1),
        download("range", ...http1, ...part),
        download("http2", ...http2),
        download("http2-range", ...http2, ...part),
        download("aes128", ...suite("TLS_AES_128_GCM_SHA256")),
        download("aes256", ...suite("TLS_AES_256_GCM_SHA384")),
        download("chacha", ...suite("TLS_CHACHA20_POLY1305_SHA256")),
        { ...download("plain", ...http1), url: `http://127.0.0.1:8080${path}` },
      ],
    },
    {
      config: "kernel12",
      downloads: [
        download("old-aes128", ...version12("ECDHE-ECDSA-AES128-GCM-SHA256")),
        download("old-aes256", ...version12("ECDHE-ECDSA-AES256-GCM-SHA384")),
      ],
    },
    {
      config: "off",
      downloads: [
        download("off-whole", ...http1),
        download("off-range", ...http1, ...part),
        download("off-http2", ...http2),
      ],
    },
  ],
};

/** Looked up by the C library itself when a thread ends: no program names it. */
const threadsEnd = "/lib/x86_64-linux-gnu/libgcc_s.so.1";

function imageOrder(folder: string, kernel: Kernel): ImageOrder {
  const made = makeCertificate(folder, "box");
  const modules = ["ndk_http_module.so", "ngx_http_set_misc_module.so"];
  const from = tools.nginxSetMisc;
  const by13 = nginxConfig(stateOf({ oldest: "1.3", kernel: true }));
  return {
    programs: [
      ...["/bin/busybox", "/usr/bin/strace", "/usr/bin/curl", tools.nginx?.path ?? "", threadsEnd],
      ...(from === undefined ? [] : modules.map((name) => join(from, name))),
    ],
    kernelRoot: kernel.root,
    kernelVersion: kernel.version,
    texts: {
      "/box/bare.conf": by13,
      "/box/cipherless.conf": by13,
      "/box/kernel.conf": by13,
      "/box/kernel12.conf": nginxConfig(stateOf({ oldest: "1.2", kernel: true })),
      "/box/off.conf": nginxConfig(stateOf({ oldest: "1.3", kernel: false })),
      "/etc/passwd": "root:x:0:0::/:/bin/sh\nwww-data:x:33:33::/:/bin/false\n",
      "/etc/group": "root:x:0:\nwww-data:x:33:\n",
    },
    copies: {
      "/box/tls.crt": made.certificate,
      "/box/tls.key": made.key,
      [filmFile]: join(folder, "film"),
    },
    folders: ["/box/nginx/logs", "/box/nginx/temp", "/tmp"],
    init: insideScript(visit),
  };
}

/** Boots and does everything: what it told. Undefined where apt has no kernel. */
async function machine(t: TestContext): Promise<Sections | undefined> {
  const kernel = cloudKernel();
  if (kernel === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "millrace-ktls-"));
  atEnd(t, () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "film"), film);
  const initrd = makeImage(join(folder, "image"), imageOrder(folder, kernel));
  return sectionsOf(await boot(t, { kernel: kernel.image, initrd, folder, deadlineMs: 600_000 }));
}

test("[ED120] Debian's kernel encrypts what our configuration serves", { skip }, async (t) => {
  const sections = await machine(t);
  if (sections === undefined) return t.skip("apt-get has no linux-image-cloud-amd64 to download");
  const seen = (name: string): Seen => seenIn(sections, name);
  await byTheKernel(t, seen);
  await byNginx(t, seen);
  await judged(t, sections, seen);
  await counted(t, sections);
  await t.test("[ED120] nginx complained of nothing", () => {
    for (const name of ["bare", "cipherless", "kernel", "kernel12", "off"])
      assert.equal(sections.get(`${name}/errors`), "", name);
  });
});

async function byTheKernel(t: TestContext, seen: (name: string) => Seen): Promise<void> {
  await t.test("[ED120] over HTTP/1.1, in pieces of 2 MiB", () => {
    assertBody(seen("whole"), "200 1.1", film);
    assertByKernel(seen("whole"), film.length);
    assertBody(seen("range"), "206 1.1", cut);
    assertByKernel(seen("range"), cut.length);
    assert.ok(pieces(seen("whole")).includes(2 * 2 ** 20));
  });
  await t.test("[ED121] over HTTP/2, in pieces of 16 KiB", () => {
    assertBody(seen("http2"), "200 2", film);
    assertByKernel(seen("http2"), film.length);
    assert.equal(Math.max(...pieces(seen("http2"))), 16_384);
    assertBody(seen("http2-range"), "206 2", cut);
    assertByKernel(seen("http2-range"), cut.length);
  });
  for (const name of ["aes128", "aes256", "chacha", "old-aes128", "old-aes256"]) {
    await t.test(`[ED122] with ${name}`, () => {
      assertBody(seen(name), "200 1.1", film);
      assertByKernel(seen(name), film.length);
    });
  }
  await t.test("[ED125] by the worker itself, where plain HTTP has threads for it", () => {
    const threads = (name: string): ReadonlySet<number> =>
      new Set(sendfiles(seen(name)).map(({ thread }) => thread));
    const worker = seen("whole").calls.find(({ args }) => args.includes("TLS_TX"))?.thread ?? 0;
    assert.deepEqual([...threads("whole")], [worker]);
    assertBody(seen("plain"), "200 1.1", film);
    assert.ok(threads("plain").size > 0);
    assert.equal(threads("plain").has(worker), false);
  });
}

async function byNginx(t: TestContext, seen: (name: string) => Seen): Promise<void> {
  await t.test("[ED123] switched off, the kernel counts nothing, and the film is the same", () => {
    assertBody(seen("off-whole"), "200 1.1", film);
    assertBody(seen("off-range"), "206 1.1", cut);
    assertBody(seen("off-http2"), "200 2", film);
    for (const name of ["off-whole", "off-http2"]) {
      assertByNginx(seen(name), film.length);
      assert.deepEqual(answers(seen(name), "TCP_ULP"), [], "the kernel is not even asked");
      assert.throws(() => assertByKernel(seen(name), film.length), "the opposite is seen");
    }
    assert.throws(() => assertByNginx(seen("whole"), film.length), "the opposite is seen");
  });
  await t.test("[ED123] asked for in vain, nginx encrypts, and the film is the same", () => {
    for (const { name, ulp } of [
      { name: "bare-whole", ulp: -1 },
      { name: "cipherless-whole", ulp: 0 },
    ]) {
      assertBody(seen(name), "200 1.1", film);
      assertByNginx(seen(name), film.length);
      assert.deepEqual(answers(seen(name), "TCP_ULP"), [ulp], name);
      assert.deepEqual(answers(seen(name), "TLS_TX"), [-1], name);
    }
  });
}

async function judged(t: TestContext, sections: Sections, seen: (name: string) => Seen): Promise<void> {
  await t.test("[ED124] the verdict before and after modprobe tls is what the kernel then did", () => {
    const build = sections.get("nginx") ?? "";
    const verdict = (when: string): string => judgeKernelTls(sections.get(when), build).kind;
    assert.equal(verdict("offered-before"), "user-space");
    assert.equal(seen("bare-whole").taken, 0);
    assert.equal(verdict("offered-after"), "kernel");
    assert.equal(seen("whole").taken, 1);
  });
}

/** The first request, which asks whether nginx is up, comes over TLS as well. */
async function counted(t: TestContext, sections: Sections): Promise<void> {
  await t.test(
    "[ED153] of the connections in the access log, the report says how many the kernel took over",
    () => {
      const none = { software: 0, device: 0 };
      const count = (section: string): typeof none => kernelCount(sections.get(section) ?? "") ?? none;
      for (const { config, downloads } of [visit.bare, visit.cipherless, ...visit.whole]) {
        const connections = downloads.filter(({ url }) => url.startsWith("https:")).length + 1;
        const told = seenTls(
          count(`${config}/begun`),
          count(`${config}/ended`),
          tally(sections.get(`${config}/access`) ?? "").tlsConnections,
        );
        const kernel = config.startsWith("kernel") ? connections : 0;
        assert.deepEqual(told, { connections, kernel, device: 0 }, config);
      }
    },
  );
}

test("[ED126] a program's libraries are what ldd says; a missing one is named", () => {
  const text = [
    "\tlinux-vdso.so.1 (0x00007ffd3e5f2000)",
    "\tlibz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x00007f1c1a400000)",
    "\t/lib64/ld-linux-x86-64.so.2 (0x00007f1c1a6e9000)",
  ].join("\n");
  const libraries = ["/lib/x86_64-linux-gnu/libz.so.1", "/lib64/ld-linux-x86-64.so.2"];
  assert.deepEqual(librariesIn(text), libraries);
  assert.deepEqual(librariesIn("\tnot a dynamic executable\n"), []);
  assert.throws(() => librariesIn("\tlibz.so.1 => not found\n"), /libz\.so\.1/);
  const ldd = (program: string): string => (program === "/bin/a" ? text : "\tstatically linked\n");
  assert.deepEqual(hostFiles(["/bin/b", "/bin/a", "/bin/a"], ldd), ["/bin/a", "/bin/b", ...libraries]);
});

test("[ED126] what the machine tells is read as it was said: sections, counters, calls cut in two", () => {
  const told = "boot\n@ a/before\nTlsCurrTxSw \t7\nTlsTxSw                         \t12\n@ a/empty\n@ b\nx\n";
  const sections = sectionsOf(told);
  assert.deepEqual([...sections.keys()], ["a/before", "a/empty", "b"]);
  assert.equal(sections.get("a/empty"), "");
  assert.equal(counter(sections.get("a/before") ?? "", "TlsTxSw"), 12);
  assert.equal(counter("", "TlsTxSw"), 0);
  const calls = callsOf(
    [
      `11    pread64(12<${filmFile}>,  <unfinished ...>`,
      '10    write(8<socket:[1]>, ""..., 9) = 9',
      '11    <... pread64 resumed>""..., 100, 0) = 100',
      "10    sendfile(8<socket:[1]>, 12</a>, [5], 20) = -1 EAGAIN (Resource temporarily unavailable)",
      "10    +++ exited with 0 +++",
    ].join("\n"),
  );
  const rows = calls.map(({ thread, name, result }) => `${thread} ${name} ${result}`);
  assert.deepEqual(rows, ["10 write 9", "11 pread64 100", "10 sendfile -1"]);
  assert.ok(calls[1]?.args.startsWith(`12<${filmFile}>`));
});
