// Arcs: the text on a line, arcs above it lead to the right and arcs below it to the left.

const ARC = { half: 168, text: 34, gaps: [14, 44], pause: 26, most: 2500, margin: 16 };

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
