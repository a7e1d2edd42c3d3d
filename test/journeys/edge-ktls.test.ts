// The kernel encrypts, for real: Debian's kernel in a machine of software, our configuration, and what the kernel counted.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { judgeKernelTls } from "#edge/kernel-tls.ts";
import { nginxConfig } from "#edge/nginx-config.ts";
import type { NginxState } from "#edge/nginx-state.ts";
import { macKey } from "#io/signed-path.ts";
import { bytesPerSecond, milliseconds } from "#units/quantity.ts";
import { type ImageOrder, librariesIn, makeImage } from "./edge-ktls-image.ts";
import { type Call, callsOf, counter, type Download, insideScript, sectionsOf } from "./edge-ktls-inside.ts";
import { boot, cloudKernel, type Kernel, missingMachine } from "./edge-ktls-machine.ts";
import { atEnd, k1, signed, tools } from "./edge-rig.ts";
import { makeCertificate, missingTls } from "./edge-tls-rig.ts";

const asked = process.env.MILLRACE_TEST_QEMU === "1";
const skip =
  missingTls ||
  missingMachine ||
  (asked ? false : "it boots a kernel in a machine of software, for some minutes: MILLRACE_TEST_QEMU=1");

/** Two whole pieces of what nginx sends at a time, and a rest that is no round number. */
const film = randomBytes(2 * 2 ** 21 + 12_345);
const range = { from: 1_000_001, to: 3_100_000 };

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

const before = [{ config: "bare", downloads: [download("bare-whole", ...http1)] }];
const after = [
  {
    config: "kernel",
    downloads: [
      download("whole", ...http1),
      download("range", ...http1, ...part),
      download("aes256", ...suite("TLS_AES_256_GCM_SHA384")),
      download("http2", ...http2),
      download("http2-range", ...http2, ...part),
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
  { config: "off", downloads: [download("off-whole", ...http1), download("off-http2", ...http2)] },
];

function imageOrder(folder: string, kernel: Kernel): ImageOrder {
  const made = makeCertificate(folder, "box");
  const modules = ["ndk_http_module.so", "ngx_http_set_misc_module.so"];
  const from = tools.nginxSetMisc;
  return {
    programs: [
      ...["/bin/busybox", "/usr/bin/strace", "/usr/bin/curl", tools.nginx?.path ?? ""],
      ...(from === undefined ? [] : modules.map((name) => join(from, name))),
    ],
    kernelRoot: kernel.root,
    kernelVersion: kernel.version,
    texts: {
      "/box/bare.conf": nginxConfig(stateOf({ oldest: "1.3", kernel: true })),
      "/box/kernel.conf": nginxConfig(stateOf({ oldest: "1.3", kernel: true })),
      "/box/kernel12.conf": nginxConfig(stateOf({ oldest: "1.2", kernel: true })),
      "/box/off.conf": nginxConfig(stateOf({ oldest: "1.3", kernel: false })),
      "/etc/passwd": "root:x:0:0::/:/bin/sh\nwww-data:x:33:33::/:/bin/false\n",
      "/etc/group": "root:x:0:\nwww-data:x:33:\n",
    },
    copies: {
      "/box/tls.crt": made.certificate,
      "/box/tls.key": made.key,
      "/srv/millrace/v/film/v1/0.m4s": join(folder, "film"),
    },
    folders: ["/box/nginx/logs", "/box/nginx/temp", "/tmp"],
    init: insideScript(before, after),
  };
}

interface Seen {
  readonly status: string;
  readonly sha256: string;
  /** Connections that the kernel took over meanwhile, for sending. */
  readonly taken: number;
  readonly calls: readonly Call[];
}

/** Boots, does everything, and lets each download be looked at. */
async function machine(t: TestContext): Promise<ReadonlyMap<string, string> | undefined> {
  const kernel = cloudKernel();
  if (kernel === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "millrace-ktls-"));
  atEnd(t, () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "film"), film);
  const initrd = makeImage(join(folder, "image"), imageOrder(folder, kernel));
  const told = await boot(t, { kernel: kernel.image, initrd, folder, deadlineMs: 600_000 });
  return sectionsOf(told);
}

function seenIn(sections: ReadonlyMap<string, string>, name: string): Seen {
  const text = (part: string): string => sections.get(`${name}/${part}`) ?? "";
  return {
    status: text("curl").trim(),
    sha256: text("sha256").slice(0, 64),
    taken: counter(text("after"), "TlsTxSw") - counter(text("before"), "TlsTxSw"),
    calls: callsOf(text("trace")),
  };
}

test("[ED120] in a machine with Debian's kernel", { skip }, async (t) => {
  const sections = await machine(t);
  if (sections === undefined) return t.skip("apt-get download linux-image-cloud-amd64's package: apt has none");
  const { writeFileSync } = await import("node:fs");
  writeFileSync("/tmp/edgee/told.json", JSON.stringify(Object.fromEntries(sections), null, 1));
});
