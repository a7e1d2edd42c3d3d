import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { film } from "#test/fixtures/small-works.ts";
import { readCsv, writeCsv } from "./csv-form.ts";
import { decoded } from "./encoding.ts";
import { readMoment, writeMoment } from "./moment.ts";

const only = (text: string) => {
  const { rows, complaints } = readCsv(text);
  assert.deepEqual(complaints, []);
  return rows[0]?.value ?? assert.fail();
};

test("[CA30] a row becomes a work: texts by language, lists, people with roles, windows", () => {
  const columns = "id,kind,title,language,name,name:de,genres,people,ratings,windows,year";
  const cells = [
    'm1,film,t1,en,"The ""Matrix"", 1",Die Matrix,Action|Science\\|Fiction',
    '"cast: Keanu Reeves = Neo|director: A \\= B"',
    "FSK 16|BBFC 15,DE AT 2026-01-31..2026-12-31T18:30Z|* ..,1999",
  ];
  assert.deepEqual(only(`${columns}\n${cells.join(",")}\n`), {
    kind: "film",
    id: "m1",
    titleId: "t1",
    language: "en",
    names: { en: 'The "Matrix", 1', de: "Die Matrix" },
    synopses: {},
    year: 1999,
    genres: ["Action", "Science|Fiction"],
    credits: [
      { name: "Keanu Reeves", job: "cast", role: "Neo" },
      { name: "A = B", job: "director", role: null },
    ],
    age: null,
    ratings: ["FSK 16", "BBFC 15"],
    windows: [
      { territories: ["DE", "AT"], fromMs: 1_769_817_600_000, untilMs: 1_798_741_800_000 },
      { territories: [], fromMs: null, untilMs: null },
    ],
  });
});

test("[CA31] comma, semicolon and tab divide cells; the first line says which", () => {
  for (const separator of [",", ";", "\t"]) {
    for (const end of ["\n", "\r\n"]) {
      const text = [
        ["id", "kind", "name"],
        ["a", "film", '"x, y; z"'],
      ].map((row) => row.join(separator));
      assert.deepEqual(only(`\ufeff${text.join(end)}${end}`).names, { en: "x, y; z" });
    }
  }
  assert.match(readCsv("name;kind\na;b").complaints[0]?.because ?? "", /"id" among them/);
  assert.match(readCsv("").complaints[0]?.because ?? "", /"id" among them/);
});

test("[CA32] what is wrong is said with its line, its column and what was wanted", () => {
  const said = (text: string) =>
    readCsv(text).complaints.map(({ line, field, because }) => `${line} ${field}: ${because}`);
  const table = [
    "id,kind,name,year,people,windows",
    'a,film,"two',
    'lines",x,,',
    "b,film,B,1,nobody,",
    "c,film,C,1,cast: ,DE 2026-02-30..",
    "d,film",
    "e,film,E,1,cast: A=B=C,DE",
  ];
  const complaints = said(table.join("\n"));
  assert.match(complaints[0] ?? "", /^2 year: "x" is no whole number/);
  assert.match(complaints[1] ?? "", /^4 people: "nobody": wanted JOB: NAME/);
  assert.match(complaints[2] ?? "", /^5 people: .* names nobody/);
  assert.match(complaints[3] ?? "", /^5 windows: .*wanted moments in UTC/);
  assert.match(complaints[4] ?? "", /^6 : 2 cells, while the first line names 6 columns/);
  assert.match(complaints[5] ?? "", /^7 people: .* two roles/);
  assert.match(complaints[6] ?? "", /^7 windows: .*wanted TERRITORIES/);
  assert.equal(complaints.length, 7);
  assert.match(said("id,kind,colour\na,b,c")[0] ?? "", /^1 colour: is no column/);
  assert.match(said("id,kind,id\na,b,c")[0] ?? "", /^1 id: is there twice/);
  assert.match(said('id,kind\na,"open')[0] ?? "", /quote/i);
});

test("[CA33] letters are what the file says they are, and never guessed", () => {
  const text = "id,kind\nż,film\n";
  const utf16 = Uint8Array.from([0xff, 0xfe, ...Buffer.from(text, "utf16le")]);
  for (const bytes of [Buffer.from(text), Buffer.from(`\ufeff${text}`), utf16]) {
    assert.deepEqual(decoded(bytes, undefined), { kind: "text", text });
  }
  const latin = Uint8Array.from([...Buffer.from("id,kind\na,b\n"), 0xfc]);
  assert.deepEqual(decoded(latin, "windows-1252"), { kind: "text", text: "id,kind\na,b\nü" });
  const refused = decoded(latin, undefined);
  assert.ok(refused.kind === "refused" && refused.line === 3);
  assert.ok(decoded(latin, "klingon").kind === "refused");
});

test("[CA34] moments are written as they are read, in UTC, and days that are none are refused", () => {
  assert.equal(readMoment("1970-01-01"), 0);
  assert.equal(readMoment("2024-02-29T12:00Z"), Date.UTC(2024, 1, 29, 12));
  const refused = ["2023-02-29", "2024-13-01", "2024-1-1", "2024-01-01T25:00Z", "2024-01-01T10:00", ""];
  assert.deepEqual([...new Set(refused.map(readMoment))], [undefined]);
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), (date) => {
      assert.equal(readMoment(writeMoment(date.getTime())), date.getTime());
      assert.equal(readMoment(date.toISOString()), date.getTime());
    }),
    { seed: 34 },
  );
});

test("[CA35] a table opens as UTF-8 where marks of byte order are asked for", () => {
  assert.ok(writeCsv([film("a")]).startsWith("\ufeffid,"));
});
