import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeKernelTls, judgeSeen, kernelCount, seenTls } from "./kernel-tls.ts";

const debian12 =
  "nginx version: nginx/1.22.1\nbuilt with OpenSSL 3.0.15 3 Sep 2024 (running with OpenSSL 3.0.19 27 Jan 2026)\nTLS SNI support enabled";

test("[ED51] the kernel encrypts where it offers tls, to an nginx and an OpenSSL that can use it", () => {
  assert.deepEqual(judgeKernelTls("espintcp mptcp tls\n", debian12), { kind: "kernel" });
  for (const version of ["1.21.4", "1.26.0", "2.0.0"])
    assert.equal(judgeKernelTls("tls", debian12.replace("1.22.1", version)).kind, "kernel", version);
});

test("[ED51] what lacks is named: the kernel's tls, nginx's version, OpenSSL's", () => {
  const lacks = (protocols: string | undefined, build: string): string => {
    const found = judgeKernelTls(protocols, build);
    return found.kind === "user-space" ? found.because : "nothing";
  };
  assert.match(lacks(undefined, debian12), /does not say/);
  assert.match(lacks("mptcp\n", debian12), /modprobe tls/);
  assert.match(lacks("mptcp notls", debian12), /modprobe tls/);
  for (const version of ["1.21.3", "1.18.0", "0.22.9"])
    assert.match(lacks("tls", debian12.replace("1.22.1", version)), /older than 1\.21\.4/, version);
  assert.match(lacks("tls", "nginx version: ?"), /no known version/);
  assert.match(lacks("tls", debian12.replaceAll("OpenSSL 3", "OpenSSL 1")), /without OpenSSL 3/);
  assert.match(lacks("tls", debian12.replace("running with OpenSSL 3", "running with OpenSSL 1")), /without/);
  assert.match(lacks("tls", debian12.replaceAll("OpenSSL", "LibreSSL")), /without OpenSSL 3/);
});

/** As Debian 12's nginx printed it, and as its cloud kernel 6.1.0-56 listed its protocols before and after `modprobe tls`. */
const seenOnDebian = {
  build: `nginx version: nginx/1.22.1
built with OpenSSL 3.0.22 25 Aug 2026 (running with OpenSSL 3.0.19 27 Jan 2026)
TLS SNI support enabled
configure arguments: --with-cc-opt='-g -O2' --prefix=/usr/share/nginx --with-threads --with-http_ssl_module
`,
  bare: "mptcp\n",
  loaded: "mptcp tls\n",
};

test("[ED124] Debian's kernel is judged by what it lists: without its module it takes over nothing", () => {
  const { build, bare, loaded } = seenOnDebian;
  const before = judgeKernelTls(bare, build);
  assert.match(before.kind === "user-space" ? before.because : "nothing", /modprobe tls/);
  assert.deepEqual(judgeKernelTls(loaded, build), { kind: "kernel" });
});

/** As Debian's cloud kernel 6.1 prints it. */
const tlsStat = [
  "TlsCurrTxSw                     \t1",
  "TlsCurrRxSw                     \t0",
  "TlsCurrTxDevice                 \t0",
  "TlsCurrRxDevice                 \t0",
  "TlsTxSw                         \t12",
  "TlsRxSw                         \t3",
  "TlsTxDevice                     \t4",
  "TlsRxDevice                     \t0",
  "TlsDecryptError                 \t0",
].join("\n");

test("[ED153] the kernel's counters are read by their whole names; without the file nothing is claimed", () => {
  assert.deepEqual(kernelCount(`${tlsStat}\n`), { software: 12, device: 4 });
  assert.deepEqual(kernelCount("TlsTxSw 7\n"), { software: 7, device: 0 });
  assert.equal(kernelCount(""), undefined);
  assert.equal(kernelCount("TlsCurrTxSw 7\n"), undefined);
});

test("[ED153] what the kernel took over since the start stands beside the connections, and corrects the verdict", () => {
  const before = { software: 100, device: 1 };
  const seen = seenTls(before, { software: 107, device: 3 }, 8);
  assert.deepEqual(seen, { connections: 8, kernel: 9, device: 2 });
  const kernel = { kind: "kernel" } as const;
  const nobody = (connections: number): ReturnType<typeof seenTls> => seenTls(before, before, connections);
  assert.deepEqual(judgeSeen(kernel, seen), kernel);
  assert.deepEqual(judgeSeen(kernel, undefined), kernel);
  assert.deepEqual(judgeSeen(kernel, nobody(19)), kernel);
  const corrected = judgeSeen(kernel, nobody(812));
  assert.match(corrected.kind === "user-space" ? corrected.because : "", /0 of 812 connections/);
  const before12 = { kind: "user-space", because: "nginx is older" } as const;
  assert.deepEqual(judgeSeen(before12, nobody(812)), before12);
});
