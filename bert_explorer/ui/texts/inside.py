"""Words of the page Inside: the stops of the walk, each with its formula and where the papers give it.

In a formula ``«q|q_i»`` is the symbol ``q_i`` in the colour of role q, as the picture has it.
"""

from dataclasses import dataclass

from bert_explorer.ui.texts import DEVLIN, Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="How does a word come out of numbers?",
    lead="One token of your own sentence, followed through every step of the encoder with its real "
    "numbers. Each step is computed again from the model's weights, by the formula beside it, and compared "
    "with what the model itself computed.",
)
DEFAULT_LAYER, DEFAULT_HEAD, DEFAULT_TOKEN = 3, 2, 7  # from 1, as the page prints them

VASWANI = "Vaswani et al. 2017"
BERT = "Devlin et al. 2019"


@dataclass(frozen=True)
class InsideExample:
    name: str
    text: str
    pair: str = ""


EXAMPLES = (
    InsideExample("A missing word", "He drank a glass of [MASK]."),
    InsideExample("The same word twice", "She can open the can."),
    InsideExample("Two sentences", "The cat sat on the mat.", "It was very soft."),
    InsideExample("Who bit whom", "The dog bit the man."),
)


@dataclass(frozen=True)
class Stop:
    """One stop of the walk: a sentence, a formula, its source, and one thing to try."""

    title: str
    sentence: str
    formula: str
    source: str
    attempt: str


STOPS: dict[str, Stop] = {
    "words": Stop(
        "A number for a token",
        "Every token has a number, and the number picks one row of a table: the same row, wherever the "
        "token stands.",
        r"«e|e_i» = E[\mathrm{id}_i]",
        f"{BERT}, section 3, Input/Output Representations; {VASWANI}, section 3.4",
        "Take the example *The same word twice*: both rows of `can` are equal here. Then look at the stop "
        "*The next layer*.",
    ),
    "sum": Stop(
        "Word, place and sentence",
        "The rows of the word, of its place and of its sentence are added, and the layer norm brings the "
        "sum to a common scale.",
        r"«x|h_i» = \operatorname{LayerNorm}(«e|e_i» + «p|p_i» + «s|s_i»)",
        f"{BERT}, section 3 and figure 2",
        "Take the example *Two sentences* and follow a token of the second one: only now is another row of "
        "the segments taken.",
    ),
    "positions": Stop(
        "What a place looks like",
        "The rows of the places are learned too, and neighbouring places have learned similar rows.",
        r"\cos(«p|p_i», «p|p_j») = \frac{«p|p_i» \cdot «p|p_j»}{\lvert «p|p_i» \rvert\, \lvert "
        r"«p|p_j» \rvert}",
        f"{VASWANI}, section 3.5, which compares learned places with fixed ones",
        "Walk along the diagonal with the arrow keys, beyond the edge of the picture: how far from it does "
        "a place still look like its neighbours?",
    ),
    "order": Stop(
        "Two tokens change places",
        "Attention alone knows no order: without the rows of the places, two tokens can change places and "
        "nothing changes at all.",
        r"«a|c_i» = \frac{\lvert «x|h'_i» - «x|h_i» \rvert}{\lvert «x|h_i» \rvert}",
        f"{VASWANI}, section 3.5",
        "Take *Who bit whom* and follow `dog`, then `man`: which other tokens notice that it moved, and in "
        "which layer?",
    ),
    "projections": Stop(
        "Query, key and value",
        "Each head makes three short vectors of a token: what it looks for, by what it is found, and what "
        "it passes on.",
        r"\begin{gathered} «q|q_i» = «x|x_i» «w|W_Q» + b_Q \\ «k|k_i» = «x|x_i» W_K + b_K \\ "
        r"«v|v_i» = «x|x_i» W_V + b_V \end{gathered}",
        f"{VASWANI}, section 3.2.2; BERT adds the biases b",
        "Choose another head: the input x stays, and query, key and value are new.",
    ),
    "products": Stop(
        "A query meets every key",
        "The query is multiplied with each key, number by number, and the products of a row are added.",
        r"«q|q_i» \cdot «k|k_j» = \sum_d «q|q_{id}»\, «k|k_{jd}»",
        f"{VASWANI}, section 3.2.1",
        "Look down the columns of the products: often a few dimensions decide where this head looks.",
    ),
    "scores": Stop(
        "The scores",
        "The sums are divided by the root of the head's size, so that the next step stays soft, and what "
        "must not be seen gets minus infinity.",
        r"«s|s_{ij}» = \frac{«q|q_i» \cdot «k|k_j»}{\sqrt{d}} + m_{ij}",
        f"{VASWANI}, section 3.2.1 and its footnote 4",
        "Add the words of a second sentence: the mask stays 0, since BERT lets every token see every other.",
    ),
    "softmax": Stop(
        "From scores to weights",
        "The softmax makes every score positive and all of them together 1: the weights of attention.",
        r"«a|\alpha_{ij}» = \frac{\exp(«s|s_{ij}»)}{\sum_l \exp(«s|s_{il}»)}",
        f"{VASWANI}, section 3.2.1",
        "Compare two scores that differ by 1: the weight of the larger is 2.7 times the other's.",
    ),
    "mixture": Stop(
        "A mixture of values",
        "The values of all tokens are added up, each times its weight.",
        r"«z|z_i» = \sum_j «a|\alpha_{ij}»\, «v|v_j»",
        f"{VASWANI}, section 3.2.1",
        "Find the token with the largest weight, and compare its row with z.",
    ),
    "heads": Stop(
        "All heads side by side",
        "Every head does this at the same time with weights of its own, and looks somewhere else.",
        r"«z|z_i^{(h)}» = \sum_j «a|\alpha_{ij}^{(h)}»\, v_j^{(h)}",
        f"{VASWANI}, section 3.2.2",
        "Click on the row of another head to follow that one.",
    ),
    "output": Stop(
        "One vector again",
        "The results of all heads, side by side, are as wide as the model, and one more matrix mixes them.",
        r"«o|o_i» = \operatorname{concat}\bigl(«z|z_i^{(1)}», \dots, «z|z_i^{(H)}»\bigr)\, W_O + b_O",
        f"{VASWANI}, section 3.2.2",
        "Point at a number of o: its largest products come from several heads.",
    ),
    "residual": Stop(
        "What was there stays",
        "What attention found is added to what the token was, and the sum is normed.",
        r"«x|m_i» = \operatorname{LayerNorm}(«x|x_i» + «o|o_i»)",
        f"{VASWANI}, section 3.1",
        "Compare x with the sum: the token is changed, not replaced.",
    ),
    "feed-forward": Stop(
        "Each token by itself",
        "A wide layer reads each token alone: it widens the vector, lets through what GELU lets through, "
        "and makes it narrow again.",
        r"«o|f_i» = \operatorname{GELU}(«x|m_i» W_1 + b_1)\, W_2 + b_2",
        f"{VASWANI}, section 3.3, with ReLU; {BERT}, appendix A.2, with GELU",
        "Compare u with g: negative numbers all but vanish, and few are left.",
    ),
    "next": Stop(
        "The next layer",
        "Again the new is added to the old, and the result is what the next layer gets.",
        r"«x|y_i» = \operatorname{LayerNorm}(«x|m_i» + «o|f_i»)",
        f"{VASWANI}, sections 3.1 and 3.3",
        "Choose the next layer and go back to *Query, key and value*: its x is this y.",
    ),
    "word": Stop(
        "A word comes out",
        "The last vector passes one more layer, and is compared with the row of every word in the table of "
        "the first stop.",
        r"\begin{gathered} «t|t» = \operatorname{LayerNorm}(\operatorname{GELU}(«x|h» W_T + b_T)) \\ "
        r"p_w = \frac{\exp(«t|t» \cdot «e|E[w]» + b_w)}{\sum_{w'} \exp(«t|t» \cdot «e|E[w']» + b_{w'})} "
        r"\end{gathered}",
        f"{BERT}, section 3.1, Task #1; {VASWANI}, section 3.4, for the shared table",
        "Follow a word that is not hidden: most of the time the model names it again.",
    ),
}

CHECKED = (
    "Computed again from the weights: the largest difference from the model's own numbers at this stop is "
    "{absolute}**{relative}** measured by the largest number of the same vector (where that is above 1)."
)
CHECKED_ABSOLUTE = "**{absolute}** as it stands, and "

EXPLANATION = Explanation(
    seeing="Each strip or block is a matrix of real numbers, of which the picture shows a window. Red "
    "cells are positive and blue ones negative; weights and shares have the colour of their symbol. The "
    "frame marks the token, head or layer that is followed.",
    formula=r"\begin{gathered} \operatorname{Attention}(Q, K, V) = \operatorname{softmax}\!\left("
    r"\frac{Q K^{\top}}{\sqrt{d}}\right) V \\ h^{(l+1)} = \operatorname{LayerNorm}(m + "
    r"\operatorname{FFN}(m)) \\ "
    r"m = \operatorname{LayerNorm}(h^{(l)} + \operatorname{Attention}) \end{gathered}",
    reading="Go from stop to stop, and point at a cell to see the numbers that it came from. Layer, head "
    "and token can be changed at every stop. What you see is one layer; the others do the same with other "
    "weights.",
    limits="That every number can be followed does not say why it is what it is: the weights were learned, "
    "and no single one of them has a meaning. Nor is the dimension with the largest number the most "
    "important one.",
    papers=(
        Paper("Vaswani et al.", 2017, "Attention Is All You Need", "NeurIPS"),
        DEVLIN,
        Paper("Ba, Kiros and Hinton", 2016, "Layer Normalization", "arXiv 1607.06450"),
        Paper("Hendrycks and Gimpel", 2016, "Gaussian Error Linear Units", "arXiv 1606.08415"),
    ),
    experiments=(
        Experiment(
            "From one row to two meanings",
            "Take *The same word twice* and follow the first `can`, then the second, at *The next layer*.",
            "Before the first layer they differ by their places alone; the layers move them apart.",
        ),
        Experiment(
            "Take the order away",
            "Take *Who bit whom* and stop at *Two tokens change places*.",
            "The lower picture is 0 to the last digits that float32 has: without places, order does not "
            "exist.",
        ),
        Experiment(
            "Follow the missing word",
            "Take *A missing word*, follow `[MASK]`, and look at *From scores to weights* in each layer.",
            "The places that it looks at change from layer to layer, until the last stop names a word.",
        ),
    ),
)
