// Two pictures of one matrix of weights, drawn by a painter that is a canvas or an SVG file.
//
// A matrix is { names, sides, rows, cols, values, largest, diverging, cutoff }: values[r * cols.length + c] is the
// weight from the token rows[r] to the token cols[c], in 32,767ths of the largest. A picture is a layout with
// its size, what lies at a point, and how it is drawn inside a box of that size (what is on the screen).

const STEPS = 32767;
const ARC = { half: 168, text: 34, gaps: [14, 44], pause: 26, most: 2500, margin: 16 };
const MAP = { left: 104, top: 92, cell: 24, fewest: 11, limits: [2, 40] };

const weightOf = (matrix, r, c) => (matrix.values[r * matrix.cols.length + c] / STEPS) * matrix.largest;

// -- Painters ------------------------------------------------------------------------------------------

class CanvasPainter {
  constructor(context, font) {
    this.context = context;
    this.font = font;
  }
  rect(x, y, width, height, fill, alpha = 1) {
    this.context.globalAlpha = alpha;
    this.context.fillStyle = fill;
    this.context.fillRect(x, y, width, height);
  }
  frame(x, y, width, height, stroke) {
    this.context.globalAlpha = 1;
    this.context.lineWidth = 1.5;
    this.context.strokeStyle = stroke;
    this.context.strokeRect(x, y, width, height);
  }
  circle(x, y, radius, fill, alpha) {
    this.context.globalAlpha = alpha;
    this.context.fillStyle = fill;
    this.context.beginPath();
    this.context.arc(x, y, radius, 0, 2 * Math.PI);
    this.context.fill();
  }
  curve([x0, y0, x1, y1, x2, y2, x3, y3], stroke, width, alpha) {
    Object.assign(this.context, { globalAlpha: alpha, strokeStyle: stroke, lineWidth: width, lineCap: "round" });
    this.context.beginPath();
    this.context.moveTo(x0, y0);
    this.context.bezierCurveTo(x1, y1, x2, y2, x3, y3);
    this.context.stroke();
  }
  text(value, x, y, { fill, align = "center", bold = false, size = 14, turn = 0 }) {
    const context = this.context;
    context.save();
    context.translate(x, y);
    context.rotate((turn * Math.PI) / 180);
    Object.assign(context, { globalAlpha: 1, fillStyle: fill, textAlign: align, textBaseline: "middle" });
    context.font = `${bold ? "600 " : ""}${size}px ${this.font}`;
    context.fillText(value, 0, 0);
    context.restore();
  }
  image(source, from, x, y, width, height) {
    this.context.globalAlpha = 1;
    this.context.imageSmoothingEnabled = false;
    this.context.drawImage(source, ...from, x, y, width, height);
  }
}

class SvgPainter {
  constructor(width, height, font) {
    this.font = font;
    this.root = this.element("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
    this.root.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  }
  element(name, attributes) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) {
      made.setAttribute(key, typeof value === "number" ? +value.toFixed(2) : value);
    }
    return made;
  }
  add(name, attributes) {
    return this.root.appendChild(this.element(name, attributes));
  }
  rect(x, y, width, height, fill, alpha = 1) {
    this.add("rect", { x, y, width, height, fill, "fill-opacity": alpha });
  }
  frame(x, y, width, height, stroke) {
    this.add("rect", { x, y, width, height, fill: "none", stroke, "stroke-width": 1.5 });
  }
  circle(cx, cy, r, fill, alpha) {
    this.add("circle", { cx, cy, r, fill, "fill-opacity": alpha });
  }
  curve(points, stroke, width, alpha) {
    const [x0, y0, ...rest] = points.map((value) => +value.toFixed(2));
    const look = { fill: "none", stroke, "stroke-width": width, "stroke-opacity": alpha, "stroke-linecap": "round" };
    this.add("path", { d: `M${x0} ${y0}C${rest.join(" ")}`, ...look });
  }
  text(value, x, y, { fill, align = "center", bold = false, size = 14, turn = 0 }) {
    const anchor = { center: "middle", left: "start", right: "end" }[align];
    const look = { fill, "text-anchor": anchor, "font-size": size, "font-family": this.font };
    const made = this.add("text", { ...look, "font-weight": bold ? 600 : 400, "dominant-baseline": "central" });
    made.setAttribute("transform", `translate(${x.toFixed(2)} ${y.toFixed(2)}) rotate(${turn})`);
    made.textContent = value;
  }
  image(source, [sx, sy, sw, sh], x, y, width, height) {
    const part = newCanvas(sw, sh);
    part.getContext("2d").drawImage(source, sx, sy, sw, sh, 0, 0, sw, sh);
    const made = this.add("image", { x, y, width, height, preserveAspectRatio: "none" });
    made.setAttribute("style", "image-rendering: pixelated");
    made.setAttribute("href", part.toDataURL());
  }
}

// -- Colours -------------------------------------------------------------------------------------------

const channels = (hex) => [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));

// 256 colours between equally spaced stops.
function makeScale(stops) {
  const colours = stops.map(channels);
  return Array.from({ length: 256 }, (_, i) => {
    const place = (i / 255) * (colours.length - 1);
    const low = Math.min(Math.floor(place), colours.length - 2);
    return colours[low].map((value, k) => Math.round(value + (place - low) * (colours[low + 1][k] - value)));
  });
}

const newCanvas = (width, height) => Object.assign(document.createElement("canvas"), { width, height });

// The matrix as an image of one pixel a weight.
function paintMatrix(matrix, scale) {
  const canvas = newCanvas(matrix.cols.length, matrix.rows.length);
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  matrix.values.forEach((value, i) => {
    const share = matrix.diverging ? (value + STEPS) / (2 * STEPS) : value / STEPS;
    image.data.set(scale[Math.round(255 * share)], 4 * i);
    image.data[4 * i + 3] = Math.abs(value) >= matrix.cutoff ? 255 : 0;
  });
  context.putImageData(image, 0, 0);
  return canvas;
}

// -- Arcs: the text on a line, arcs above it lead to the right and arcs below it to the left -----------------

function layOutArcs(matrix, measure, width) {
  const bare = matrix.names.map(measure);
  const total = bare.reduce((sum, size) => sum + size, 0);
  const gap = Math.max(ARC.gaps[0], Math.min(ARC.gaps[1], (width - 80 - total) / bare.length));
  const widths = bare.map((size) => size + gap);
  const centres = [];
  let end = ARC.margin;
  widths.forEach((size, i) => {
    if (i > 0 && matrix.sides[i] !== matrix.sides[i - 1]) end += ARC.pause;
    centres.push(end + size / 2);
    end += size;
  });
  const spare = Math.max(0, width - end - ARC.margin) / 2;
  const layout = { kind: "arcs", width: Math.max(width, end + ARC.margin), height: 2 * ARC.half + ARC.text };
  const middle = layout.height / 2;
  layout.tokens = centres.map((x, i) => ({ x: x + spare, width: widths[i] }));
  layout.links = strongestLinks(matrix);
  layout.boxOf = ([token]) => ({ x: layout.tokens[token].x, y: middle });
  layout.find = (x, y) => findOnArcs(layout, matrix, x, y - middle);
  layout.draw = (painter, box, look) => drawArcs(painter, layout, matrix, box, look);
  return layout;
}

// All links above the threshold, the strongest first; of very many, the strongest ones.
function strongestLinks(matrix) {
  const found = [];
  const floor = Math.max(matrix.cutoff, floorFor(matrix, 4 * ARC.most));
  matrix.values.forEach((value, i) => {
    if (Math.abs(value) < floor || value === 0) return;
    const r = Math.floor(i / matrix.cols.length);
    found.push({ from: matrix.rows[r], to: matrix.cols[i - r * matrix.cols.length], share: value / STEPS });
  });
  return found.sort((a, b) => Math.abs(b.share) - Math.abs(a.share));
}

function linksFrom(matrix, token) {
  const shares = [...sharesFrom(matrix, token)].filter(([, share]) => share && Math.abs(share) * STEPS >= matrix.cutoff);
  return shares.map(([to, share]) => ({ from: token, to, share })).sort((a, b) => Math.abs(b.share) - Math.abs(a.share));
}

// The value that at most `count` values reach, found by counting.
function floorFor(matrix, count) {
  const counts = new Uint32Array(STEPS + 1);
  for (const value of matrix.values) counts[Math.abs(value)] += 1;
  let seen = 0;
  for (let value = STEPS; value > 0; value -= 1) {
    seen += counts[value];
    if (seen > count) return value + 1;
  }
  return 1;
}

const arcHeight = (distance) => 24 + (ARC.half - 40) * (1 - Math.exp(-distance / 300));

function arcPoints(from, to, middle) {
  const up = to.x >= from.x ? -1 : 1;
  const y = middle + (up * ARC.text) / 2;
  const peak = y + up * 1.33 * arcHeight(Math.abs(to.x - from.x));
  const lean = 0.12 * (to.x - from.x);
  return [from.x, y, from.x + lean, peak, to.x - lean, peak, to.x, y];
}

function drawArcs(painter, layout, matrix, box, look) {
  const middle = layout.height / 2 - box.y;
  const place = (i) => ({ ...layout.tokens[i], x: layout.tokens[i].x - box.x });
  const onScreen = (a, b) => Math.max(a.x, b.x) > 0 && Math.min(a.x, b.x) < box.width;
  const links = look.token === null ? layout.links : linksFrom(matrix, look.token);
  let drawn = 0;
  for (const link of links) {
    const [from, to] = [place(link.from), place(link.to)];
    if (drawn >= ARC.most || !onScreen(from, to)) continue;
    drawn += 1;
    drawLink(painter, link, from, to, middle, look);
  }
  const shares = look.token === null ? null : sharesFrom(matrix, look.token);
  matrix.names.forEach((name, i) => {
    const token = place(i);
    if (token.x + token.width / 2 < 0 || token.x - token.width / 2 > box.width) return;
    drawToken(painter, name, i, token, middle, shares, look);
  });
}

function drawLink(painter, { share, from: start, to: end }, from, to, middle, look) {
  const strength = Math.abs(share);
  const colour = share < 0 ? look.negative : look.positive;
  const alpha = 0.05 + 0.87 * strength;
  if (start === end) painter.circle(from.x, middle - ARC.text / 2 - 5, 1.5 + 3 * strength, colour, alpha);
  else painter.curve(arcPoints(from, to, middle), colour, 0.75 + 4.25 * strength, alpha);
}

function sharesFrom(matrix, token) {
  const r = matrix.rows.indexOf(token);
  const shares = new Map();
  if (r >= 0) matrix.cols.forEach((other, c) => shares.set(other, matrix.values[r * matrix.cols.length + c] / STEPS));
  return shares;
}

function drawToken(painter, name, i, token, middle, shares, look) {
  const left = token.x - token.width / 2 + 3;
  const share = shares?.get(i) ?? 0;
  const colour = share < 0 ? look.negative : look.positive;
  if (share) painter.rect(left, middle - 11, token.width - 6, 22, colour, 0.4 * Math.abs(share));
  if (i === look.token) painter.frame(left, middle - 11, token.width - 6, 22, look.text);
  painter.text(name, token.x, middle, { fill: look.text, bold: i === look.picked });
}

function findOnArcs(layout, matrix, x, y) {
  const token = layout.tokens.findIndex((item) => Math.abs(item.x - x) <= item.width / 2);
  return token >= 0 && Math.abs(y) <= ARC.text / 2 + 6 ? { token } : nearestArc(layout, x, y + layout.height / 2);
}

// The link whose curve passes within six pixels of a point; only strong ones are looked at.
function nearestArc(layout, x, y) {
  let best = { far: 6 };
  for (const link of layout.links.slice(0, ARC.most)) {
    const [from, to] = [layout.tokens[link.from], layout.tokens[link.to]];
    if (link.from === link.to || x < Math.min(from.x, to.x) - 6 || x > Math.max(from.x, to.x) + 6) continue;
    const far = distanceTo(arcPoints(from, to, layout.height / 2), x, y);
    if (far < best.far) best = { far, pair: [link.from, link.to] };
  }
  return best.pair ? { pair: best.pair } : null;
}

function distanceTo([x0, y0, x1, y1, x2, y2, x3, y3], x, y) {
  let best = Infinity;
  for (let step = 0; step <= 40; step += 1) {
    const t = step / 40;
    const [a, b, c, d] = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3];
    best = Math.min(best, Math.hypot(a * x0 + b * x1 + c * x2 + d * x3 - x, a * y0 + b * y1 + c * y2 + d * y3 - y));
  }
  return best;
}

// -- Heat map: rows look, columns are looked at; the names stay in sight -----------------------------------

function layOutMap(matrix, measure, width, cell, scale) {
  const left = nameColumn(matrix, measure);
  const layout = { kind: "map", cell, left, top: MAP.top, scale, image: paintMatrix(matrix, scale) };
  layout.width = left + cell * matrix.cols.length + 8;
  layout.height = MAP.top + cell * matrix.rows.length + 8;
  layout.boxOf = ([row, col]) => ({
    x: left + cell * (matrix.cols.indexOf(col ?? row) + 0.5),
    y: MAP.top + cell * (matrix.rows.indexOf(row) + 0.5),
  });
  layout.find = (x, y, box) => findOnMap(layout, matrix, x, y, box);
  layout.draw = (painter, box, look) => drawMap(painter, layout, matrix, box, look);
  return layout;
}

const nameColumn = (matrix, measure) =>
  Math.max(84, Math.min(MAP.left, 26 + Math.max(...matrix.rows.map((i) => measure(matrix.names[i])))));

function fittingCell(matrix, width, measure) {
  const fitting = Math.floor((width - nameColumn(matrix, measure) - 8) / matrix.cols.length);
  return Math.max(3, Math.min(MAP.cell, fitting));
}

function drawMap(painter, layout, matrix, box, look) {
  const { cell, left, top, image } = layout;
  const first = { c: Math.floor(box.x / cell), r: Math.floor(box.y / cell) };
  const count = {
    c: Math.min(matrix.cols.length - first.c, Math.ceil((box.width - left) / cell) + 1),
    r: Math.min(matrix.rows.length - first.r, Math.ceil((box.height - top) / cell) + 1),
  };
  const [x0, y0] = [left + first.c * cell - box.x, top + first.r * cell - box.y];
  if (count.c > 0 && count.r > 0) {
    painter.image(image, [first.c, first.r, count.c, count.r], x0, y0, count.c * cell, count.r * cell);
  }
  drawFrames(painter, layout, matrix, box, look);
  painter.rect(0, 0, left, box.height, look.paper);
  painter.rect(0, 0, box.width, top, look.paper);
  drawNames(painter, layout, matrix, box, look);
  drawLegend(painter, layout, matrix, look);
}

// In the corner that the names leave free: what the colours mean.
function drawLegend(painter, { scale, left }, matrix, look) {
  const width = Math.min(left - 24, 72);
  for (let i = 0; i < width; i += 2) {
    painter.rect(10 + i, 14, 2, 10, `rgb(${scale[Math.round((255 * i) / (width - 2))]})`);
  }
  const ends = matrix.diverging ? [-matrix.largest, matrix.largest] : [0, matrix.largest];
  const places = [10, 10 + width];
  ends.forEach((value, i) => {
    painter.text(value === 0 ? "0" : value.toFixed(2), places[i], 36, { fill: look.text, size: 11, align: i ? "right" : "left" });
  });
}

function drawFrames(painter, { cell, left, top }, matrix, box, look) {
  const [row, col] = look.pair ?? [look.token, null];
  const r = matrix.rows.indexOf(row);
  const y = top + r * cell - box.y;
  if (r >= 0) painter.frame(left - box.x, y, matrix.cols.length * cell, cell, look.accent);
  const c = matrix.cols.indexOf(col);
  if (r >= 0 && c >= 0) painter.frame(left + c * cell - box.x, y, cell, cell, look.text);
}

function drawNames(painter, { cell, left, top }, matrix, box, look) {
  const step = Math.ceil(MAP.fewest / cell);
  const marked = look.pair ?? [look.token, look.token];
  const size = Math.min(14, Math.max(11, cell - 3));
  matrix.rows.forEach((i, r) => {
    const y = top + (r + 0.5) * cell - box.y;
    if ((r % step && i !== marked[0]) || y < top - cell / 2 || y > box.height) return;
    painter.text(fit(matrix.names[i], 12), left - 6, y, { fill: look.text, align: "right", bold: i === marked[0], size });
  });
  matrix.cols.forEach((i, c) => {
    const x = left + (c + 0.5) * cell - box.x;
    if ((c % step && i !== marked[1]) || x < left - cell / 2 || x > box.width) return;
    painter.text(fit(matrix.names[i], 12), x, top - 6, { fill: look.text, align: "left", bold: i === marked[1], size, turn: -60 });
  });
}

const fit = (name, length) => ([...name].length > length ? `${[...name].slice(0, length - 1).join("")}…` : name);

function findOnMap({ cell, left, top }, matrix, x, y, box) {
  const c = Math.floor((x - left) / cell);
  const r = Math.floor((y - top) / cell);
  const inMap = x - box.x >= left && y - box.y >= top && c < matrix.cols.length && r < matrix.rows.length;
  if (inMap) return { pair: [matrix.rows[r], matrix.cols[c]] };
  return x - box.x < left && r >= 0 && r < matrix.rows.length ? { token: matrix.rows[r] } : null;
}
