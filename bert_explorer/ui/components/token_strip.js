// The browser's half of token_strip.py. All text is set by textContent.

const ROLES = {
  one: { strip: "radiogroup", token: "radio", state: "aria-checked" },
  many: { strip: "group", token: "button", state: "aria-pressed" },
  none: { strip: "list", token: "listitem", state: null },
};
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const LETTER = /\p{L}/u;

export default function ({ data, parentElement, setTriggerValue }) {
  const strip = parentElement.querySelector(".strip");
  const tip = parentElement.querySelector(".tip");
  strip.setAttribute("role", ROLES[data.select].strip);
  strip.setAttribute("aria-label", data.label);
  strip.dir = directionOf(data.tokens);
  fill(strip, data);
  strip.listening?.abort();
  strip.listening = new AbortController();
  const listen = (name, react) => strip.addEventListener(name, react, { signal: strip.listening.signal });
  listen("click", (event) => choose(event, strip, data, setTriggerValue));
  listen("keydown", (event) => press(event, strip, tip, data, setTriggerValue));
  for (const name of ["pointerover", "focusin"]) listen(name, (event) => showTip(event, strip, tip, data));
  for (const name of ["pointerleave", "focusout"]) listen(name, () => hideTip(strip, tip));
  hideTip(strip, tip);
}

function directionOf(tokens) {
  const labels = tokens.filter((token) => token.kind !== "special" && LETTER.test(token.label));
  const turned = labels.filter((token) => RIGHT_TO_LEFT.test(token.label));
  return turned.length * 2 > labels.length ? "rtl" : "ltr";
}

// Elements stay where they are and get new contents, so that the focus survives a new answer.
function fill(strip, data) {
  while (strip.children.length > data.tokens.length) strip.lastElementChild.remove();
  data.tokens.forEach((token, index) => {
    const element = strip.children[index] ?? strip.appendChild(newToken());
    dress(element, token, ROLES[data.select]);
  });
  if (!strip.querySelector('[tabindex="0"]') && strip.firstElementChild) strip.firstElementChild.tabIndex = 0;
}

function newToken() {
  const element = document.createElement("div");
  element.tabIndex = -1;
  for (const name of ["label", "number"]) {
    const part = document.createElement("span");
    part.className = name;
    element.append(part);
  }
  return element;
}

function dress(element, token, roles) {
  element.className = ["token", token.kind, token.selected && "selected", token.value < 0 && "below"]
    .filter(Boolean)
    .join(" ");
  element.setAttribute("role", roles.token);
  for (const name of ["aria-checked", "aria-pressed"]) element.removeAttribute(name);
  if (roles.state) element.setAttribute(roles.state, String(token.selected));
  element.style.setProperty("--share", Math.min(1, Math.abs(token.value ?? 0)));
  element.querySelector(".label").textContent = token.label;
  element.querySelector(".number").textContent = token.number;
}

function choose(event, strip, data, setTriggerValue) {
  const element = event.target.closest(".token");
  if (!element) return;
  focusOn(strip, element);
  if (data.select !== "none") setTriggerValue("clicked", [...strip.children].indexOf(element));
}

function focusOn(strip, element) {
  for (const other of strip.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
  element.tabIndex = 0;
  element.focus();
}

function press(event, strip, tip, data, setTriggerValue) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    if (!event.repeat) choose(event, strip, data, setTriggerValue);
  } else if (event.key === "Escape") {
    hideTip(strip, tip);
  } else {
    const next = neighbour(event.key, event.target.closest(".token"), strip);
    if (!next) return;
    event.preventDefault();
    focusOn(strip, next);
  }
}

function neighbour(key, element, strip) {
  const step = strip.dir === "rtl" ? -1 : 1;
  const moves = { ArrowRight: step, ArrowLeft: -step };
  if (key in moves) return strip.children[[...strip.children].indexOf(element) + moves[key]];
  if (key === "Home") return strip.firstElementChild;
  if (key === "End") return strip.lastElementChild;
  if (key === "ArrowDown" || key === "ArrowUp") return nearest(element, strip, key === "ArrowDown");
  return undefined;
}

// The closest token of the next row below or above.
function nearest(element, strip, below) {
  const here = element.getBoundingClientRect();
  const middle = (box) => (box.left + box.right) / 2;
  const far = (box) => 1000 * Math.abs(box.top - here.top) + Math.abs(middle(box) - middle(here));
  return [...strip.children]
    .map((other) => ({ other, box: other.getBoundingClientRect() }))
    .filter(({ box }) => (below ? box.top >= here.bottom : box.bottom <= here.top))
    .sort((a, b) => far(a.box) - far(b.box))[0]?.other;
}

function showTip(event, strip, tip, data) {
  const element = event.target.closest(".token");
  const lines = element ? data.tokens[[...strip.children].indexOf(element)]?.lines ?? [] : [];
  hideTip(strip, tip);
  if (lines.length === 0) return;
  tip.replaceChildren(
    ...lines.map((line) => {
      const row = document.createElement("div");
      row.textContent = line;
      return row;
    }),
  );
  element.setAttribute("aria-describedby", tip.id);
  tip.showPopover();
  place(tip, element.getBoundingClientRect());
}

function place(tip, box) {
  const size = tip.getBoundingClientRect();
  const left = Math.min(Math.max(4, box.left), innerWidth - size.width - 4);
  const below = box.bottom + 4;
  const top = below + size.height < innerHeight ? below : box.top - size.height - 4;
  tip.style.left = `${Math.max(4, left)}px`;
  tip.style.top = `${Math.max(4, top)}px`;
}

function hideTip(strip, tip) {
  if (tip.matches(":popover-open")) tip.hidePopover();
  for (const element of strip.querySelectorAll("[aria-describedby]")) element.removeAttribute("aria-describedby");
}
