"""Words of the page Layers as a film."""

from bert_explorer.ui.texts import Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="How do texts move from layer to layer?",
    lead="Every layer gives every text a new vector. The film shows the same texts in one layer "
    "after the other, "
    "turned so that a point which stays where it is has kept its neighbours.",
)
EXPLANATION = Explanation(
    seeing="One frame is one layer: its vectors drawn by PCA, as on the map of texts. Each frame is "
    "then turned, "
    "mirrored where that helps, and brought to the same size, so that it lies on the frame before "
    "as well as it "
    "can. The bars say how much is left: 0, nothing moved; 2, the two pictures have nothing in common.",
    formula=r"\begin{gathered} R = \arg\min_{R^{\top} R = I} \lVert A R - B \rVert \\ "
    r"A^{\top} B = U S V^{\top} \;\Rightarrow\; R = U V^{\top} \end{gathered}",
    reading="$A$ holds the points of one layer and $B$ those of the layer before, both centred and "
    "of length 1. "
    "Turning and mirroring carry no meaning in a picture of vectors, so they are taken away. What "
    "still moves "
    "is real.",
    limits="Each frame keeps only a part of the variance (see the table), so a jump may come from a "
    "direction "
    "that was hidden before. How long the vectors are is not shown: it differs much between layers.",
    papers=(
        Paper(
            "Schönemann",
            1966,
            "A Generalized Solution of the Orthogonal Procrustes Problem",
            "Psychometrika",
        ),
        Paper(
            "Voita, Sennrich and Titov",
            2019,
            "The Bottom-up Evolution of Representations in the Transformer",
            "EMNLP",
        ),
    ),
    experiments=(
        Experiment(
            "Where does most happen?",
            "Play the film, then look at the bars.",
            "In the bundled model the tallest bar is the last one: the layers below refine, and the last one "
            "makes of it what the heads for words and sentences need.",
        ),
        Experiment(
            "Another summary",
            "Choose the [CLS] token as the vector of a text.",
            "At layer 0 all points are one: [CLS] is the same token at the same place in every "
            "text. It differs "
            "only once it has looked at the others.",
        ),
    ),
)
