// The browser's half of matrix_view.py: draws windows of matrices, and says of a cell where it came from.
// Text is set by textContent or drawn on the canvas; nothing that data holds becomes markup.

const ROW = 22; // pixels
const SMALLEST_CELL = 7;
const NUMBER_NEEDS = 40; // pixels of a cell that shows its number
const LABELS = 110; // pixels for names of rows, at most
const FONT = "12px sans-serif";
const SIGNS = { light: ["178, 24, 43", "33, 102, 172"], dark: ["239, 138, 98", "103, 169, 207"] };

export default function ({ data, parentElement, setTriggerValue }) {
  const view = parentElement.querySelector(".view");
  const state = (view.state ??= { cursor: null });
  state.data = data;
  state.send = setTriggerValue;
  state.plates = fill(view.querySelector(".matrices"), data, view, state);
  if (state.cursor) state.cursor = keepInside(state.cursor, data.matrices);
  drawAll(view, state);
  describe(view, state);
  view.resizing ??= new ResizeObserver(() => drawAll(view, view.state));
  view.resizing.observe(view);
  for (const button of view.querySelectorAll(".saving button")) {
    button.onclick = () => (button.value === "svg" ? saveSvg(state) : savePng(view, state));
  }
}

// Canvases stay where they are and get new contents, so that the focus survives a new answer.
function fill(root, data, view, state) {
  while (root.children.length > data.matrices.length) root.lastElementChild.remove();
  return data.matrices.map((matrix, index) => {
    const figure = root.children[index] ?? root.appendChild(newFigure(index, view, state));
    const [sign, symbol, title, shape] = figure.querySelector("figcaption").children;
    sign.textContent = matrix.sign;
    const [base, below] = matrix.symbol.split("_"); // W_Q
    symbol.textContent = base;
    if (below) symbol.append(Object.assign(document.createElement("sub"), { textContent: below }));
    symbol.style.color = data.colours[matrix.colour];
    title.textContent = matrix.title;
    shape.textContent = `${matrix.shape[0].toLocaleString("en")} × ${matrix.shape[1].toLocaleString("en")}`;
    const canvas = figure.querySelector("canvas");
    canvas.setAttribute("aria-label", `${matrix.symbol}: ${matrix.title}. ${data.hint}`);
    return { canvas, matrix };
  });
}

function newFigure(index, view, state) {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  for (const name of ["sign", "symbol", "title", "shape"]) {
    const part = document.createElement("span");
    part.className = name;
    caption.append(part);
  }
  const canvas = document.createElement("canvas");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.addEventListener("pointermove", (event) => point(event, index, view, state));
  canvas.addEventListener("pointerleave", () => moveTo(null, view, state));
  canvas.addEventListener("click", (event) => { point(event, index, view, state); pick(state); });
  canvas.addEventListener("focus", () => { if (state.cursor?.index !== index) moveTo({ index, row: 0, column: 0 }, view, state); });
  canvas.addEventListener("blur", () => moveTo(null, view, state));
  canvas.addEventListener("keydown", (event) => press(event, index, view, state));
  figure.append(caption, canvas);
  return figure;
}

function keepInside(cursor, matrices) {
  const matrix = matrices[cursor.index];
  if (!matrix) return null;
  return { ...cursor, row: Math.min(cursor.row, matrix.rows.length - 1), column: Math.min(cursor.column, matrix.columns.length - 1) };
}

// --- geometry -----------------------------------------------------------------------------------------------

// One width for the names of all rows, so that equal columns of different matrices stand below each other.
function nameWidth(plates) {
  const pen = plates[0].canvas.getContext("2d");
  pen.font = FONT;
  const widths = plates.flatMap(({ matrix }) => matrix.rows.map((name) => pen.measureText(name).width));
  return Math.min(LABELS, Math.ceil(Math.max(0, ...widths)) + 8);
}

function measure(matrix, above, left, width, pen) {
  pen.font = FONT;
  const widest = (names) => Math.max(0, ...names.map((name) => pen.measureText(name).width));
  const count = matrix.columns.length;
  const most = count <= 16 ? 54 : 24;
  const cell = Math.max(SMALLEST_CELL, Math.min(most, Math.floor((width - left) / count)));
  const named = matrix.columns.some((name) => !/^\d+$/.test(name));
  const turned = named && widest(matrix.columns) > cell - 4;
  const repeated = above !== undefined && sameColumns(matrix, above);
  const top = repeated ? 2 : turned ? Math.min(78, Math.ceil(widest(matrix.columns) * 0.8) + 10) : 16;
  return { left, top, cell, turned, named, repeated, width: left + cell * count + (turned ? 40 : 0), height: top + ROW * matrix.rows.length };
}

function at(event, plate) {
  const box = plate.canvas.getBoundingClientRect();
  const { left, top, cell } = plate.layout;
  const scale = plate.layout.width / box.width;
  const column = Math.floor(((event.clientX - box.left) * scale - left) / cell);
  const row = Math.floor(((event.clientY - box.top) * scale - top) / ROW);
  const inside = column >= 0 && row >= 0 && column < plate.matrix.columns.length && row < plate.matrix.rows.length;
  return inside ? { row, column } : null;
}

// --- drawing ------------------------------------------------------------------------------------------------

function drawAll(view, state) {
  const width = view.clientWidth;
  if (width === 0 || state.plates.length === 0) return;
  const left = nameWidth(state.plates);
  const look = getComputedStyle(view);
  const ink = look.getPropertyValue("--st-text-color") || look.color;
  const paper = look.getPropertyValue("--st-background-color") || "#ffffff";
  for (const [index, plate] of state.plates.entries()) {
    const pen = plate.canvas.getContext("2d");
    plate.layout = measure(plate.matrix, state.plates[index - 1]?.matrix, left, width, pen);
    const ratio = devicePixelRatio || 1;
    plate.canvas.width = plate.layout.width * ratio;
    plate.canvas.height = plate.layout.height * ratio;
    plate.canvas.style.width = `${plate.layout.width}px`;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    draw(pen, plate, state, ink, paper);
  }
}

function draw(pen, { matrix, layout }, state, ink, paper) {
  pen.clearRect(0, 0, layout.width, layout.height);
  pen.font = FONT;
  drawNames(pen, matrix, layout, ink);
  const most = largest(matrix);
  matrix.values.forEach((value, index) => {
    const row = Math.floor(index / matrix.columns.length);
    const column = index % matrix.columns.length;
    const x = layout.left + column * layout.cell;
    const y = layout.top + row * ROW;
    pen.fillStyle = fillOf(value, most, matrix, state.data);
    pen.fillRect(x, y, layout.cell - 1, ROW - 1);
    if (layout.cell >= NUMBER_NEEDS) {
      const full = value !== null && Math.abs(value) / most > (state.data.theme === "dark" ? 0.7 : 0.55);
      drawNumber(pen, value, x, y, layout.cell, full ? paper : ink);
    }
  });
  drawMarks(pen, matrix, layout, state, ink);
}

function largest(matrix) {
  return matrix.limit ?? Math.max(1e-12, ...matrix.values.map((value) => Math.abs(value ?? 0)));
}

function fillOf(value, most, matrix, data) {
  if (value === null) return "rgba(128, 128, 128, 0.35)"; // minus infinity: masked
  const share = Math.abs(value) / most;
  if (matrix.scale === "sequential") return `rgba(${channels(data.colours[matrix.colour])}, ${0.04 + 0.86 * share})`;
  return `rgba(${SIGNS[data.theme][value < 0 ? 1 : 0]}, ${0.03 + 0.82 * share})`;
}

function channels(hex) {
  return [1, 3, 5].map((place) => parseInt(hex.slice(place, place + 2), 16)).join(", ");
}

function drawNumber(pen, value, x, y, cell, ink) {
  pen.fillStyle = ink;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(value === null ? "−∞" : short(value), x + cell / 2, y + ROW / 2);
}

function drawNames(pen, matrix, layout, ink) {
  pen.fillStyle = ink;
  pen.textBaseline = "middle";
  pen.textAlign = "right";
  matrix.rows.forEach((name, row) => pen.fillText(name, layout.left - 6, layout.top + (row + 0.5) * ROW, layout.left - 8));
  if (layout.repeated) return;
  matrix.columns.forEach((name, column) => {
    const x = layout.left + (column + 0.5) * layout.cell;
    if (layout.turned) {
      pen.save();
      pen.translate(x, layout.top - 4);
      pen.rotate(-Math.PI / 3.6);
      pen.textAlign = "left";
      pen.fillText(name, 0, 0);
      pen.restore();
    } else if (layout.named || column === 0 || (Number(name) % 8 === 0 && column > 1)) {
      pen.textAlign = "center";
      pen.fillText(name, x, 8);
    }
  });
}

// The followed row, the cell of the cursor, and the same column in matrices that share their columns.
function drawMarks(pen, matrix, layout, state, ink) {
  pen.strokeStyle = ink;
  const { left, top, cell } = layout;
  if (matrix.marked !== null) {
    pen.lineWidth = 1.5;
    pen.strokeRect(left - 0.5, top + matrix.marked * ROW - 0.5, cell * matrix.columns.length, ROW);
  }
  if (!state.cursor) return;
  const own = state.data.matrices[state.cursor.index];
  const column = left + state.cursor.column * cell;
  if (matrix === own) {
    pen.lineWidth = 2.5;
    pen.strokeRect(column - 0.5, top + state.cursor.row * ROW - 0.5, cell, ROW);
  } else if (sameColumns(matrix, own)) {
    pen.lineWidth = 1;
    pen.strokeRect(column - 0.5, top - 0.5, cell, ROW * matrix.rows.length);
  }
}

function sameColumns(matrix, other) {
  return matrix.axes[1] === other.axes[1] && matrix.start[1] === other.start[1] && matrix.columns.length === other.columns.length;
}

// --- looking into a cell ------------------------------------------------------------------------------------

function point(event, index, view, state) {
  const place = at(event, state.plates[index]);
  moveTo(place && { index, ...place }, view, state);
}

function moveTo(cursor, view, state) {
  const before = state.cursor;
  if (before?.index === cursor?.index && before?.row === cursor?.row && before?.column === cursor?.column) return;
  state.cursor = cursor;
  drawAll(view, state);
  describe(view, state);
}

function describe(view, state) {
  const [where, how] = view.querySelector(".readout").children;
  if (!state.cursor) {
    where.textContent = "";
    how.textContent = state.data.hint;
    return;
  }
  const { index, row, column } = state.cursor;
  const matrix = state.data.matrices[index];
  const place = row * matrix.columns.length + column;
  const value = matrix.values[place];
  where.textContent = [matrix.symbol, naming(matrix, 0, row), naming(matrix, 1, column), value === null ? "−∞" : long(value)].filter(Boolean).join(" · ");
  how.textContent = matrix.how[place] ?? "";
}

function naming(matrix, side, index) {
  const name = side === 0 ? matrix.rows[index] : matrix.columns[index];
  return matrix.axes[side] === "dimension" ? `dimension ${name}` : name;
}

function short(value) {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2).replace("-", "−");
}

function long(value) {
  const size = Math.abs(value);
  return (size !== 0 && size < 0.001 ? value.toExponential(2) : value.toFixed(4)).replace("-", "−");
}

function press(event, index, view, state) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    pick(state);
  } else if (event.key in moves) {
    event.preventDefault();
    event.stopPropagation();
    step(moves[event.key], index, view, state);
  } else if (event.key === "Home" || event.key === "End") {
    event.preventDefault();
    const { row } = state.cursor ?? { row: 0 };
    moveTo({ index, row, column: event.key === "Home" ? 0 : state.data.matrices[index].columns.length - 1 }, view, state);
  }
}

// One cell on; beyond the edge of the window the window moves, and only then is anything sent.
function step([down, right], index, view, state) {
  const matrix = state.data.matrices[index];
  const { row, column } = state.cursor?.index === index ? state.cursor : { row: 0, column: 0 };
  const next = [row + down, column + right];
  const sizes = [matrix.rows.length, matrix.columns.length];
  const side = down === 0 ? 1 : 0;
  if (next[side] >= 0 && next[side] < sizes[side]) {
    moveTo({ index, row: next[0], column: next[1] }, view, state);
    return;
  }
  const forward = next[side] >= sizes[side];
  const more = forward ? matrix.start[side] + sizes[side] < matrix.shape[side] : matrix.start[side] > 0;
  if (more && ["token", "position", "dimension"].includes(matrix.axes[side])) {
    state.send("moved", { axis: matrix.axes[side], first: matrix.start[side] + (forward ? 1 : -1) * Math.ceil(sizes[side] / 2) });
  }
}

function pick(state) {
  if (!state.cursor) return;
  const matrix = state.data.matrices[state.cursor.index];
  const places = [state.cursor.row, state.cursor.column];
  const side = matrix.axes.findIndex((axis) => axis === "token" || axis === "head");
  if (side >= 0) state.send("picked", { axis: matrix.axes[side], index: matrix.start[side] + places[side] });
}

// --- saving -------------------------------------------------------------------------------------------------

const CAPTION = 26;

function savePng(view, state) {
  const width = Math.max(...state.plates.map(({ layout }) => layout.width)) + 32;
  const height = state.plates.reduce((sum, { layout }) => sum + layout.height + CAPTION + 12, 20);
  const canvas = document.createElement("canvas");
  canvas.width = 2 * width;
  canvas.height = 2 * height;
  const pen = canvas.getContext("2d");
  pen.scale(2, 2);
  pen.fillStyle = getComputedStyle(view).getPropertyValue("--st-background-color") || "#ffffff";
  pen.fillRect(0, 0, width, height);
  let top = 10;
  for (const plate of state.plates) {
    pen.fillStyle = state.data.colours[plate.matrix.colour];
    pen.font = "14px sans-serif";
    pen.textBaseline = "alphabetic";
    pen.fillText(captionOf(plate.matrix), 16, top + 16);
    pen.drawImage(plate.canvas, 16, top + CAPTION, plate.layout.width, plate.layout.height);
    top += plate.layout.height + CAPTION + 12;
  }
  canvas.toBlob((blob) => save(blob, `${state.data.name}.png`));
}

function captionOf(matrix) {
  return `${matrix.sign} ${matrix.symbol}: ${matrix.title}`.trim();
}

function saveSvg(state) {
  const make = (name, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const svg = make("svg", { xmlns: "http://www.w3.org/2000/svg", "font-family": "sans-serif", "font-size": 12 });
  let top = 10;
  for (const { matrix, layout } of state.plates) {
    svg.append(make("text", { x: 16, y: top + 14, "font-size": 14, fill: state.data.colours[matrix.colour] }, captionOf(matrix)));
    top += CAPTION;
    const most = largest(matrix);
    const names = layout.repeated ? [] : matrix.columns;
    names.forEach((name, column) => {
      const x = 16 + layout.left + (column + 0.5) * layout.cell;
      if (layout.turned) svg.append(make("text", { transform: `translate(${x} ${top + layout.top - 4}) rotate(-50)` }, name));
      else if (layout.named || Number(name) % 8 === 0 || column === 0) svg.append(make("text", { x, y: top + 12, "text-anchor": "middle" }, name));
    });
    matrix.rows.forEach((name, row) => svg.append(make("text", { x: 16 + layout.left - 6, y: top + layout.top + row * ROW + 15, "text-anchor": "end" }, name)));
    matrix.values.forEach((value, index) => {
      const place = { x: 16 + layout.left + (index % matrix.columns.length) * layout.cell, y: top + layout.top + Math.floor(index / matrix.columns.length) * ROW };
      svg.append(make("rect", { ...place, width: layout.cell - 1, height: ROW - 1, fill: fillOf(value, most, matrix, state.data) }));
    });
    top += layout.height + 12;
  }
  svg.setAttribute("width", Math.max(...state.plates.map(({ layout }) => layout.width)) + 32);
  svg.setAttribute("height", top);
  save(new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml" }), `${state.data.name}.svg`);
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
