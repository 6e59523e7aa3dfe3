"""Words of the page Heads and grammar."""

from dataclasses import dataclass

from bert_explorer.ui.texts import Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="Which heads follow grammar?",
    lead="Nobody taught BERT what an object or a determiner is. Still, some of its heads look from a word "
    "to the very word that it belongs to. Here every head is held against every relation of a treebank.",
)

BUNDLED, UPLOAD = "UD English PUD", "Your own treebank"
SOURCES = (BUNDLED, UPLOAD)
COUNTS = (200, 500, 1000)
FORWARD, REVERSE = "From the word to its head word", "From the head word to the word"
DIRECTIONS = (FORWARD, REVERSE)
MIN_SHOWN = 20  # cases, for a relation to be drawn; the table has them all
MAX_SHOWN = 30
DEFAULT_RELATION = "det"
UPLOAD_NOTE = (
    "A file in CoNLL-U, as all treebanks of Universal Dependencies are. It stays on the computer that runs "
    "BERT Explorer."
)

# What the relations mean, for readers who do not know their names (Universal Dependencies).
GLOSSARY = {
    "acl": "clause that describes a noun",
    "acl:relcl": "relative clause",
    "advcl": "clause that says when, why or how",
    "advmod": "adverb",
    "amod": "adjective of a noun",
    "appos": "second name for the same thing",
    "aux": "auxiliary verb",
    "aux:pass": "auxiliary verb of a passive",
    "case": "preposition of a noun",
    "cc": "and, or, but",
    "ccomp": "clause that is an object",
    "compound": "noun before a noun",
    "compound:prt": "particle of a verb (give up)",
    "conj": "second part of an enumeration",
    "cop": "is, was, before a noun or adjective",
    "csubj": "clause that is a subject",
    "det": "determiner (the, a, this)",
    "expl": "there, it, without a meaning of its own",
    "fixed": "word of a fixed expression",
    "flat": "further part of a name",
    "iobj": "indirect object",
    "mark": "that, because, to, before a clause",
    "nmod": "noun that describes a noun",
    "nmod:poss": "possessor (her, John's)",
    "nsubj": "subject",
    "nsubj:pass": "subject of a passive",
    "nummod": "number of a noun",
    "obj": "object",
    "obl": "noun that says when, where or how",
    "parataxis": "clause put beside another",
    "punct": "punctuation",
    "xcomp": "clause that shares the subject",
}


@dataclass(frozen=True)
class PublishedHead:
    """A line of Clark et al. (2019), Table 1: bert-base-uncased on Stanford Dependencies of the WSJ."""

    relation: str  # of Universal Dependencies, the nearest one
    name: str  # in the paper
    head: str
    accuracy: float  # percent
    baseline: float  # percent


CLARK_MODEL = "bert-base-uncased"
CLARK = (
    PublishedHead("obj", "dobj", "8-10", 86.8, 40.0),
    PublishedHead("det", "det", "8-11", 94.3, 51.7),
    PublishedHead("case", "pobj, preposition to object", "9-6", 76.3, 34.6),
    PublishedHead("nmod:poss", "poss", "7-6", 80.5, 47.7),
    PublishedHead("compound:prt", "prt", "6-7", 99.1, 91.4),
)
CLARK_NOTE = (
    "Clark et al. (2019) measured this model on other texts (Wall Street Journal) with other relations "
    "(Stanford Dependencies): expect the same heads, not the same numbers."
)

EXPLANATION = Explanation(
    seeing="Every bar is a relation, with the head that follows it best and the share of cases in which "
    "this head is right: asked for the word that a word depends on, it answers with the word that gets most "
    "attention. The grey line holds the true share in 95 of 100 samples; the orange mark is the best that "
    "always going the same number of words can do.",
    formula=r"\begin{gathered} \hat{h}(i) = \arg\max_{j \neq i} A_{ij} \\ \text{the other way: } \hat{h}(i) "
    r"= \arg\max_{j \neq i} A_{ji} \end{gathered}",
    reading="$A_{ij}$ is the attention from word $i$ to word $j$. A word that the model reads in pieces "
    "gets the sum of the attention to its pieces and gives the mean of theirs; `[CLS]` and `[SEP]` are left "
    "out. Only a bar that ends clearly right of its orange mark says that the head knows more than "
    "positions.",
    limits="The best of many heads on the same sentences looks a little better than it is. A head that "
    "follows a relation need not be used for it: switch it off and see. And what no single head follows can "
    "still be known to the model, spread over several.",
    papers=(
        Paper(
            "Clark, Khandelwal, Levy and Manning",
            2019,
            "What Does BERT Look At? An Analysis of BERT's Attention",
            "BlackboxNLP",
        ),
        Paper(
            "Zeman et al.",
            2017,
            "CoNLL 2017 Shared Task: Multilingual Parsing from Raw Text to Universal Dependencies",
            "CoNLL",
        ),
        Paper(
            "Htut, Phang, Bordia and Bowman",
            2019,
            "Do Attention Heads in BERT Track Syntactic Dependencies?",
            "arXiv",
        ),
    ),
    experiments=(
        Experiment(
            "Objects look at their verbs",
            "Look at the bar of `obj`, then choose `obj` under *All heads on one relation*.",
            "One head of the bundled model is right twice as often as the best fixed distance: how "
            "far the verb is differs from sentence to sentence, and the head finds it.",
        ),
        Experiment(
            "What positions explain",
            "Find bars that end at their orange mark, such as `flat`.",
            "A head that always looks at the word before is right on first and last names without knowing "
            "any.",
        ),
        Experiment(
            "Turn it round",
            "Choose *From the head word to the word*.",
            "Other heads come out, and more bars fall than rise: a verb has one subject, but several words "
            "that could claim its attention.",
        ),
    ),
)
