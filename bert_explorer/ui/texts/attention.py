"""Words of the page Attention."""

from dataclasses import dataclass

from bert_explorer.ui.texts import Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="Which words does each word look at?",
    lead="In every layer, each token gathers information from the others. How much it takes from each is its "
    "*attention*, and every head of every layer divides its attention in its own way.",
)

TABS = ("One text", "What matters for a prediction", "Two at once")
ARCS, HEAT_MAP, HEAD_VIEW, MODEL_VIEW, TABLE = "Arcs", "Heat map", "Head view", "Model view", "Table"
VIEWS = (ARCS, HEAT_MAP, HEAD_VIEW, MODEL_VIEW, TABLE)
DEFAULT_LAYER = 3  # from 1, as the page prints it; clamped where a model has fewer
DEFAULT_HEAD = 10
PIECES, WORDS = "Word pieces", "Whole words"
UNITS = (PIECES, WORDS)
ALL_BLOCKS = "All"
MORE = "Words, special tokens, weak links, means"

HINTS = {
    ARCS: "An arc above the line leads from a token to one further right that it looks at, an arc below to "
    "one further left, a dot to itself; the stronger, the more attention. Point at a token or an arc to "
    "read it, click to keep it.",
    HEAT_MAP: "Each row is a token that looks, each column a token that is looked at; the brighter, the more "
    "attention. Point at a cell to read it, click to keep its row.",
    HEAD_VIEW: "Lines lead from a token (left) to the tokens that it looks at (right); a thicker line is "
    "more attention, and each colour is a head.",
    MODEL_VIEW: "Each small picture is one head: layers from top to bottom, heads from left to right.",
    TABLE: "Where each token looks most.",
}
HIDDEN_NOTE = (
    "Special tokens are hidden, and each row is divided by what is left of it, so that it sums to 1 again: "
    "a row that rested on `[SEP]` almost entirely now shows its small rest enlarged."
)


@dataclass(frozen=True)
class AttentionExample:
    name: str
    text: str
    pair: str = ""


EXAMPLES = (
    AttentionExample("A pronoun", "The cat sat on the mat because it was tired."),
    AttentionExample("Two sentences", "The cat sat on the mat.", "It was very soft."),
    AttentionExample("Agreement", "The keys to the cabinet are on the table."),
    AttentionExample("Two meanings", "He sat on the bank of the river and thought about his bank account."),
    AttentionExample("Repetition", "One fish, two fish, red fish, blue fish."),
)

EXPLANATION = Explanation(
    seeing="A weight between 0 and 1 for each pair of tokens: how much of what the second token offers "
    "flows into "
    "the first. The tokens `[CLS]` and `[SEP]`, which open and close the input, take part like all others.",
    formula=r"\begin{gathered} A = \operatorname{softmax}\!\left(\frac{Q K^{\top}}{\sqrt{d}}\right) \\ "
    r"Q = X W_Q, \quad K = X W_K \end{gathered}",
    reading=r"Row $i$ of $X$ is token $i$ as it enters the layer. The query $Q_i$ says what the token looks "
    r"for, the "
    r"key $K_j$ what token $j$ has to offer, and $A_{ij}$ how well they match; $d$ is the size of one head. "
    r"The head then passes on the mixture $A X W_V$.",
    limits="A weight says where information *may* flow from, not how much it matters for the answer: a "
    "token that is "
    "looked at strongly can carry a vector of almost no length. In many heads most of the attention rests on "
    "`[CLS]` or `[SEP]`, which work as a place to look when there is nothing to find. Whether attention "
    "explains a "
    "model's decision is disputed; the papers below are the two sides.",
    papers=(
        Paper("Vaswani et al.", 2017, "Attention Is All You Need", "NeurIPS"),
        Paper(
            "Clark, Khandelwal, Levy and Manning",
            2019,
            "What Does BERT Look At? An Analysis of BERT's Attention",
            "BlackboxNLP",
        ),
        Paper("Vig", 2019, "A Multiscale Visualization of Attention in the Transformer Model", "ACL"),
        Paper("Jain and Wallace", 2019, "Attention is not Explanation", "NAACL"),
        Paper("Wiegreffe and Pinter", 2019, "Attention is not not Explanation", "EMNLP"),
    ),
    experiments=(
        Experiment(
            "Find a head that counts",
            "Choose *One head* and open layer 1, head 3 of the bundled model, then layer 2, head 9.",
            "A clean line beside the diagonal: every token looks at the one before it, and in the other "
            "head at "
            "the one after it, whatever the words are.",
        ),
        Experiment(
            "Find a head that recognises",
            "Take the example *Repetition* and open layer 3, head 10 of the bundled model.",
            "Each `fish` gives nine tenths of its attention to the other three: this head looks for the same "
            "word again.",
        ),
        Experiment(
            "Follow the attention to `[CLS]`",
            "Stay with one head, go from layer 1 up, and watch the first column.",
            "From layer 3 to 5 most of the attention rests there: a place to look when a head finds nothing. "
            "Clark et al. (2019) found the same for `[SEP]` in a larger BERT.",
        ),
    ),
)
