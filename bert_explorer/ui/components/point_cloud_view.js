// The browser's half of point_cloud.py: what is drawn, what is selected, and the controls above the points.
//
// Follows the other point_cloud_*.js in the same module. All text is drawn on a canvas or set by textContent.

const MODES = { 3: { turn: "Turn", lasso: "Lasso" }, 2: { lasso: "Lasso", move: "Move" } };
const ZOOM = { step: 1.3, least: 0.4, most: 40 };
const START = { around: 0.6, tilt: 0.45 };
const MAX_RATIO = 2;

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".cloud");
  root.viewer ??= new Viewer(root);
  const select = (rows) => setStateValue("selection", rows);
  const stop = (moment) => setTriggerValue("stopped", moment);
  root.viewer.show(data, { select, stop });
  return () => root.viewer.leave();
}

class Viewer {
  constructor(root) {
    this.root = root;
    this.find = (name) => root.querySelector(name);
    this.frame = this.find(".frame");
    this.hand = new Hand(this);
    this.film = new Film(this);
    for (const button of root.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => this.zoom(Number(button.dataset.zoom)));
    }
    this.find(".reset").addEventListener("click", () => this.reset());
    this.find(".clear").addEventListener("click", () => this.select([]));
    this.save = (event) => event.detail.figure === this.data.figure && savePoints(this, event.detail);
  }

  show(data, tell) {
    this.tell = tell;
    const isNew = this.data?.id !== data.id;
    this.data = data;
    this.frame.setAttribute("aria-label", `${data.label}. Arrow keys ${data.dimensions === 3 ? "turn" : "move"} it, plus and minus zoom.`);
    document.addEventListener("bert-explorer-download", this.save);
    this.sizes ??= new ResizeObserver(() => this.redraw());
    this.sizes.observe(this.frame);
    if (isNew) this.begin(data);
    this.redraw();
  }

  begin(data) {
    this.points = new Projector(this.film.begin(data), data.dimensions);
    this.points.reach = this.film.reach;
    this.groups = decode(data.groups, Uint16Array);
    this.raster = new Raster(data.styles);
    this.isBright = new Uint8Array(this.points.count).fill(1);
    Object.assign(this, { selected: [], hovered: -1 });
    Object.assign(this.hand, { drag: null, path: null });
    this.fillModes(MODES[data.dimensions]);
    this.fillLegend(data);
    this.reset();
    this.find(".clear").hidden = true;
  }

  leave() {
    this.film.stop();
    document.removeEventListener("bert-explorer-download", this.save);
    this.sizes.disconnect();
  }

  reset() {
    this.view = { zoom: 1, pan: [0, 0], ...START };
    this.redraw();
  }

  fillModes(modes) {
    const group = this.find("[role=radiogroup]");
    group.replaceChildren(
      ...Object.entries(modes).map(([mode, name]) => {
        const button = Object.assign(document.createElement("button"), { textContent: name, value: mode });
        button.setAttribute("role", "radio");
        button.addEventListener("click", () => this.choose(mode));
        return button;
      }),
    );
    this.choose(Object.keys(modes)[0]);
  }

  choose(mode) {
    this.mode = mode;
    this.frame.className = `frame ${mode}`;
    for (const button of this.find("[role=radiogroup]").children) {
      button.setAttribute("aria-checked", String(button.value === mode));
    }
  }

  // A label is a button that selects its points.
  fillLegend({ names, styles }) {
    this.find(".legend").replaceChildren(
      ...names.map((name, group) => {
        const button = document.createElement("button");
        const painter = new SvgPainter(12, 12, "");
        painter.add("path", { d: SHAPES[styles[group][1]] ?? SHAPES.circle, fill: styles[group][0], transform: "translate(6 6) scale(5)" });
        const text = Object.assign(document.createElement("span"), { textContent: name });
        button.append(painter.root, text);
        button.addEventListener("click", () => this.select(this.membersOf(group)));
        return button;
      }),
    );
  }

  membersOf(group) {
    const rows = [];
    this.groups.forEach((other, row) => other === group && rows.push(row));
    return rows;
  }

  // -- Drawing ----------------------------------------------------------------------------------------

  redraw() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      this.draw();
    });
  }

  look() {
    const style = getComputedStyle(this.root);
    const context = newCanvas(1, 1).getContext("2d");
    const colour = (name, otherwise) => {
      context.fillStyle = otherwise;
      context.fillStyle = style.getPropertyValue(name).trim() || otherwise;
      return context.fillStyle; // as #rrggbb, however it was written
    };
    return {
      font: style.fontFamily,
      text: colour("--st-text-color", "#222222"),
      paper: colour("--st-background-color", "#ffffff"),
      accent: colour("--st-primary-color", "#0072b2"),
    };
  }

  draw() {
    const [width, height] = [this.frame.clientWidth, this.frame.clientHeight];
    if (width === 0) return; // not on the screen yet
    this.drawn ??= 0;
    const ratio = Math.min(devicePixelRatio || 1, MAX_RATIO);
    const look = this.look();
    for (const canvas of this.frame.querySelectorAll("canvas")) {
      const size = [Math.round(width * ratio), Math.round(height * ratio)];
      if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
    }
    const canvas = this.find(".points");
    this.points.place(this.view, width, height);
    this.raster.resize(canvas.width, canvas.height, ratio, this.points);
    const context = canvas.getContext("2d");
    const image = this.raster.draw(this.points, this.groups, toPixel(channels(look.paper)), this.isBright);
    context.putImageData(image, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    annotate(new CanvasPainter(context, look.font), this, width, height, look);
    this.drawOver();
    this.root.dataset.drawn = String((this.drawn += 1)); // for who waits for it
  }

  // The lasso and the point under the pointer, over a picture that stays as it is.
  drawOver() {
    const canvas = this.find(".over");
    const context = canvas.getContext("2d");
    const { ratio } = this.raster;
    const { path } = this.hand;
    const look = this.look();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    Object.assign(context, { strokeStyle: look.accent, fillStyle: look.accent, lineWidth: 1.5 });
    context.beginPath();
    if (path) {
      path.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.closePath();
      context.stroke();
      context.globalAlpha = 0.1;
      context.fill();
      context.globalAlpha = 1;
    } else if (this.hovered >= 0) {
      const radius = radiusOf(this.points, this.points.level(this.hovered)) + 3;
      context.strokeStyle = look.text;
      context.arc(this.points.x[this.hovered], this.points.y[this.hovered], radius, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  // -- Selection and zoom -----------------------------------------------------------------------------

  select(rows) {
    if (rows.length === 0 && this.selected.length === 0) return;
    this.film.rest();
    this.selected = rows;
    this.isBright.fill(rows.length ? 0 : 1);
    for (const row of rows) this.isBright[row] = 1;
    this.find(".clear").hidden = rows.length === 0;
    this.redraw();
    this.tell.select(rows);
  }

  hover(row) {
    if (row === this.hovered) return;
    this.hovered = row;
    this.drawOver();
    const tip = this.find(".tip");
    tip.hidden = row < 0;
    if (row < 0) return;
    const group = this.data.names[this.groups[row]];
    tip.textContent = group ? `${this.data.items[row]} · ${group}` : this.data.items[row];
    const [x, y] = [this.points.x[row], this.points.y[row]];
    const right = x > this.frame.clientWidth / 2;
    tip.style.left = right ? "auto" : `${x + 12}px`;
    tip.style.right = right ? `${this.frame.clientWidth - x + 12}px` : "auto";
    tip.style.top = `${Math.max(4, Math.min(y - 10, this.frame.clientHeight - 90))}px`;
  }

  zoom(direction) {
    const before = this.view.zoom;
    this.view.zoom = Math.max(ZOOM.least, Math.min(ZOOM.most, before * ZOOM.step ** direction));
    this.view.pan = this.view.pan.map((value) => (value * this.view.zoom) / before);
    this.redraw();
  }
}
