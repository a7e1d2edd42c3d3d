import assert from "node:assert/strict";
import { test } from "node:test";
import { Sheets } from "./sheets.ts";

test("[WE172] a sheet is shown once it is decoded, from the address that brought it, and fetched once", async () => {
  const asked: string[] = [];
  const gate = Promise.withResolvers<void>();
  const sheets = new Sheets(async (url) => {
    asked.push(url);
    await gate.promise;
  });
  const both = [sheets.fetch("http://a/signed-1/sheet.jpg"), sheets.fetch("http://a/signed-2/sheet.jpg")];
  assert.equal(sheets.shown("http://a/signed-1/sheet.jpg"), undefined);
  gate.resolve();
  await Promise.all(both);
  assert.equal(sheets.shown("http://a/signed-2/sheet.jpg"), "http://a/signed-1/sheet.jpg");
  await sheets.fetch("http://a/signed-3/sheet.jpg");
  assert.deepEqual(asked, ["http://a/signed-1/sheet.jpg"]);
});

test("[WE172] a sheet that could not be had is asked for again", async () => {
  let tries = 0;
  const sheets = new Sheets(() => {
    tries += 1;
    return tries === 1 ? Promise.reject(new Error("gone")) : Promise.resolve();
  });
  await sheets.fetch("http://a/sheet.jpg");
  assert.equal(sheets.shown("http://a/sheet.jpg"), undefined);
  await sheets.fetch("http://a/sheet.jpg");
  assert.equal(sheets.shown("http://a/sheet.jpg"), "http://a/sheet.jpg");
});
