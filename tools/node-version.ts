/** Ends the program with an explanation when it does not run under Node 24: a shell may have kept an older `node`. */
export function demandNode24(): void {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= 24) return;
  console.error(
    `This needs Node 24 and runs under ${process.version}. Use the npm scripts: npm start, npm test, npm run check.`,
  );
  process.exit(1);
}
