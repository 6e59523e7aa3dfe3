"""Files of what a page shows: the figure as PNG, SVG and HTML, the table as CSV.

PNG and SVG are drawn by the browser from the figure on the page, as the reader sees it. HTML and CSV
are made when the button is pressed, not at every run of the page.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import streamlit as st

Figure = Any  # plotly's; only plots/ may import plotly

_SCRIPT = """
function download(figure, format, name) {
  // The figure's own camera button knows how to draw it; only the format is ours to choose.
  const options = { format, filename: name, scale: format === "png" ? 2 : 1 };
  figure._context.toImageButtonOptions = options;
  const camera = figure.querySelector('.modebar-btn[data-title*="ownload"]');
  camera?.click();
}

// A picture in a page of its own (bertviz): its one SVG, with the look that the page's styles give it.
function copyPicture(frame) {
  const source = frame.contentDocument.querySelector("#vis svg");
  const copy = source.cloneNode(true);
  const { width, height } = source.getBoundingClientRect();
  const attributes = { xmlns: "http://www.w3.org/2000/svg", width, height };
  for (const [name, value] of Object.entries(attributes)) copy.setAttribute(name, value);
  const elements = source.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((element, i) => {
    const style = frame.contentWindow.getComputedStyle(elements[i]);
    for (const name of ["fill", "stroke", "font-family", "font-size"]) element.style[name] = style[name];
  });
  copy.style.background = frame.contentWindow.getComputedStyle(frame.contentDocument.body).backgroundColor;
  return { text: new XMLSerializer().serializeToString(copy), width, height };
}

function offer(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function downloadFrame(frame, format, name) {
  const { text, width, height } = copyPicture(frame);
  const svg = new Blob([text], { type: "image/svg+xml" });
  if (format === "svg") return offer(svg, `${name}.svg`);
  const image = new Image();
  image.onload = () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(image.src);
    canvas.toBlob((blob) => offer(blob, `${name}.png`));
  };
  image.src = URL.createObjectURL(svg);
}

export default function ({ data, parentElement }) {
  const inFigure = (part) => document.querySelector(`.st-key-${CSS.escape(data.container)} ${part}`);
  for (const button of parentElement.querySelectorAll("button")) {
    button.onclick = () => {
      const figure = inFigure(".js-plotly-plot");
      const frame = inFigure("iframe");
      const detail = { figure: data.figure, format: button.value, name: data.name };
      if (figure !== null) download(figure, button.value, data.name);
      else if (frame !== null) downloadFrame(frame, button.value, data.name);
      else document.dispatchEvent(new CustomEvent("bert-explorer-download", { detail }));
    };
  }
}
"""
_STYLE = """
div { display: flex; gap: 0.5rem; }
button {
  font: inherit; color: var(--st-text-color); background: var(--st-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius);
  padding: 0.4rem 0.75rem; min-height: 2.5rem; cursor: pointer;
}
button:hover, button:focus-visible { border-color: var(--st-primary-color); color: var(--st-primary-color); }
"""
_image_buttons = st.components.v2.component(
    "bert_explorer_figure_downloads",
    html='<div><button value="png">Figure (PNG)</button><button value="svg">Figure (SVG)</button></div>',
    css=_STYLE,
    js=_SCRIPT,
)


def figure_key(name: str) -> str:
    """Key of the container that holds the figure ``name``; the image buttons look for it."""
    return f"figure-{name}"


def show_figure(figure: Figure, name: str, *, alt: str, chart_key: str | None = None, **options: Any) -> Any:
    """Draw a figure where the download buttons find it; returns what ``st.plotly_chart`` returns."""
    config = {"displaylogo": False, "responsive": True}
    with st.container(key=figure_key(name)):
        return st.plotly_chart(figure, key=chart_key or f"chart-{name}", config=config, alt=alt, **options)


def show_figure_downloads(figure: Figure | Callable[[], Figure], name: str) -> None:
    """Buttons for one figure: PNG and SVG by the browser, HTML that opens without internet.

    Of a figure that changes under the buttons, ``figure`` is what draws it when one is pressed.
    """
    with st.container(horizontal=True):
        _show_image_buttons(name)
        st.download_button(
            "Figure (HTML)",
            lambda: figure_html(figure() if callable(figure) else figure),
            file_name=f"{name}.html",
            mime="text/html",
            on_click="ignore",
            key=f"html-{name}",
        )


def show_table_download(
    name: str,
    header: Sequence[str],
    rows: Callable[[], Iterable[Sequence[object]]],
    *,
    label: str = "Table (CSV)",
) -> None:
    st.download_button(
        label,
        lambda: table_csv(header, rows()),
        file_name=f"{name}.csv",
        mime="text/csv",
        on_click="ignore",
        key=f"csv-{name}",
    )


def show_picture_downloads(name: str, html: Callable[[], str]) -> None:
    """Buttons for a picture that is not plotly's: a canvas of our own, or a page in a frame."""
    with st.container(horizontal=True):
        _show_image_buttons(name)
        show_view_download(name, html)


def show_view_download(name: str, html: Callable[[], str]) -> None:
    """One page for what is on the screen, made when the button is pressed."""
    st.download_button(
        "View (HTML)",
        html,
        file_name=f"{name}.html",
        mime="text/html",
        on_click="ignore",
        key=f"view-{name}",
    )


def _show_image_buttons(name: str) -> None:
    data = {"container": figure_key(name), "figure": name, "name": name}
    _image_buttons(key=f"images-{name}", data=data, width="content")


def figure_html(figure: Figure) -> str:
    """The figure as one file with its script inside, on a white page."""
    from bert_explorer.plots.theme import make_standalone

    return str(
        make_standalone(figure).to_html(include_plotlyjs=True, full_html=True, config={"displaylogo": False})
    )


def table_columns(header: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[str, list[object]]:
    """The rows of a file as the columns that a table on the page is drawn from."""
    return {name: [row[index] for row in rows] for index, name in enumerate(header)}


def table_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheet programs show every letter right."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")
