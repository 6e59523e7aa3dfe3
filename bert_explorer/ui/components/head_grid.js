// The browser's half of head_grid.py. All text is set by textContent.

const WHOLE_LAYER = -1;

export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".grid");
  grid.setAttribute("aria-label", data.label);
  grid.style.setProperty("--heads", data.heads);
  fill(grid, data);
  grid.listening?.abort();
  grid.listening = new AbortController();
  const listen = (name, react) => grid.addEventListener(name, react, { signal: grid.listening.signal });
  listen("click", (event) => choose(event, grid, setTriggerValue));
  listen("keydown", (event) => move(event, grid, data));
}

// Buttons stay where they are and get new states, so that the focus survives a new answer.
function fill(grid, data) {
  const count = data.layers * (data.heads + 1);
  const fits = grid.children.length === count && Number(grid.dataset.heads) === data.heads;
  if (!fits) {
    grid.dataset.heads = data.heads;
    grid.replaceChildren(...Array.from({ length: count }, (_, i) => newButton(i, data)));
    grid.firstElementChild.tabIndex = 0;
  }
  const off = new Set(data.off.map(([layer, head]) => `${layer}-${head}`));
  for (const button of grid.children) dress(button, off, data);
}

function newButton(index, data) {
  const button = document.createElement("button");
  button.type = "button";
  button.tabIndex = -1;
  button.dataset.layer = Math.floor(index / (data.heads + 1));
  button.dataset.head = (index % (data.heads + 1)) - 1;
  return button;
}

function dress(button, off, data) {
  const layer = Number(button.dataset.layer);
  const head = Number(button.dataset.head);
  if (head === WHOLE_LAYER) {
    const all = Array.from({ length: data.heads }, (_, i) => off.has(`${layer}-${i}`)).every(Boolean);
    button.className = "layer";
    button.textContent = `Layer ${layer + 1}`;
    button.setAttribute("aria-label", `Layer ${layer + 1}, switch all heads ${all ? "on" : "off"}`);
    return;
  }
  const isOff = off.has(`${layer}-${head}`);
  button.className = isOff ? "head off" : "head";
  button.textContent = String(head + 1);
  button.setAttribute("aria-pressed", String(!isOff));
  button.setAttribute("aria-label", `Layer ${layer + 1}, head ${head + 1}`);
  button.title = `Layer ${layer + 1}, head ${head + 1}: ${isOff ? "off" : "on"}`;
}

function choose(event, grid, setTriggerValue) {
  const button = event.target.closest("button");
  if (!button) return;
  focusOn(grid, button);
  setTriggerValue("clicked", [Number(button.dataset.layer), Number(button.dataset.head)]);
}

function focusOn(grid, button) {
  for (const other of grid.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
  button.tabIndex = 0;
  button.focus();
}

function move(event, grid, data) {
  const here = [...grid.children].indexOf(event.target.closest("button"));
  const row = data.heads + 1;
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row };
  const ends = { Home: here - (here % row), End: here - (here % row) + row - 1 };
  const next = grid.children[event.key in steps ? here + steps[event.key] : ends[event.key]];
  if (here < 0 || !next || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  focusOn(grid, next);
}
