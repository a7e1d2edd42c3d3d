// Asks a server for files over TLS by HTTP/1.1 or HTTP/2, one after the other on each of a few connections, and decrypts and counts
// what comes. Slower than edge-client.py, and the same for both protocols.
//
//   edge-tcp-client.ts '{"host", "port", "protocol", "paths", "bodyBytes", "requests", "connections"}'   prints one line of JSON
import { connect } from "node:http2";
import { Agent, get } from "node:https";
import { z } from "zod";

const order = z
  .object({
    ...{ host: z.string(), port: z.number(), protocol: z.enum(["h1", "h2"]), paths: z.array(z.string()) },
    ...{ bodyBytes: z.number(), requests: z.number(), connections: z.number() },
  })
  .parse(JSON.parse(process.argv[2] ?? ""));

/** So large that the server never waits for leave to send. */
const windowBytes = 32 << 20;

type Ask = (path: string) => Promise<number>;

interface Connection {
  readonly ask: Ask;
  close(): void;
}

function overHttp1(): Connection {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 1,
    rejectUnauthorized: false,
    minVersion: "TLSv1.3",
  });
  const { host, port } = order;
  const ask: Ask = (path) =>
    new Promise((resolve, reject) => {
      get({ host, port, path, agent }, (answer) => {
        let bytes = 0;
        answer.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
        });
        answer.on("end", () => resolve(answer.statusCode === 200 ? bytes : -1)).on("error", reject);
      }).on("error", reject);
    });
  return { ask, close: () => agent.destroy() };
}

function overHttp2(): Connection {
  const settings = { initialWindowSize: windowBytes };
  const session = connect(`https://${order.host}:${order.port}`, { rejectUnauthorized: false, settings });
  session.once("connect", () => session.setLocalWindowSize(windowBytes));
  const ask: Ask = (path) =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ":path": path });
      let [bytes, status] = [0, 0];
      stream.on("response", (headers) => {
        status = Number(headers[":status"]);
      });
      stream.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      stream.on("end", () => resolve(status === 200 ? bytes : -1)).on("error", reject);
    });
  return { ask, close: () => session.destroy() };
}

async function load(): Promise<number> {
  const { connection, each } = {
    connection: order.protocol === "h1" ? overHttp1() : overHttp2(),
    each: order.requests / order.connections,
  };
  let total = 0;
  for (let i = 0; i < each; i++) {
    const path = order.paths[i % order.paths.length] ?? "";
    const bytes = await connection.ask(path);
    if (bytes !== order.bodyBytes) throw new Error(`${bytes} bytes came of ${path}`);
    total += bytes;
  }
  connection.close();
  return total;
}

const begun = performance.now();
const loads = Array.from({ length: order.connections }, load);
const bodyBytes = (await Promise.all(loads)).reduce((sum, bytes) => sum + bytes, 0);
const { user, system } = process.cpuUsage();
const seconds = (performance.now() - begun) / 1000;
console.log(JSON.stringify({ bodyBytes, seconds, clientCpuSeconds: (user + system) / 1e6 }));
