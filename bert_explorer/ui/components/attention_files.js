// The picture on the screen as a PNG or SVG file, drawn again by the same layout.

const LONGEST_FILE = 8000; // pixels of a side; a larger picture is saved as far as it is on the screen

function savePicture(viewer, { format, name }) {
  const { layout, font } = viewer;
  const whole = Math.max(layout.width, layout.height) <= LONGEST_FILE;
  const box = whole ? { x: 0, y: 0, width: layout.width, height: layout.height } : viewer.box();
  const look = viewer.look(getComputedStyle(viewer.root));
  const draw = (painter) => {
    painter.rect(0, 0, box.width, box.height, look.paper);
    layout.draw(painter, box, look);
  };
  if (format === "svg") {
    const painter = new SvgPainter(box.width, box.height, font);
    draw(painter);
    const text = new XMLSerializer().serializeToString(painter.root);
    offer(new Blob([text], { type: "image/svg+xml" }), `${name}.svg`);
    return;
  }
  const canvas = newCanvas(box.width * 2, box.height * 2);
  const context = canvas.getContext("2d");
  context.scale(2, 2);
  draw(new CanvasPainter(context, font));
  canvas.toBlob((blob) => offer(blob, `${name}.png`));
}
