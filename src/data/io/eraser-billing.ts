// What is left of a customer who is erased: books that lead to nobody.
import type { Kysely } from "kysely";
import type { Schema } from "./schema.ts";

/** In a transaction of the caller's: the customer's row loses every name. */
export async function anonymise(db: Kysely<Schema>, accountId: string): Promise<void> {
  await db
    .updateTable("billing_customer")
    .set({ account_id: null, provider_ref: null, method_ref: null, due_ms: null })
    .where("account_id", "=", accountId)
    .execute();
}
