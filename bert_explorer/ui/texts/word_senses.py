"""Words of the page Word senses."""

from bert_explorer.analysis.sense_sets import SETS
from bert_explorer.ui.texts import Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="Does BERT know which bank is meant?",
    lead="A dictionary gives a word one entry with several senses; BERT gives every *occurrence* a "
    "vector of "
    "its own. If vectors of the same sense lie together, the sense can be read off them.",
)
OWN = "Sentences of your own"
CHOICES = (*SETS, OWN)
OWN_WORD = "light"
OWN_LINES = (
    "lamp\tTurn on the light, it is getting dark.\n"
    "lamp\tThe light in the kitchen is broken.\n"
    "lamp\tShe read by the light of a candle.\n"
    "weight\tThe suitcase is so light that I can lift it with one hand.\n"
    "weight\tFeathers are light and stones are heavy.\n"
    "weight\tHe carried a light bag over his shoulder."
)

EXPLANATION = Explanation(
    seeing="For every sentence the vector of the word is taken from every layer. Each is given the "
    "sense whose "
    "average vector is nearest, where the average leaves that sentence out. The upper figure shows "
    "how often "
    "this guess is right; the map shows the occurrences in one layer, and the last figure follows "
    "one of them.",
    formula=r"\hat s(i) = \arg\max_s \cos\Bigl(\mathbf{v}_i,\; "
    r"\tfrac{1}{|S_s \setminus i|} \textstyle\sum_{j \in S_s,\, j \neq i} \mathbf{v}_j\Bigr)",
    reading="The dashed line is what a guess reaches that never looks: always the most frequent "
    "sense. The bars "
    "at each point hold the true accuracy in 95 of 100 samples of so many sentences; with two dozen "
    "sentences "
    "they are wide. The silhouette says how clearly the senses lie apart: 1 is apart, 0 is mixed.",
    limits="A high accuracy shows that the sense can be read off the vector, not that BERT uses it. "
    "Sentences of "
    "one sense share other words too (river and water, money and account), and the vector has taken "
    "up some of "
    "them. At layer 0 only the position in the sentence differs: what is right there is chance.",
    papers=(
        Paper("Coenen et al.", 2019, "Visualizing and Measuring the Geometry of BERT", "NeurIPS"),
        Paper(
            "Wiedemann, Remus, Chawla and Biemann",
            2019,
            "Does BERT Make Any Sense? Interpretable Word Sense Disambiguation with Contextualized "
            "Embeddings",
            "KONVENS",
        ),
        Paper(
            "Rousseeuw",
            1987,
            "Silhouettes: A Graphical Aid to the Interpretation and Validation of Cluster Analysis",
            "Journal of Computational and Applied Mathematics",
        ),
    ),
    experiments=(
        Experiment(
            "From one bank to two",
            "Choose *bank* and move the layer from 0 to 5.",
            "At layer 0 the colours are mixed, since the word has the same vector everywhere up to "
            "its position. "
            "Higher up the money and the river part, and the accuracy rises above 85 %.",
        ),
        Experiment(
            "Three senses are harder",
            "Choose *spring*: the season, the coil, and the water.",
            "The guess is right less often than for *bank*, though well above a third, and the "
            "silhouette stays "
            "low: the senses overlap.",
        ),
        Experiment(
            "Mislead it",
            "Choose sentences of your own, and write a sentence about one sense with words of the other.",
            "The lines of that sentence cross: the neighbours pull its vector towards the wrong sense.",
        ),
    ),
)
