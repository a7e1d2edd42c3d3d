// planted at src/encode/planted.ts: lint/correctness/noNodejsModules
import { readFileSync } from "node:fs";
export const text = readFileSync("x");
