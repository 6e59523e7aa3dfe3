// The reader's hand on the points: turns, moves, lassoes and clicks, by pointer and by keys.

const NEAR = 10; // pixels between the pointer and a point that it names
const TURN = 0.008; // radians a pixel
const CLICK = 4; // pixels that a click may move

class Hand {
  constructor(viewer) {
    Object.assign(this, { viewer, drag: null, path: null });
    const listen = (name, react) => viewer.frame.addEventListener(name, react);
    listen("pointerdown", (event) => this.press(event));
    listen("pointermove", (event) => this.move(event));
    listen("pointerup", (event) => this.release(event));
    listen("pointercancel", () => this.drop());
    listen("pointerleave", () => viewer.hover(-1));
    listen("keydown", (event) => this.key(event));
  }

  at(event) {
    const { frame } = this.viewer;
    const box = frame.getBoundingClientRect();
    return [event.clientX - box.left - frame.clientLeft, event.clientY - box.top - frame.clientTop];
  }

  press(event) {
    if (event.button !== 0) return;
    const { viewer } = this;
    viewer.frame.setPointerCapture(event.pointerId);
    const place = this.at(event);
    this.drag = { start: place, last: place, moved: false };
    viewer.film.rest();
    viewer.hover(-1);
  }

  move(event) {
    const place = this.at(event);
    const { viewer, drag } = this;
    if (!drag) {
      viewer.hover(viewer.points.find(...place, NEAR));
      return;
    }
    const { start, last } = drag;
    drag.moved ||= Math.hypot(place[0] - start[0], place[1] - start[1]) > CLICK;
    if (!drag.moved) return;
    drag.last = place;
    if (viewer.mode === "lasso") this.draws(start, place);
    else this.shift([place[0] - last[0], place[1] - last[1]]);
  }

  draws(start, place) {
    (this.path ??= [start]).push(place);
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      this.viewer.drawOver();
    });
  }

  shift([right, down]) {
    const { viewer } = this;
    if (viewer.mode === "move") this.pan(right, down);
    else this.rotate(-right * TURN, down * TURN);
    viewer.redraw();
  }

  pan(right, down) {
    const { view } = this.viewer;
    view.pan = [view.pan[0] + right, view.pan[1] + down];
  }

  rotate(around, tilt) {
    const { view } = this.viewer;
    view.around += around;
    view.tilt = Math.max(-1.5, Math.min(1.5, view.tilt + tilt));
  }

  release(event) {
    const { viewer, drag, path } = this;
    this.drop();
    if (!drag) return;
    if (path) viewer.select(viewer.points.inside(path));
    else if (!drag.moved) this.click(event);
  }

  drop() {
    Object.assign(this, { drag: null, path: null });
    this.viewer.drawOver();
  }

  // A click selects the one point; with shift it is added or taken away; beside all points nothing is left.
  click(event) {
    const { viewer } = this;
    const row = viewer.points.find(...this.at(event), NEAR);
    if (!event.shiftKey || row < 0) return viewer.select(row < 0 ? [] : [row]);
    const others = viewer.selected.filter((other) => other !== row);
    viewer.select(others.length === viewer.selected.length ? [...others, row] : others);
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { viewer } = this;
    const steps = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
    const { key } = event;
    if (key in steps) this.step(steps[key]);
    else if (key === "+" || key === "-") viewer.zoom(key === "+" ? 1 : -1);
    else if (key === "Escape") viewer.select([]);
    else return;
    event.preventDefault();
  }

  step([right, down]) {
    if (this.viewer.data.dimensions === 3) this.rotate(-right * 0.1, down * 0.1);
    else this.pan(-30 * right, -30 * down);
    this.viewer.redraw();
  }
}
