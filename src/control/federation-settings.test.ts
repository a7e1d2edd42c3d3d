import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { readFederation } from "./federation-settings.ts";
import { identitySettings } from "./settings-identity.ts";

const off = defaultsOf(identitySettings);
const on = {
  ...{ ...off, oidcIssuer: "https://id.example.org/realms/x", oidcClientId: "millrace" },
  oidcPublicUrl: "https://watch.example.org",
};

test("[CO134] without an issuer there is no provider; with one, its settings are read as one thing", () => {
  assert.equal(readFederation(off).kind, "off");
  const reading = readFederation({ ...on, oidcScopes: " email  openid", oidcRoles: "root=admin" });
  assert.ok(reading.kind === "on");
  const { federation } = reading;
  assert.equal(federation.callback.href, "https://watch.example.org/v1/sign-in/oidc/callback");
  assert.equal(federation.scope, "openid email");
  assert.deepEqual(federation.rules, {
    linkByEmail: false,
    signUp: false,
    roles: new Map([["root", "admin"]]),
  });
});

test("[CO134] every setting that does not fit is told at once, and no secret with it", () => {
  const wrong = {
    ...{ oidcIssuer: "http://id.example.org", oidcClientId: "", oidcPublicUrl: "http://watch.example.org" },
    ...{ oidcRoles: "root=owner", oidcClientSecret: "hush", oidcClientSecretFile: "/run/secret" },
  };
  const reading = readFederation({ ...on, ...wrong });
  assert.ok(reading.kind === "refused");
  assert.deepEqual(
    reading.complaints.map((complaint) => complaint.split(/[: ]/)[0]),
    [
      ...["MILLRACE_OIDC_ISSUER", "MILLRACE_OIDC_CLIENT_ID", "MILLRACE_OIDC_PUBLIC_URL"],
      ...["MILLRACE_OIDC_ROLES", "MILLRACE_OIDC_CLIENT_SECRET"],
    ],
  );
  assert.doesNotMatch(reading.complaints.join(), /hush/);
  for (const url of ["https://x.org/path", "https://u@x.org", "https://x.org/?a", "ftp://x.org", "x"]) {
    assert.equal(readFederation({ ...on, oidcPublicUrl: url }).kind, "refused", url);
  }
});
