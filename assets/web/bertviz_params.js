// Stands between bert_explorer/plots/bertviz.py and bertviz's own script, which follows this one.

// bertviz asks require.js for its two libraries; both are already on this page.
const requirejs = (names, start) => start(jQuery, d3);

// Weights travel once, in thousandths; bertviz wants them as fractions, and again for each choice
// of sentences. packed.views[i] = {name, left: [start, end], right: [start, end]}.
function unpackParams(packed) {
  const fractions = packed.thousandths.map(layer => layer.map(head => head.map(row => row.map(x => x / 1000))));
  const cut = (left, right) => fractions.map(layer => layer.map(head =>
    head.slice(...left).map(row => row.slice(...right))));
  const attention = packed.views.map(({name, left, right}) => ({
    name,
    attn: cut(left, right),
    left_text: packed.tokens.slice(...left),
    right_text: packed.tokens.slice(...right),
  }));
  const dark = packed.theme === "auto"
    ? matchMedia("(prefers-color-scheme: dark)").matches
    : packed.theme === "dark";
  return {...packed.params, attention, display_mode: dark ? "dark" : "light"};
}
