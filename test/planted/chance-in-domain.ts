// planted at src/place/planted.ts: plugin
export const chance = Math.random();
