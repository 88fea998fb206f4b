// Polls the server and shows its state.

import {createSvg, drawChart} from "./charts.js";
import {connectSayForm} from "./say.js";
import {connectWords} from "./words.js";

const SNAPSHOT_INTERVAL_MS = 2000, ADVICE_INTERVAL_MS = 15000, REQUEST_TIMEOUT_MS = 5000;
const FIRST_AUDIO_TICKS = [[0.001, "1 ms"], [0.01, "10 ms"], [0.1, "0.1 s"], [1, "1 s"], [10, "10 s"]];
const RTF_TICKS = [[0.05, "0.05"], [0.2, "0.2"], [0.5, "0.5"], [1, "1"], [4, "4"]];
const MAX_RECENT_REQUESTS = 300;

const element = (id) => document.getElementById(id);
const showText = (id, text) => { element(id).textContent = text; };
let recentRequests = [], voices = [], defaultVoice = "";

function showState(kind, text) {
  const place = element("state");
  place.className = kind;
  place.textContent = text;
}

// Returns the upper bound of the histogram bucket that contains the median, or null for an empty histogram.
function median(histogram) {
  const total = histogram.counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [index, count] of histogram.counts.entries()) {
    seen += count;
    if (total && seen * 2 >= total) return histogram.bounds[index] ?? Infinity;
  }
  return null;
}

const formatSeconds = (seconds) => seconds < 1 ? `${Math.round(1000 * seconds * 10) / 10} ms` : `${seconds.toFixed(1)} s`;
const formatBound = (seconds) => seconds === null ? "–" : seconds === Infinity ? "> 10 s" : `≤ ${formatSeconds(seconds)}`;
const formatPercent = (part, total) => total ? `${Math.round((100 * part) / total)} %` : "–";
const formatMegabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;

function createRow(cells) {
  const row = document.createElement("tr");
  for (const content of cells) {
    const cell = row.insertCell();
    cell.textContent = content;
    if (typeof content === "number" || /^[\d.,]+( %| s)?$/.test(content)) cell.className = "number";
  }
  return row;
}

function fillTable(id, rows) {
  element(id).tBodies[0].replaceChildren(...rows.map(createRow));
}

function describeSharedCache(shared) {
  if (!shared) return "";
  if (shared.problem) return `shared cache is not usable: ${shared.problem}`;
  if (shared.write_problem) return `shared cache accepts no phrases: ${shared.write_problem}`;
  return `shared cache: ${shared.hits} phrases fetched, ${shared.stored} stored, ${shared.dropped} dropped`;
}

function showOverview(snapshot) {
  const {metrics, cache} = snapshot;
  const voices = Object.values(metrics.voices);
  const segments = voices.reduce((sum, voice) => sum + voice.segments, 0);
  const cached = voices.reduce((sum, voice) => sum + voice.cached, 0);
  const rtf = median(metrics.rtf);
  showText("active-requests", snapshot.active_requests);
  showText("waiting", `${snapshot.waiting_requests || "none"} waiting for the model`);
  showText("hit-rate", formatPercent(cached, segments));
  const {memory, disk, misses} = cache.lookups;
  showText("cache-details", `${memory} from memory, ${disk} from disk, ${misses} synthesized; ${cache.phrases} phrases cached`);
  showText("shared-cache", describeSharedCache(cache.shared));
  showText("first-audio", formatBound(median(metrics.first_audio_uncached)));
  showText("first-audio-cached", `from the cache: ${formatBound(median(metrics.first_audio_cached))}`);
  showText("rtf", rtf === null ? "–" : rtf === Infinity ? `> ${metrics.rtf.bounds.at(-1)}` : `≤ ${rtf}`);
  showText("memory", formatMegabytes(snapshot.resident_bytes));
  const reason = metrics.memory_level_reason ? ` (${metrics.memory_level_reason})` : "";
  showText("memory-pressure", metrics.memory_level === "normal" ? "memory is sufficient" : `memory is short, level ${metrics.memory_level}${reason}`);
  showText("version", `version ${snapshot.version}`);
  showState(snapshot.is_ready ? "ready" : "waiting", snapshot.is_ready ? "ready" : snapshot.problems[0] ?? "loading the model …");
}

function showCharts(snapshot) {
  const latest = recentRequests.at(-1)?.ended_at ?? 0;
  const added = snapshot.metrics.recent_requests.filter((request) => request.ended_at > latest);
  recentRequests = [...recentRequests, ...added].slice(-MAX_RECENT_REQUESTS);
  const firstAudio = recentRequests.filter((request) => request.first_seconds !== null).map((request) => ({
    at: request.ended_at,
    value: request.first_seconds,
    kind: request.cached ? "cached" : "synthesized",
    title: `${request.voice}: ${formatSeconds(request.first_seconds)}`,
  }));
  const rtf = recentRequests.filter((request) => request.rtf !== null).map((request) => (
    {at: request.ended_at, value: request.rtf, kind: "synthesized", title: `${request.voice}: ${request.rtf.toFixed(2)}`}));
  drawChart(element("first-audio-chart"), firstAudio, FIRST_AUDIO_TICKS, snapshot.taken_at);
  drawChart(element("rtf-chart"), rtf, RTF_TICKS, snapshot.taken_at);
}

function showStages(snapshot) {
  fillTable("stages", snapshot.stages.map((stage) => {
    const runs = snapshot.metrics.inferences.filter((row) => row.stage === stage.stage);
    const sum = (key) => runs.reduce((total, row) => total + row[key], 0);
    const providers = [...new Set(Object.values(stage.in_use))].join(", ") || stage.open_providers[0];
    const trials = stage.trials.map((trial) => {
      const note = trial.note ? ` (${trial.note})` : "";
      return `${trial.provider}: ${trial.problem || formatSeconds(trial.seconds)}${note}`;
    });
    return [stage.stage, providers, trials.join("; ") || "–", sum("count"), sum("failures")];
  }));
}

function showModels(snapshot) {
  fillTable("models", snapshot.models.map(({name, quality, state, problem, voices}) => [
    name, quality, problem ? `${state}: ${problem}` : state, voices.length > 3 ? `${voices.length} voices` : voices.join(", "),
  ]));
  fillTable("selections", snapshot.metrics.selections.map((row) => [
    `${row.quality} model`, snapshot.selection_reasons[row.reason], row.segments, `${Math.round(row.seconds)} s`,
  ]));
}

function showTimeline(snapshot) {
  const milestones = Object.entries(snapshot.timeline).sort((one, other) => one[1] - other[1]);
  const last = milestones.at(-1)?.[1] ?? 1;
  element("timeline").replaceChildren(...milestones.map(([name, seconds]) => {
    const line = document.createElement("div");
    line.className = "milestone";
    const label = document.createElement("span"), time = document.createElement("span");
    label.textContent = name;
    time.textContent = `${seconds.toFixed(2)} s`;
    const bar = createSvg("svg", {viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": true});
    bar.append(createSvg("rect", {width: (100 * seconds) / last, height: 10, rx: 1}));
    line.append(label, bar, time);
    return line;
  }));
}

function showTables(snapshot) {
  fillTable("requests", snapshot.metrics.requests.map((row) => [row.outcome, row.code || "–", row.count]));
  const descriptions = new Map(snapshot.voices.map((voice) => [voice.name, voice.description]));
  fillTable("voices", Object.entries(snapshot.metrics.voices).map(([name, totals]) => [
    descriptions.get(name) ?? name,
    totals.segments,
    formatPercent(totals.cached, totals.segments),
    `${Math.round(totals.seconds)} s`,
  ]));
}

function fillVoiceSelect(snapshot) {
  ({voices, default_voice: defaultVoice} = snapshot);
  const select = element("say").elements.voice;
  if (select.options.length === snapshot.voices.length) return;
  select.replaceChildren(...snapshot.voices.map((voice) => {
    const label = `${voice.language} · ${voice.description}`;
    return new Option(label, voice.name, false, voice.name === snapshot.default_voice);
  }));
}

function showAdvice(recommendations) {
  const items = recommendations.map(({finding, action}) => {
    const item = document.createElement("li"), bold = document.createElement("b");
    bold.textContent = action;
    item.append(`${finding} `, bold);
    return item;
  });
  const none = document.createElement("li");
  none.textContent = "No recommendations at the moment.";
  element("advice").replaceChildren(...(items.length ? items : [none]));
}

async function fetchJson(path) {
  const response = await fetch(path, {signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS)});
  if (!response.ok) throw new Error(`${response.status}`);
  return response.json();
}

async function updateSnapshot() {
  try {
    const snapshot = await fetchJson(`api/snapshot?after=${recentRequests.at(-1)?.ended_at ?? 0}`);
    for (const show of [showOverview, showCharts, showModels, showStages, showTimeline, showTables, fillVoiceSelect]) show(snapshot);
  } catch {
    showState("lost", "the server does not answer");
  }
  setTimeout(updateSnapshot, SNAPSHOT_INTERVAL_MS);
}

async function updateAdvice() {
  try {
    showAdvice((await fetchJson("api/advice")).advice);
    showWords(await fetchJson("api/words"));
  } catch {
    // `updateSnapshot` shows that the server does not answer.
  }
  setTimeout(updateAdvice, ADVICE_INTERVAL_MS);
}

connectSayForm(element("say"), element("say-status"));
const showWords = connectWords(element("words"), (language) => {
  const isSpoken = (voice) => voice?.language.split("-")[0] === language;
  const named = (name) => voices.find((voice) => voice.name === name);
  return [named(element("say").elements.voice.value), named(defaultVoice)].find(isSpoken) ?? voices.find(isSpoken);
});
updateSnapshot();
updateAdvice();
