import assert from "node:assert/strict";
import { test } from "node:test";
import { firewallText } from "./install-firewall.ts";
import { includesOf, readPorts, type SshSigns, sshPortsInRuleset, sshPortsOf } from "./install-ssh.ts";

const none: SshSigns = {
  configurations: [],
  effective: "",
  sockets: [],
  commands: [],
  listening: [],
  connection: "",
};

const signs: readonly (readonly [what: string, change: Partial<SshSigns>, ports: readonly number[]])[] = [
  ["nothing", {}, [22]],
  ["a comment behind the port", { configurations: ["Port 2222 # not 22\n"] }, [22, 2222]],
  ["an equals sign", { configurations: ["Port=2222\nport = 2223\n"] }, [22, 2222, 2223]],
  ["quotes and tabs", { configurations: ['\tPort\t"2222"\n'] }, [22, 2222]],
  ["a carriage return", { configurations: ["Port 2222\r\n"] }, [22, 2222]],
  ["a port that is commented out", { configurations: ["#Port 2222\n"] }, [22]],
  [
    "addresses with ports",
    {
      configurations: [
        "ListenAddress 192.0.2.1:2222\nListenAddress [2001:db8::1]:2223 rdomain vrf\nListenAddress=box:2224\n",
      ],
    },
    [22, 2222, 2223, 2224],
  ],
  ["an IPv6 address without a port", { configurations: ["ListenAddress 2001:db8:2222::1\n"] }, [22]],
  [
    "what sshd itself says",
    { effective: "port 2222\nlistenaddress [::]:2223\npermitrootlogin no\n" },
    [22, 2222, 2223],
  ],
  [
    "a socket of systemd",
    {
      sockets: [
        "[Socket]\nListenStream=\nListenStream=2222\nListenStream=[::]:2223\nListenStream=0.0.0.0:2224",
      ],
    },
    [22, 2222, 2223, 2224],
  ],
  [
    "options of the server",
    {
      commands: [
        "/usr/sbin/sshd -D -p 2222",
        'SSHD_OPTS="-p2223"',
        "ExecStart=/usr/sbin/sshd -D -o Port=2224",
      ],
    },
    [22, 2222, 2223, 2224],
  ],
  ["a real listener", { listening: [2222] }, [22, 2222]],
  ["the session that this runs in", { connection: "198.51.100.7 50000 192.0.2.1 2222" }, [22, 2222]],
  ["what is no port", { listening: [0, 70_000], connection: "a b c d" }, [22]],
];

for (const [what, change, ports] of signs) {
  test(`[ED106] ports of ssh: ${what}`, () => {
    assert.deepEqual(sshPortsOf({ ...none, ...change }), ports);
  });
}

test("[ED106] what a configuration includes is followed, below /etc/ssh when it is relative", () => {
  assert.deepEqual(includesOf('Include /etc/ssh/a.conf b/*.conf # c\n  include="/d"\n#Include /e\n'), [
    "/etc/ssh/a.conf",
    "/etc/ssh/b/*.conf",
    "/d",
  ]);
});

test("[ED106] a list of ports is read whole or not at all", () => {
  assert.deepEqual(readPorts("2222, 22"), [22, 2222]);
  assert.deepEqual(
    ["", "ssh", "22,", "0", "70000", "22;23"].map((text) => readPorts(text)),
    Array(6).fill(undefined),
  );
});

test("[ED106] ports are found again in a ruleset that was written earlier", () => {
  assert.deepEqual(sshPortsInRuleset(firewallText({ serve: [80], ssh: [22, 2222] })), [22, 2222]);
  assert.deepEqual(sshPortsInRuleset("table inet mine {}"), []);
});
