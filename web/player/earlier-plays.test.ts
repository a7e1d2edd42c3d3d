import assert from "node:assert/strict";
import { test } from "node:test";
import { EarlierPlays, type EarlierPorts, networkOf } from "./earlier-plays.ts";

function storageWith(first: string | null): ReturnType<EarlierPorts["storage"]> {
  let text = first;
  return {
    getItem: () => text,
    setItem: (_, next) => {
      text = next;
    },
  };
}

function plays(change: Partial<EarlierPorts>): EarlierPlays {
  const storage = storageWith(null);
  return new EarlierPlays({
    storage: () => storage,
    network: () => "wifi",
    nowMs: () => 5000,
    id: "a",
    ...change,
  });
}

test("[PY141] the next play begins with what this one saw, on the same kind of network", () => {
  const storage = storageWith(null);
  const ports = { storage: () => storage };
  const first = plays(ports);
  assert.equal(first.kbps(), undefined);
  first.remember(undefined);
  assert.equal(plays(ports).kbps(), undefined, "nothing was measured");
  first.remember(900);
  first.remember(1800.4);
  assert.equal(plays({ ...ports, id: "b" }).kbps(), 1800);
  assert.equal(plays({ ...ports, network: () => "cellular" }).kbps(), undefined);
});

test("[PY142] a storage that is missing, forbidden, full or holds nonsense is harmless", () => {
  const refuse = (): never => {
    throw new Error("SecurityError");
  };
  const unwilling = [
    refuse,
    () => ({ getItem: refuse, setItem: refuse }),
    () => ({ getItem: () => null, setItem: refuse }),
  ];
  for (const storage of unwilling) {
    const one = plays({ storage });
    one.remember(1000);
    assert.equal(one.kbps(), undefined);
  }
  const spoiled = storageWith('{"not":"a list"}');
  const one = plays({ storage: () => spoiled });
  assert.equal(one.kbps(), undefined);
  one.remember(1000);
  assert.equal(one.kbps(), 1000, "and is mended");
});

test("[PY141] a network is called what the browser calls it, or unknown", () => {
  assert.equal(networkOf({}), "unknown");
  assert.equal(networkOf({ connection: null }), "unknown");
  assert.equal(networkOf({ connection: { effectiveType: "4g" } }), "4g");
  assert.equal(networkOf({ connection: { type: "wifi", effectiveType: "4g" } }), "wifi");
  assert.equal(networkOf({ connection: { type: "unknown", effectiveType: "3g" } }), "3g");
});
