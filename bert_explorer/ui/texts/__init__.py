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
SALAZAR = Paper("Salazar, Liang, Nguyen and Kirchhoff", 2020, "Masked Language Model Scoring", "ACL")
KAUF = Paper("Kauf and Ivanova", 2023, "A Better Way to Do Masked Language Model Scoring", "ACL")
WANG = Paper(
    "Wang and Cho",
    2019,
    "BERT has a Mouth, and It Must Speak: BERT as a Markov Random Field Language Model",
    "Workshop on Methods for Optimizing and Evaluating Neural Language Generation",
)
LIU = Paper("Liu et al.", 2019, "RoBERTa: A Robustly Optimized BERT Pretraining Approach", "arXiv:1907.11692")
LAN = Paper(
    "Lan et al.",
    2020,
    "ALBERT: A Lite BERT for Self-supervised Learning of Language Representations",
    "ICLR",
)
