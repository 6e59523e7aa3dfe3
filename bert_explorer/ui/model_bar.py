"""The line above every page that says which model is open, and opens another.

The reference of the open model is in the link (``?model=``), except for the bundled one. Runs are
offered to their owner only, and a link to somebody else's run is refused like a run that never was.
"""

from functools import partial

import streamlit as st

from bert_explorer.errors import ModelError
from bert_explorer.models.catalog import describe_model, list_models
from bert_explorer.models.reference import parse_reference
from bert_explorer.results import Capability, ModelInfo
from bert_explorer.settings import get_settings
from bert_explorer.ui import state
from bert_explorer.ui.guard import escape_markdown, guard
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.stored import BUNDLED
from bert_explorer.ui.texts.start import ABILITIES

BUNDLED_NAME = "Explorer BERT (bundled)"
HELP = (
    "Choose a model, or type the id of one on the Hugging Face hub, such as `google-bert/bert-base-uncased`. "
    "BERT, DistilBERT, RoBERTa, XLM-R, CamemBERT, ELECTRA, ALBERT, MobileBERT, ModernBERT, MPNet and "
    "DeBERTa work. "
    "Models that you fine-tune here appear in the list when they are finished."
)


def show_model_bar() -> None:
    """Draw the bar and keep what is known of the chosen model for the page (see chosen_model)."""
    st.session_state[state.MODEL_INFO] = None
    _follow_link()
    with st.container(key="model-bar"), guard():
        choice_column, facts_column = st.columns([2, 3], gap="medium", vertical_alignment="bottom")
        with choice_column:
            ref = _choose()
        _write_link(ref)
        info = _describe(ref)
        st.session_state[state.MODEL_INFO] = info
        if info is not None:
            facts_column.markdown(_summary(info))


def _choose() -> str:
    names = offered_models()
    typed = st.session_state[state.MODEL] or BUNDLED
    if typed.startswith("run:") and current_owner() is None:
        # Its name is its owner's to see. A box that has shown the reference once would go on showing it.
        st.selectbox("Model", [typed], disabled=True, key=state.MODEL_UNNAMED, help=HELP)
        return str(typed)
    names.setdefault(typed, typed)
    chosen = st.selectbox(
        "Model",
        list(names),
        index=list(names).index(typed),  # the browser may draw the box before it hears of its value
        format_func=partial(_name_of, names),
        key=state.MODEL,
        accept_new_options=True,
        help=HELP,
    )
    return (chosen or BUNDLED).strip() or BUNDLED


def chosen_model() -> ModelInfo | None:
    """The model of the bar, or None where it cannot be opened (the bar has said why)."""
    info = st.session_state.get(state.MODEL_INFO)
    return info if isinstance(info, ModelInfo) else None


def require_model(capability: Capability | None = None) -> ModelInfo:
    """The chosen model. Where it lacks the capability, say which model has it and stop the page."""
    info = chosen_model()
    if info is None:
        st.info("Choose a model above to go on.")
        st.stop()
    if capability is not None and capability not in info.capabilities:
        st.info(
            f"{escape_markdown(info.name)} cannot do this: it has no part that {ABILITIES[capability]}. "
            "Every other page works with it."
        )
        st.button("Open the bundled model", on_click=open_model_in_bar, args=(BUNDLED,), type="primary")
        st.stop()
    return info


def open_model_in_bar(ref: str) -> None:
    """Make ``ref`` the chosen model of this session. For callbacks, which run before the bar is drawn."""
    st.session_state[state.MODEL] = ref


def _follow_link() -> None:
    """Take the model of the link at the start, and when the link changes under way (the back button).

    Who leaves for another page before the browser has drawn the box loses the box's value: Streamlit keeps,
    of what the last page held, only what the browser names. The model written in the link is known still.
    """
    linked = st.query_params.get(state.MODEL_PARAMETER)
    if state.MODEL not in st.session_state:
        st.session_state[state.MODEL] = linked or st.session_state.get(state.MODEL_IN_LINK) or BUNDLED
    elif linked is not None and linked != st.session_state.get(state.MODEL_IN_LINK):
        st.session_state[state.MODEL] = linked
    st.session_state[state.MODEL_IN_LINK] = linked


def _write_link(ref: str) -> None:
    if ref == BUNDLED:
        st.query_params.pop(state.MODEL_PARAMETER, None)
    elif st.query_params.get(state.MODEL_PARAMETER) != ref:
        st.query_params[state.MODEL_PARAMETER] = ref
    st.session_state[state.MODEL_IN_LINK] = None if ref == BUNDLED else ref


def offered_models() -> dict[str, str]:
    """Reference -> name for people, the bundled model first; of the runs only this browser's own."""
    names = {info.ref: info.name for info in list_models(get_settings(), run_ids=())}
    names = {BUNDLED: BUNDLED_NAME} | {ref: name for ref, name in names.items() if ref != BUNDLED}
    owner = current_owner()
    if owner is None or not any(get_settings().runs_path.glob("*/model/config.json")):
        return names
    from bert_explorer.ui.runs import own_models

    return names | own_models(owner)


def _name_of(names: dict[str, str], ref: str) -> str:
    return names.get(ref, ref)


def _describe(ref: str) -> ModelInfo | None:
    """What is known of a model; None while it is not yet known whether this browser may see it.

    Where the model cannot be opened there is a button that leads back, and the reason is raised.
    """
    try:
        return describe_for_browser(ref)
    except ModelError:
        if ref != BUNDLED:
            st.button("Go back to the bundled model", on_click=open_model_in_bar, args=(BUNDLED,))
        raise


def describe_for_browser(ref: str) -> ModelInfo | None:
    """What is known of a model that this browser may see; None while that is not known yet.

    Raises ModelError for one that cannot be opened, or that belongs to somebody else.
    """
    reference = parse_reference(ref)
    if reference.kind == "run":
        owner = current_owner()
        if owner is None:
            return None
        from bert_explorer.ui.runs import check_may_open

        check_may_open(reference.name, owner)
    return describe_model(ref, get_settings())


def _summary(info: ModelInfo) -> str:
    size = f"{info.num_parameters / 1e6:,.1f} M parameters"
    abilities = [text for capability, text in ABILITIES.items() if capability in info.capabilities]
    facts = (
        f"{info.family} · {info.num_layers} layers of {info.num_heads} heads · {size} · "
        f"reads up to {info.max_length:,} tokens"
    )
    labels = f" ({escape_markdown(', '.join(info.labels[:4]))}{', …' if len(info.labels) > 4 else ''})"
    shown = [
        text + labels if text == ABILITIES[Capability.SEQUENCE_CLASSIFICATION] else text for text in abilities
    ]
    return f"{facts}  \nIt {_join(shown)}."


def _join(parts: list[str]) -> str:
    return parts[0] if len(parts) < 2 else ", ".join(parts[:-1]) + " and " + parts[-1]
