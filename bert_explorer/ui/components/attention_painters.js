// What the pictures of attention_arcs.js and attention_map.js are drawn with: a canvas or an SVG file.
//
// A matrix is { names, sides, rows, cols, values, largest, diverging, cutoff }: values[r * cols.length + c] is the
// weight from the token rows[r] to the token cols[c], in 32,767ths of the largest. A picture is a layout with
// its size, what lies at a point, and how it is drawn inside a box of that size (what is on the screen).

const STEPS = 32767;
const weightOf = (matrix, r, c) => (matrix.values[r * matrix.cols.length + c] / STEPS) * matrix.largest;

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
