// Asks a running nginx over its own unix socket: how busy it is, and which configuration answers.
import { request } from "node:http";

export interface Stub {
  /** Open now, without the one that asks. */
  readonly connections: number;
  /** Since this nginx started. */
  readonly requests: number;
}

const deadlineMs = 1000;
const longestAnswer = 4096;

/** Counts of nginx's stub_status module. */
export async function readStub(socketPath: string): Promise<Stub> {
  const text = await ask(socketPath, "/stub");
  const [, , requests = 0] = (/\n\s*(\d+) (\d+) (\d+)/.exec(text)?.slice(1) ?? []).map(Number);
  const active = Number(/Active connections: (\d+)/.exec(text)?.[1] ?? 1);
  return { connections: Math.max(0, active - 1), requests };
}

/** Name of the configuration that answers, or undefined when none does. */
export async function readGeneration(socketPath: string): Promise<string | undefined> {
  return ask(socketPath, "/generation").catch(() => undefined);
}

/** Whether it says anything in this time; `unasked` when the question did not reach it. */
export async function askForLife(
  socketPath: string,
  waitMs: number,
): Promise<"answered" | "silent" | "unasked"> {
  return ask(socketPath, "/generation", waitMs).then(
    () => "answered",
    (error: unknown) => (error instanceof Error && isSilence(error) ? "silent" : "unasked"),
  );
}

/** EAGAIN: its queue of connections is full, because it takes none. Source: unix(7), connect(2). */
function isSilence(error: Error): boolean {
  return (
    error.name === "TimeoutError" ||
    error.name === "AbortError" ||
    ("code" in error && error.code === "EAGAIN")
  );
}

function ask(socketPath: string, path: string, waitMs = deadlineMs): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { socketPath, path, agent: false, signal: AbortSignal.timeout(waitMs) },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => {
          text += chunk;
          if (text.length > longestAnswer) answer.destroy(new Error("nginx answered too much"));
        });
        answer.on("error", reject);
        answer.on("end", () => resolve(text));
      },
    );
    asked.on("error", reject);
    asked.end();
  });
}
