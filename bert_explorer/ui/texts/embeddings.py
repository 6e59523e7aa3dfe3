"""Words of the page Embeddings."""

from bert_explorer.ui.texts import Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="Which texts mean something alike?",
    lead="BERT turns a text into a list of numbers, a *vector*. Texts that it reads alike get vectors that "
    "lie close "
    "together. Here hundreds of dimensions are drawn in two or three.",
)

MANY_TEXTS, UPLOAD, ONE_TEXT = "Many texts", "A file of texts", "Tokens of one text"
VECTORS = "Vectors of your own"
SOURCES = (MANY_TEXTS, UPLOAD, ONE_TEXT, VECTORS)
COLLECTIONS = (MANY_TEXTS, UPLOAD)
TEXTS, WORDS = "a text", "a word"
POINTS = (TEXTS, WORDS)
POOLINGS = {"mean": "Mean of all tokens", "cls": "[CLS] token", "max": "Largest value of all tokens"}
METHODS = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP"}
CORRECTIONS = {
    "none": "None",
    "centre": "Subtract the mean",
    "remove": "Remove 3 main directions",
    "whiten": "Whiten",
}
CORRECTION_HELP = (
    "Vectors of BERT point into one narrow cone, so that all texts look alike by their angle. Taking away "
    "what all share opens the cone. PCA and t-SNE look at distances, which the mean alone does not change."
)
DIMENSIONS = ("2D", "3D")
TOKENS_TEXT = (
    "He sat on the bank of the river, then walked to the bank to pay the money into his bank account, "
    "while the boat drifted to the other bank."
)

EXPLANATION = Explanation(
    seeing="Each point is one text (or one token). Its vector is taken from the layer that you chose, and "
    "the picture "
    "keeps as much as it can of how the vectors lie in their hundreds of dimensions.",
    formula=r"\begin{gathered} \mathbf{v} = \frac{1}{n} \sum_{i=1}^{n} \mathbf{h}^{(\ell)}_i \\ "
    r"\text{PCA: } \mathbf{y} = U^{\top} (\mathbf{v} - \bar{\mathbf{v}}) \end{gathered}",
    reading=r"$\mathbf{h}^{(\ell)}_i$ is token $i$ after layer $\ell$; layer 0 is the input before any "
    r"layer. PCA turns the "
    r"cloud of vectors so that you see it from its broadest side: the columns of $U$ are the directions of "
    r"the "
    r"largest variance, and the share of variance that they keep is on the axes. t-SNE and UMAP "
    "instead try to keep neighbours together. The line below the picture says how far it can be trusted: "
    "*trustworthiness* is 1 if points that look like neighbours are neighbours in all dimensions, "
    "too, and the "
    "agreement of labels is compared with all dimensions and with chance.",
    limits="What PCA leaves out is invisible: two far texts can fall onto one point. In t-SNE and "
    "UMAP the size of a "
    "group, the "
    "distance *between* groups and the axes mean nothing, and they find groups even in noise. The "
    "original BERT was never trained to make these distances mean similarity; Reimers and Gurevych (2019) "
    "trained it further for that, and the bundled model stayed near to such a one.",
    papers=(
        Paper("van der Maaten and Hinton", 2008, "Visualizing Data using t-SNE", "JMLR"),
        Paper(
            "McInnes, Healy and Melville",
            2018,
            "UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction",
            "arXiv",
        ),
        Paper("Venna and Kaski", 2001, "Neighborhood Preservation in Nonlinear Projection Methods", "ICANN"),
        Paper("Mu and Viswanath", 2018, "All-but-the-Top", "ICLR"),
        Paper("Wattenberg, Viégas and Johnson", 2016, "How to Use t-SNE Effectively", "Distill"),
        Paper(
            "Reimers and Gurevych",
            2019,
            "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks",
            "EMNLP",
        ),
        Paper("Ethayarajh", 2019, "How Contextual are Contextualized Word Representations?", "EMNLP"),
        Paper("Coenen et al.", 2019, "Visualizing and Measuring the Geometry of BERT", "NeurIPS"),
    ),
    experiments=(
        Experiment(
            "Go down the layers",
            "Keep the example texts and move the layer from the last one to 0.",
            "The topics lie less well apart: at layer 0 a text is no more than the mean of its words, each "
            "without its neighbours.",
        ),
        Experiment(
            "Four times *bank*",
            "Choose *Tokens of one text*, and compare the four points named `bank` at layer 0 and in the "
            "last layer.",
            "At layer 0 they lie together, since they differ in position only. In the last layer they still "
            "do: every token has taken up what its whole text is about, and these four stand in "
            "one text. In texts of their own the two senses part: see *Word senses*.",
        ),
        Experiment(
            "Open the cone",
            "Move the layer to 3, choose *Subtract the mean* as the correction, and compare the mean cosine.",
            "It falls from far above 0 to about 0, and the picture stays as it was: PCA looks at distances. "
            "In the last layer of the bundled model the cone is wider: it stayed near to a model that was "
            "trained to tell sentences apart.",
        ),
        Experiment(
            "Do not trust t-SNE's gaps",
            "Choose t-SNE, then PCA, and compare how far apart the topics lie.",
            "Groups that t-SNE tears apart may touch in PCA. Only who is whose neighbour can be compared.",
        ),
    ),
)
