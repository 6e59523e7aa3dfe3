"""The run on the page as a program."""

from dataclasses import fields

from bert_explorer.training.config import FineTuneConfig

# The learning rate, since it depends on the model; the task, since the guess may have been corrected.
ALWAYS = ("task", "text_column", "label_column", "learning_rate")
FLAGS = {
    "text_column": "--text",
    "label_column": "--label",
    "pair_column": "--pair",
    "split_column": "--split",
}
NOT_OPTIONS = ("fold",)  # the command trains all folds


def fine_tune_code(filename: str, config: FineTuneConfig) -> str:
    """The command that does the same without a browser, with every setting that is not the default."""
    default = FineTuneConfig(text_column=config.text_column, label_column=config.label_column)
    options = []
    for item in fields(FineTuneConfig):
        value = getattr(config, item.name)
        if item.name in NOT_OPTIONS or (item.name not in ALWAYS and value == getattr(default, item.name)):
            continue
        flag = FLAGS.get(item.name, "--" + item.name.replace("_", "-"))
        options.append(flag if value is True else f"{flag} {quote(str(value))}")
    return " \\\n    ".join([f"python -m bert_explorer fine-tune {quote(filename)}", *options])


def quote(text: str) -> str:
    """For a POSIX shell."""
    from shlex import quote as quote_for_shell

    return quote_for_shell(text)
