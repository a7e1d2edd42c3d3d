// HTTP/3 for real: caddy before our nginx, and a browser that asks for a film by QUIC.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { get as getSealed } from "node:https";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { chromium, type Page } from "playwright-core";
import { defaultsOf } from "#config/setting.ts";
import { answersQuic, endFronts, type FrontEvent, frontsOf, workFolder } from "#edge/io/front.ts";
import { dismissFront, type Http3NginxHandle, superviseWithHttp3 } from "#edge/io/nginx-http3.ts";
import { ownProcesses } from "#edge/io/nginx-process.ts";
import { serveState } from "#edge/io/origin.ts";
import { edgeSettings } from "#edge/settings.ts";
import { systemClock } from "#io/clock.ts";
import {
  atEnd,
  FakeControl,
  freeListen,
  get,
  k1,
  k2,
  publish,
  sha256,
  signed,
  startAgent,
  tempFolder,
  tools,
  until,
} from "./edge-rig.ts";
import { getTls, type Made, makeCertificate, missingTls } from "./edge-tls-rig.ts";

const caddy = process.env.MILLRACE_EDGE_CADDY ?? "/usr/bin/caddy";
const browserPath = process.env.MILLRACE_CHROMIUM ?? "/usr/bin/chromium";
const missingFront = missingTls || (existsSync(caddy) ? false : `${caddy} is missing: apt-get install caddy`);
const missingBrowser = missingFront || (existsSync(browserPath) ? false : `${browserPath} is missing`);
const settings = { ...defaultsOf(edgeSettings), workers: 2, stopGraceMs: 1000 };

interface Box {
  readonly folder: string;
  readonly front: string;
  readonly listen: string;
  readonly secure: string;
  /** UDP. */
  readonly quick: string;
  readonly made: Made;
  readonly events: FrontEvent[];
  readonly nginx: Http3NginxHandle;
  again(): Promise<Http3NginxHandle>;
}

async function open(t: TestContext): Promise<Box> {
  const folder = tempFolder(t);
  // So that workers, and the front, need not be root.
  chmodSync(folder, 0o755);
  const [listen, secure, quick] = [await freeListen(), await freeListen(), await freeListen()];
  const addresses = [secure, quick].map((one) => `IP:${one.split(":")[0]}`);
  const made = makeCertificate(folder, "live", undefined, addresses);
  mkdirSync(join(folder, "v"));
  const prefixDir = join(folder, "nginx");
  const front = join(prefixDir, "front");
  const events: FrontEvent[] = [];
  const again = async (): Promise<Http3NginxHandle> => {
    const order = {
      ...{ nginx: tools.nginx?.path, modulesFolder: tools.nginxSetMisc, prefixDir },
      state: serveState(folder, listen, [k1], settings),
      ...{ stopGraceMs: 1000, signal: new AbortController().signal, onEvent: () => undefined },
    };
    const tls = { listen: secure, files: made, oldest: "1.3" as const, pollMs: 50 };
    const nginx = await superviseWithHttp3(
      order,
      { order: tls, clock: systemClock, onEvent: () => undefined },
      { listen: quick, caddy, onEvent: (event) => events.push(event) },
    );
    atEnd(t, () => nginx.stop());
    return nginx;
  };
  atEnd(t, () => endFronts(front));
  const nginx = await again();
  await until("the front to be announced", () => nginx.http3().up);
  return { folder, front, listen, secure, quick, made, events, nginx, again };
}

/** A page of the appliance, in a browser that speaks nothing but HTTP/3 to it. */
async function openPage(t: TestContext, { folder, quick, made }: Box): Promise<Page> {
  const { publicKey } = new X509Certificate(readFileSync(made.certificate));
  const spki = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
  const context = await chromium.launchPersistentContext(join(folder, "profile"), {
    executablePath: browserPath,
    args: [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
      ...["--disable-component-update", "--disable-sync", "--no-first-run"],
      ...[`--origin-to-force-quic-on=${quick}`, `--ignore-certificate-errors-spki-list=${spki}`],
    ],
  });
  atEnd(t, () => context.close());
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(`https://${quick}/`);
  return page;
}

/** What a page gets, and by which protocol. */
const fetchIn = (page: Page, path: string, range?: string) =>
  page.evaluate(
    async ([path, range]) => {
      const answer = await fetch(path ?? "", range === undefined ? {} : { headers: { range } });
      const body = await answer.arrayBuffer();
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
      const entries = performance.getEntriesByName(new URL(path ?? "", location.href).href);
      const [entry] = entries.slice(-1);
      return {
        status: answer.status,
        bytes: body.byteLength,
        sha256: Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join(""),
        protocol: entry instanceof PerformanceResourceTiming ? entry.nextHopProtocol : "",
      };
    },
    [path, range] as const,
  );

function altSvcOf(listen: string): Promise<string> {
  const [host = "", port = ""] = listen.split(":");
  return new Promise((resolve, reject) => {
    const asked = getSealed({ host, port, path: "/", agent: false, rejectUnauthorized: false }, (answer) => {
      answer.resume();
      resolve(`${answer.headers["alt-svc"]}`);
    });
    asked.on("error", reject);
  });
}

/** Where a process listens for TCP, from /proc. */
function tcpPortsOf(pid: number): readonly string[] {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  const rows = ["tcp", "tcp6"].flatMap((name) =>
    readFileSync(`/proc/${pid}/net/${name}`, "utf8").split("\n"),
  );
  return rows.flatMap((row) => {
    const [, local = "", , state, , , , , , inode] = row.trim().split(/\s+/);
    const isOwn = state === "0A" && links.includes(`socket:[${inode}]`);
    return isOwn ? [`${Number.parseInt(local.split(":")[1] ?? "", 16)}`] : [];
  });
}

const uidOf = (pid: number): string | undefined =>
  /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];

const portOf = (listen: string): string => listen.split(":")[1] ?? "";

test("[ED131] a browser gets a film by HTTP/3, byte for byte and by range; a forged path is refused, and the log tells who came how", {
  skip: missingBrowser,
}, async (t) => {
  const box = await open(t);
  const { folder, secure } = box;
  const bundle = publish(folder, "t1", "v360", 2, 900_000);
  const path = signed(k1, "t1", "v360/0.m4s");
  const page = await openPage(t, box);
  const whole = await fetchIn(page, path);
  assert.deepEqual(whole, { status: 200, bytes: 900_000, sha256: bundle.files[0]?.sha256, protocol: "h3" });
  const content = readFileSync(join(folder, "v/t1/v360/0.m4s"));
  const part = await fetchIn(page, path, "bytes=1000-1999");
  assert.deepEqual([part.status, part.protocol], [206, "h3"]);
  assert.equal(part.sha256, sha256(content.subarray(1000, 2000)));
  const forged = await fetchIn(page, signed(k2, "t1", "v360/1.m4s"));
  assert.deepEqual([forged.status, forged.protocol], [403, "h3"]);
  for (const trick of ["v360%2f1.m4s", "v360//1.m4s", "v360/1%2em4s"]) {
    const refused = await fetchIn(page, path.replace("v360/0.m4s", trick));
    assert.deepEqual([refused.status, refused.protocol], [403, "h3"], trick);
  }
  await box.nginx.apply({
    ...serveState(folder, box.listen, [k1], settings),
    denied: [{ kind: "session", id: "s1", untilMs: Date.now() + 60_000 }],
  });
  const denied = await fetchIn(page, `${path}?again`);
  assert.deepEqual([denied.status, denied.protocol], [403, "h3"]);
  const lie = { "x-millrace-client": "203.0.113.9", "x-forwarded-for": "203.0.113.9" };
  await getTls(secure, path, undefined, lie);
  const log = await until("both ways in the access log", () => {
    const text = readFileSync(join(folder, "nginx/logs/access.log"), "utf8");
    return (
      ["HTTP/3.0", "HTTP/1.1"].every((one) => text.includes(`"protocol":"${one}","tls":"TLSv1.3"`)) && text
    );
  });
  const lines = log.split("\n").filter((line) => line.includes("HTTP/3.0"));
  assert.ok(
    lines.every((line) => /"client":"127\.0\./.test(line)),
    "the browser's address, not the socket's",
  );
  assert.ok(!log.includes("203.0.113.9"), "nobody else is believed about addresses");
});

test("[ED132] [ED133] Alt-Svc names the front while it is up; killed, it is withdrawn, TCP serves on, and it comes back", {
  skip: missingFront,
}, async (t) => {
  const { folder, front, listen, secure, quick, nginx, events } = await open(t);
  publish(folder, "t1", "v360", 1, 100_000);
  const path = signed(k1, "t1", "v360/0.m4s");
  const here = `h3=":${portOf(quick)}"; ma=3600`;
  assert.equal(await altSvcOf(secure), here);
  assert.equal((await get(listen, path)).headers["alt-svc"], undefined, "plain HTTP has nowhere to go on to");
  const [first = 0] = await frontsOf(front);
  process.kill(first, "SIGKILL");
  await until("the front to be withdrawn", () => !nginx.http3().up);
  assert.match(nginx.trouble(), /the front/);
  assert.equal((await getTls(secure, path)).status, 200);
  await until("the front to be back", () => nginx.http3().up);
  assert.deepEqual([await altSvcOf(secure), nginx.trouble()], [here, ""]);
  const [second = 0] = await frontsOf(front);
  assert.notEqual(second, first);
  process.kill(second, "SIGSTOP");
  await until("a front that hangs to be withdrawn", () => !nginx.http3().up);
  assert.equal(await altSvcOf(secure), "clear");
  await until("another in its place", () => nginx.http3().up);
  assert.ok(!(await frontsOf(front)).includes(second));
  assert.ok(await answersQuic(quick));
  assert.ok(events.filter(({ kind }) => kind === "front-announced").length >= 3);
});

test("[ED135] [ED136] [ED200] the front keeps to its folder, has no admin port, takes a renewed certificate, and replaces one left behind", {
  skip: missingFront,
}, async (t) => {
  const { folder, front, quick, made, nginx, again } = await open(t);
  const [first = 0] = await frontsOf(front);
  assert.deepEqual(
    tcpPortsOf(first),
    [portOf(quick)],
    "no admin API, nothing but the port that it was given",
  );
  if (tools.nginx !== undefined && process.getuid?.() === 0) {
    const workers = (await ownProcesses(join(folder, "nginx"))).filter(({ kind }) => kind === "worker");
    assert.deepEqual(
      uidOf(first),
      uidOf(workers[0]?.pid ?? 0),
      "as nginx's workers, who are not root where it can be",
    );
  }
  const other = makeCertificate(folder, "other", undefined, [`IP:${quick.split(":")[0]}`]);
  const text = { certificate: readFileSync(other.certificate), key: readFileSync(other.key) };
  writeFileSync(made.certificate, text.certificate);
  writeFileSync(made.key, text.key);
  const second = await until("a front with the new certificate", async () => {
    const [pid] = await frontsOf(front);
    return nginx.http3().up && pid !== undefined && pid !== first && pid;
  });
  const work = workFolder(front);
  const onlooker = spawn("sleep", ["60"], { cwd: work, stdio: "ignore" });
  atEnd(t, () => onlooker.kill("SIGKILL"));
  await nginx.leave();
  assert.deepEqual(await frontsOf(front), [second], "it serves on without its agent");
  const next = await again();
  await until("the next agent's front", () => next.http3().up);
  const now = await frontsOf(front);
  assert.ok(now.length === 1 && now[0] !== second, `${now}`);
  assert.deepEqual(readdirSync(front).sort(), ["nginx.sock", "stderr.txt", "work"]);
  assert.doesNotMatch(readdirSync(work).join(" "), /autosave|\.(key|crt|pem)/);
  assert.equal(
    statSync(front).uid,
    process.getuid?.(),
    "the front cannot put anything beside nginx's socket",
  );
  await next.leave();
  await dismissFront(join(folder, "nginx"));
  assert.deepEqual(await frontsOf(front), [], "an agent without HTTP/3 leaves none");
  assert.equal(onlooker.exitCode ?? onlooker.signalCode, null, "who stands in its folder is no front");
  await next.stop();
});

test("[ED134] an agent without caddy serves over TCP, and says in its report what to install", {
  skip: missingTls,
}, async (t) => {
  const folder = tempFolder(t);
  const [listen, secure, quick] = [await freeListen(), await freeListen(), await freeListen()];
  const made = makeCertificate(folder, "some");
  const control = await new FakeControl(t).open();
  const tls = {
    MILLRACE_EDGE_TLS_LISTEN: secure,
    MILLRACE_EDGE_TLS_CERTIFICATE: made.certificate,
    MILLRACE_EDGE_TLS_KEY: made.key,
  };
  const http3 = { MILLRACE_EDGE_HTTP3_LISTEN: quick, MILLRACE_EDGE_CADDY: join(folder, "no-caddy") };
  startAgent(t, { dir: join(folder, "box"), listen, control: control.url }, { ...tls, ...http3 });
  const report = await control.report("HTTP/3", ({ http3, nginx }) => http3 !== undefined && nginx === "up");
  if (report.http3?.by !== "nginx") {
    const because = "HTTP/3 wanted, caddy is not installed: apt-get install caddy";
    assert.deepEqual(report.http3, { by: "nobody", up: false, because });
    assert.equal(report.trouble, because);
  }
  assert.equal((await getTls(secure, "/")).status, 403);
  const alone = startAgent(
    t,
    { dir: join(folder, "box2"), listen: await freeListen(), control: control.url },
    http3,
  );
  assert.notEqual(await alone.ended(), 0);
  assert.match(alone.stderr(), /HTTP\/3 is wanted.*none without TLS/s);
});
