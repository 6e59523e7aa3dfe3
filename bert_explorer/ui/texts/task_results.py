"""Words of the results of tasks whose answers are not one class a text."""

LABELS_VIEW = "Label by label"
LARGEST_ROWS, WORST_ROWS = "Largest errors", "Least of the answer"

INTERVALS = {  # metric: what is expected on many more such texts
    "accuracy": "a share of words with the right tag",
    "entity_f1": "an F1 of names",
    "micro_f1": "an F1 of all labels",
    "spearman": "a Spearman correlation",
    "pearson": "a Pearson correlation",
    "exact_match": "a share of exact matches",
    "f1": "an F1 of words",
}
BASELINE_NAMES = {
    "commonest set": "Always the commonest set of labels",
    "mean": "Always the mean of the training texts",
    "word tags": "The tag that each word mostly has in training",
    "words": "Words alone (TF-IDF, linear)",
    "model": "This model",
}
NO_BASELINE = (
    "There is none for this task: no plain way to find an answer in a text is agreed on. To match one by "
    "chance is next to impossible, so 0 is the floor."
)
PICTURES = {  # task: title, what it shows in words
    "token-classification": (
        "Which tags are taken for which",
        "Confusion matrix of tags: true ones in rows, given ones in columns",
    ),
    "multi-label": ("How well each label is found", "F1 of each label as bars"),
    "regression": ("True and given numbers", "Given numbers against true ones, a point a held-out text"),
    "question-answering": (
        "How much of the answers was found",
        "Number of questions by the F1 of the answer",
    ),
}
ROW_KINDS = {  # task: kind of rows: what it shows
    "token-classification": {
        "Mistakes": "Words that got a wrong tag, those that the model was surest of first.",
        "Hardest": "Words that got the least probability of their true tag first.",
        "Suspected labels": "Words where the model would rather give another tag, with at least its usual "
        "certainty for that tag (confident learning, Northcutt et al. 2021). The tag may be wrong, or the "
        "word is hard.",
        "By label": "Words of one cell of the confusion matrix, or of a row or column of it.",
    },
    "multi-label": {
        "Mistakes": "Labels given wrongly or left out wrongly, those that the model was surest of first.",
        "Hardest": "Labels that the model found least likely to be as they are first.",
        "Suspected labels": "Where the model would rather give the label, or take it away, with at least its "
        "usual certainty (confident learning, Northcutt et al. 2021). The file may be wrong, or the text is "
        "hard.",
    },
    "regression": {
        LARGEST_ROWS: "Texts whose number is farthest from the true one first.",
        "Suspected labels": "Texts whose error lies more than three deviations from the usual one and "
        "from none (by the median absolute deviation, Leys et al. 2013). The number in the file may be "
        "wrong, or the text is hard.",
    },
    "question-answering": {
        "Mistakes": "Questions without exactly the right words, those with none of them first.",
        WORST_ROWS: "All questions, those of which the fewest words were found first. Which answers of the "
        "file may be wrong is not guessed: a right one can be worded in other ways, so another says little.",
    },
}
LABELS_CAPTIONS = {
    "token-classification": "A name counts as found where its kind and both its ends are right, as conlleval "
    "counts. Precision: of the names given, how many are right. Recall: of the true ones, how many were "
    "given.",
    "multi-label": "Precision: of the texts that were given this label, how many have it. Recall: of those "
    "that have it, how many were given it. F1: their harmonic mean.",
}
TAGS_CAPTION = (
    "Precision: of the words that were given this tag, how many have it. Recall: of those that have it, how "
    "many were given it. F1: their harmonic mean. A tag that no word has or was given is left out."
)
CURVES_CAPTION = (
    "All three are about the label above: its probability, over every threshold. Calibration: below the "
    "dashed line the model is surer than it should be."
)
TRY_LABELS = {  # task: first text, second text of pairs, button
    "text-classification": ("A text to sort", "Its second text", "Sort it"),
    "multi-label": ("A text to label", "Its second text", "Label it"),
    "regression": ("A text", "Its second text", "Give its number"),
    "token-classification": ("A text whose words get tags", "", "Tag it"),
    "question-answering": ("A question", "The text with the answer", "Find the answer"),
}
TRY_PAIR = "text pairs"  # a classifier of these is asked about something else than one of single texts
TRY_TEXTS = {  # task, or TRY_PAIR: what stands there at first
    TRY_PAIR: ("How long until my new card is here?", "My card has not come yet."),
    "multi-label": ("Didn't Anna say that 3 of the 20 letters were lost?", "It was raining all day."),
    "regression": ("The cat sat on the mat.", "The cat sat on the old mat."),
    "token-classification": ("Ada Lovelace met Charles Babbage in London .", ""),
    "question-answering": (
        "Who wrote the first program?",
        "The analytical engine was designed by Charles Babbage. Ada Lovelace wrote the first program for it "
        "in 1843, long before it could be built.",
    ),
}
UPLOAD_HINTS = {
    "text-classification": "A table with the column that the model was trained on, or one text a line (.txt)",
    "multi-label": "A table with the column that the model was trained on, or one text a line (.txt)",
    "regression": "A table with the columns that the model was trained on",
    "token-classification": "A table with a column of texts, or one text a line (.txt)",
    "question-answering": "A table with the columns 'question' and 'context'",
}
