// Node's own file serving, as it is usually written: http and a stream of 64 KiB pieces. Ends with its input.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import { join, normalize } from "node:path";
import { pipeline } from "node:stream/promises";

const [folder = ".", port = "0"] = process.argv.slice(2);

async function answer(path: string, response: ServerResponse): Promise<void> {
  const file = join(folder, normalize(path));
  const { size } = await stat(file);
  response.writeHead(200, { "content-type": "video/iso.segment", "content-length": size });
  await pipeline(createReadStream(file, { highWaterMark: 65_536 }), response);
}

const server = createServer((request, response) => {
  answer(request.url ?? "/", response).catch(() => response.destroy());
});
server.listen(Number(port), "127.0.0.1");
process.stdin.on("end", () => process.exit(0)).resume();
