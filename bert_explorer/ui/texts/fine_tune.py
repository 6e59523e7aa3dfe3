"""Words of the page Fine-tune."""

from bert_explorer.ui.texts import DEVLIN, Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="Can BERT learn to sort your texts?",
    lead="Give BERT texts with labels, and it learns in minutes to give the labels itself. When it is done, "
    "open "
    "your model on every other page and look inside it.",
)

NEW_TAB, RUNS_TAB = "Train a model", "Your runs"
TABS = (NEW_TAB, RUNS_TAB)
EXAMPLE, UPLOAD = "An example file", "A file of your own"
SOURCES = (EXAMPLE, UPLOAD)
EXAMPLES = {
    "sms_spam_200.tsv": "Spam or not: 200 text messages",
    "sms_spam_500.tsv": "Spam or not: 500 text messages",
    "subjectivity_400.tsv": "Fact or opinion: 400 sentences about films",
}
EXAMPLES |= {
    "banking_pairs_400.csv": "Same wish or not: 400 pairs of questions to a bank",
    "sentence_traits_400.tsv": "Several labels: question, negation, name and more in 400 sentences",
    "similarity_300.tsv": "A number: how much 300 sentences were changed",
    "names_400.iob2": "Names of people, places and organisations: 400 sentences",
    "parts_of_speech_200.conll": "Parts of speech: 200 sentences",
    "xquad_en_sample.json": "Answers in a text: 177 questions",
}
TASK_NAMES = {
    "text-classification": "One label for each text",
    "multi-label": "Several labels for each text",
    "regression": "A number for each text",
    "token-classification": "A tag for each word",
    "question-answering": "The answer in a text",
    "masked-words": "Hidden words (pretraining)",
}
HEADLINES = {  # task: the metric to look at
    "text-classification": "accuracy",
    "multi-label": "micro_f1",
    "regression": "spearman",
    "token-classification": "accuracy",
    "question-answering": "f1",
    "masked-words": "top1",
}
TASK_FIGURES = {
    "entity_f1": "F1 of names",
    "entity_precision": "Precision",
    "entity_recall": "Recall",
    "micro_f1": "F1 of all labels",
    "macro_f1": "Macro F1",
    "accuracy": "Accuracy",
    "spearman": "Spearman's correlation",
    "pearson": "Pearson's correlation",
    "mean_absolute_error": "Mean error",
    "exact_match": "Exact match",
    "f1": "F1 of words",
    "top1": "Hidden words right",
}
FILES_CAPTION = (
    "The ZIP holds a Hugging Face folder; its README says how to use it without BERT Explorer. ONNX is read "
    "by programs without torch or Python; the file is made when you ask for it, and checked to give the same "
    "numbers. The report holds figures, tables and settings, and none of your texts."
)
TRY_TEXT = "URGENT! You have won a £1000 cash prize. Call 09061701461 now to claim."

PRESET_NAMES = {"balanced": "Balanced", "live-demo": "Live demo", "best": "Best"}
PRESET_LINES = {
    "balanced": "All layers learn for three epochs: good for most files.",
    "live-demo": "Short texts; what learns: {learning}. With the bundled model, 500 text messages take under "
    "a minute on two cores.",
    "best": "More epochs, longer texts, and lower layers move less: slower, and worth it for the last word.",
}
LEARNING_NAMES = {  # what may stay fixed: what learns then
    "none": "everything",
    "embeddings": "all layers, not the embeddings",
    "last-four": "the four upper layers",
    "half": "the upper half of the layers",
    "last-two": "the two upper layers",
    "last": "the last layer",
    "all": "the new classifier alone",
    "lora": "small matrices beside the layers (LoRA)",
}
LEARNING_HELP = (
    "What does not learn stays as it was pretrained, and is computed once instead of in every epoch: the "
    "fewer layers learn, the faster it goes."
)
RATE_HELP = "How far the weights move at each step. The suggestion follows the model and what learns."
BATCH_HELP = "Texts that are learned from at once, in one step."
LENGTH_HELP = "The end of a longer text is not read. Twice as many take about twice as long."
WARMUP_HELP = "The learning rate rises from 0 during this share of the steps, and falls back to 0 after it."
WEIGHT_DECAY_HELP = "How strongly each step pulls the weights towards zero."
LAYER_DECAY_HELP = (
    "The learning rate of a layer, as a share of that of the layer above: below 1, lower layers move less."
)
SEED_HELP = (
    "All that is random follows from this number: which rows are held out, the new classifier, the order of "
    "the rows. The same seed gives the same run."
)
RANK_HELP = "Columns of the small matrices: the larger, the more they can change."
ALPHA_HELP = "Their product counts alpha / rank times."
KEEP_BEST_HELP = (
    "15 % of the rows to learn from are set aside. The epoch that does best on them is the one kept, and two "
    "epochs without a better one end the training. The held-out rows choose nothing."
)
PRECISION_HELP = "bfloat16 instead of float32: faster on newer GPUs, and nearly as exact."
BY_CHANCE, IN_FOLDS, AS_TOLD, OTHER_FILE = (
    "Some rows, by chance",
    "Every row once (several runs)",
    "A column of the file says",
    "Another file",
)
MEASURE_LINES = {
    BY_CHANCE: "The same mix of labels on both sides, equal texts on one side, by seed {seed} (above).",
    IN_FOLDS: "The rows are cut into parts by seed {seed}; each run holds out another part, and learns "
    "from the rest. Every row is then judged by a model that has not seen it, and the mean has an interval.",
    AS_TOLD: "Its cells are train, test or validation. Validation rows choose the best epoch, if it is kept.",
    OTHER_FILE: "Of the same kind, a table with the same columns. All rows of the first file are learned "
    "from, but for those set aside to choose the best epoch, if it is kept.",
}
GRADIENTS = (
    "The length of the loss's gradient over the weights of each layer that learns, before clipping. Colours "
    "are powers of ten. It says which layers the texts ask to change, not how far they then move."
)
FOLDS_CAPTION = (
    "Student's interval for the mean of the folds. They share most of the rows that they learn from, so "
    "it is somewhat too narrow (Bengio and Grandvalet, 2004)."
)
SEARCH_LINES = (
    "Every learning rate with every choice of what learns, one run each. Rows set aside from those to learn "
    "from tell which is best; the held-out rows then say how good it is."
)
CLASS_WEIGHTS_HELP = "Rows of rare labels then count more, as if all labels had equally many rows."

SEVERITIES = {"problem": "To mend before training", "warning": "Look at this", "note": "Good to know"}
DOCTOR_WELL = (
    "No empty cells, contradicting or misspelled labels, copies across the split, texts that give their "
    "label away, texts too long or foreign to this model were found."
)

BASELINES_VIEW, CLASSES_VIEW, CURVES_VIEW, ROWS_VIEW = (
    "Beside simpler ways",
    "Class by class",
    "Curves",
    "Rows to read",
)
VIEWS = (BASELINES_VIEW, CLASSES_VIEW, CURVES_VIEW)
OWN_VIEWS = (*VIEWS, ROWS_VIEW)
ERROR_ROWS, HARD_ROWS, SUSPECT_ROWS, CELL_ROWS = (
    "Mistakes",
    "Hardest",
    "Suspected labels",
    "By label",
)
ROW_KINDS = {
    ERROR_ROWS: "Rows that got a wrong label, those that the model was surest of first.",
    HARD_ROWS: "Rows that got the least probability of their true label first.",
    SUSPECT_ROWS: "Rows where the model would rather give another label, with at least its usual certainty "
    "for that label (confident learning, Northcutt et al. 2021). The label may be wrong, or the row is hard.",
    CELL_ROWS: "Rows of one cell of the confusion matrix, or of a row or column of it.",
}
CLASSES_CAPTION = (
    "Precision: of the texts that were given this label, how many have it. Recall: of those that have it, "
    "how many were given it. F1: their harmonic mean."
)
CURVES_CAPTION = (
    "The first two are about the class above against all others, over every threshold. Calibration is about "
    "all classes: below the dashed line the model is surer than it should be."
)
BASELINE_NAMES = {
    "majority": "Always the commonest label",
    "words": "Words alone (TF-IDF, logistic regression)",
    "frozen encoder": "The model as it began, with a linear head",
    "model": "This model",
}

STATES = {
    "queued": "Waiting",
    "running": "Training",
    "finished": "Finished",
    "cancelled": "Cancelled",
    "failed": "Failed",
    "interrupted": "Interrupted",
}

EXPLANATION = Explanation(
    seeing="**Loss** is how surprised the model is by the right label: 0 is certainty. **Held-out "
    "accuracy** is the share "
    "of right answers on texts that the model never trains on; they are set aside before the start, with the "
    "same mix of labels.",
    formula=r"\begin{gathered} \mathcal{L} = -\frac{1}{N} \sum_{i=1}^{N} \log p(y_i \mid x_i) \\ "
    r"p(y \mid x) = \operatorname{softmax}(W \mathbf{s} + \mathbf{b})_y \\ "
    r"\mathbf{s} = \tanh(W_p \mathbf{h}_{\text{[CLS]}} + \mathbf{b}_p) \end{gathered}",
    reading=r"$\mathbf{h}_{\text{[CLS]}}$ is the last layer's vector of the token `[CLS]`, and $\mathbf{s}$ "
    r"the model's "
    r"summary of text $x_i$; $y_i$ is its label. Training moves all weights "
    "that are not frozen a little against the slope of the loss, batch after batch; an epoch is one pass "
    "over "
    "the training texts. In the confusion matrix each row is a true label and each column a predicted one: "
    "what "
    "is off the diagonal is a mistake.",
    limits="A share of few texts is uncertain: 38 of 40 right answers (95 %) are what a model "
    "gives that is right in 84 % or in 99 % of all such texts (Wilson, 1927). If one label has nine "
    r"tenths "
    "of the texts, always giving that label is right in 90 %: look at the confusion matrix. And the model "
    "learns "
    "whatever tells the labels apart in *this* file, be it sense or accident.",
    papers=(
        DEVLIN,
        Paper(
            "Wilson",
            1927,
            "Probable Inference, the Law of Succession, and Statistical Inference",
            "Journal of the American Statistical Association",
        ),
        Paper(
            "Howard and Ruder", 2018, "Universal Language Model Fine-tuning for Text Classification", "ACL"
        ),
        Paper(
            "Lee, Tang and Lin",
            2019,
            "What Would Elsa Do? Freezing Layers During Transformer Fine-Tuning",
            "arXiv:1911.03090",
        ),
        Paper(
            "Mosbach, Andriushchenko and Klakow",
            2021,
            "On the Stability of Fine-tuning BERT: Misconceptions, Explanations, and Strong Baselines",
            "ICLR",
        ),
    ),
    experiments=(
        Experiment(
            "Freeze the model",
            "Train the example again with everything frozen but the classifier.",
            "It is much faster, and for spam nearly as good: what tells spam apart is already in the "
            "vectors.",
        ),
        Experiment(
            "Look inside",
            "Open the finished model, and compare its attention with the bundled model's.",
            "In layer 1 the attention goes where it went before; in the upper half of the layers about a "
            "third of it has moved.",
        ),
        Experiment(
            "Fool it",
            "Try the model on spam without a number: `Congratulations! You have won a free prize. Call now "
            "to "
            "claim your cash.`",
            "It may well pass as ham: in these few messages numbers and prices give spam away more than "
            "words "
            "do, and the model knows no intentions.",
        ),
    ),
)
