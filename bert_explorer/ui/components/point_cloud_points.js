// Where points fall on the screen, and how thousands of them get there fast: written pixel by pixel.
//
// A shape is drawn once by the browser; its coverage, a number for each pixel, is then blended into the
// picture at every point. Follows attention_painters.js in the same module.

const SHAPES = {
  circle: "M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0Z",
  square: "M-.9 -.9H.9V.9H-.9Z",
  diamond: "M0 -1.2L1.2 0L0 1.2L-1.2 0Z",
  cross: "M-.4 -1.1H.4V-.4H1.1V.4H.4V1.1H-.4V.4H-1.1V-.4H-.4Z",
  x: "M-1 -.5L-.5 -1L0 -.5L.5 -1L1 -.5L.5 0L1 .5L.5 1L0 .5L-.5 1L-1 .5L-.5 0Z",
  "triangle-up": "M0 -1.2L1.1 .8H-1.1Z",
  star: "M0 -1.3L.35 -.4L1.25 -.4L.5 .15L.8 1.1L0 .5L-.8 1.1L-.5 .15L-1.25 -.4L-.35 -.4Z",
};
const OPACITY = 0.85;
const FADED = 0.14; // of points outside the selection
const LEVELS = 4; // sizes in a space: near points are larger
const BUCKETS = 64; // of depth, far ones drawn first
const PERSPECTIVE = 0.18;

const radiusFor = (count) => (count <= 300 ? 5.5 : count <= 2000 ? 4.5 : count <= 8000 ? 3.2 : 2.4);

// Screen places of all points: { x, y, depth (-1 far to 1 near), order (far to near) }.
class Projector {
  constructor(places, dimensions) {
    this.places = places;
    this.dimensions = dimensions;
    this.count = places.length / dimensions;
    for (const name of ["x", "y", "depth"]) this[name] = new Float32Array(this.count);
    this.order = new Uint32Array(this.count);
    this.reach = this.farthest();
    if (dimensions === 2) for (let i = 0; i < this.count; i += 1) this.order[i] = i;
  }

  // Half of the width and height that the points need; in a space the radius of their sphere.
  farthest() {
    const { places, dimensions } = this;
    const reach = [1e-6, 1e-6];
    for (let i = 0; i < places.length; i += dimensions) {
      if (dimensions === 3) reach[0] = Math.max(reach[0], Math.hypot(places[i], places[i + 1], places[i + 2]));
      else for (const k of [0, 1]) reach[k] = Math.max(reach[k], Math.abs(places[i + k]));
    }
    return dimensions === 3 ? [reach[0], reach[0]] : reach;
  }

  place(view, width, height) {
    const scale = view.zoom * Math.min(0.46 * width / this.reach[0], 0.46 * height / this.reach[1]);
    this.middle = [width / 2 + view.pan[0], height / 2 + view.pan[1]];
    this.scale = scale;
    if (this.dimensions === 2) return this.placeFlat();
    this.turn(view);
    this.spread(scale);
    this.sort();
  }

  // Turned, and nearer ones larger.
  spread(scale) {
    const { places, angles, middle } = this;
    const far = 1 / this.reach[0];
    for (let i = 0, j = 0; i < this.count; i += 1, j += 3) {
      const across = places[j] * angles[0] + places[j + 1] * angles[1];
      const into = places[j + 1] * angles[0] - places[j] * angles[1];
      const depth = (places[j + 2] * angles[3] - into * angles[2]) * far;
      const size = scale / (1 - PERSPECTIVE * depth);
      this.x[i] = middle[0] + size * across;
      this.y[i] = middle[1] - size * (places[j + 2] * angles[2] + into * angles[3]);
      this.depth[i] = depth;
    }
  }

  placeFlat() {
    const { places, scale, middle } = this;
    for (let i = 0; i < this.count; i += 1) {
      this.x[i] = middle[0] + scale * places[2 * i];
      this.y[i] = middle[1] - scale * places[2 * i + 1];
    }
  }

  turn({ around, tilt }) {
    this.angles = [Math.cos(around), Math.sin(around), Math.cos(tilt), Math.sin(tilt)];
  }

  // Where the end of an axis is drawn, ``length`` from the middle.
  axisEnd(axis, length) {
    const end = new Projector(Float32Array.from([0, 1, 2], (k) => (k === axis ? length : 0)), 3);
    Object.assign(end, { reach: this.reach, middle: this.middle });
    end.angles = this.angles;
    end.spread(this.scale);
    return [end.x[0], end.y[0]];
  }

  // By counting: linear, where comparing would take most of a frame.
  sort() {
    const starts = new Uint32Array(BUCKETS + 1);
    const bucket = (i) => Math.max(0, Math.min(BUCKETS - 1, Math.floor(((this.depth[i] + 1) / 2) * BUCKETS)));
    for (let i = 0; i < this.count; i += 1) starts[bucket(i) + 1] += 1;
    for (let b = 0; b < BUCKETS; b += 1) starts[b + 1] += starts[b];
    for (let i = 0; i < this.count; i += 1) this.order[starts[bucket(i)]++] = i;
  }

  level(i) {
    return this.dimensions === 2 ? 0 : Math.max(0, Math.min(LEVELS - 1, Math.floor(((this.depth[i] + 1) / 2) * LEVELS)));
  }

  // The nearest point within ``reach`` pixels, the one in front where two are alike; -1 for none.
  find(x, y, reach) {
    let [best, least] = [-1, reach * reach];
    for (let k = this.count - 1; k >= 0; k -= 1) {
      const i = this.order[k];
      const distance = (this.x[i] - x) ** 2 + (this.y[i] - y) ** 2;
      if (distance < least) [best, least] = [i, distance];
    }
    return best;
  }

  // All points inside a polygon of [x, y] (even-odd rule).
  inside(polygon) {
    const [xs, ys] = [polygon.map(([x]) => x), polygon.map(([, y]) => y)];
    const box = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const found = [];
    for (let i = 0; i < this.count; i += 1) {
      const x = this.x[i];
      const y = this.y[i];
      if (x < box[0] || x > box[1] || y < box[2] || y > box[3]) continue;
      let within = false;
      for (let a = 0, b = xs.length - 1; a < xs.length; b = a, a += 1) {
        const crosses = ys[a] > y !== ys[b] > y;
        if (crosses && x < ((xs[b] - xs[a]) * (y - ys[a])) / (ys[b] - ys[a]) + xs[a]) within = !within;
      }
      if (within) found.push(i);
    }
    return found;
  }
}

// Radius of a point in pixels of the page.
const radiusOf = (points, level) =>
  radiusFor(points.count) * (points.dimensions === 2 ? 1 : 0.75 + (0.5 * level) / (LEVELS - 1));

// Coverage of a shape: offsets from its middle, and for each 0 to 256.
function makeSprite(symbol, radius) {
  const half = Math.ceil(radius * 1.4) + 1;
  const side = 2 * half + 1;
  const context = newCanvas(side, side).getContext("2d", { willReadFrequently: true });
  context.setTransform(radius, 0, 0, radius, half + 0.5, half + 0.5);
  context.fill(new Path2D(SHAPES[symbol] ?? SHAPES.circle));
  const pixels = context.getImageData(0, 0, side, side).data;
  const sprite = { half, dx: [], dy: [], cover: [] };
  for (let i = 0; i < side * side; i += 1) {
    if (pixels[4 * i + 3] === 0) continue;
    sprite.dx.push((i % side) - half);
    sprite.dy.push(Math.floor(i / side) - half);
    sprite.cover.push(pixels[4 * i + 3] / 255);
  }
  return sprite;
}

const toPixel = ([red, green, blue]) => (255 << 24) | (blue << 16) | (green << 8) | red; // little-endian

// One picture of all points in a buffer of pixels of its own.
class Raster {
  constructor(styles) {
    this.styles = styles;
    this.colours = styles.map(([colour]) => toPixel(channels(colour)));
  }

  resize(width, height, ratio, points) {
    if (this.image?.width === width && this.image.height === height && this.ratio === ratio) return;
    this.image = new ImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.ratio = ratio;
    this.sprites = this.styles.map(([, symbol]) =>
      Array.from({ length: LEVELS }, (_, level) => this.place(makeSprite(symbol, radiusOf(points, level) * ratio))),
    );
  }

  // Offsets as steps in the buffer, coverage in 256ths of full and of faded points.
  place({ half, dx, dy, cover }) {
    const share = (opacity) => Uint16Array.from(cover, (value) => Math.round(256 * opacity * value));
    const steps = Int32Array.from(dx, (x, k) => dy[k] * this.image.width + x);
    return { half, steps, full: share(OPACITY), faded: share(FADED) };
  }

  draw(points, groups, paper, isBright) {
    const { pixels, ratio } = this;
    const { width, height } = this.image;
    pixels.fill(paper);
    for (let k = 0; k < points.count; k += 1) {
      const i = points.order[k];
      const sprite = this.sprites[groups[i]][points.level(i)];
      const x = Math.floor(points.x[i] * ratio);
      const y = Math.floor(points.y[i] * ratio);
      if (x < sprite.half || y < sprite.half || x >= width - sprite.half || y >= height - sprite.half) continue;
      this.stamp(y * width + x, sprite.steps, isBright[i] ? sprite.full : sprite.faded, this.colours[groups[i]]);
    }
    return this.image;
  }

  stamp(start, steps, cover, colour) {
    const { pixels } = this;
    const redBlue = colour & 0xff00ff;
    const green = colour & 0x00ff00;
    for (let k = 0; k < steps.length; k += 1) {
      const at = start + steps[k];
      const over = cover[k];
      const under = pixels[at];
      const mixed = ((under & 0xff00ff) * (256 - over) + redBlue * over) >>> 8;
      const mixedGreen = ((under & 0x00ff00) * (256 - over) + green * over) >>> 8;
      pixels[at] = 0xff000000 | (mixed & 0xff00ff) | (mixedGreen & 0x00ff00);
    }
  }
}
