// What was done to the film before anything was measured, and what of it was not used: every figure below is of what is left.
import type { PageReport } from "./report-page-data.ts";
import { type Markup, markup, nothing } from "./report-page-markup.ts";

export function intakeSection({ intake }: PageReport): Markup {
  if (intake === undefined) return nothing;
  const { mended, leftOut } = intake;
  const made =
    mended.length === 0
      ? markup`<p>The film was measured and encoded as it was handed in.</p>`
      : markup`<p>The film was brought into one plain shape once, and that is what everything is measured against. Why:</p>
${listOf(mended)}`;
  const left =
    leftOut.length === 0
      ? markup`<p>Nothing of it is left out.</p>`
      : markup`<p>Left out:</p>
${listOf(leftOut)}`;
  return markup`<section id="intake"><h2>The film as it came</h2>
${made}
${left}
</section>`;
}

function listOf(phrases: readonly string[]): Markup {
  return markup`<ul class="phrases">${phrases.map((phrase) => markup`<li><bdi>${phrase}</bdi></li>\n`)}</ul>`;
}
