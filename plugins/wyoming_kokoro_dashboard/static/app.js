// Asks the server every two seconds how it does, and shows it.

import {chart, svg} from "./charts.js";
import {speaking} from "./say.js";

const EVERY = 2000, ADVICE_EVERY = 15000;
const FIRST_TICKS = [[0.001, "1 ms"], [0.01, "10 ms"], [0.1, "0.1 s"], [1, "1 s"], [10, "10 s"]];
const RTF_TICKS = [[0.05, "0.05"], [0.2, "0.2"], [0.5, "0.5"], [1, "1"], [4, "4"]];
const MOST_RECENT = 300;

const element = (id) => document.getElementById(id);
const show = (id, text) => { element(id).textContent = text; };
let recent = [];

function state(kind, text) {
  const place = element("state");
  place.className = kind;
  place.textContent = text;
}

// Of a histogram: the upper bound of the bucket that the median is in.
function median(histogram) {
  const all = histogram.counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [index, count] of histogram.counts.entries()) {
    seen += count;
    if (all && seen * 2 >= all) return histogram.bounds[index] ?? Infinity;
  }
  return null;
}

const within = (seconds) => seconds === null ? "–" : seconds === Infinity ? "> 10 s" : `≤ ${duration(seconds)}`;
const duration = (seconds) => seconds < 1 ? `${Math.round(1000 * seconds * 10) / 10} ms` : `${seconds.toFixed(1)} s`;
const percent = (part, all) => all ? `${Math.round((100 * part) / all)} %` : "–";
const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;

function row(cells) {
  const made = document.createElement("tr");
  for (const cell of cells) {
    const place = made.insertCell();
    place.textContent = cell;
    if (typeof cell === "number" || /^[\d.,]+( %| s)?$/.test(cell)) place.className = "number";
  }
  return made;
}

function fill(id, rows) {
  element(id).tBodies[0].replaceChildren(...rows.map(row));
}

function glance(now) {
  const {figures, cache} = now;
  const voices = Object.values(figures.voices);
  const segments = voices.reduce((sum, voice) => sum + voice.segments, 0);
  const cached = voices.reduce((sum, voice) => sum + voice.cached, 0);
  show("speaking", now.speaking);
  show("queue", now.waiting ? `${now.waiting} wait for the model` : "nobody waits");
  show("hits", percent(cached, segments));
  const {memory, disk, missed} = cache.lookups;
  show("tiers", `${memory} from memory, ${disk} from disk, ${missed} made; ${cache.phrases} are kept`);
  show("first-made", within(median(figures.first_audio_uncached)));
  show("first-cached", `kept: ${within(median(figures.first_audio_cached))}`);
  show("rtf", median(figures.rtf) === null ? "–" : `≤ ${median(figures.rtf)}`);
  show("memory", megabytes(now.memory_bytes));
  show("level", `memory is ${figures.level === "normal" ? "not short" : figures.level}${
    figures.level_reason ? `: ${figures.level_reason}` : ""}`);
  show("version", `version ${now.version}`);
  state(now.ready ? "ready" : "waiting", now.ready ? "ready" : "opening the model …");
}

function charts(now) {
  const known = recent.length ? recent[recent.length - 1].at : 0;
  recent = [...recent, ...now.figures.recent.filter((one) => one.at > known)].slice(-MOST_RECENT);
  const kind = (one) => (one.cached ? "kept" : "made");
  const first = recent.filter((one) => one.first_seconds !== null).map((one) => (
    {at: one.at, value: one.first_seconds, kind: kind(one), title: `${one.voice}: ${duration(one.first_seconds)}`}));
  const rtf = recent.filter((one) => one.rtf !== null).map((one) => (
    {at: one.at, value: one.rtf, kind: "made", title: `${one.voice}: ${one.rtf.toFixed(2)}`}));
  chart(element("chart-first"), first, FIRST_TICKS, now.at);
  chart(element("chart-rtf"), rtf, RTF_TICKS, now.at);
}

function stages(now) {
  const runs = (stage, key) => now.figures.runs.filter((one) => one.stage === stage).reduce((sum, one) => sum + one[key], 0);
  fill("stages", now.stages.map((facts) => {
    const used = [...new Set(Object.values(facts.in_use))].join(", ") || facts.open[0];
    const tried = facts.tried.map((one) => `${one.provider} ${one.problem || duration(one.seconds)} ${one.note}`.trim());
    return [facts.stage, used, tried.join("; ") || "–", runs(facts.stage, "count"), runs(facts.stage, "failures")];
  }));
}

function timeline(now) {
  const moments = Object.entries(now.timeline).sort((one, other) => one[1] - other[1]);
  const last = moments.length ? moments[moments.length - 1][1] : 1;
  element("timeline").replaceChildren(...moments.map(([name, seconds]) => {
    const line = document.createElement("div");
    line.className = "moment";
    const label = document.createElement("span"), time = document.createElement("span");
    label.textContent = name;
    time.textContent = `${seconds.toFixed(2)} s`;
    const bar = svg("svg", {viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": true});
    bar.append(svg("rect", {width: (100 * seconds) / last, height: 10, rx: 1}));
    line.append(label, bar, time);
    return line;
  }));
}

function tables(now) {
  fill("requests", now.figures.requests.map((one) => [one.outcome, one.code || "–", one.count]));
  const names = new Map(now.voices.map((voice) => [voice.name, voice.description]));
  fill("voices", Object.entries(now.figures.voices).map(([name, spoken]) => (
    [names.get(name) ?? name, spoken.segments, percent(spoken.cached, spoken.segments), `${Math.round(spoken.seconds)} s`])));
}

function choice(now) {
  const select = element("say").elements.voice;
  if (select.options.length === now.voices.length) return;
  select.replaceChildren(...now.voices.map((voice) => {
    const label = `${voice.language} · ${voice.description}`;
    return new Option(label, voice.name, false, voice.name === now.default_voice);
  }));
}

function advise(found) {
  const items = found.map(({what, action}) => {
    const item = document.createElement("li"), bold = document.createElement("b");
    bold.textContent = action;
    item.append(`${what} `, bold);
    return item;
  });
  const none = document.createElement("li");
  none.textContent = "There is nothing to recommend.";
  element("advice").replaceChildren(...(items.length ? items : [none]));
}

async function asked(path) {
  const answer = await fetch(path, {signal: AbortSignal.timeout(5000)});
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

async function look() {
  try {
    const after = recent.length ? recent[recent.length - 1].at : 0;
    const now = await asked(`api/snapshot?after=${after}`);
    for (const part of [glance, charts, stages, timeline, tables, choice]) part(now);
  } catch {
    state("lost", "no answer from the server");
  }
  setTimeout(look, EVERY);
}

async function lookForAdvice() {
  try {
    advise((await asked("api/advice")).advice);
  } catch {
    // `look` tells that there is no answer.
  }
  setTimeout(lookForAdvice, ADVICE_EVERY);
}

speaking(element("say"), element("said"));
look();
lookForAdvice();
