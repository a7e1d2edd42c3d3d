import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { edgeSettings } from "#edge/settings.ts";
import { Fault } from "#units/fault.ts";
import { type NginxPlace, renderConfig } from "./nginx-files.ts";
import { serveState } from "./origin.ts";

const prefixDir = "/srv/box/nginx";

/** The text for an agent that is root, with this user wished for. */
function textFor(nginxUser: string): string {
  const settings = { ...defaultsOf(edgeSettings), workers: 1, nginxUser };
  const state = serveState("/srv/box", "127.0.0.1:8181", [], settings);
  const place: NginxPlace = {
    nginx: "/usr/sbin/nginx",
    modulesFolder: undefined,
    prefixDir,
    socket: `${prefixDir}/status.sock`,
    config: `${prefixDir}/conf/nginx.conf`,
    candidate: `${prefixDir}/conf/nginx.conf.candidate`,
    lastGood: `${prefixDir}/conf/nginx.conf.last-good`,
    errorLog: `${prefixDir}/logs/error.log`,
    accessLog: `${prefixDir}/logs/access.log`,
    user: state.user,
  };
  return renderConfig(place, state).text;
}

test("[ED67] a user's name is plain text, or is refused with what was found", () => {
  const tricks = [
    'www"; load_module "/tmp/x.so',
    "www-data root",
    "a;b",
    "a$b",
    "a\\",
    "a\nb",
    "Root",
    "-a",
    "ä",
  ];
  for (const user of [...tricks, "a".repeat(32)]) {
    assert.throws(
      () => textFor(user),
      (error: unknown) =>
        error instanceof Fault && error.code === "user-unusable" && error.message.includes(`"${user}"`),
      JSON.stringify(user),
    );
  }
  for (const user of ["www-data", "root", "_".padStart(31, "a")])
    assert.ok(textFor(user).includes(`\nuser "${user}";\n`), user);
  assert.doesNotMatch(textFor(""), /\nuser /);
});
