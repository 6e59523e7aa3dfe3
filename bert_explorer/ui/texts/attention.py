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
DEFAULT_LAYER = 4  # from 1, as the page prints it; clamped where a model has fewer
DEFAULT_HEAD = 2  # it finds the cat
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


METHODS = {
    "mean": "raw mean",
    "rollout": "rollout",
    "norms": "value norms",
    "gradients": "gradient × attention",
}
LIKELIEST = "(the likeliest)"
LEFT_OUT = (
    "Left out: special tokens, and the token that is asked from, which rollout gives a large share by its "
    "own "
    "definition. They are in the table below."
)
NO_PREDICTION = (
    "Gradients need a prediction. Put `[MASK]` in the place of a word, or choose a model that sorts texts "
    "into "
    "classes; the other three methods need none."
)

TWO_TEXTS, TWO_MODELS = "Two texts", "Two models"
COMPARED = (TWO_TEXTS, TWO_MODELS)
OTHER_TEXT = "The cat sat on the mat because it was soft."
NO_OTHER_MODEL = (
    "There is no other model here yet. Fine-tune one on the page *Fine-tune*, and compare it with the one "
    "that "
    "it came from; or type the id of a model on the hub."
)
SHORT_HINT = "Point at a token or a link to read it."
DIFFERENCE_HINT = "Red: more attention in the second, blue: less. Point at a token or a link to read it."


@dataclass(frozen=True)
class AttentionExample:
    name: str
    text: str
    pair: str = ""


EXAMPLES = (
    AttentionExample("A pronoun", "The cat sat on the mat because it was tired."),
    AttentionExample("A masked word", "The keys to the cabinet [MASK] on the table."),
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
            "Open layer 1, head 3 of the bundled model, then layer 2, head 9.",
            "A line beside the diagonal: every token looks at the one before it, and in the other head most "
            "at the one after it, whatever the words are.",
        ),
        Experiment(
            "Find a head that recognises",
            "Take the example *Repetition* and open layer 3, head 10 of the bundled model.",
            "Each `fish` gives about four fifths of its attention, on average, to the other three: this "
            "head looks for the same word again.",
        ),
        Experiment(
            "Follow the attention to `[CLS]`",
            "Stay with one head, go from layer 1 up, and watch the first column.",
            "From layer 3 to 5 most of the attention rests there: a place to look when a head finds nothing. "
            "Clark et al. (2019) found the same for `[SEP]` in a larger BERT.",
        ),
    ),
)

SUMMARIES = Explanation(
    seeing="Four answers to the question which tokens matter, one row each. The *raw mean* is what the token "
    "asked from looks at, averaged over all layers and heads. *Rollout* follows attention down through the "
    "layers. *Value norms* weigh each attention by the length of the vector that it brings. *Gradient × "
    "attention* asks how the probability of this one prediction depends on each weight.",
    formula=r"\begin{gathered} R_l = \left(\tfrac12 \bar A_l + \tfrac12 I\right) R_{l-1} \qquad "
    r"\Big\lVert \sum_h A^h_{ij}\, f_h(x_j) \Big\rVert \\ \sum_{l,h,q} A^{lh}_{qj} "
    r"\frac{\partial \log p}{\partial A^{lh}_{qj}} \end{gathered}",
    reading=r"$\bar A_l$ is the mean over the heads of layer $l$; $f_h(x_j)$ is the value vector of token "
    r"$j$ "
    r"after the head's part of the output projection. The first three are shares. The fourth is in nats: "
    r"by how "
    r"much, to first order, the log probability would fall if no attention led to token $j$; orange bars "
    r"speak "
    "against the prediction.",
    limits="None of the four is *the* explanation, and the table says how far they agree: where they rank "
    "the "
    "tokens differently, a picture of raw weights alone would have misled you. Rollout guesses that half of "
    "everything passes by each layer; value norms leave out the feed-forward part; gradients say what a tiny "
    "change would do, not what taking a word away would do. With ten tokens, a correlation of 0.5 can be "
    "chance.",
    papers=(
        Paper("Abnar and Zuidema", 2020, "Quantifying Attention Flow in Transformers", "ACL"),
        Paper(
            "Kobayashi, Kuribayashi, Yokoi and Inui",
            2020,
            "Attention is Not Only a Weight: Analyzing Transformers with Vector Norms",
            "EMNLP",
        ),
        Paper("Jain and Wallace", 2019, "Attention is not Explanation", "NAACL"),
        Paper(
            "Barkan et al.",
            2021,
            "Grad-SAM: Explaining Transformers via Gradient Self-Attention Maps",
            "CIKM",
        ),
    ),
    experiments=(
        Experiment(
            "Which word makes the verb plural?",
            "Take the example *A masked word*, type `are` as the word, then `is`, and watch the bar of "
            "`keys`.",
            "The first three rows stay as they are, since they do not know the word. In gradient × attention "
            "`keys` has the longest bar with `are`, and a clearly shorter one with `is`.",
        ),
        Experiment(
            "Do the methods agree on your sentence?",
            "Type a sentence of your own with one `[MASK]`, and read the tables of rank correlation.",
            "The raw mean and value norms rank the tokens much alike; gradients often go their own way.",
        ),
    ),
)

PAIRS = Explanation(
    seeing="The same head on two texts, or in two models, and below it second minus first. Red cells got "
    "more "
    "attention in the second, blue ones less; the scale is the same on both sides of zero.",
    formula=r"D_{ij} = A^{(2)}_{ij} - A^{(1)}_{ij}, \qquad \sum_j D_{ij} = 0",
    reading="Every row of $D$ sums to 0: what one token gains, others lose. For two texts the tokens must "
    "be as "
    "many, and at least half of them the same; where they differ, the axis names both.",
    limits="A head of one model and the head of the same number in another have nothing to do with each "
    "other "
    "unless one model was trained from the other. And a large difference in attention need not change what "
    "the model answers.",
    papers=(
        Paper("Kovaleva, Romanov, Rogers and Rumshisky", 2019, "Revealing the Dark Secrets of BERT", "EMNLP"),
    ),
    experiments=(
        Experiment(
            "Before and after fine-tuning",
            "Fine-tune a model on the page *Fine-tune*, open it above, choose *Two models* and the bundled "
            "one.",
            "In layer 1 the attention goes where it went before; in the upper layers a good part of it has "
            "moved.",
        ),
        Experiment(
            "One word changed",
            "Compare the opening example with the same sentence ending in *soft*, and look at the row of "
            "`it`.",
            "A head that knew what `it` means would turn from `cat` to `mat`. No head of the bundled model "
            "moves more than a tenth of its attention there.",
        ),
    ),
)
