"""Words of the page Runs."""

from bert_explorer.ui.texts import Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="Which of your models is best, and why?",
    lead="All your runs in one table. Choose one to name it, note something or take its model away; choose "
    "several to lay their curves and settings side by side.",
)
EMPTY = (
    "You have not trained a model yet. Your runs will be listed here; only this browser sees them. Begin on "
    "the page Fine-tune."
)
LOSSES = {"Held-out loss": "eval_loss", "Training loss": "loss"}
SETTING_NAMES = {
    "model": "Starting model",
    "freeze": "Kept fixed",
    "epochs": "Epochs",
    "batch_size": "Batch size",
    "learning_rate": "Learning rate",
    "max_length": "Tokens of a text",
    "held_out_share": "Held-out share",
    "weight_decay": "Weight decay",
    "warmup_share": "Warm-up share",
    "layer_decay": "Layer decay",
    "class_weights": "Class weights",
    "lora_rank": "Rank of LoRA",
    "lora_alpha": "Alpha of LoRA",
    "keep_best": "Keeps the best epoch",
    "patience": "Patience in epochs",
    "split_column": "Column of the split",
    "folds": "Folds",
    "fold": "Fold, from 0",
    "precision": "Precision",
    "seed": "Seed",
    "text_column": "Column of texts",
    "label_column": "Column of labels",
    "pair_column": "Column of second texts",
    "task": "Task",
}
EXPLANATION = Explanation(
    seeing="Each row is a run. **Score** is what its task is measured by, on its held-out texts: for one "
    "label a text the share of right answers. Beside it stands the interval in which it would lie on many "
    "more such texts (95 %: Wilson's for shares, Fisher's for correlations, the bootstrap's for F1). Runs "
    "with the same file, seed and held-out share are measured on the same texts; the figures of others "
    "cannot be compared.",
    formula=r"\frac{\hat{p} + z^2/2n \pm z \sqrt{\hat{p}(1-\hat{p})/n + z^2/4n^2}}{1 + z^2/n}, "
    r"\quad z = 1.96",
    reading=r"$\hat{p}$ is the accuracy and $n$ the number of held-out texts. Where two intervals overlap "
    "widely, the difference may be chance: train both again with other seeds before you believe it.",
    limits="The best of many runs looks better than it is, since it was also the luckiest on these held-out "
    "texts. Keep some texts that no run ever saw for the last word.",
    papers=(
        Paper(
            "Wilson",
            1927,
            "Probable Inference, the Law of Succession, and Statistical Inference",
            "Journal of the American Statistical Association",
        ),
        Paper(
            "Dodge, Gururangan, Card, Schwartz and Smith",
            2019,
            "Show Your Work: Improved Reporting of Experimental Results",
            "EMNLP",
        ),
    ),
    experiments=(
        Experiment(
            "Change one thing",
            "Train the example twice, once with everything kept fixed but the classifier, and choose both.",
            "Their settings differ in one line or two, and the curves show what it cost.",
        ),
        Experiment(
            "Ask chance",
            "On the command line, train the same file with `--seed 1` and `--seed 2`.",
            "What moves between these runs is chance: nothing else has changed.",
        ),
    ),
)
