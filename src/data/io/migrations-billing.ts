// Plans, subscriptions, the ledger, and answers kept by idempotency key.
import type { Migration } from "./migration-list.ts";

export const billingMigration: Migration = {
  name: "0010-billing",
  statements: [
    `create table price_plan (
       id text not null, version bigint not null, name text not null, screens bigint not null,
       max_height bigint not null, price_minor bigint not null check (price_minor >= 0), currency text not null,
       period text not null, trial_days bigint not null, offered boolean not null, created_at_ms bigint not null,
       told_from_ms bigint, primary key (id, version))`,
    `insert into price_plan values
       ('basic', 1, 'Basic', 1, 720, 499, 'EUR', 'month', 14, true, 0, null),
       ('standard', 1, 'Standard', 2, 1080, 999, 'EUR', 'month', 14, true, 0, null),
       ('premium', 1, 'Premium', 4, 2160, 1499, 'EUR', 'month', 14, true, 0, null)`,
    `create table billing_customer (
       id text primary key, account_id text unique, provider_ref text, method_ref text,
       postings bigint not null default 0, subscription jsonb, due_ms bigint)`,
    `create index billing_customer_due on billing_customer (due_ms)`,
    `create index billing_customer_ref on billing_customer (provider_ref)`,
    // One invoice of its kind per subscription and period, for ever.
    `create table invoice (
       customer_id text not null references billing_customer (id), key text not null, issued_at_ms bigint not null,
       value jsonb not null, primary key (customer_id, key))`,
    `create table payment_task (
       id text primary key, customer_id text not null references billing_customer (id), kind text not null,
       invoice_key text not null, number bigint not null, amount_minor bigint not null check (amount_minor > 0),
       currency text not null, present boolean not null, state text not null, due_ms bigint not null, sent_at_ms bigint, provider_ref text,
       action_url text, reason text)`,
    `create index payment_task_due on payment_task (state, due_ms)`,
    `create index payment_task_customer on payment_task (customer_id, state)`,
    `create index payment_task_ref on payment_task (provider_ref)`,
    // Debits positive, credits negative. A row that does not balance cannot be written.
    `create table ledger (
       customer_id text not null references billing_customer (id), number bigint not null, at_ms bigint not null,
       reason text not null, currency text not null, receivable bigint not null, cash bigint not null,
       revenue bigint not null, deferred bigint not null, tax bigint not null, refunds bigint not null,
       credits bigint not null, primary key (customer_id, number),
       check (receivable + cash + revenue + deferred + tax + refunds + credits = 0))`,
    `create table payment_event (
       provider text not null, id text not null, at_ms bigint not null, primary key (provider, id))`,
    `create index payment_event_at on payment_event (at_ms)`,
    `create table idempotency_key (
       account_id text not null, key text not null, body_hash text not null, holder text not null,
       taken_at_ms bigint not null, held_until_ms bigint not null, status bigint, body text,
       primary key (account_id, key))`,
    `create index idempotency_key_at on idempotency_key (taken_at_ms)`,
  ],
};
