// What of PostgreSQL our statements may use: what CockroachDB documents too, as that cannot be run here. Sources: its documentation,
// v24.1 to v26.3: PostgreSQL compatibility; SQL feature support; Known limitations; Online schema changes; Trigram indexes; Cursors.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { test } from "node:test";
import { migrations } from "./migration-list.ts";

interface Forbidden {
  readonly what: string;
  readonly pattern: RegExp;
  /** Files whose statement does without it where the database refuses. */
  readonly except?: readonly string[];
}

const forbidden: readonly Forbidden[] = [
  { what: "LISTEN and NOTIFY (unsupported: events)", pattern: /^\s*(un)?listen\b|\bnotify\b|pg_notify/i },
  { what: "advisory locks (they do nothing there)", pattern: /advisory/i },
  { what: "LOCK TABLE", pattern: /\block table\b/i },
  { what: "deferrable constraints", pattern: /\bdeferrable\b|\binitially deferred\b/i },
  { what: "exclusion constraints", pattern: /\bexclude using\b/i },
  {
    what: "triggers, rules and functions of our own",
    pattern: /\bcreate (or replace )?(trigger|rule|function|procedure)\b/i,
  },
  { what: "PL/pgSQL blocks", pattern: /^\s*do\s+\$|plpgsql/i },
  { what: "domains", pattern: /\bcreate domain\b/i },
  { what: "range types", pattern: /\b(int4|int8|num|ts|tstz|date)(multi)?range\b/i },
  { what: "XML", pattern: /\bxml\w*\s*\(|::xml\b/i },
  { what: "inheritance and unlogged tables", pattern: /\binherits\b|\bunlogged\b/i },
  {
    what: "sequences (their numbers have gaps and serve nobody here)",
    pattern: /\b(big|small)?serial\b|\bnextval\b/i,
  },
  { what: "places of rows", pattern: /\bctid\b|\bxmin\b/i },
  { what: "MERGE", pattern: /\bmerge into\b/i },
  { what: "COPY", pattern: /^\s*copy\b/i },
  { what: "prepared transactions (XA)", pattern: /\bprepare transaction\b/i },
  { what: "backward and binary cursors", pattern: /\bscroll cursor\b|\bbinary cursor\b|\bwith hold\b/i },
  { what: "hash indexes", pattern: /\busing hash\b/i },
  {
    what: "full-text search beyond tsvector, tsquery and @@",
    pattern: /websearch_to|ts_rank_cd|setweight|phraseto/i,
  },
  { what: "word similarity", pattern: /word_similarity|<%|%>|<->/i },
  // Asked of the embedded database alone, which has no daemon for it.
  { what: "VACUUM", pattern: /^\s*vacuum\b/i, except: ["qoe-store.ts"] },
  // Attempted: without it search mends no typing errors.
  { what: "extensions", pattern: /\bcreate extension\b|\bpg_extension\b/i, except: ["trigrams.ts"] },
  { what: "storage parameters", pattern: /\bfastupdate\b|\bfillfactor\b/i, except: ["trigrams.ts"] },
  // There a whole number divided by a whole number is none.
  { what: "a division without a decimal point", pattern: /^(?![\s\S]*\d\.\d)[\s\S]*[\w)] \/ [\w(]/i },
];

/** Comments stand on lines of their own here. */
function withoutComments(source: string): string {
  return source
    .split("\n")
    .filter((line) => !/^\s*(\/\/|\/?\*)/.test(line))
    .join("\n");
}

const verb =
  /\b(select|insert|update|delete|create|alter|drop|with|set|vacuum|analyze|declare|fetch|listen|notify|lock|do|copy|merge|case|sum|count|coalesce|extract)\b/i;

/** String and template literals that read like SQL; words for people hold no such verb in front. */
function statementsOf(source: string): readonly string[] {
  const literals = withoutComments(source).match(/`(?:[^`\\]|\\.)*`|"(?:[^"\\\n]|\\.)*"/g) ?? [];
  return literals
    .map((literal) => literal.slice(1, -1))
    .filter((text) => verb.test(text.split(/\s+/).slice(0, 3).join(" ")));
}

function complaints(file: string, statements: readonly string[]): readonly string[] {
  return statements.flatMap((statement) =>
    forbidden
      .filter(({ pattern, except = [] }) => pattern.test(statement) && !except.includes(basename(file)))
      .map(({ what }) => `${file}: ${what}: ${statement.slice(0, 80)}`),
  );
}

/** Tables that one statement changes in two places; CockroachDB has to be told that the rows are never the same. */
function changedTwice(statement: string): readonly string[] {
  const changed = [
    ...statement.matchAll(/\b(?:insert into|update|delete from)\s+([a-z_]+)\s*(?:\(|set|using|where|$)/gi),
  ].map(([, table = ""]) => table);
  return [...new Set(changed.filter((table, at) => changed.indexOf(table) !== at))];
}

const files = globSync("src/data/io/*.ts").filter((file) => !/\.test\.ts$|cassandra/.test(file));

test("[DA283] no statement of ours uses what CockroachDB does not document", () => {
  const all = files.map((file) => ({ file, statements: statementsOf(readFileSync(file, "utf8")) }));
  const count = all.reduce((sum, { statements }) => sum + statements.length, 0);
  assert.ok(count > 150, `only ${count} statements were found: this would check little`);
  assert.deepEqual(
    all.flatMap(({ file, statements }) => complaints(file, statements)),
    [],
  );
  assert.deepEqual(
    migrations.flatMap(({ name, statements }) => complaints(name, statements)),
    [],
  );
  // By Kysely's builder, which writes it without a literal; `for no key update`, which it writes too, is `for update` there.
  const built = files.filter((file) => /\.(mergeInto)\(/.test(readFileSync(file, "utf8")));
  assert.deepEqual(built, []);
});

test("[DA283] each thing that CockroachDB lacks is seen where it is planted", () => {
  const planted = [
    "listen changes",
    "select pg_advisory_lock(1)",
    "alter table a add constraint b unique (c) deferrable initially deferred",
    "create trigger t after insert on a execute function f()",
    "do $$ begin end $$",
    "create table a (b bigserial)",
    "declare c scroll cursor for select 1",
    "vacuum account",
    "create extension hstore",
    "select stall_ms / play_ms from qoe_session",
  ];
  for (const statement of planted) {
    const source = `// a word: listen\nconst it = sql\`${statement}\`;\n`;
    assert.equal(complaints("planted.ts", statementsOf(source)).length, 1, statement);
  }
  assert.deepEqual(complaints("planted.ts", statementsOf('const a = "select a * 1.0 / b from c";')), []);
});

test("[DA283] only the statements of screens change one table in two places, and CockroachDB is told of that", () => {
  const twice = files.flatMap((file) =>
    statementsOf(readFileSync(file, "utf8")).flatMap((statement) =>
      changedTwice(statement).map((table) => `${basename(file)} ${table}`),
    ),
  );
  assert.deepEqual(twice, ["lease-sql.ts lease", "lease-sql.ts lease"]);
  assert.match(readFileSync("src/data/io/server.ts", "utf8"), /enable_multiple_modifications_of_table/);
  assert.deepEqual(changedTwice("with a as (delete from x using y) insert into x (z) select 1"), ["x"]);
});
