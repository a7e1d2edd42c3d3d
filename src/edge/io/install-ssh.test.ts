import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { sshPortsOf } from "#edge/install-ssh.ts";
import { listenersOf } from "#io/port-holder.ts";
import { readSshSigns } from "./install-ssh.ts";

function rootWith(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "millrace-ssh-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

test("[ED106] files of another root are read with what they include, in a circle too, and units with their drop-ins", async (t) => {
  const root = rootWith(t, {
    "etc/ssh/sshd_config": "Include more/*.conf\nPort=2201 # first\n",
    "etc/ssh/more/a.conf": "Include /etc/ssh/sshd_config\nPort 2202\n",
    "etc/ssh/sshd_config.d/b.conf": "ListenAddress [::]:2203\n",
    "etc/systemd/system/ssh.socket.d/listen.conf": "[Socket]\nListenStream=2204\n",
    "etc/default/ssh": 'SSHD_OPTS="-p 2205"\n',
    "usr/lib/systemd/system/sshd.service": "[Service]\nExecStart=/usr/sbin/sshd -D -o Port=2206\n",
  });
  const signs = await readSshSigns({ root, connection: "", signal: t.signal });
  assert.deepEqual(sshPortsOf(signs), [22, 2201, 2202, 2203, 2204, 2205, 2206]);
});

test("[ED106] a root without ssh has no signs", async (t) => {
  assert.deepEqual(
    sshPortsOf(await readSshSigns({ root: rootWith(t, {}), connection: "", signal: t.signal })),
    [22],
  );
});

test("[ED106] open sockets of a process are found, those of this machine alone are not", {
  skip: process.platform === "linux" ? false : "no /proc here",
}, async (t) => {
  const listen = (host: string): Promise<number> =>
    new Promise((resolve) => {
      const server = createServer();
      t.after(() => server.close());
      server.listen(0, host, () => {
        const at = server.address();
        resolve(typeof at === "object" && at !== null ? at.port : 0);
      });
    });
  const [open, closed] = [await listen("0.0.0.0"), await listen("127.0.0.1")];
  const found = await listenersOf(process.pid);
  assert.deepEqual([found.includes(open), found.includes(closed)], [true, false]);
});
