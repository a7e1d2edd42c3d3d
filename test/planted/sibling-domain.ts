// planted at src/place/planted.ts: lint/style/noRestrictedImports
import { rank } from "#steer/rank.ts";
export const order = rank;
