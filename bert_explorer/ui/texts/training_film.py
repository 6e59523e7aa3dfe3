"""Words of the page Film of a training."""

from bert_explorer.ui.texts import Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="When did the model learn what?",
    lead="While a model trains, a few of its held-out examples are watched: what it answers to them and "
    "where their vectors lie, from before the first step to the end. Press Play and watch the classes part.",
)
EXAMPLES, CLASSES, LAYERS, HEADS = "Examples", "Classes", "Layers", "Heads"
VIEWS = (EXAMPLES, CLASSES, LAYERS, HEADS)
WEIGHTS, VECTORS = "Weights", "Vectors"
MEASURES = (WEIGHTS, VECTORS)
HEAD_PART = "head"
PARTS = {"embeddings": "embeddings", HEAD_PART: "head of the model", "layers": "all layers"}
EXAMPLE_HEADER = ("True", "At first", "At the end", "Flips", "Right since step", "Line", "Example")
CLASS_HEADER = ("Class", "Examples", "Step", "Right", "Mean of what is true")
LAYER_HEADER = ("Part", "Step", "Moved")
HEAD_HEADER = ("Layer", "Head", "Step", "Moved")
TASK_NOTES = {
    "text-classification": "Each point is a held-out text, by its vector of [CLS]. Filled: right; hollow: "
    "wrong.",
    "multi-label": "Each point is a held-out text, by its vector of [CLS], coloured by its set of labels. "
    "Filled: every label is right; hollow: one or more are not.",
    "regression": "Each point is a held-out text, by its vector of [CLS], coloured by its number. A number "
    "is never simply right, so nothing flips; the error is shown instead.",
    "token-classification": "Each point is a word of a held-out text, by the vector of its first piece. "
    "Filled: its tag is right; hollow: wrong.",
    "question-answering": "Each point is a question with its passage, by its vector of [CLS]. Answers have "
    "no classes, so nothing parts here; filled points are those whose exact span is found.",
}
EXPLANATION = Explanation(
    seeing="At each moment the watched examples went through the model as it was then, without learning from "
    "it. Their vectors are centred on their mean, all moments are laid together, and **one** PCA draws them "
    "all. So a point that moves has moved. Between two moments the points glide on a straight line: that is "
    "drawn, not measured. A few examples of every class are watched, equally many as far as there are.",
    formula=r"\begin{gathered} \text{vectors:} \quad \frac{1}{n} \sum_{i} \frac{\lVert \mathbf{v}_i^{(t)} - "
    r"\mathbf{v}_i^{(0)} \rVert}{\lVert \mathbf{v}_i^{(0)} \rVert} \\[1ex] \text{weights:} \quad "
    r"\frac{\lVert W^{(t)} - W^{(0)} \rVert}{\lVert W^{(0)} \rVert} \end{gathered}",
    reading="Under *Examples*, a bright row was easy from early on, and a row that turns dark again was "
    "forgotten. *Right since step* is the step from which an example stays right to the end. Under *Layers* "
    "and *Heads*, 0 is where the model began; 1 means that it moved as far as it was long. The head of the "
    "model begins at random and is not in the picture, only in the table.",
    limits="A few dozen examples are no measure of quality: the held-out accuracy on the page Fine-tune is. "
    "An example that flips twice between two moments seems not to have flipped. Two dimensions keep a part "
    "of the variance only. Weights may move far without changing what is computed, and the other way round.",
    papers=(
        Paper(
            "Toneva et al.",
            2019,
            "An Empirical Study of Example Forgetting during Deep Neural Network Learning",
            "ICLR",
        ),
        Paper(
            "Swayamdipta et al.",
            2020,
            "Dataset Cartography: Mapping and Diagnosing Datasets with Training Dynamics",
            "EMNLP",
        ),
        Paper(
            "Merchant, Rahimtoroghi, Pavlick and Tenney",
            2020,
            "What Happens To BERT Embeddings During Fine-tuning?",
            "BlackboxNLP",
        ),
    ),
    experiments=(
        Experiment(
            "Where do classes part?",
            "Move the slider of the layer from the last to the first, and play each time.",
            "The head reads the last layer. Where a lower one parts the classes as well, those above it had "
            "less to do.",
        ),
        Experiment(
            "Freeze and compare",
            "Train the same file again with all layers kept fixed, and play both films.",
            "With fixed layers no point moves at all: only the answers change, as points fill.",
        ),
        Experiment(
            "Find what is hard",
            "Look under Examples for rows that flip more than once, and read their texts.",
            "Ask yourself whether you would have given them their label.",
        ),
    ),
)
