"""Words of the start page."""

from dataclasses import dataclass

from bert_explorer.results import Capability
from bert_explorer.ui.texts import PageText

PAGE = PageText(
    title="See how BERT reads",
    lead="BERT is a neural network that learned language by guessing hidden words. This is a place to watch "
    "it work on "
    "sentences of your own. Everything runs on this computer: no text leaves it.",
)

EXAMPLE_TEXT = "He drank a glass of [MASK]."
EXAMPLE_HEADING = "**What BERT puts in place of the hidden word**"


@dataclass(frozen=True)
class Card:
    """A way to another page: its file, name and promise, and what the open model needs for it."""

    path: str
    title: str
    promise: str
    needs: Capability | None = None


CARDS = (
    Card(
        "pages/masked_words.py",
        "Masked words",
        "Hide a word and watch BERT guess it from both sides.",
        Capability.MASKED_LM,
    ),
    Card(
        "pages/attention.py",
        "Attention",
        "Follow which words each word looks at, head by head.",
        Capability.ATTENTIONS,
    ),
    Card(
        "pages/inside.py",
        "Inside",
        "Follow one token through every step, with its real numbers.",
    ),
    Card(
        "pages/embeddings.py",
        "Embeddings",
        "Map fifty sentences by meaning, and see topics fall apart.",
        Capability.EMBEDDINGS,
    ),
    Card(
        "pages/pretraining.py",
        "Pretraining",
        "Play the two games that taught BERT to read.",
        Capability.MASKED_LM,
    ),
    Card(
        "pages/fine_tune.py",
        "Fine-tune",
        "Teach BERT your own labels in minutes, then look inside it.",
    ),
)

ABILITIES = {
    Capability.MASKED_LM: "guesses masked words",
    Capability.NEXT_SENTENCE: "judges whether one sentence follows another",
    Capability.SEQUENCE_CLASSIFICATION: "sorts texts into classes",
    Capability.TOKEN_CLASSIFICATION: "labels words",
    Capability.QUESTION_ANSWERING: "finds answers in a text",
    Capability.EMBEDDINGS: "turns texts into vectors",
    Capability.ATTENTIONS: "shows its attention",
}
