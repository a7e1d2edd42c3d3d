// planted at src/model/planted.ts: lint/style/noNonNullAssertion
export const first = [1].at(0)!;
