"""Words of the page Attention."""

from dataclasses import dataclass

from bert_explorer.ui.texts import Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="Which words does each word look at?",
    lead="In every layer, each token gathers information from the others. How much it takes from each is its "
    "*attention*, and every head of every layer divides its attention in its own way.",
)

HEAD_VIEW, MODEL_VIEW, HEAT_MAP = "Head view", "Model view", "One head"
VIEWS = (HEAD_VIEW, MODEL_VIEW, HEAT_MAP)
DEFAULT_LAYER = 3  # from 1, as the page prints it; clamped where a model has fewer

HINTS = {
    HEAD_VIEW: "Lines lead from a token (left) to the tokens that it looks at (right); a thicker line is "
    "more "
    "attention, and each colour is a head.",
    MODEL_VIEW: "Each small picture is one head: layers from top to bottom, heads from left to right.",
    HEAT_MAP: "Each row is a token that looks, each column a token that is looked at. Every row sums to 1.",
}


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
    "`[SEP]`, which works as a place to look when there is nothing to find. Whether attention explains a "
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
            "Choose *One head*, layer 1 or 2, and go through the heads.",
            "Some show a clean diagonal beside the middle: every token looks at the one before it, or after "
            "it. "
            "They know positions, not words.",
        ),
        Experiment(
            "Find where *it* looks",
            "Take the example *A pronoun*, and look at the row of `it` in the upper layers.",
            "In some heads `it` looks at `cat`. Then put `soft` for `tired`, and see whether `mat` gains.",
        ),
        Experiment(
            "Join two sentences",
            "Take the example *Two sentences* and open the model view.",
            "Some heads stay within a sentence, others look across; many look at `[SEP]` only.",
        ),
    ),
)
