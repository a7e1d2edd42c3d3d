// What was saved, against what, at what quality, and how that was found: the part a colleague reads first.
import { type Comparison, comparisons } from "./equal-terms.ts";
import type { PageReport } from "./report-page-data.ts";
import { type Markup, markup, nothing } from "./report-page-markup.ts";
import {
  changeWords,
  codecName,
  metricName,
  metricSentence,
  originWords,
  plural,
  timeWords,
} from "./report-page-words.ts";

export function headline(report: PageReport): Markup {
  const compared = comparisons(report).filter(
    (one): one is Comparison & { readonly bdRatePercent: number } => typeof one.bdRatePercent === "number",
  );
  const cards = compared.map(({ title, label, bdRatePercent, from }) => {
    const tone = bdRatePercent < 0 ? "good" : "bad";
    return markup`<li><strong class="${tone}">${changeWords(bdRatePercent)} %</strong> bits for the same quality, against <b>${title}</b>: ${label}; ${originWords(from)}</li>
`;
  });
  return markup`<header>
<p class="kind">Millrace encode report</p>
<h1><bdi>${report.source.file}</bdi></h1>
<p class="soft">${sourceSentence(report)}</p>
${compared.length === 0 ? nothing : markup`<ul class="cards">\n${cards}</ul>`}
<p>${savingSentence(compared)}</p>
<p>Quality is ${metricSentence(report.metric)} ${displaySentence(report)}</p>
</header>`;
}

function sourceSentence({ source, shots, ladder, effort }: PageReport): string {
  const codecs = [...new Set(ladder.map((rung) => codecName(rung.codec)))].join(", ");
  const fps = Number(source.fps.toFixed(3));
  const picture = `${source.width}×${source.height}, ${fps} frames/s, ${timeWords(source.durationSeconds)}`;
  const sound = source.hasAudio ? "with sound" : "without sound";
  return `${picture}, ${sound}; ${plural(shots.length, "shot")}; ${plural(ladder.length, "rung")} of ${codecs}; effort ${effort}.`;
}

function savingSentence(compared: readonly Comparison[]): string {
  if (compared.length === 0) {
    return "No baseline could be compared with: that takes three points on each side and a quality that both reach.";
  }
  const what =
    "The rate is Bjøntegaard's: the mean difference in bits over all qualities that both sides reach; negative is fewer bits.";
  const guessed = compared.filter(({ from }) => from === "trials").map(({ title }) => title);
  if (guessed.length === 0) return `${what} It compares finished encodes on both sides.`;
  const trials =
    "curves from this run's trials, between trials interpolated; that is not a measurement of the finished ladder";
  return guessed.length === compared.length
    ? `${what} It compares ${trials}. With --baselines they are encoded.`
    : `${what} It compares finished encodes on both sides, but against ${guessed.join(" and ")} ${trials}.`;
}

function displaySentence({ metric }: PageReport): string {
  const name = metricName(metric);
  const small =
    metric.displayHeight < 1080
      ? ` At so small a display ${name} is higher than it would be at 1080 lines.`
      : "";
  return `Scores of another metric, model or display cannot be compared with these.${small}`;
}
