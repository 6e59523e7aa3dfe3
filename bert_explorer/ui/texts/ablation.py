"""Words of the page Heads switched off."""

from dataclasses import dataclass, replace

from bert_explorer.ui.texts import Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="What happens without some heads?",
    lead="Looking at a head shows what it does, not whether it matters. Here you switch heads off and watch "
    "what the model says change. Nobody else's answers change with yours.",
)

ONE_TEXT, CURVE = "One text", "How many can go"
TABS = (ONE_TEXT, CURVE)
DEFAULT_OFF = "2-9, 3-9"
CLASS_TEXT = "Free entry! Text WIN to 80082 to claim your prize."
HEADS_HELP = "Layer-head, counted from 1: `3-8` is head 8 of layer 3, and `3` all heads of layer 3."


@dataclass(frozen=True)
class AblationExample:
    name: str
    text: str
    off: str


EXAMPLES = (
    AblationExample("A word after others", "He drank a glass of [MASK].", DEFAULT_OFF),
    AblationExample("Agreement", "The keys to the cabinet [MASK] on the table.", "3-9"),
    AblationExample("A whole layer", "Paris is the capital of [MASK].", "1"),
)

COUNTS = (40, 100, 200)
CURVE_SOURCE_MASKED = (
    "Measured on sentences of UD English PUD (news and Wikipedia; they are not in the corpus that the "
    "bundled model's card names): about 15 % of their words are hidden, and the loss says how well the model "
    "guesses them."
)
CURVE_SOURCE_CLASSES = (
    "Measured on the rows of your file that were kept for measuring: the share that is sorted right."
)
CURVE_NONE = (
    "This needs texts with known answers: a model that guesses masked words, or one that you have trained "
    "here on your labelled file."
)
EXPLANATION = Explanation(
    seeing="Blue is the model as it is, orange the same model with the heads off that are crossed out "
    "above. Pseudo-perplexity says how well it expects the words of your text, each hidden in turn: 1 would "
    "be certainty about every word.",
    formula=r"\begin{gathered} \operatorname{MHAtt}(x) = \sum_h \xi_h \operatorname{Att}_h(x) W_O^h + b_O "
    r"\\ \xi_h \in \{0, 1\} \\ \operatorname{PPPL} = \exp\!\Big(\!-\frac{1}{n} \sum_i \log p(w_i \mid "
    r"w_{\neq i})\Big) \end{gathered}",
    reading=r"A head that is off ($\xi_h = 0$) adds nothing to its layer; everything else stays. Heads that "
    r"change little on one text may matter on another, and two that do the same must go together before "
    r"anything is missed: try pairs and whole layers.",
    limits="A model that was never without a head does not know how to do without it, so the change also "
    "shows surprise: trained without the head, it might do as well as before.",
    papers=(
        Paper("Michel, Levy and Neubig", 2019, "Are Sixteen Heads Really Better than One?", "NeurIPS"),
        Paper(
            "Voita, Talbot, Moiseev, Sennrich and Titov",
            2019,
            "Analyzing Multi-Head Self-Attention: Specialized Heads Do the Heavy Lifting, the Rest Can Be "
            "Pruned",
            "ACL",
        ),
        Paper("Salazar, Liang, Nguyen and Kirchhoff", 2020, "Masked Language Model Scoring", "ACL"),
    ),
    experiments=(
        Experiment(
            "One head that is missed",
            "Switch off `3-9` alone, then any other head of layer 4 alone, and compare the "
            "pseudo-perplexity.",
            "In the bundled model `3-9` costs more than any head of layer 4.",
        ),
        Experiment(
            "A whole layer",
            "Switch off all of layer 5.",
            "The bundled model hardly minds on this sentence: a whole layer of twelve heads, and the words "
            "stay much the same. Its heads mostly rest on `[CLS]`.",
        ),
        Experiment(
            "How many can go?",
            "Open *How many can go* and measure.",
            "With the least important heads first, more than half of the bundled model's heads go before the "
            "curve bends; in a random order it climbs from the start.",
        ),
    ),
)

CURVE_EXPLANATION = replace(
    EXPLANATION,
    seeing="The blue line is the model while its heads go, the least important ones first; the orange one, "
    "while they go in a random order, three times: the line is the mean, the band reaches from the best to "
    "the worst. Where the lines part, the choice of heads matters.",
    formula=r"I_h = \operatorname{mean}_x \left| \frac{\partial \mathcal{L}(x)}{\partial \xi_h} \right|",
    reading=r"Importance $I_h$ says how the loss $\mathcal{L}$ changes when a gate $\xi_h$ on the head's "
    r"output is turned a little. It is measured anew after each step, on one half of the texts; what is "
    r"drawn is measured on the other half.",
    limits="The greedy way is not the best: other sets of heads of the same size may cost less. And a model "
    "that was trained without these heads might do as well as before; here nothing is trained.",
)
CURVE_CODE = """\
from bert_explorer.analysis.head_importance import Row
from bert_explorer.analysis.pruning import masked_rows, measure_pruning
from bert_explorer.analysis.treebank import read_bundled_treebank, spread_sentences
from bert_explorer.models.cache import open_model
from bert_explorer.settings import get_settings
from bert_explorer.training.predictions import read_predictions
from bert_explorer.training.run_folder import run_folder

with open_model({model}) as engine:
{rows}
    curve = measure_pruning(engine, rows)

for number, greedy, random in zip(curve.num_off, curve.greedy, curve.random.mean(axis=0)):
    print(f"{{number:3}} heads off: {{curve.measure}} {{greedy:.3f}}, in random order {{random:.3f}}")
"""
CODE_MASKED = """\
    sentences = spread_sentences(read_bundled_treebank(get_settings()), 40)
    rows = masked_rows(engine, [sentence.text for sentence in sentences])"""
CODE_CLASSES = """\
    held_out = read_predictions(run_folder({run}, get_settings()))
    labels = engine.info.labels
    rows = [Row(item.text, item.pair, label=labels.index(item.true_label)) for item in held_out]"""
