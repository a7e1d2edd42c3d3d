// The console's settings and money pages: an admin's against a real control plane over stores in memory, an operator's on fixtures.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { settingsByFolder } from "#bin/settings-tables.ts";
import { shownSettings } from "#config/shown.ts";
import { startInMemory } from "#test/fixtures/memory-control.ts";
import { cookieHeader, cookiesOf, knownPasswordHash } from "#test/fixtures/signed-in.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { builtPages, noBrowser, seriousViolations, visit } from "./pages-visit.ts";

const built = builtPages();
const skip = noBrowser;
const email = "boss@example.org";

test("[WE151] [WE152] [WE175] an admin finds a setting, makes a token that is seen once, gives a role, and checks the chain", {
  skip,
}, async (t) => {
  const { folder, browser } = built();
  assert.ok(browser !== undefined);
  const groups = shownSettings(settingsByFolder, { MILLRACE_OTLP_AUTHORIZATION: "hush-hush" });
  const more = { pagesFolder: folder, shownSettings: { groups } };
  const { control, stores } = await startInMemory({ billing: "offline" }, more);
  const passwordHash = await knownPasswordHash();
  for (const [who, role] of [
    [email, "admin"],
    ["ada@example.org", "viewer"],
  ] as const)
    await stores.accounts.create({ email: who, passwordHash, role, profileName: "P" });
  await control.publishTitle(smallTitle("film-1"));
  const cookies = await cookiesOf(control.url, email);
  await browser.context.addCookies(cookies.map((one) => ({ ...one, url: control.url })));
  const page = await browser.context.newPage();
  page.setDefaultTimeout(30_000);
  t.after(async () => {
    await page.close();
    await browser.context.clearCookies();
    await control.close();
  });
  await page.goto(`${control.url}/ops/settings`);
  const settings = page.getByRole("region", { name: "Settings" });
  await settings.getByLabel("Search").fill("otlp_authorization");
  await settings.getByText("MILLRACE_OTLP_AUTHORIZATION").waitFor();
  await settings.getByText("set", { exact: true }).waitFor();
  assert.ok(!(await page.content()).includes("hush-hush"));
  const tokens = page.getByRole("region", { name: "Tokens of workers and appliances" });
  await tokens.getByLabel("Name").fill("attic");
  await tokens.getByRole("button", { name: "Make a token" }).click();
  await tokens.getByText("Copy it now: it is never shown again.").waitFor();
  const token = await tokens.locator("pre").textContent();
  await tokens.getByRole("button", { name: "I have it" }).click();
  await tokens.getByRole("row", { name: /^attic worker/ }).waitFor();
  assert.ok(token !== null && token.length > 20 && !(await page.content()).includes(token.trim()));
  await tokens.getByRole("button", { name: "Revoke attic" }).click();
  await tokens.getByRole("button", { name: "Yes" }).click();
  await tokens.getByText("There are none.").waitFor();
  const accounts = page.getByRole("region", { name: "Accounts" });
  await accounts.getByLabel("Role of ada@example.org").selectOption("operator");
  await accounts.getByRole("button", { name: "Change the role of ada@example.org" }).click();
  assert.equal((await stores.accounts.byEmail("ada@example.org"))?.role, "viewer");
  const changed = page.waitForResponse((answer) => answer.url().endsWith("/role"));
  await accounts.getByRole("button", { name: "Yes" }).click();
  assert.ok((await changed).ok());
  const audit = page.getByRole("region", { name: "Who did what" });
  await audit.getByText("token.revoke").first().waitFor();
  await audit.getByRole("button", { name: "Check the chain" }).click();
  await audit.getByText(/^Whole: \d+ rows follow from one another, up to row \d+\.$/).waitFor();
  assert.equal((await stores.accounts.byEmail("ada@example.org"))?.role, "operator");
  assert.deepEqual(await seriousViolations(page), []);
  await bought(control.url);
  await givesBack(page, control.url);
  await givesCredit(page);
  assert.deepEqual(await seriousViolations(page), []);
});

async function givesBack(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/ops/money`);
  const refund = page
    .getByRole("region", { name: "Books" })
    .getByRole("form", { name: "Give back a payment" });
  await refund.getByLabel("Account’s email").fill("ada@example.org");
  await refund.getByRole("button", { name: "Show invoices" }).click();
  const invoice = refund.getByRole("combobox", { name: "Invoice" });
  await invoice.waitFor();
  const amount = refund.getByLabel("Amount, in minor units");
  assert.match(String(await invoice.textContent()), /^Now, .*: €7\.00 left$/);
  assert.deepEqual([await amount.inputValue(), await amount.getAttribute("max")], ["700", "700"]);
  await amount.fill("300");
  await refund.getByRole("button", { name: "Give back", exact: true }).click();
  await refund.getByText("Done; the books show it.").waitFor();
  await refund.getByLabel("Account’s email").fill("ada@example.org");
  await refund.getByRole("button", { name: "Show invoices" }).click();
  await refund.getByText(/€4\.00 left/).waitFor({ state: "attached" });
}

async function givesCredit(page: Page): Promise<void> {
  const books = page.getByRole("region", { name: "Books" });
  const credit = books.getByRole("form", { name: "Give credit" });
  await credit.getByLabel("Account’s email").fill("ada@example.org");
  await credit.getByLabel("Amount, in minor units").fill("250");
  await credit.getByLabel("Why").fill("a stalled evening");
  await credit.getByRole("button", { name: "Give", exact: true }).click();
  await credit.getByText("Done; the books show it.").waitFor();
  await books.getByRole("row", { name: /^EUR .*zero$/ }).waitFor();
}

/** Ada pays for a plan that the admin sells. */
async function bought(url: string): Promise<void> {
  const post = async (who: string, path: string, body: unknown): Promise<void> => {
    const headers = { "content-type": "application/json", "idempotency-key": `${who}${path}` };
    const cookie = cookieHeader(await cookiesOf(url, who));
    const order = { method: "POST", headers: { ...headers, cookie }, body: JSON.stringify(body) };
    const answer = await fetch(url + path, order);
    assert.ok(answer.ok, await answer.text());
  };
  const plan = { planId: "now", name: "Now", screens: 1, maxHeight: 720, priceMinor: 700, currency: "EUR" };
  await post(email, "/v1/admin/plans", { ...plan, period: "month", trialDays: 0 });
  await post("ada@example.org", "/v1/payment-method", { token: "tok_good" });
  await post("ada@example.org", "/v1/subscription", { planId: "now" });
  // The first payment is made in the background.
  const cookie = cookieHeader(await cookiesOf(url, "ada@example.org"));
  const deadline = performance.now() + 30_000;
  for (;;) {
    const answer = await fetch(`${url}/v1/invoices`, { headers: { cookie } });
    if ((await answer.text()).includes('"status":"paid"')) return;
    assert.ok(performance.now() < deadline, "the first payment was not made");
  }
}

test("[WE150] prices are called examples until one is entered, are remembered, and every amount follows", {
  skip,
}, async (t) => {
  const { page, api, complaints } = await visit(t, built(), true);
  await page.goto(`${api.url}/ops/money`);
  await page.getByText("examples", { exact: true }).waitFor();
  const titles = page.getByRole("region", { name: "Encoding against what it saves" });
  const repaidBy = (plays: number): Promise<void> =>
    titles.getByRole("row", { name: new RegExp(`^Lakeside .* ${plays} in this span `) }).waitFor();
  // (41,900 − 900) / 3600 h × 0.04 over 0.23 GB × 0.01.
  await repaidBy(199);
  await page.getByLabel("A GB sent by you").fill("0.1");
  await repaidBy(20);
  await page.reload();
  await repaidBy(20);
  assert.equal(await page.getByText("examples", { exact: true }).count(), 0);
  assert.equal(await page.getByRole("region", { name: "Books" }).count(), 0, "an operator sees no books");
  await page.goto(`${api.url}/ops/settings`);
  await page.getByText("are for admins").waitFor();
  assert.deepEqual(complaints, []);
});
