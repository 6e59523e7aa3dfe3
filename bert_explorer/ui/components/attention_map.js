// Heat map: rows look, columns are looked at; the names stay in sight.

const MAP = { left: 104, top: 92, cell: 24, fewest: 11, limits: [2, 40] };

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
