import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openMail } from "./mail.ts";

const from = "Films <films@example.org>";
const text = "A link:\n\nhttps://f.example/reset#abc\n\nÅ “quoted” line\n.\nand one that begins with a dot\n";

test("[CO113] without a mail server each mail is a file of its own that its owner alone may read", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-mail-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const mail = openMail({ smtpUrl: "", from, folder: join(folder, "mail"), most: 2 });
  await mail.send({ to: "old@example.org", subject: "The oldest goes first", text });
  await mail.send({ to: "zoë@example.org", subject: "Set a new password", text });
  // What tries to begin another header, or a second mail, is an address that nobody has.
  await mail.send({ to: "a@example.org\r\nBcc: all@example.org", subject: "x\r\nX-Evil: 1", text });
  const names = (await readdir(join(folder, "mail"))).toSorted();
  assert.equal(names.length, 2, "the newest two");
  const texts = await Promise.all(names.map((name) => readFile(join(folder, "mail", name), "utf8")));
  const [first = "", second = ""] = texts;
  assert.match(first, /^From: Films <films@example.org>\r$/m);
  assert.match(first, /^Subject: Set a new password\r$/m);
  assert.match(first, /^Content-Type: text\/plain; charset=utf-8\r$/m);
  assert.doesNotMatch(second, /^(Bcc|X-Evil):/m);
  for (const name of names) assert.equal((await stat(join(folder, "mail", name))).mode & 0o777, 0o600);
});

/** The least of RFC 5321 that takes mails, and what it was told. */
async function mailServer(answerTo: (command: string) => string | undefined) {
  const said: string[] = [];
  const server = createServer((socket) => {
    let body: string | undefined;
    socket.write("220 test\r\n");
    let rest = "";
    socket.on("data", (bytes) => {
      const lines = (rest + bytes.toString("utf8")).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (body !== undefined && line !== ".") {
          body += `${line}\n`;
          continue;
        }
        if (body !== undefined) {
          said.push(body);
          body = undefined;
          socket.write("250 taken\r\n");
          continue;
        }
        said.push(line);
        if (line === "DATA") body = "";
        socket.write(answerTo(line) ?? (line === "DATA" ? "354 go on\r\n" : "250 yes\r\n"));
        if (line === "QUIT") socket.end();
      }
    });
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { said, port, close: () => server.close() };
}

test("[CO113] a mail server is told envelope and text; a refusal is a fault without the mail's words", async (t) => {
  const server = await mailServer((line) => (line.includes("full@") ? "552 mailbox full\r\n" : undefined));
  t.after(() => server.close());
  const mail = openMail({ smtpUrl: `smtp://127.0.0.1:${server.port}`, from, folder: "unused", most: 1 });
  await mail.send({ to: "ada@example.org", subject: "Set a new password", text });
  assert.ok(server.said.includes("MAIL FROM:<films@example.org>"), server.said.join("\n"));
  assert.ok(server.said.includes("RCPT TO:<ada@example.org>"));
  const body = server.said.find((line) => line.includes("Subject: Set a new password")) ?? "";
  assert.ok(body.includes("https://f.example/reset#abc"));
  await assert.rejects(
    mail.send({ to: "full@example.org", subject: "s", text }),
    (error: unknown) =>
      error instanceof Error && /mailbox full/.test(error.message) && !error.message.includes("reset#abc"),
  );
});

test("[CO113] a password is not said to a mail server that has no TLS", async (t) => {
  const server = await mailServer((line) => (line === "STARTTLS" ? "454 not here\r\n" : undefined));
  t.after(() => server.close());
  const smtpUrl = `smtp://films:a-secret-word@127.0.0.1:${server.port}`;
  const mail = openMail({ smtpUrl, from, folder: "unused", most: 1 });
  await assert.rejects(mail.send({ to: "ada@example.org", subject: "s", text }));
  assert.ok(server.said.length > 0);
  const plain = Buffer.from("\u0000films\u0000a-secret-word").toString("base64");
  assert.ok(!server.said.some((line) => line.includes("a-secret-word") || line.includes(plain)));
});

test("[CO113] an address of a mail server that is none is refused without its password", () => {
  for (const smtpUrl of ["mail.example.org", "https://u:a-secret-word@x", "smtp://", "smtp:///x"]) {
    assert.throws(
      () => openMail({ smtpUrl, from, folder: "unused", most: 1 }),
      (error: unknown) => error instanceof Error && !error.message.includes("a-secret-word"),
      smtpUrl,
    );
  }
});
