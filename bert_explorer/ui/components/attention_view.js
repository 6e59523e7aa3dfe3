// The browser's half of attention_view.py: one matrix of weights to look at, point at, scroll and zoom.
//
// Follows the other attention_*.js in the same module. All text is drawn on a canvas or set by textContent.

const HEIGHT = 640; // pixels; what is larger scrolls

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".attention");
  root.viewer ??= new Viewer(root);
  root.viewer.show(data, setTriggerValue ?? (() => {}));
  return () => root.viewer.leave();
}

class Viewer {
  constructor(root) {
    this.root = root;
    this.find = (name) => root.querySelector(name);
    this.frame = this.find(".frame");
    this.canvas = this.find("canvas");
    this.hovered = null;
    this.cell = null;
    this.frame.addEventListener("scroll", () => this.redraw());
    this.frame.addEventListener("pointermove", (event) => this.point(event));
    this.frame.addEventListener("pointerleave", () => this.hover(null));
    this.frame.addEventListener("click", (event) => this.click(event));
    this.frame.addEventListener("keydown", (event) => this.press(event));
    this.frame.addEventListener("wheel", (event) => this.turnWheel(event), { passive: false });
    for (const button of root.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => this.zoom(Number(button.dataset.zoom)));
    }
    this.save = (event) => event.detail.figure === this.data.figure && savePicture(this, event.detail);
  }

  show(data, trigger) {
    const before = this.data;
    Object.assign(this, { data, trigger, picked: data.picked });
    this.matrix = { ...data, values: decode(data.weights, Int16Array) };
    this.matrix.cutoff = Math.max(0, Math.ceil((data.threshold / (data.largest || 1)) * STEPS));
    const sameText = before && before.view === data.view && before.cols.length === data.cols.length;
    if (!sameText) this.cell = null;
    this.hovered = sameText ? this.hovered : null;
    this.frame.setAttribute("aria-label", data.label);
    this.find(".zoom").hidden = data.view !== "map";
    showHeads(this.find(".heads"), data.heads, (head) => this.trigger("head", head));
    document.addEventListener("bert-explorer-download", this.save);
    this.sizes ??= new ResizeObserver(() => this.layOut());
    this.sizes.observe(this.frame);
    this.layOut();
    if (!sameText && this.picked !== null) this.reveal([this.picked]);
  }

  leave() {
    document.removeEventListener("bert-explorer-download", this.save);
    this.sizes.disconnect();
  }

  layOut() {
    const width = this.frame.clientWidth;
    if (width === 0) return; // not on the screen yet
    const style = getComputedStyle(this.root);
    const context = this.canvas.getContext("2d");
    this.font = style.fontFamily;
    const measure = (name) => {
      context.font = `14px ${this.font}`;
      return context.measureText(name).width;
    };
    if (this.data.view === "map") {
      this.cell ??= fittingCell(this.matrix, width, measure);
      const scale = makeScale(this.data.colours);
      this.layout = layOutMap(this.matrix, measure, width, this.cell, scale);
    } else {
      this.layout = layOutArcs(this.matrix, measure, width);
    }
    this.find(".space").style.cssText = `width: ${this.layout.width}px; height: ${this.layout.height}px`;
    const bar = this.layout.width > width ? 16 : 2; // a scroll bar, or the borders alone
    this.frame.style.height = `${Math.min(HEIGHT, this.layout.height) + bar}px`;
    this.redraw();
  }

  look(style) {
    const colour = (name) => style.getPropertyValue(name).trim() || "gray";
    const [negative, positive] = this.data.diverging
      ? [this.data.colours[2], this.data.colours.at(-3)]
      : [colour("--st-orange-color"), colour("--st-primary-color")];
    const hovered = this.hovered?.pair?.[0] ?? this.hovered?.token;
    return {
      positive,
      negative,
      text: colour("--st-text-color"),
      paper: colour("--st-background-color"),
      accent: colour("--st-primary-color"),
      picked: this.picked,
      token: hovered ?? this.picked,
      pair: this.hovered?.pair ?? null,
    };
  }

  box() {
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = this.frame;
    return { x: scrollLeft, y: scrollTop, width: clientWidth, height: clientHeight };
  }

  redraw() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      this.draw();
    });
  }

  draw() {
    const box = this.box();
    const ratio = devicePixelRatio || 1;
    Object.assign(this.canvas, { width: box.width * ratio, height: box.height * ratio });
    Object.assign(this.canvas.style, { width: `${box.width}px`, height: `${box.height}px` });
    const context = this.canvas.getContext("2d");
    context.scale(ratio, ratio);
    this.layout.draw(new CanvasPainter(context, this.font), box, this.look(getComputedStyle(this.root)));
    this.tell();
    Object.assign(this.root.dataset, { drawn: this.data.label, view: this.data.view }); // for who waits for it
  }

  // -- Reading ----------------------------------------------------------------------------------------

  tell() {
    const pair = this.hovered?.pair;
    const token = this.hovered?.token ?? this.picked;
    let line = this.data.hint;
    if (pair) line = this.describePair(pair);
    else if (token !== null && token !== undefined) line = this.describeToken(token);
    const readout = this.find(".readout");
    if (readout.textContent !== line) readout.textContent = line;
  }

  name(token) {
    return `“${this.matrix.names[token]}” (${token + 1})`;
  }

  // As many digits as half precision and the steps of the transport leave right.
  number(weight) {
    return (this.matrix.diverging && weight > 0 ? "+" : "") + weight.toFixed(Math.abs(weight) < 0.1 ? 4 : 3);
  }

  weight(from, to) {
    const [r, c] = [this.matrix.rows.indexOf(from), this.matrix.cols.indexOf(to)];
    return r < 0 || c < 0 ? null : weightOf(this.matrix, r, c);
  }

  describePair([from, to]) {
    const weight = this.weight(from, to);
    return `${this.name(from)} looks at ${this.name(to)}: ${this.number(weight)}`;
  }

  describeToken(token) {
    const best = (others, weigh) =>
      others
        .map((other) => ({ other, weight: weigh(other) }))
        .filter(({ weight }) => weight !== null)
        .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
        .slice(0, 3)
        .map(({ other, weight }) => `${this.name(other)} ${this.number(weight)}`)
        .join(", ");
    const to = best(this.matrix.cols, (other) => this.weight(token, other));
    const from = best(this.matrix.rows, (other) => this.weight(other, token));
    const parts = [to && `looks at ${to}`, from && `is looked at by ${from}`].filter(Boolean);
    return `${this.name(token)} ${parts.join("; ")}`;
  }

  // -- Pointer and keys -------------------------------------------------------------------------------

  place(event) {
    const frame = this.frame.getBoundingClientRect();
    const box = this.box();
    const [x, y] = [event.clientX - frame.left + box.x, event.clientY - frame.top + box.y];
    return this.layout.find(x, y, box);
  }

  point(event) {
    this.hover(this.place(event));
  }

  hover(found) {
    if (JSON.stringify(found) === JSON.stringify(this.hovered)) return;
    this.hovered = found;
    this.redraw();
  }

  click(event) {
    const found = this.place(event);
    this.pick(found?.pair?.[0] ?? found?.token ?? null);
  }

  pick(token) {
    this.picked = token === this.picked ? null : token;
    this.trigger("pick", this.picked ?? -1);
    this.redraw();
  }

  press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 };
    const { key } = event;
    if (key in moves) this.step(key, moves[key]);
    else if (key === "Home" || key === "End") this.step("row", key === "Home" ? -Infinity : Infinity);
    else if (key === "Enter" || key === " ") this.pick(this.hovered?.pair?.[0] ?? this.hovered?.token ?? null);
    else if (key === "Escape") this.letGo();
    else if (key === "+" || key === "-") this.zoom(key === "+" ? 1 : -1);
    else return;
    event.preventDefault();
  }

  letGo() {
    this.hovered = null;
    if (this.picked !== null) this.pick(null);
    this.redraw();
  }

  // On the map a key moves a row or a column; along the line of arcs it moves to the next token.
  step(key, by) {
    const { rows, cols } = this.matrix;
    const move = (list, token) => {
      const index = list.indexOf(token);
      const start = by === Infinity || by === -1 ? list.length - 1 : 0;
      const next = index < 0 ? start : index + by;
      return list[Math.max(0, Math.min(list.length - 1, next))];
    };
    if (this.data.view !== "map") {
      const all = this.matrix.names.map((_, i) => i);
      this.hovered = { token: move(all, this.hovered?.token ?? this.picked ?? -1) };
      this.reveal([this.hovered.token]);
    } else {
      const [row, col] = this.hovered?.pair ?? [this.picked ?? -1, -1];
      const across = key === "ArrowLeft" || key === "ArrowRight";
      const pair = across ? [row < 0 ? rows[0] : row, move(cols, col)] : [move(rows, row), col < 0 ? cols[0] : col];
      this.hovered = { pair };
      this.reveal(pair);
    }
    this.redraw();
  }

  reveal(tokens) {
    if (!this.layout) return;
    const { x, y } = this.layout.boxOf(tokens);
    const box = this.box();
    if (x < box.x + 140 || x > box.x + box.width - 60) this.frame.scrollLeft = x - box.width / 2;
    if (y < box.y + 130 || y > box.y + box.height - 30) this.frame.scrollTop = y - box.height / 2;
  }

  turnWheel(event) {
    if (!event.ctrlKey || this.data.view !== "map") return;
    event.preventDefault();
    this.zoom(event.deltaY < 0 ? 1 : -1);
  }

  zoom(direction) {
    if (this.data.view !== "map") return;
    const before = this.cell;
    const [least, most] = MAP.limits;
    const wanted = direction > 0 ? Math.max(before + 1, before * 1.4) : Math.min(before - 1, before / 1.4);
    this.cell = Math.round(Math.max(least, Math.min(most, wanted)));
    const [x, y] = [this.frame.scrollLeft, this.frame.scrollTop];
    const half = { x: this.frame.clientWidth / 2 - this.layout.left, y: this.frame.clientHeight / 2 - this.layout.top };
    this.layOut();
    this.frame.scrollLeft = ((x + half.x) * this.cell) / before - half.x;
    this.frame.scrollTop = ((y + half.y) * this.cell) / before - half.y;
  }
}
