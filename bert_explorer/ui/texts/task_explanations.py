"""What stands below the page Fine-tune, by task: what is trained there, and how to read what comes of it."""

from bert_explorer.ui.texts import DEVLIN, Experiment, Explanation, Paper
from bert_explorer.ui.texts.fine_tune import ERROR_ROWS, EXPLANATION, ROWS_VIEW
from bert_explorer.ui.texts.own_pretraining import EXPLANATION as PRETRAINING
from bert_explorer.ui.texts.task_results import LARGEST_ROWS

_SUMMARY = r"\mathbf{s} = \tanh(W_p \mathbf{h}_{\text{[CLS]}} + \mathbf{b}_p)"
_OF_TEXT = (
    r"$\mathbf{h}_{\text{[CLS]}}$ is the last layer's vector of the token `[CLS]`, and $\mathbf{s}$ the "
    r"model's summary of text $x_i$. "
)
_STEPS = (
    "Training moves all weights that are not frozen a little against the slope of the loss, batch after "
    "batch; an epoch is one pass over the training texts. "
)
_FREEZE = Experiment(
    "Freeze the model",
    "Train the example again with everything frozen but the new head, and compare both runs on the page "
    "Runs.",
    "It is much faster. How much worse it is says how much of this task was not yet in the vectors.",
)


def _experiments(kind: str, first: str) -> tuple[Experiment, ...]:
    """``kind`` of rows is one that the task has, with ``first`` at its top."""
    read = Experiment(
        "Look at what it got wrong",
        f"Choose `{ROWS_VIEW}` under the figures and there `{kind}`: {first} come first.",
        "Some are the model's, and some are the file's: people disagree about such rows as well.",
    )
    return _FREEZE, read


_SUREST = "those that the model was surest of"
_TJONG = Paper(
    "Tjong Kim Sang and De Meulder",
    2003,
    "Introduction to the CoNLL-2003 Shared Task: Language-Independent Named Entity Recognition",
    "CoNLL",
)
_RAJPURKAR = Paper(
    "Rajpurkar, Zhang, Lopyrev and Liang",
    2016,
    "SQuAD: 100,000+ Questions for Machine Comprehension of Text",
    "EMNLP",
)
_RAJPURKAR_2018 = Paper(
    "Rajpurkar, Jia and Liang", 2018, "Know What You Don't Know: Unanswerable Questions for SQuAD", "ACL"
)
_CER = Paper(
    "Cer et al.",
    2017,
    "SemEval-2017 Task 1: Semantic Textual Similarity",
    "International Workshop on Semantic Evaluation",
)
_TSOUMAKAS = Paper(
    "Tsoumakas and Katakis",
    2007,
    "Multi-Label Classification: An Overview",
    "International Journal of Data Warehousing and Mining",
)

_MULTI_LABEL = Explanation(
    seeing="Each label is a question of its own, answered with yes or no: a text may get all of them, or "
    "none. **F1 of all labels** counts every yes of every text together; **macro F1** is the mean of the "
    "labels' F1, so that rare labels count as much as frequent ones.",
    formula=r"\begin{gathered} \mathcal{L} = -\frac{1}{NK} \sum_{i=1}^{N} \sum_{k=1}^{K} "
    r"\ell_{ik} \\ "
    r"\ell_{ik} = y_{ik} \log p_k(x_i) + (1 - y_{ik}) \log (1 - p_k(x_i)) \\ "
    r"p_k(x) = \frac{1}{1 + e^{-(\mathbf{w}_k \cdot \mathbf{s} + b_k)}} \\ " + _SUMMARY + r" \end{gathered}",
    reading=_OF_TEXT
    + r"$y_{ik}$ is 1 where it has label $k$, else 0. A label is given where its probability "
    "$p_k$ is above one half. " + _STEPS,
    limits="One half is not the best threshold for every label: a rare one may never reach it. The curves "
    "show every other. And a text that lacks a label in the file counts as one that should not have it, even "
    "where somebody merely forgot it.",
    papers=(DEVLIN, _TSOUMAKAS),
    experiments=_experiments(ERROR_ROWS, _SUREST),
)
_REGRESSION = Explanation(
    seeing="The model gives each text, or pair of texts, a number. **Spearman's correlation** asks whether "
    "the order of the texts is right, **Pearson's** whether the numbers lie on a line with the true ones, "
    "and the **mean error** how far off they are, in the file's own unit.",
    formula=r"\begin{gathered} \mathcal{L} = \frac{1}{N} \sum_{i=1}^{N} (\hat{y}_i - y_i)^2 \\ "
    r"\hat{y} = \mathbf{w} \cdot \mathbf{s} + b \\ " + _SUMMARY + r" \end{gathered}",
    reading=_OF_TEXT
    + r"$y_i$ is its number in the file, and $\hat{y}_i$ the one that the model gives. In the "
    "figure each point is a text that was held out: on the diagonal both numbers are the same. " + _STEPS,
    limits="A correlation of 1 may still be off by the same amount everywhere, and a small error may mean "
    "only that all numbers are alike: look at both, and at the line of the mean under the baselines. The "
    "model knows no bounds: it may give 5.2 where the scale ends at 5.",
    papers=(DEVLIN, _CER),
    experiments=_experiments(LARGEST_ROWS, "the numbers farthest from the true ones"),
)
_TAGS = Explanation(
    seeing="Every word gets a tag. **Accuracy** is the share of words with the right one. Where tags mark "
    "names (`B-PER`, `I-PER`, `O`), **F1 of names** counts a name as found only if its kind and both of its "
    "ends are right; most words are no names, so accuracy alone flatters.",
    formula=r"\begin{gathered} \mathcal{L} = -\frac{1}{N} \sum_{i=1}^{N} \log p(t_i \mid x) \\ "
    r"p(t_i \mid x) = \operatorname{softmax}(W \mathbf{h}_i + \mathbf{b})_{t_i} \end{gathered}",
    reading=r"$\mathbf{h}_i$ is the last layer's vector of the first piece of word $i$, and $t_i$ the word's "
    "tag; the other pieces of a long word are not asked. All words are judged by the same $W$, each from its "
    "own vector, which has the sentence in it. In the confusion matrix each row is a true tag and each "
    "column a given one: what is off the diagonal is a mistake. " + _STEPS,
    limits="Tags are chosen one by one, so `I-PER` may follow `O`: it is counted as the beginning of a name. "
    "Words beyond the limit of tokens are not read, and count as wrong unless `O` is right. And sentences of "
    "one text repeat its names: such a file makes the model look better than it is on new texts.",
    papers=(DEVLIN, _TJONG),
    experiments=_experiments(ERROR_ROWS, _SUREST),
)
_ANSWERS = Explanation(
    seeing="The model points to where in the text the answer begins and where it ends. **Exact match** is "
    "the share of answers that are right to the word; **F1 of words** counts the words that a given answer "
    "shares with a right one, so half an answer is worth something. Articles and punctuation do not count.",
    formula=r"\begin{gathered} \mathcal{L} = -\frac{1}{2N} \sum_{i=1}^{N} \ell_i \\ "
    r"\ell_i = \log p_{\text{begin}}(b_i) + \log p_{\text{end}}(e_i) \\ "
    r"p_{\text{begin}}(j) = \operatorname{softmax}_j(\mathbf{w}_b \cdot \mathbf{h}_j) \\ "
    r"p_{\text{end}}(j) = \operatorname{softmax}_j(\mathbf{w}_e \cdot \mathbf{h}_j) \end{gathered}",
    reading=r"$\mathbf{h}_j$ is the last layer's vector of token $j$ of question and text together; the true "
    r"answer goes from token $b_i$ to token $e_i$. Two vectors, $\mathbf{w}_b$ and $\mathbf{w}_e$, are all "
    "that is new. A text that is too long is read in windows that overlap, and the best answer of all "
    "windows counts. " + _STEPS,
    limits="It can only quote: what the text does not say in so many words, it cannot answer. It looks for a "
    "span that suits the question and does not check it; a question about something else gets a confident "
    "answer, too, unless the file has questions without answers. And BERT needs tens of thousands of "
    "questions to do this well: after a hundred it has hardly begun.",
    papers=(DEVLIN, _RAJPURKAR, _RAJPURKAR_2018),
    experiments=_experiments(ERROR_ROWS, "answers without any of the right words"),
)
EXPLANATIONS = {
    "text-classification": EXPLANATION,
    "multi-label": _MULTI_LABEL,
    "regression": _REGRESSION,
    "token-classification": _TAGS,
    "question-answering": _ANSWERS,
    "masked-words": PRETRAINING,
}
