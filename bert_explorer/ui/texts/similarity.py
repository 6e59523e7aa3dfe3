"""Words of the pages Similarity, Search and Groups."""

from bert_explorer.ui.texts import Experiment, Explanation, PageText, Paper

REIMERS = Paper(
    "Reimers and Gurevych",
    2019,
    "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks",
    "EMNLP",
)
ETHAYARAJH = Paper("Ethayarajh", 2019, "How Contextual are Contextualized Word Representations?", "EMNLP")
MU = Paper(
    "Mu and Viswanath",
    2018,
    "All-but-the-Top: Simple and Effective Postprocessing for Word Representations",
    "ICLR",
)
CENTRED, RAW = "Without what all share", "As they are"
VECTORS = (CENTRED, RAW)
VECTORS_HELP = (
    "Vectors of BERT share one large part, so that all cosines are high. Without the mean of all "
    "texts, what "
    "differs between them decides."
)

SIMILARITY_PAGE = PageText(
    title="How alike are these sentences?",
    lead="The cosine of the angle between two vectors is 1 where they point the same way, 0 where "
    "they have "
    "nothing in common. Here every sentence meets every other.",
)
SIMILARITY_TEXTS = (
    "The cat sleeps on the sofa.\n"
    "A kitten is napping on the couch.\n"
    "The dog does not sleep on the sofa.\n"
    "He plays the guitar in a band.\n"
    "She is a musician.\n"
    "The stock market fell sharply today.\n"
    "Shares lost a lot of their value.\n"
    "It will rain in the afternoon."
)
SIMILARITY_EXPLANATION = Explanation(
    seeing="One cell is one pair of sentences; the number on top of a column is the number of the "
    "sentence in "
    "the list. The table below lists the most similar pairs.",
    formula=r"\cos(\mathbf{a}, \mathbf{b}) = \frac{\mathbf{a}^{\top} \mathbf{b}}"
    r"{\lVert \mathbf{a} \rVert \lVert \mathbf{b} \rVert}",
    reading="Without what all share, the mean of all sentences is subtracted first. 0: at right angles to "
    "each other, seen from the mean; the average pair of $n$ is about $-1/(n - 1)$.",
    limits="BERT itself was never trained to make the cosine mean similarity. It is high for sentences "
    "that share words "
    "and topic, also where one denies the other. The numbers of two models, or of two layers, "
    "cannot be compared.",
    papers=(REIMERS, ETHAYARAJH, MU),
    experiments=(
        Experiment(
            "Everything is alike",
            "Choose *As they are*, and move the layer from the last one to 3.",
            "All cosines rise far above 0: the vectors lie in a narrow cone, as in most BERTs. The last "
            "layer of the bundled model stayed near to one that was trained to tell sentences apart.",
        ),
        Experiment(
            "A contradiction",
            "Compare *The cat sleeps on the sofa* with *The dog does not sleep on the sofa*.",
            "They are among the most similar pairs: the words count, the *not* hardly does.",
        ),
    ),
)

SEARCH_PAGE = PageText(
    title="Which text comes closest to this one?",
    lead="A search by meaning: the query becomes a vector, and the texts whose vectors point the "
    "same way are "
    "found, also where they share no word with it. Every text is compared, none is skipped.",
)
SEARCH_QUERY = "We watched the stars through a telescope."
SEARCH_EXPLANATION = Explanation(
    seeing="The texts with the largest cosine to the query, best first. Below, the words of one of "
    "them are "
    "coloured by what they add to the match: blue for, orange against.",
    formula=r"\cos(\mathbf{q}, \mathbf{d}) = \sum_{j=1}^{n} "
    r"\frac{\mathbf{q}^{\top} (\mathbf{h}_j - \mathbf{m})}{n \, \lVert \mathbf{q} \rVert "
    r"\lVert \mathbf{d} \rVert}",
    reading=r"A text's vector is the mean of its token vectors $\mathbf{h}_j$, so its cosine is a sum over "
    r"its tokens: the parts shown add up to it exactly. $\mathbf{m}$ is the mean of the collection, or 0. A "
    "word's vector holds its neighbours as well, so a part belongs to the word *in this sentence*.",
    limits="A high rank is no answer to a question: the text most like a question is often another "
    "question. "
    "Models trained for search do much better (Reimers and Gurevych, 2019).",
    papers=(REIMERS, MU),
    experiments=(
        Experiment(
            "No word in common",
            "Search for *rockets and planets* in the example.",
            "The first five are about space, and the very first shares no word with the query.",
        ),
        Experiment(
            "Where it fails",
            "Search for *The star of the show*.",
            "A telescope comes first, then the rings of Saturn, and music no earlier than fourth: the words "
            "of a text count more than what it is about.",
        ),
        Experiment(
            "As they are",
            "Move the layer to 3, look at the coloured words, then choose *As they are*.",
            "Now all words carry about the same: most of every vector is what all vectors share.",
        ),
    ),
)

CLUSTERS_PAGE = PageText(
    title="Which groups do these texts form?",
    lead="Texts whose vectors lie close are put into one group, without looking at any label. Each "
    "group is "
    "described by its most typical texts and by the words that set it apart.",
)
CLUSTER_METHODS = {"kmeans": "k-means", "hdbscan": "HDBSCAN"}
CLUSTERS_EXPLANATION = Explanation(
    seeing="Colours are groups, drawn on a PCA map. The table gives for each its size, the words "
    "that it uses "
    "more than the others, and the text nearest to its centre.",
    formula=r"\text{k-means: } \min_{C_1, \dots, C_k} \sum_{c} \sum_{i \in C_c} "
    r"\lVert \mathbf{v}_i - \bar{\mathbf{v}}_c \rVert^2",
    reading="k-means gives as many groups as you ask for. HDBSCAN finds their number itself: groups "
    "are where "
    "texts lie densely, and what lies between them stays without a group. Distinctive words are "
    "ranked by their "
    "log odds, so that a word which is rare everywhere does not win by chance; English function words "
    "(*the*, *was*) are not listed. Where the texts have labels, the adjusted Rand index compares them with "
    "the groups, which have never seen them.",
    limits="Groups are what the method draws, not what is there: k-means cuts noise into k pieces "
    "too. They follow "
    "what the vectors hold most of, which may be the length or the style of a text before its topic.",
    papers=(
        Paper(
            "Campello, Moulavi and Sander",
            2013,
            "Density-Based Clustering Based on Hierarchical Density Estimates",
            "PAKDD",
        ),
        Paper(
            "Monroe, Colaresi and Quinn",
            2008,
            "Fightin' Words: Lexical Feature Selection and Evaluation for Identifying the Content "
            "of Political "
            "Conflict",
            "Political Analysis",
        ),
        Paper("Hubert and Arabie", 1985, "Comparing Partitions", "Journal of Classification"),
    ),
    experiments=(
        Experiment(
            "Does it find the topics?",
            "The example has five topics of ten sentences. Look at the share of the most frequent "
            "label in each "
            "of the five groups.",
            "Some topics have a group nearly of their own, others are mixed: groups follow grammar as well, "
            "such as *he is* and *they were*. No label was used to draw them.",
        ),
        Experiment(
            "Too many groups",
            "Ask for 12 groups.",
            "Topics are cut into pieces, each with its own words. No number is the right one.",
        ),
    ),
)
