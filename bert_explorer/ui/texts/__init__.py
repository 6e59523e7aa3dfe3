"""All running text of the pages, one module a page, so that it can be read, checked and translated."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Experiment:
    """Something to try: what to do, and what to expect."""

    title: str
    do: str
    expect: str


@dataclass(frozen=True)
class Paper:
    """A publication, written out so that it can be found without a link."""

    authors: str
    year: int
    title: str
    venue: str


@dataclass(frozen=True)
class Explanation:
    """What stands below a figure. All texts are Markdown; ``formula`` is LaTeX."""

    seeing: str
    formula: str
    reading: str
    limits: str
    papers: tuple[Paper, ...]
    experiments: tuple[Experiment, ...]


@dataclass(frozen=True)
class PageText:
    """A page's title (the question that it answers) and the paragraph below it."""

    title: str
    lead: str


DEVLIN = Paper(
    "Devlin, Chang, Lee and Toutanova",
    2019,
    "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
    "NAACL",
)
