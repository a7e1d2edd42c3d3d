// The account of an email, as an admin writes it.
import { askFor } from "#web/api.ts";
import { getAdminAccounts } from "#web/ops/money-client.ts";

export async function accountOf(email: string): Promise<string> {
  const found = await askFor(getAdminAccounts({ search: email }));
  const account = found.accounts.find((one) => one.email.toLowerCase() === email.toLowerCase());
  if (account === undefined) throw new Error(`There is no account ${email}.`);
  return account.id;
}
