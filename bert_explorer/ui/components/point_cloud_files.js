// What stands around the points, on the screen and in files, and the files: the picture as it is turned now.

// Axes, and labels where they are few.
function annotate(painter, { data, points, isBright, film }, width, height, look) {
  const { titles, labels } = data;
  const plain = { fill: look.text, size: 12 };
  if (film.title) painter.text(film.title, 14, 18, { fill: look.text, align: "left", bold: true, size: 15 });
  if (titles.length === 3) drawAxes(painter, points, titles, look);
  else {
    painter.text(titles[0], width / 2, height - 12, plain);
    painter.text(titles[1], 12, height / 2, { ...plain, turn: -90 });
  }
  labels.forEach((label, row) => {
    if (isBright[row]) painter.text(label, points.x[row], points.y[row] - 12, { fill: look.text, size: 13 });
  });
}

function drawAxes(painter, points, titles, look) {
  const start = points.middle;
  titles.forEach((title, axis) => {
    const [x, y] = points.axisEnd(axis, points.reach[0]);
    painter.curve([...start, ...start, x, y, x, y], look.text, 1, 0.45);
    painter.text(title, x, y - 8, { fill: look.text, size: 12 });
  });
}

function savePoints(viewer, { format, name }) {
  if (format === "svg") {
    const text = new XMLSerializer().serializeToString(drawSvg(viewer));
    offer(new Blob([text], { type: "image/svg+xml" }), `${name}.svg`);
    return;
  }
  viewer.find(".points").toBlob((blob) => offer(blob, `${name}.png`));
}

function drawSvg(viewer) {
  const { points, groups, data, frame, isBright } = viewer;
  const [width, height] = [frame.clientWidth, frame.clientHeight];
  const look = viewer.look();
  const painter = new SvgPainter(width, height, look.font);
  painter.rect(0, 0, width, height, look.paper);
  for (const i of points.order) {
    const [fill, symbol] = data.styles[groups[i]];
    const radius = radiusOf(points, points.level(i)).toFixed(2);
    const transform = `translate(${points.x[i].toFixed(2)} ${points.y[i].toFixed(2)}) scale(${radius})`;
    const opacity = isBright[i] ? OPACITY : FADED;
    painter.add("path", { d: SHAPES[symbol] ?? SHAPES.circle, fill, transform, "fill-opacity": opacity });
  }
  annotate(painter, viewer, width, height, look);
  return painter.root;
}
