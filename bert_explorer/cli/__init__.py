"""Every capability without a browser: ``python -m bert_explorer COMMAND``.

Results go to stdout, as text or with ``--json`` as exactly one JSON object; everything else goes to
stderr. Exit status: 0 done, 1 an error that one line explains, 2 a wrong command line, 130 stopped
with Ctrl+C. Layers and heads count from 0.

Commands are imported when they are called, and torch when a command needs it: ``--help`` is quick.
"""

import importlib
import logging
import sys
from collections.abc import Sequence

import click

from bert_explorer import __version__
from bert_explorer.errors import BertExplorerError

logger = logging.getLogger(__name__)

COMMANDS = {  # name: (module, function, one line for the list of commands)
    "models": ("bert_explorer.cli.models", "models", "List the models that can be opened."),
    "fill-mask": ("bert_explorer.cli.texts", "fill_mask", "Predict the words behind [MASK]."),
    "score": ("bert_explorer.cli.texts", "score", "Tell how expected each token of a text is."),
    "next-sentence": (
        "bert_explorer.cli.texts",
        "next_sentence",
        "Tell whether one sentence follows another.",
    ),
    "attention": ("bert_explorer.cli.attention", "attention", "Show who attends to whom."),
    "inside": ("bert_explorer.cli.inside", "inside", "Follow one token through one layer, with its numbers."),
    "heads": ("bert_explorer.cli.heads", "heads", "Find the heads that follow grammar."),
    "embed": ("bert_explorer.cli.embed", "embed", "Turn each line of a file into a vector."),
    "map": ("bert_explorer.cli.map", "map_texts", "Draw the lines of a file, or vectors, as points."),
    "doctor": ("bert_explorer.cli.doctor", "doctor", "Check a labelled file before training on it."),
    "search": ("bert_explorer.cli.search", "search", "Find the lines of a file that are like a text."),
    "probe": ("bert_explorer.cli.probe", "probe", "Read labels off every layer with a linear probe."),
    "senses": ("bert_explorer.cli.senses", "senses", "Tell the senses of a word apart, layer by layer."),
    "fine-tune": ("bert_explorer.cli.fine_tune", "fine_tune", "Train a classifier on a labelled file."),
    "search-settings": (
        "bert_explorer.cli.run_groups",
        "search_settings",
        "Train with several settings, and compare them.",
    ),
    "predict": ("bert_explorer.cli.predict", "predict", "Classify every row of a file."),
    "explain": ("bert_explorer.cli.explain", "explain", "Tell which words made a model say what it says."),
    "runs": ("bert_explorer.cli.runs", "runs", "List, show, edit, export or import runs."),
    "restore": (
        "bert_explorer.cli.pretraining_games",
        "restore",
        "Corrupt a text as pretraining does, and restore it.",
    ),
    "sentence-pairs": (
        "bert_explorer.cli.pretraining_games",
        "sentence_pairs",
        "Judge pairs made from a text's sentences.",
    ),
    "pretrain": ("bert_explorer.cli.pretrain_text", "pretrain", "Train a BERT on plain text."),
    "serve": ("bert_explorer.cli.serve", "serve", "Start the app for the browser."),
    "self-test": (
        "bert_explorer.cli.self_test",
        "self_test",
        "Check that everything works on this computer.",
    ),
}


class LazyGroup(click.Group):
    """Knows its commands by name, and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, function, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, no_args_is_help=True)
@click.option("--verbose", is_flag=True, help="Log to stderr what happens inside.")
@click.version_option(__version__, prog_name="bert-explorer")
def cli(verbose: bool) -> None:
    """BERT Explorer: see how BERT understands text.

    Example: python -m bert_explorer fill-mask "Paris is the capital of [MASK]."
    """
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, stream=sys.stderr, force=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line (default: the process's) and return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a name may hold what the terminal cannot show
    try:
        outcome = cli.main(arguments, prog_name="python -m bert_explorer", standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "python -m bert_explorer"
        return _fail(f"{error.format_message()} See: {command} --help", 2)
    except click.ClickException as error:
        return _fail(error.format_message(), 1)
    except BertExplorerError as error:
        return _fail(str(error), 1)
    except OSError as error:
        return _fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", 1)
    except (KeyboardInterrupt, click.Abort):
        return _fail("Stopped.", 130)
    except Exception as error:
        logger.info("Unexpected error", exc_info=True)
        return _fail(
            f"Something unexpected went wrong ({type(error).__name__}: {error}). To see where, put --verbose "
            "before the command.",
            1,
        )


def _fail(message: str, status: int) -> int:
    click.echo(f"Error: {' '.join(message.split())}", err=True)
    return status
