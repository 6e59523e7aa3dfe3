"""Words of the pages Two templates and Writing."""

from dataclasses import dataclass

from bert_explorer.ui.texts import WANG, Experiment, Explanation, PageText, Paper

TEMPLATES_PAGE = PageText(
    title="What does one word change?",
    lead="Two sentences with a mask in the same place and one word between them. Which guesses does that "
    "word make likelier, and which less likely?",
)
WRITING_PAGE = PageText(
    title="Can BERT write?",
    lead="It was made to guess hidden words, not to write. Hide a word, draw another, hide the next: "
    "watch what becomes of it.",
)
IN_ORDER, AT_RANDOM = "From left to right", "At random"
ORDERS = (IN_ORDER, AT_RANDOM)


@dataclass(frozen=True)
class TemplatesExample:
    name: str
    first: str
    second: str


TEMPLATES = (
    TemplatesExample("Professions", "[MASK] works as a nurse.", "[MASK] works as an engineer."),
    TemplatesExample(
        "Drink and drive", "The [MASK] is hot, do not drink it.", "The [MASK] is hot, do not drive it."
    ),
    TemplatesExample("One or many", "The dog [MASK] hungry.", "The dogs [MASK] hungry."),
)

TEMPLATES_EXPLANATION = Explanation(
    seeing="Each point is a word of the vocabulary, at its probability in the first sentence (to the "
    "right) and in the second (upwards). On the line both are equal; the named points lie farthest from it.",
    formula=r"d(w) = \log p(w \mid \text{first}) - \log p(w \mid \text{second})",
    reading="The tables list the words with the largest ratio, among those that reach 0.1 % in one of "
    "the two: *4 ×* means four times as likely. Both axes are logarithmic.",
    limits="A difference is not a fact about nurses or engineers: the model repeats what was written "
    "most often in the texts that it was trained on, their prejudices too. Another wording of the same "
    "two sentences may give another picture, so one pair proves little (Delobelle et al. 2022).",
    papers=(
        Paper("Kurita et al.", 2019, "Measuring Bias in Contextualized Word Representations", "GeBNLP"),
        Paper("Delobelle et al.", 2022, "Measuring Fairness with Biased Rulers", "NAACL"),
    ),
    experiments=(
        Experiment(
            "A stereotype in numbers",
            "Take the example *Professions*.",
            "`she` is among the words that the first sentence makes likelier.",
        ),
        Experiment(
            "Grammar, the same way",
            "Take the example *One or many*.",
            "`is` and `was` against `are` and `were`: the difference finds the rule of agreement.",
        ),
    ),
)

WRITING_EXPLANATION = Explanation(
    seeing="A row of masks, filled by draws from the model's own guesses; then again and again a word is "
    "hidden and drawn anew. The curve is the probability that the model gave to each drawn word.",
    formula=r"q(w) \propto p(w \mid \text{all other places})^{1/T}",
    reading="A low **temperature** $T$ takes nearly always the likeliest word, a high one risks more. "
    "Only the likeliest words are drawn from. The same **seed** draws the same text again.",
    limits="BERT learned to guess a few hidden words in a text that somebody wrote; a text full of masks "
    "is nothing that it ever saw. Its guesses for different places do not belong to one distribution "
    "over texts, so the walk need not lead anywhere. Models that write, such as GPT, learn to continue a "
    "text from left to right.",
    papers=(
        WANG,
        Paper(
            "Goyal, Dyer and Berg-Kirkpatrick",
            2022,
            "Exposing the Implicit Energy Networks behind Masked Language Models via Metropolis-Hastings",
            "ICLR",
        ),
    ),
    experiments=(
        Experiment(
            "Cold",
            "Set the temperature to 0.1.",
            "The text settles on frequent words, and words begin to repeat.",
        ),
        Experiment(
            "The same again",
            "Press the button twice, then change the seed.",
            "The same seed gives the same text; another one gives another.",
        ),
    ),
)
