"""Words of the page Explain."""

from dataclasses import dataclass, replace

from bert_explorer.results import Capability
from bert_explorer.ui.texts import Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="Which words made the model say this?",
    lead="Four methods give every word a score for one prediction: a class, a number, a tag, an answer or a "
    "masked word. They disagree, so the second tab tests them, and the others look at many texts at once.",
)

ONE_TEXT, TEST, CLASS_WORDS, SHORTCUTS = "One text", "Is it true?", "Words of each class", "Shortcuts"
TABS = (ONE_TEXT, TEST, CLASS_WORDS, SHORTCUTS)
WORDS, PIECES = "Whole words", "Word pieces"
UNITS = (WORDS, PIECES)
LIKELIEST = "(the likeliest)"
METHODS = {
    "integrated-gradients": "integrated gradients",
    "occlusion": "occlusion",
    "gradient-input": "gradient × input",
    "rollout": "rollout",
}
SHORT_METHODS = {
    "integrated-gradients": "integrated",
    "occlusion": "occlusion",
    "gradient-input": "gradient",
    "rollout": "rollout",
}
BASELINES = {"[PAD] for every word": "pad", "[MASK] for every word": "mask", "zeros for every word": "zero"}
REMOVALS = {"hidden behind [MASK]": "mask", "left out": "delete"}
TRAIN_HINT = (
    "You are explaining a masked word, which every BERT can guess. To see why a model sorts texts as it "
    "does, train one in under a minute, on a bundled example or your own file, and open it above."
)
STRIP_LABEL = "Words of the text, blue for the prediction, orange against it"
SUMMARY_METHODS = ("occlusion", "gradient-input", "integrated-gradients")
COUNTS = ("40", "100", "400")
NO_ROWS = (
    "This looks at the texts that were kept out of a training. Open a model that you have trained here in "
    "the bar above."
)
SUMMARY_CAPTION = (
    "Each held-out text is explained for the class that the model gives to it. Words that stand in one text "
    "only are left out."
)
SHORTCUTS_CAPTION = (
    "Every word is taken out of the held-out texts in turn; then those that matter most are put in front of "
    "texts of the other classes. Bars show how often the class changes, with 95 % intervals."
)
NO_CANDIDATES = "No word stands in two of the texts that get this class, so none was tried."
NO_SHORTCUT = "No single word changes the class of any of these texts: the model looks at more than one word."


@dataclass(frozen=True)
class ExplainExample:
    name: str
    text: str
    pair: str = ""


EXAMPLES: dict[Capability, tuple[ExplainExample, ...]] = {
    Capability.MASKED_LM: (
        ExplainExample("A drink", "He drank a glass of [MASK]."),
        ExplainExample("Agreement", "The keys to the cabinet [MASK] on the table."),
        ExplainExample("A capital", "The capital of France is [MASK], and it lies on the river Seine."),
    ),
    Capability.SEQUENCE_CLASSIFICATION: (
        ExplainExample("An offer", "Free entry! Text WIN to 80082 to claim your prize."),
        ExplainExample("A friend", "Are you coming home for dinner tonight? I will cook."),
        ExplainExample("A film", "The film is not good, but the actors are wonderful."),
    ),
    Capability.TOKEN_CLASSIFICATION: (
        ExplainExample("Two people", "Ada Lovelace met Charles Babbage in London."),
        ExplainExample("An agency", "NASA opened an office in Paris last year."),
    ),
    Capability.QUESTION_ANSWERING: (
        ExplainExample(
            "A poet",
            "Who wrote the poem?",
            "The poem was written by Emily Dickinson in Amherst, and printed after her death.",
        ),
        ExplainExample("A river", "Where does the river rise?", "The Rhine rises in the Swiss Alps."),
    ),
}

EXPLANATION = Explanation(
    seeing="The colour of a word is its score: blue speaks for the prediction, orange against it. Scores are "
    "in *nats* of evidence. One nat multiplies the odds of the prediction by 2.7, two nats by 7.4. Rollout "
    "alone gives shares, and does not know what was predicted.",
    formula=r"\begin{gathered} F = \log \frac{p}{1 - p} \qquad \text{gradient} \times \text{input:}\ "
    r"x_t \cdot \frac{\partial F}{\partial x_t} \\ \text{integrated gradients:}\ (x_t - x^0_t) \cdot "
    r"\int_0^1 \frac{\partial F}{\partial x_t}\big(x^0 + \alpha (x - x^0)\big)\, d\alpha \\ "
    r"\text{occlusion:}\ F(x) - F(x \text{ without } t) \end{gathered}",
    reading=r"$F$ is the evidence and $x_t$ the vector that the embeddings give to token $t$. Integrated "
    r"gradients start from the same text with `[PAD]` as every word ($x^0$) and must add up to $F(x) - "
    r"F(x^0)$; how far they miss it is written above the figure. Occlusion hides each word in turn and "
    r"reads the evidence again.",
    limits="None of them is *the* explanation. Gradients say what a tiny change would do. Occlusion misses "
    "words that say the same thing twice, since either can go. Integrated gradients depend on where they "
    "start. A score is about this model and this text, not about the language.",
    papers=(
        Paper("Sundararajan, Taly and Yan", 2017, "Axiomatic Attribution for Deep Networks", "ICML"),
        Paper("Zeiler and Fergus", 2014, "Visualizing and Understanding Convolutional Networks", "ECCV"),
        Paper(
            "Denil, Demiraj and de Freitas",
            2014,
            "Extraction of Salient Sentences from Labelled Documents",
            "arXiv:1412.6815",
        ),
        Paper("Abnar and Zuidema", 2020, "Quantifying Attention Flow in Transformers", "ACL"),
    ),
    experiments=(
        Experiment(
            "Say it twice",
            "Take a text whose prediction hangs on one word, and write that word a second time.",
            "Occlusion of either falls, because the other one is still there; integrated gradients share the "
            "evidence between the two.",
        ),
        Experiment(
            "Ask for the other class",
            "With a model of two classes, choose the class that it did not give.",
            "Every score but rollout's turns its sign: evidence for one class is evidence against the other.",
        ),
        Experiment(
            "Another start",
            "Open *Where the methods start* and let integrated gradients begin at `[MASK]`.",
            "Some scores move: an attribution is always a comparison with something.",
        ),
    ),
)

TEST_EXPLANATION = replace(
    EXPLANATION,
    seeing="On the left words are hidden one after the other, those of the highest score first, and the line "
    "shows what is left of the prediction. On the right all are hidden, and come back in the same order. The "
    "grey band is chance: random orders. A method whose line stays inside the band is no better than chance.",
    formula=r"\text{area} = \int_0^1 p\big(\text{the text, a share } s \text{ of its words hidden}\big)\, ds",
    reading="A faithful order falls early on the left (a small area) and rises early on the right (a large "
    "one). The table gives both areas, and those of chance.",
    experiments=(
        Experiment(
            "A text that hangs on one word",
            "Write a short text in which one word decides, and look at the first step of both figures.",
            "Methods that name the word first fall at once on the left and rise at once on the right.",
        ),
        Experiment(
            "A text that says it many times",
            "Repeat the decisive word three times.",
            "The fall comes later: every order has to hide all of them first.",
        ),
    ),
    limits="A text full of `[MASK]` is not like any that the model has read, so a fall may also be surprise. "
    "One text proves little: look at several.",
    papers=(
        Paper("Petsiuk, Das and Saenko", 2018, "RISE: Randomized Input Sampling for Explanation", "BMVC"),
        Paper("DeYoung et al.", 2020, "ERASER: A Benchmark to Evaluate Rationalized NLP Models", "ACL"),
        Paper("Jacovi and Goldberg", 2020, "Towards Faithfully Interpretable NLP Systems", "ACL"),
    ),
)
CLASS_EXPLANATION = replace(
    EXPLANATION,
    seeing="The mean score of each word in the texts that the model sorts into a class: those on top speak "
    "most for it. Beside each stands how often it occurs.",
    formula=r"\begin{gathered} \bar s(w, c) = \operatorname{mean}_t \, s_t \\ t = w, \quad "
    r"\hat y(\text{text of } t) = c \end{gathered}",
    reading="A word with a high mean and a high count is what the model leans on. One with a count of two "
    "may be chance.",
    experiments=(
        Experiment(
            "Two methods, two lists",
            "Measure by occlusion, then by gradient × input.",
            "The lists differ. A word that both put on top is worth a closer look on the first tab.",
        ),
    ),
    limits="A mean hides that a word can speak for a class in one text and against it in another. And words "
    "of the model's vocabulary that stand in none of these texts are not seen at all.",
)
SHORTCUTS_EXPLANATION = replace(
    EXPLANATION,
    seeing="*Won*: how many texts of other classes get this class when the word is put in front of them. "
    "*Lost*: how many texts of this class get another one when the word is taken out. The dotted line "
    "says how often words drawn at random win.",
    formula=r"\begin{gathered} \text{won} = \frac{|\{x : \hat y(x) \neq c,\ \hat y(w\,x) = c\}|}"
    r"{|\{x : \hat y(x) \neq c\}|} "
    r"\\[1.5ex] \text{lost} = \frac{|\{x \ni w : \hat y(x) = c,\ \hat y(x \setminus w) \neq c\}|}"
    r"{|\{x \ni w : \hat y(x) = c\}|} \end{gathered}",
    reading=r"$\hat y$ is what the model says, right or wrong. A word that wins far more often than chance "
    r"decides by its mere presence: a filter that keys on it is fooled by whoever avoids it, or adds it.",
    experiments=(
        Experiment(
            "Build a shortcut in, and find it",
            "Put the same odd word into every text of one class of a small file, train on it, and measure.",
            "The word wins texts of the other class far more often than chance: the model learned the mark.",
        ),
    ),
    limits="Whether a habit is wrong is for you to say: some words are good reasons. Words that only work "
    "together are not found. Intervals are wide where few texts hold the word.",
    papers=(
        Paper(
            "Wang and Culotta",
            2020,
            "Identifying Spurious Correlations for Robust Text Classification",
            "Findings of EMNLP",
        ),
        Paper(
            "Ribeiro, Wu, Guestrin and Singh",
            2020,
            "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList",
            "ACL",
        ),
    ),
)
HELD_OUT_CODE = """\
from bert_explorer.analysis.{module} import {function}
from bert_explorer.models.cache import open_model
from bert_explorer.settings import get_settings
from bert_explorer.training.predictions import read_predictions
from bert_explorer.training.run_folder import run_folder

rows = read_predictions(run_folder({run!r}, get_settings()))
with open_model({model!r}) as engine:
    found = {function}(engine, [(row.text, row.pair) for row in rows][:{count}]{options})

{printing}
"""
PRINT_WORDS = """\
for item in found.classes:
    for word in item.words[:10]:
        print(f"{item.label:12} {word.word:15} {word.mean:7.3f} {word.count:4}")"""
PRINT_SHORTCUTS = """\
for item in found.shortcuts:
    print(f"{item.label:12} {item.word:15} won {item.num_won}/{item.num_others}", end="")
    print(f", lost {item.num_lost}/{item.num_with}")"""
