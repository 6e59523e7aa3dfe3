// All heads of a layer as small pictures, of which one is chosen.

function showHeads(list, heads, choose) {
  list.hidden = !heads;
  if (!heads) return;
  const pixels = decode(heads.pixels, Uint8Array);
  const scale = makeScale(heads.colours);
  while (list.children.length > heads.count) list.lastElementChild.remove();
  for (let head = 0; head < heads.count; head += 1) {
    const button = list.children[head] ?? list.appendChild(newHead(head));
    button.onclick = () => choose(head);
    button.setAttribute("aria-checked", String(head === heads.chosen));
    button.tabIndex = head === heads.chosen ? 0 : -1;
    paintHead(button.querySelector("canvas"), pixels, head, heads, scale);
  }
}

function newHead(head) {
  const button = document.createElement("button");
  button.setAttribute("role", "radio");
  button.setAttribute("aria-label", `Head ${head + 1}`);
  const label = document.createElement("span");
  label.textContent = String(head + 1);
  button.append(document.createElement("canvas"), label);
  button.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = step && button.parentElement.children[head + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.click();
  });
  return button;
}

function paintHead(canvas, pixels, head, { size: [rows, cols] }, scale) {
  Object.assign(canvas, { width: cols, height: rows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(cols, rows);
  for (let i = 0; i < rows * cols; i += 1) {
    image.data.set([...scale[pixels[head * rows * cols + i]], 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}
