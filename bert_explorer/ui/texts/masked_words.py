"""Words of the page Masked words."""

from dataclasses import dataclass

from bert_explorer.ui.texts import DEVLIN, KAUF, LAN, LIU, Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="Which words fit here?",
    lead="Hide a word behind `[MASK]`, and BERT guesses it from the words on both sides. "
    "Guessing hidden words is how BERT learned English in the first place.",
)


TABS = ("Masked words", "Next sentence")
DEFAULT_TOP_K = 10
EACH_MASK, TOGETHER, BY_LAYER = "Each mask", "All masks together", "Layer by layer"
VIEWS = (EACH_MASK, TOGETHER, BY_LAYER)
ALL_WORDS, OWN_LIST = "Every word of the vocabulary", "A list of your own"
LISTS = {
    "Colours": (
        "black",
        "white",
        "red",
        "green",
        "blue",
        "yellow",
        "brown",
        "grey",
        "orange",
        "pink",
        "purple",
        "turquoise",
        "golden",
        "silver",
    ),
    "Numbers": (
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "twelve",
        "twenty",
        "fifty",
        "hundred",
        "thousand",
    ),
    "Days and months": (
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ),
    "Professions": (
        "doctor",
        "nurse",
        "teacher",
        "engineer",
        "lawyer",
        "farmer",
        "soldier",
        "writer",
        "cook",
        "waiter",
        "waitress",
        "secretary",
        "plumber",
        "carpenter",
        "hairdresser",
        "librarian",
        "scientist",
    ),
    "Pronouns": ("i", "you", "he", "she", "it", "we", "they"),
}


@dataclass(frozen=True)
class MaskedExample:
    name: str
    text: str
    targets: str = ""


EXAMPLES = (
    MaskedExample("A drink", "He drank a glass of [MASK]."),
    MaskedExample("Both sides", "The [MASK] is very hot, do not drink it yet.", "water, car"),
    MaskedExample("Grammar", "The dogs [MASK] hungry.", "were, was"),
    MaskedExample("Negation", "London is not a [MASK].", "city, town"),
    MaskedExample("Stereotype", "The nurse said that [MASK] was tired.", "she, he"),
    MaskedExample("Two masks", "She wrote a [MASK] to her mother and read the [MASK]."),
)


@dataclass(frozen=True)
class NextExample:
    name: str
    first: str
    second: str


NEXT_FIRST = "The old man walked slowly down to the harbour."
NEXT_EXAMPLES = (
    NextExample("Neighbours", NEXT_FIRST, "He sat on a wooden bench and watched the boats come in."),
    NextExample("Another topic", NEXT_FIRST, "The enzyme breaks down proteins in the small intestine."),
    NextExample("A contradiction", NEXT_FIRST, "The old man never walked down to the harbour."),
    NextExample("Swapped", "He sat on a wooden bench and watched the boats come in.", NEXT_FIRST),
)

EXPLANATION = Explanation(
    seeing="For every mask, the model gives a probability to each entry of its vocabulary, its tokens. "
    "The bars show the most probable ones; all the others share the rest of the 100 %.",
    formula=r"\begin{gathered} p(w \mid \text{text}) = \operatorname{softmax}(\mathbf{z})_w \\ "
    r"\mathbf{z} = E \, \operatorname{LayerNorm}(\operatorname{GELU}(W \mathbf{h}_m + \mathbf{b})) + "
    r"\mathbf{c} "
    r"\end{gathered}",
    reading=r"$\mathbf{h}_m$ is what the last layer says at the mask's position, and the rows of $E$ are the "
    "input vectors of the vocabulary: a token is probable when its own vector points in the direction that "
    "the model predicts. **Rank** is a token's place when the whole vocabulary is sorted by probability. "
    "**Your own words** may have several pieces: for $k$ pieces the mask becomes $k$ masks, filled from "
    "left to "
    r"right, and the word's score is $\log p(w) = \sum_i \log p(w_i \mid \text{text}, w_{<i})$, a score "
    r"of the "
    "whole word and so comparable across lengths (Kauf & Ivanova 2023).",
    limits="A high probability says that a word is *usual* here, not that the sentence is true: the model "
    "has "
    "read text, not the world. Two masks are guessed independently of each other, so the best word for each "
    "need not go together: see *All masks together*. A word of several pieces is asked for with several "
    "masks, which tell the model that more is missing.",
    papers=(
        DEVLIN,
        Paper(
            "Ettinger",
            2020,
            "What BERT Is Not: Lessons from a New Suite of Psycholinguistic Diagnostics",
            "TACL",
        ),
        KAUF,
    ),
    experiments=(
        Experiment(
            "Read both sides",
            "Take the example *Both sides*, then put `drive` for `drink`, far to the right of the mask.",
            "`car` rises and `water` falls. A model that reads from left to right only could not know.",
        ),
        Experiment(
            "Take away a *not*",
            "Take the example *Negation*, then write `London is a [MASK].`",
            "The first guess stays `city`. Ettinger (2020) found that BERT, unlike people, all but ignores "
            "negation here.",
        ),
        Experiment(
            "Look for a stereotype",
            "Take the example *Stereotype*, then put `engineer` for `nurse`; watch `she` and `he`.",
            "The two probabilities shift with the profession: the model repeats what its texts say most "
            "often.",
        ),
    ),
)

NEXT_EXPLANATION = Explanation(
    seeing="The probability that the second sentence really followed the first in a text. BERT practised "
    "this on "
    "pairs of which half were true neighbours and half were drawn at random.",
    formula=r"\begin{gathered} P(\text{is next}) = \operatorname{softmax}(W \mathbf{s} + \mathbf{b})_0 \\ "
    r"\mathbf{s} = \tanh(W_p \mathbf{h}_{\text{[CLS]}} + \mathbf{b}_p) \end{gathered}",
    reading=r"$\mathbf{h}_{\text{[CLS]}}$ is the last layer's vector of the special token `[CLS]`, which "
    r"opens every "
    "input and has no meaning of its own; its transformed version $\\mathbf{s}$ has learned to sum up the "
    "pair.",
    limits="It is not a judgement of logic or truth. Random pairs mostly differ in *topic*, so two "
    "sentences on the "
    "same topic look like neighbours even when they contradict each other. Liu et al. (2019) found that "
    "BERT learns as well without this task.",
    papers=(
        DEVLIN,
        LIU,
        LAN,
    ),
    experiments=(
        Experiment(
            "Change the topic",
            "Keep the first sentence and write a second one about something else entirely.",
            "The probability falls.",
        ),
        Experiment(
            "Swap the two",
            "Exchange first and second sentence.",
            "Little changes: order matters less to the model than topic (Lan et al., 2020).",
        ),
        Experiment(
            "Contradict yourself",
            "Let the second sentence deny the first, in the same words.",
            "The probability stays high, although nobody would write that.",
        ),
    ),
)
