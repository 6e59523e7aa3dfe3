"""A whole file through the model of a finished run: upload, progress, a first look, the result as a file."""

import hashlib
from pathlib import PurePath

import streamlit as st

from bert_explorer.models.catalog import describe_model, find_folder
from bert_explorer.models.reference import parse_reference
from bert_explorer.settings import get_settings
from bert_explorer.training.run import Run
from bert_explorer.ui import state
from bert_explorer.ui.answers import is_remembered, remember
from bert_explorer.ui.runs import check_may_open
from bert_explorer.ui.texts import task_results

PAGE = "predict-file"  # of the remembered answers
SHOWN_ROWS = 100
Answers = list[tuple[str, float | None]]


def show_file_prediction(run: Run, owner: str) -> None:
    """Folded away until wanted. Raises DataError with the line, as the upload of a training file does."""
    with st.expander("Predict a whole file"):
        upload = st.file_uploader(
            task_results.UPLOAD_HINTS[run.config.task],
            key=f"{state.PREDICT_FILE}-{run.id}",
        )
        if upload is None:
            st.caption(
                "The file is not kept with the run. In the result, cells that a spreadsheet would run as a "
                "formula get an apostrophe first."
            )
            return
        content = upload.getvalue()
        asked = (run.id, hashlib.sha256(content).hexdigest(), upload.name)
        if not st.button("Predict all rows", type="primary") and not is_remembered(PAGE, asked):
            return
        check_may_open(run.id, owner)
        answered = remember(PAGE, asked, lambda: _predict(run, upload.name, content))
        _show_answers(upload.name, *answered)


def _predict(run: Run, filename: str, content: bytes) -> tuple[list[str], Answers, bytes]:
    """Texts, answers, and the table with both as CSV."""
    from bert_explorer.training.tables.predicted import format_csv
    from bert_explorer.training.tables.unlabelled import check_filled, choose_columns, read_unlabelled

    trained = (run.config.text_column, run.config.pair_column)
    table = read_unlabelled(filename, content, trained)
    text, pair = choose_columns(table, trained, None, None)
    texts = table.column(text)
    check_filled(table, texts)
    answers = _answer_all(run, texts, table.column(pair) if pair else None)
    return list(texts), answers, format_csv(table, answers).encode("utf-8-sig")


def _answer_all(run: Run, texts: tuple[str, ...], pairs: tuple[str, ...] | None) -> Answers:
    from bert_explorer.analysis.classification import classify_all
    from bert_explorer.models.cache import open_model
    from bert_explorer.training.task_names import task_of

    bar = st.progress(0.0, "Reading the model")

    def show(done: int, total: int) -> None:
        bar.progress(done / max(1, total), f"{done:,} of {total:,} rows")

    info = describe_model(run.ref, get_settings())
    if task_of(info) == "text-classification":
        with open_model(run.ref) as engine:
            found = classify_all(engine, texts, pairs, progress=show)
        answers: Answers = [(answer.label, answer.probability) for answer in found]
    else:
        from bert_explorer.training.apply import predict_texts

        folder = find_folder(parse_reference(run.ref), get_settings())
        answers = predict_texts(folder, info, texts, pairs, progress=show)
    bar.empty()
    return answers


def _show_answers(filename: str, texts: list[str], answers: Answers, csv: bytes) -> None:
    shown = range(min(SHOWN_ROWS, len(texts)))
    probabilities = [answers[row][1] for row in shown]
    table = {
        "Prediction": [answers[row][0] for row in shown],
        "Probability": [None if value is None else 100 * value for value in probabilities],
        "Text": [texts[row] for row in shown],
    }
    columns = {"Probability": st.column_config.NumberColumn(format="%.1f %%", width="small")}
    st.dataframe(table, hide_index=True, height="content" if len(shown) < 8 else 300, column_config=columns)
    if len(texts) > len(shown):
        st.caption(f"The first {len(shown)} of {len(texts):,} rows. The download has them all.")
    st.download_button(
        "All rows with their predictions (CSV)",
        csv,
        file_name=f"{PurePath(filename).stem} predicted.csv",
        mime="text/csv",
        on_click="ignore",
        key="predicted-file",
    )
