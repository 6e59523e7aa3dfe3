"""Words of the page Heads."""

from dataclasses import dataclass

from bert_explorer.ui.texts import Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="What does each head do?",
    lead="Every layer has several heads, and each divides its attention in a way of its own. Here all of "
    "them are measured at once, over many texts, so that the unusual ones stand out.",
)

GRID, MAP = "Grid", "Map of alike heads"
PICTURES = (GRID, MAP)
MAP_SAYS = "Heads that look at the same tokens are near each other. Click one to see what is known about it."
DEFAULT_HEAD = (1, 3)  # layer and head, as the page prints them
RELATION = "relation"
RELATION_SENTENCES = 200  # of the bundled treebank, as the page Heads and grammar opens


@dataclass(frozen=True)
class Measure:
    """One statistic as the page calls it: its name, what it says, and how its numbers are written."""

    name: str
    says: str
    tick_format: str
    unit: str = ""


SHARE = ".1%"
MEASURES = {
    "entropy": Measure(
        "Entropy",
        "How spread out the attention is: 0 bits for a head that looks at one token, more for one that "
        "looks at many alike.",
        ".2f",
        " bits",
    ),
    "distance": Measure(
        "Distance",
        "How far away the words are that a head looks at, on the average, in tokens.",
        ".2f",
        " tokens",
    ),
    "start": Measure("Share on [CLS]", "How much attention rests on the token that opens the input.", SHARE),
    "separator": Measure("Share on [SEP]", "How much attention rests on the token that closes it.", SHARE),
    "self": Measure("Share on itself", "How much attention a token gives to itself.", SHARE),
    "previous": Measure("Share on the previous token", "How much goes to the token just before.", SHARE),
    "next": Measure("Share on the next token", "How much goes to the token just after.", SHARE),
    "importance": Measure(
        "Importance",
        "How much the model's loss depends on the head: the mean absolute gradient of the loss by a gate on "
        "the head's output.",
        ".4f",
    ),
    RELATION: Measure(
        "Best relation",
        "How much better than always looking at the same distance the head follows the grammatical relation "
        "that it follows best (see Heads and grammar).",
        "+.1%",
    ),
}

EXPLANATION = Explanation(
    seeing="One cell is one head: layers from top to bottom, heads from left to right. Its colour is the "
    "mean of the chosen measure over every word of all texts. Rows of `[CLS]` and `[SEP]` are left out, "
    "since these are no words; as something to look at, they count.",
    formula=r"\begin{gathered} H = -\sum_j A_{ij} \log_2 A_{ij} \\ D = \sum_{ij} A_{ij} |i - j| \Big/ "
    r"\sum_{ij} A_{ij} \\ I_h = \operatorname{mean}_x \left| \frac{\partial \mathcal{L}(x)}{\partial \xi_h} "
    r"\right| \\ d_{gh}^2 = \operatorname{mean}_i \operatorname{JS}(A^g_i, A^h_i) \end{gathered}",
    reading=r"$A_{ij}$ is the attention from token $i$ to token $j$: entropy $H$ is the mean over $i$, the "
    r"distance $D$ counts words alone. Importance $I_h$ asks how the loss $\mathcal{L}$ changes when a gate "
    r"$\xi_h$ on the head's output is turned a little: the loss of guessing 15 % hidden words, or, for a "
    r"model that sorts texts, that of its own answer. On the map, heads that look at the same tokens are "
    r"near each other, by the Jensen-Shannon divergence $\operatorname{JS}$ of their rows.",
    limits="A mean hides what a head does on one word in a hundred. A head can look somewhere without "
    "anything following from it, and two heads that stand in for each other both look unimportant. The "
    "measures depend on the texts: try your own. The map shows two dimensions of many.",
    papers=(
        Paper(
            "Clark, Khandelwal, Levy and Manning",
            2019,
            "What Does BERT Look At? An Analysis of BERT's Attention",
            "BlackboxNLP",
        ),
        Paper("Michel, Levy and Neubig", 2019, "Are Sixteen Heads Really Better than One?", "NeurIPS"),
        Paper(
            "Vig and Belinkov",
            2019,
            "Analyzing the Structure of Attention in a Transformer Language Model",
            "BlackboxNLP",
        ),
    ),
    experiments=(
        Experiment(
            "Find the heads that count",
            "Choose *Share on the previous token*, then *Share on the next token*.",
            "In the bundled model one cell lights up each time: layer 1, head 3 gives almost all its "
            "attention to the token before, layer 2, head 9 two thirds to the one after.",
        ),
        Experiment(
            "See where heads rest",
            "Choose *Share on [CLS]* and compare the layers.",
            "In layers 3 to 5 of the bundled model most attention rests on `[CLS]`; in the first and the "
            "last layer it does not.",
        ),
        Experiment(
            "Which heads matter?",
            "Choose *Importance*, and look again at the two heads of the first experiment.",
            "Both are among the most important: where words stand is something that guessing them needs.",
        ),
    ),
)
