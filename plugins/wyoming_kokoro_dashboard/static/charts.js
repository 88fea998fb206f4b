// Dots over time, on a logarithmic scale: milliseconds and seconds stand in one picture.

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 180, LEFT = 48, RIGHT = 8, TOP = 8, BOTTOM = 20;

export function svg(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// `dots` are {at, value, kind, title}, `ticks` values on the axis with their labels: the lowest and the highest are its ends.
export function chart(place, dots, ticks, now) {
  const values = ticks.map(([value]) => Math.log(value));
  const low = values[0], high = values[values.length - 1];
  const begin = Math.min(now - 60, ...dots.map((dot) => dot.at));
  const width = place.clientWidth; // a unit is a pixel, so that a phone's letters are not smaller
  const x = (at) => LEFT + ((at - begin) / (now - begin)) * (width - LEFT - RIGHT);
  const y = (value) => {
    const share = (Math.log(Math.max(value, 1e-6)) - low) / (high - low);
    return HEIGHT - BOTTOM - Math.min(1, Math.max(0, share)) * (HEIGHT - TOP - BOTTOM);
  };
  const lines = ticks.map(([value]) => svg("line", {x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value)}));
  const labels = ticks.map(([value, label]) => svg("text", {x: LEFT - 6, y: y(value) + 4, "text-anchor": "end"}, label));
  const ends = [
    svg("text", {x: LEFT, y: HEIGHT - 4}, ago(now - begin)),
    svg("text", {x: width - RIGHT, y: HEIGHT - 4, "text-anchor": "end"}, "now"),
  ];
  const points = dots.map((dot) =>
    svg("circle", {cx: x(dot.at), cy: y(dot.value), r: 3.5, class: dot.kind}, svg("title", {}, dot.title)));
  const label = `${dots.length} requests`;
  const picture = svg("svg", {viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": label});
  picture.append(...lines, ...labels, ...ends, ...points);
  place.replaceChildren(picture);
}

export function ago(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  return `${Math.round(seconds / 3600)} h ago`;
}
