// Draws values over time as dots. The vertical scale is logarithmic to show milliseconds and seconds in one chart.

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";
const HEIGHT = 180, LEFT = 48, RIGHT = 8, TOP = 8, BOTTOM = 20;
const MIN_SPAN_SECONDS = 60;

export function createSvg(name, attributes, ...children) {
  const node = document.createElementNS(SVG_NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

// `dots` are {at, value, kind, title}. `ticks` are [value, label] in rising order; the first and the last end the axis.
export function drawChart(place, dots, ticks, now) {
  const logarithms = ticks.map(([value]) => Math.log(value));
  const low = logarithms[0], high = logarithms[logarithms.length - 1];
  const begin = Math.min(now - MIN_SPAN_SECONDS, ...dots.map((dot) => dot.at));
  // One unit is one pixel, so that text has the same size on narrow screens.
  const width = place.clientWidth;
  const x = (at) => LEFT + ((at - begin) / (now - begin)) * (width - LEFT - RIGHT);
  const y = (value) => {
    const share = (Math.log(Math.max(value, 1e-6)) - low) / (high - low);
    return HEIGHT - BOTTOM - Math.min(1, Math.max(0, share)) * (HEIGHT - TOP - BOTTOM);
  };
  const lines = ticks.map(([value]) => createSvg("line", {x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value)}));
  const tickLabels = ticks.map(([value, label]) => (
    createSvg("text", {x: LEFT - 6, y: y(value) + 4, "text-anchor": "end"}, label)));
  const timeLabels = [
    createSvg("text", {x: LEFT, y: HEIGHT - 4}, formatAge(now - begin)),
    createSvg("text", {x: width - RIGHT, y: HEIGHT - 4, "text-anchor": "end"}, "now"),
  ];
  const circles = dots.map((dot) => (
    createSvg("circle", {cx: x(dot.at), cy: y(dot.value), r: 3.5, class: dot.kind}, createSvg("title", {}, dot.title))));
  const chart = createSvg("svg", {viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": `${dots.length} requests`});
  chart.append(...lines, ...tickLabels, ...timeLabels, ...circles);
  place.replaceChildren(chart);
}

function formatAge(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  return `${Math.round(seconds / 3600)} h ago`;
}
