"""Words of the page Pretraining about a training of the reader's own."""

from dataclasses import dataclass

from bert_explorer.ui.texts import DEVLIN, Experiment, Explanation, Paper

SMALL, CONTINUED = KINDS = ("A small BERT, from nothing", "Go on with the chosen model")
EXAMPLE, OWN = SOURCES = ("An example", "A text of your own")


@dataclass(frozen=True)
class Reading:
    """A bundled text to read, and sentences with a hidden word that it may help with."""

    name: str
    file: str
    cloze: str


READINGS = (
    Reading(
        "4,000 everyday sentences",
        "everyday_sentences.txt",
        "She [MASK] to school.\nI don't [MASK] you.\n[MASK] is your name?",
    ),
    Reading(
        "A story: The Blue Carbuncle",
        "blue_carbuncle.txt",
        "I had called upon my friend Sherlock [MASK].\nThe [MASK] was found in the goose.\nHe took the "
        "[MASK] from "
        "the chair.",
    ),
)
CLOZE_HELP = "One sentence a line, each with one [MASK]. They are answered again and again while it trains."
PROMISE = {
    SMALL: "Two layers, four heads, hidden size 64 and a vocabulary of its own, all begun from chance. In a "
    "minute or two it learns which words are common, then which words stand together. It cannot learn what "
    "France is: BERT read three billion words, this one reads a few thousand, again and again. It plays the "
    "first game alone, hidden words.",
    CONTINUED: "All layers go on learning, by both games, on your text (*domain adaptation*, Gururangan et "
    "al. 2020). A few passes are enough to lean towards its words; with many it learns the text by heart and "
    "forgets some of what it knew.",
}
NO_RUN = "Nothing trained yet in this browser. What you train appears here, and on the page Runs."

EXPLANATION = Explanation(
    seeing="The loss falls as the model finds regularities in the text. Once in a while it is measured on "
    "sentences that it does not learn from: how often is the hidden word its first guess? Beside it stands "
    "what always answering the commonest word would reach. The slider replays the answers to your sentences "
    "from the first guess, which is chance, to the last.",
    formula=r"\mathcal{L} = \mathcal{L}_{\text{MLM}} + \mathcal{L}_{\text{NSP}}",
    reading="The second term is there only where a model goes on. A fifth of the tokens is hidden in every "
    "batch, differently each time. Watch the order in "
    "which things "
    "are learned: first the frequencies of words, then what may stand beside what, and only then, with far "
    "more "
    "text, what is true.",
    limits="With a few thousand words, the held-out share is measured on a few hundred hidden words, so "
    "differences "
    "of two or three points are chance. A model that has learned a text by heart can give parts of it away.",
    papers=(
        DEVLIN,
        Paper(
            "Gururangan et al.",
            2020,
            "Don't Stop Pretraining: Adapt Language Models to Domains and Tasks",
            "ACL",
        ),
    ),
    experiments=(
        Experiment(
            "Look at the first answers",
            "When it is done, draw the slider to the left.",
            "Before the first step all words are equally improbable; after a few steps every answer is the "
            "commonest word.",
        ),
        Experiment(
            "Open the small model",
            "Press *Open this model* and go to *Attention*.",
            "Two layers of four heads, some of which already look at the word beside.",
        ),
        Experiment(
            "Teach the bundled model a name",
            "Choose *Go on with the chosen model* and the story, and ask *I had called upon my friend "
            "Sherlock [MASK].*",
            "After three passes *holmes* comes first or near it, where it was further down before.",
        ),
    ),
)
