// Points that change from moment to moment: where they are at each, and the button and slider that play them.

const MOMENT_MS = 900; // from one moment to the next; points glide between the two

class Film {
  constructor(viewer) {
    Object.assign(this, { viewer, time: 0, playing: false });
    this.button = viewer.find(".play");
    this.slider = viewer.find(".slider");
    this.button.addEventListener("click", () => (this.playing ? this.rest() : this.play()));
    this.slider.addEventListener("input", () => {
      this.stop();
      this.show(Number(this.slider.value));
    });
    this.slider.addEventListener("change", () => viewer.tell.stop(this.moment));
  }

  // Returns the places that are drawn, which change while the film runs.
  begin({ places, dimensions, moments, moment }) {
    this.stop();
    this.moments = moments;
    this.all = decode(places, Float32Array);
    this.reach = new Projector(this.all, dimensions).reach;
    this.now = this.all.slice(0, this.all.length / Math.max(1, moments.length));
    this.viewer.find(".film").hidden = moments.length < 2;
    this.slider.max = Math.max(0, moments.length - 1);
    this.show(moment);
    return this.now;
  }

  get moment() {
    return Math.round(this.time);
  }

  get title() {
    return this.moments[this.moment] ?? "";
  }

  // At a time between two moments every point is on the straight line.
  show(time) {
    this.time = time;
    const { all, now } = this;
    const before = Math.floor(time);
    const share = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : time - before;
    const start = before * now.length;
    const next = share ? start + now.length : start;
    for (let i = 0; i < now.length; i += 1) now[i] = all[start + i] * (1 - share) + all[next + i] * share;
    this.slider.value = this.moment;
    this.slider.setAttribute("aria-valuetext", this.title);
    this.viewer.redraw();
  }

  play() {
    const last = this.moments.length - 1;
    const from = this.time >= last ? 0 : this.time;
    const began = performance.now();
    this.playing = true;
    this.button.textContent = "Pause";
    const advance = (now) => {
      if (!this.playing) return;
      this.show(Math.min(last, from + Math.max(0, now - began) / MOMENT_MS));
      if (this.time >= last) this.rest();
      else requestAnimationFrame(advance);
    };
    requestAnimationFrame(advance);
  }

  stop() {
    this.playing = false;
    this.button.textContent = "Play";
  }

  // Stands still at the nearest moment, and says so.
  rest() {
    if (!this.playing) return;
    this.stop();
    this.show(this.moment);
    this.viewer.tell.stop(this.moment);
  }
}
