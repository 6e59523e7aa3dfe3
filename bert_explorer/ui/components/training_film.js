// The browser's half of training_film.py. All text is set by textContent.

const SVG = "http://www.w3.org/2000/svg";
const MOMENT_MS = 500; // between two moments; what lies between them is drawn at every frame of the screen
const SIZE = 1.9;
const PNG_WIDTH = 1600;
// Corners of a shape of size 1, so that classes differ without colour; the first is a circle.
const SHAPES = [
  "M1 0A1 1 0 1 1-1 0A1 1 0 1 1 1 0Z",
  "M-.9-.9H.9V.9H-.9Z",
  "M0-1.3L1.3 0L0 1.3L-1.3 0Z",
  "M0-1.2L1.1.8H-1.1Z",
  "M-.4-1.1H.4V-.4H1.1V.4H.4V1.1H-.4V.4H-1.1V-.4H-.4Z",
];

export default function ({ data, parentElement, setTriggerValue }) {
  const film = parentElement.querySelector(".film");
  film.player?.close();
  film.player = new Player(film, data, (moment) => setTriggerValue("stopped", moment));
}

class Player {
  constructor(film, data, tell) {
    Object.assign(this, { film, data, tell, time: data.moment, playing: false, chosen: null });
    this.find = (name) => film.querySelector(name);
    this.leaving = new AbortController();
    this.slider = this.find(".slider");
    this.slider.max = data.moments.length - 1;
    this.slider.setAttribute("aria-label", "Moment of the training");
    this.find(".stage").setAttribute("aria-label", data.label);
    this.build();
    this.listen();
    this.draw();
  }

  close() {
    this.playing = false;
    this.leaving.abort();
  }

  build() {
    this.points = this.data.names.map((_, item) => this.newPoint(item));
    this.find(".stage").replaceChildren(...this.points);
    this.find(".legend").replaceChildren(...this.data.legend.map((name, group) => this.newEntry(name, group)));
    this.find(".tip").textContent = "Point at an example to read it.";
    this.find(".play").textContent = "Play";
  }

  newPoint(item) {
    const group = this.data.groups[item];
    const point = newShape(group);
    point.setAttribute("class", "point");
    point.setAttribute("stroke", this.data.colours[group]);
    return point;
  }

  newEntry(name, group) {
    const entry = document.createElement("span");
    entry.className = "entry";
    const picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("viewBox", "-1.5 -1.5 3 3");
    const shape = newShape(group);
    shape.setAttribute("fill", this.data.colours[group]);
    picture.append(shape);
    const label = document.createElement("span");
    label.textContent = name;
    entry.append(picture, label);
    return entry;
  }

  listen() {
    const on = (element, name, react) =>
      element.addEventListener(name, react, { signal: this.leaving.signal });
    on(this.find(".play"), "click", () => (this.playing ? this.stop() : this.play()));
    on(this.slider, "input", () => this.show(Number(this.slider.value)));
    on(this.slider, "change", () => this.tell(this.moment()));
    on(this.find(".stage"), "pointerover", (event) => this.choose(this.points.indexOf(event.target)));
    for (const button of this.film.querySelectorAll(".saving button")) {
      on(button, "click", () => this.save(button.value));
    }
  }

  moment() {
    return Math.round(this.time);
  }

  show(moment) {
    this.playing = false;
    this.find(".play").textContent = "Play";
    this.time = moment;
    this.draw();
  }

  play() {
    const last = this.data.moments.length - 1;
    if (this.time >= last) this.time = 0;
    this.playing = true;
    this.find(".play").textContent = "Stop";
    const [from, began] = [this.time, performance.now()];
    const advance = (now) => {
      if (!this.playing) return;
      this.time = Math.min(last, from + Math.max(0, now - began) / MOMENT_MS);
      this.draw();
      if (this.time >= last) this.stop();
      else requestAnimationFrame(advance);
    };
    requestAnimationFrame(advance);
  }

  stop() {
    this.show(this.moment());
    this.tell(this.moment());
  }

  // The points at this.time, between two moments on the straight line.
  draw() {
    const { places, verdicts, colours, groups } = this.data;
    const before = Math.floor(this.time);
    const after = Math.min(before + 1, places.length - 1);
    const share = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : this.time - before;
    this.points.forEach((point, item) => {
      const [x, y] = [0, 1].map(
        (axis) => places[before][item][axis] * (1 - share) + places[after][item][axis] * share,
      );
      point.setAttribute("transform", `translate(${x} ${-y}) scale(${SIZE})`);
      const right = verdicts[this.moment()][item];
      point.setAttribute("fill", colours[groups[item]]);
      point.setAttribute("fill-opacity", right === false ? 0 : 0.85);
    });
    this.slider.value = this.moment();
    this.slider.setAttribute("aria-valuetext", this.data.moments[this.moment()]);
    this.find(".where").textContent = this.data.moments[this.moment()];
    this.film.dataset.frames = Number(this.film.dataset.frames ?? 0) + 1;
    this.tellChosen();
  }

  choose(item) {
    if (item < 0) return;
    this.points.forEach((point, index) => point.classList.toggle("chosen", index === item));
    this.chosen = item;
    this.tellChosen();
  }

  tellChosen() {
    if (this.chosen === null) return;
    const { answers, legend, groups, names } = this.data;
    const given = answers[this.moment()][this.chosen];
    this.find(".tip").textContent = `${legend[groups[this.chosen]]}; answered: ${given}. ${names[this.chosen]}`;
  }

  save(format) {
    const { text, width, height } = this.copy();
    const picture = new Blob([text], { type: "image/svg+xml" });
    if (format === "svg") return offer(picture, `${this.data.name}.svg`);
    const image = new Image();
    image.onload = () => {
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      canvas.getContext("2d").drawImage(image, 0, 0, width, height);
      URL.revokeObjectURL(image.src);
      canvas.toBlob((blob) => offer(blob, `${this.data.name}.png`));
    };
    image.src = URL.createObjectURL(picture);
  }

  // The picture with its moment and its legend written into it, on the page's own background.
  copy() {
    const look = getComputedStyle(this.film);
    const copy = this.find(".stage").cloneNode(true);
    const lines = [this.data.moments[this.moment()], ...this.data.legend];
    const height = 124 + 6 * lines.length;
    const size = { viewBox: `-100 -60 200 ${height}`, width: PNG_WIDTH, height: (PNG_WIDTH * height) / 200 };
    for (const [name, value] of Object.entries({ xmlns: SVG, ...size })) copy.setAttribute(name, value);
    const paper = look.getPropertyValue("--st-background-color").trim();
    copy.prepend(newElement("rect", { x: -100, y: -60, width: 200, height, fill: paper }));
    lines.forEach((line, index) => {
      const y = 66 + 6 * index;
      const words = newElement("text", { x: -91, y, fill: look.color, "font-size": 4, "font-family": "sans-serif" });
      words.textContent = line;
      copy.append(words);
      if (index === 0) return;
      const shape = newShape(index - 1);
      shape.setAttribute("fill", this.data.colours[index - 1]);
      shape.setAttribute("transform", `translate(-95 ${y - 1.4}) scale(1.4)`);
      copy.append(shape);
    });
    return { text: new XMLSerializer().serializeToString(copy), ...size };
  }
}

function newShape(group) {
  return newElement("path", { d: SHAPES[group % SHAPES.length] });
}

function newElement(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function offer(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
