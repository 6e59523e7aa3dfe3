"""Words of the page Probes."""

from bert_explorer.ui.texts import Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="What can be read off a layer?",
    lead="A *probe* is a simple classifier that sees nothing but the vectors of one layer. If it can tell "
    "verbs from nouns, the layer holds what tells them apart. How much of that is the probe's own learning?",
)
TAGS, LABELS = "Parts of speech", "Labels of your texts"
TASKS = (TAGS, LABELS)
EXPLANATION = Explanation(
    seeing="For each layer a linear classifier is trained on seven tenths of the sentences and "
    "measured on the "
    "rest. The upper curve is its accuracy; the lower one that of the same classifier on a task without "
    "meaning, the control task.",
    formula=r"\begin{gathered} \hat y = \arg\max_c \; (W \mathbf{h}^{(\ell)} + \mathbf{b})_c \\ "
    r"\text{selectivity} = \text{accuracy} - \text{control accuracy} \end{gathered}",
    reading="In the control task every word gets a label by lot, the same wherever it stands (a "
    "text gets that "
    "of its first word). It can only be learnt by heart. Where the two curves lie far apart, the layer "
    "offers the property itself and not just the words. The grey lines see no vectors: always the most "
    "frequent label, and the words alone. Bars hold the true value in 95 of 100 samples of this size.",
    limits="That something can be read off does not show that BERT uses it. A linear probe misses "
    "what is held "
    "in another form. Words of one sentence resemble each other, so the intervals are a little too narrow.",
    papers=(
        Paper(
            "Alain and Bengio",
            2017,
            "Understanding Intermediate Layers Using Linear Classifier Probes",
            "ICLR Workshop",
        ),
        Paper("Hewitt and Liang", 2019, "Designing and Interpreting Probes with Control Tasks", "EMNLP"),
        Paper("Tenney, Das and Pavlick", 2019, "BERT Rediscovers the Classical NLP Pipeline", "ACL"),
    ),
    experiments=(
        Experiment(
            "Where is grammar?",
            "Look at the parts of speech of the bundled model.",
            "The accuracy rises above the words alone at layer 0 already, since layer 0 knows the place, and "
            "is highest at layer 3. The control task falls meanwhile: the word itself fades.",
        ),
        Experiment(
            "Can you trust one split?",
            "Choose another split and start again.",
            "The curve moves by about as much as its bars are long.",
        ),
    ),
)
