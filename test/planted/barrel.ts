// planted at src/units/planted.ts: lint/performance/noBarrelFile
export { bytes, seconds } from "./quantity.ts";
export { assert } from "./assert.ts";
