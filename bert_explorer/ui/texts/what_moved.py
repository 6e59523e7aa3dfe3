"""Words of the page What moved."""

from bert_explorer.ui.texts import Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="What did the training change?",
    lead="The model that you trained beside the one that it began from: whose weights moved, whose vectors, "
    "which heads look elsewhere now, and what each layer knew of your labels before and knows after.",
)
CHANGES, PROBES = "Changes", "Probes"
VIEWS = (CHANGES, PROBES)
WEIGHTS, VECTORS, ATTENTION = "Weights", "Vectors", "Attention"
MEASURES = {WEIGHTS: "weights", VECTORS: "vectors", ATTENTION: "attention"}
AXES = {
    WEIGHTS: "change of the weights",
    VECTORS: "1 - CKA of the vectors",
    ATTENTION: "divergence of attention (bits)",
}
VERDICTS = {"holds": "holds", "refuted": "is refuted", "undecided": "is undecided"}
LAYER_HEADER = ("Layer", "Weights", "Vectors (1 - CKA)", "Attention (bits)")
HEAD_HEADER = ("Layer", "Head", "Weights", "Attention (bits)")
PROBE_HEADER = ("Layer", "Before", "Before, 95 %", "After", "After, 95 %")
CHANGES_CAPTION = (
    "Both models read up to 60 held-out texts. It takes a minute or so, and what is found stays with the run."
)
PROBES_CAPTION = (
    "Both models read up to 500 rows, and a classifier learns from each layer. It takes a minute or so, and "
    "what is found stays with the run."
)
CHANGES_CODE = "python -m bert_explorer runs moved {run} --json"
PROBES_CODE = "python -m bert_explorer runs probe {run} --json"
FIXED = (
    "\n\nThe lowest layers ({count} of them) did not learn in this run: that those above changed more was "
    "settled before it began. Let all layers learn to put the claim to the test."
)
ALL_FIXED = "\n\nNo layer learned in this run: only the head of the model did."
SAME_HEADS = "In this family the weights of single heads are not told apart."
NO_ROWS = (
    "This model learned from a text without labels. There are no held-out rows to measure both models on, "
    "but they open side by side:"
)
NO_LABELS = "This model learned from a text without labels: there is nothing that a probe could read off."
BESIDE = "Open both models on another page:"
NO_MASKS = (
    "Masked words has no place here: the training put a head for your labels in the place of the "
    "head that names words, so the tuned model guesses none."
)
MERCHANT = Paper(
    "Merchant, Rahimtoroghi, Pavlick and Tenney",
    2020,
    "What Happens To BERT Embeddings During Fine-tuning?",
    "BlackboxNLP",
)
_KORNBLITH = Paper(
    "Kornblith, Norouzi, Lee and Hinton",
    2019,
    "Similarity of Neural Network Representations Revisited",
    "ICML",
)
_KOVALEVA = Paper(
    "Kovaleva, Romanov, Rogers and Rumshisky", 2019, "Revealing the Dark Secrets of BERT", "EMNLP"
)
EXPLANATION = Explanation(
    seeing="Both models read held-out texts of the run, which neither has learned from. *Weights*: how far "
    "the "
    "weights of a layer are from their start, in shares of their length. *Vectors*: how unlike the vectors "
    "of "
    "the same tokens are, whatever the axes. *Attention*: how differently a head looks, from 0, as before, "
    "to 1 "
    "bit, elsewhere altogether.",
    formula=r"\begin{gathered} \text{CKA}(X, Y) = \frac{\lVert Y^\top X \rVert_F^2}{\lVert X^\top X "
    r"\rVert_F \lVert Y^\top Y \rVert_F} \\[1ex] \text{JS}(p, q) = H\!\left(\tfrac{p + q}{2}\right) - "
    r"\tfrac{H(p) + H(q)}{2} \end{gathered}",
    reading="*The top layers change most* is what the papers below found. Here it is checked by each "
    "measure: "
    "it holds where Spearman's correlation $r$ of a layer's number and its change is at least 0.5 and the "
    "top "
    "third changes more than the bottom third, is refuted where both say the opposite ($r$ at most -0.5), "
    "and "
    "is undecided between.",
    limits="The vectors of a layer may change because a layer below it does: only the weights say where "
    "learning happened. With six layers a correlation is coarse. With few tokens CKA is too high. Frozen "
    "layers "
    "do not move, whatever the task.",
    papers=(_KORNBLITH, MERCHANT, _KOVALEVA),
    experiments=(
        Experiment(
            "Does the story hold?",
            "Read the three verdicts, then train the same file again with another seed and read them again.",
            "A verdict that turns with the seed was chance.",
        ),
        Experiment(
            "Freeze half of the model",
            "Train with the lower layers kept fixed.",
            "They stay at 0 by every measure; all that changes lies above them.",
        ),
    ),
)
PROBE_EXPLANATION = Explanation(
    seeing="For every layer of both models a linear classifier learns your labels from rows that the run "
    "learned from, and is measured on the run's held-out rows. It sees nothing but the vector of [CLS], or "
    "for "
    "tags the mean of a word's pieces.",
    formula=r"\hat y = \arg\max_c \; (W \mathbf{h}^{(\ell)} + \mathbf{b})_c",
    reading="Where the curve *before* is high already, the base knew how to tell your classes apart, and the "
    "training had little to add. Where the curves part, it was learned. Bars hold the true value in 95 of "
    "100 "
    "samples of this size; where they overlap widely, the difference may be chance.",
    limits="That something can be read off does not show that the model uses it. The tuned model has seen "
    "the "
    "labels of the rows that its probes learn from, so only the held-out rows count. Words of one text "
    "resemble "
    "each other: for tags the bars are a little too short. Of label sets one label is read off, of numbers "
    "whether they lie above the median.",
    papers=(
        Paper(
            "Alain and Bengio",
            2017,
            "Understanding Intermediate Layers Using Linear Classifier Probes",
            "ICLR Workshop",
        ),
        MERCHANT,
    ),
    experiments=(
        Experiment(
            "Where does the knowledge sit?",
            "Compare the two curves at the last layer, and at one in the middle.",
            "Where the curve before is as high as the one after, the base knew your classes already, and the "
            "training taught the head to use it.",
        ),
    ),
)
