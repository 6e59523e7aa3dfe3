"""Words of the page Pretraining."""

from dataclasses import dataclass

from bert_explorer.analysis.restoration import KEPT, MASK, RANDOM
from bert_explorer.analysis.sentence_pairs import NEIGHBOURS, STRANGERS, SWAPPED
from bert_explorer.ui.texts import DEVLIN, LAN, LIU, Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="How did BERT learn to read?",
    lead="By two games, played millions of times on plain text: guess the hidden words, and tell whether two "
    "sentences belong together. Play them against the model, on a text of your own.",
)
GAME_TAB, PAIRS_TAB, HISTORY_TAB, OWN_TAB = TABS = (
    "Guess the words",
    "Two sentences",
    "How this model was trained",
    "Train one yourself",
)
MAX_GUESSES = 12  # boxes to type in


@dataclass(frozen=True)
class Passage:
    """An example text, written for this project."""

    name: str
    text: str


PASSAGES = (
    Passage(
        "A harbour",
        "The old man walked slowly down to the harbour. He sat on a wooden bench and watched the boats come "
        "in. The wind was cold, and he pulled his hat over his ears.",
    ),
    Passage(
        "The heart",
        "The heart is a muscle that pumps blood through the body. It beats about seventy times a minute. "
        "Blood leaves the heart through arteries and returns through veins. The lungs fill it with oxygen.",
    ),
    Passage(
        "A letter",
        "She opened the letter with trembling hands. It had taken three weeks to cross the ocean. Her "
        "brother wrote that he had found work in a small town. He would send money before the month ended.",
    ),
)

WHAT_WAS_DONE = {
    MASK: "hidden behind [MASK]",
    RANDOM: "exchanged for another token",
    KEPT: "chosen, but left as it was",
}
KIND_NAMES = {NEIGHBOURS: "True neighbours", STRANGERS: "Stranger second", SWAPPED: "Wrong order"}

GAME_HINT = (
    "Every [MASK] hides one token of your text. Type what you think stood there. BERT sees what you see: it "
    "does not know either whether some other token was exchanged."
)
NO_MASKS = "This time no chosen token was hidden behind [MASK]. Hide other words to play."

GAME_EXPLANATION = Explanation(
    seeing="In pretraining, BERT's *masked language model* task, 15 % of the tokens of every text are "
    "chosen at "
    "random. Of the chosen ones 80 % become [MASK], 10 % become a random other token, and 10 % stay as they "
    "are. "
    "The model must name the true token at every chosen place. The bars show how probable it found each.",
    formula=r"\mathcal{L}_{\text{MLM}} = - \frac{1}{|M|} \sum_{i \in M} "
    r"\log p(x_i \mid \tilde{x}_1, \dots, \tilde{x}_n)",
    reading=r"$M$ are the chosen places, $x_i$ the true tokens, $\tilde{x}$ the corrupted text. The loss is "
    r"small "
    "where the true token is probable. Why not always [MASK]? Because no real text holds one: since any "
    "token may "
    "be wrong, the model has to keep a good idea of every token, not of the hidden ones alone.",
    limits="A wrong guess may be as good as the truth: *cold* or *strong* wind. Training counts it as wrong "
    "all "
    "the same, and so does the score. One text says little about a model; the last tab shows averages.",
    papers=(
        DEVLIN,
        Paper(
            "Wettig, Gao, Zhong and Chen", 2023, "Should You Mask 15% in Masked Language Modeling?", "EACL"
        ),
    ),
    experiments=(
        Experiment(
            "Hide more",
            "Raise the share from 15 % to 40 %.",
            "Both of you lose: there is less context to guess from. Yet Wettig et al. (2023) found that "
            "models "
            "learn better from 40 %, since every text then teaches more.",
        ),
        Experiment(
            "Read a token that was left alone",
            "Hide other words until the figure has a bar *left as it was*.",
            "Its probability is mostly above 90 %: a token that stands there is a strong hint, even though "
            "it may "
            "have been exchanged.",
        ),
        Experiment(
            "Write about something rare",
            "Take a text full of names, or in another language.",
            "The words break into pieces, and pieces without their neighbours are hard to guess.",
        ),
    ),
)

PAIRS_EXPLANATION = Explanation(
    seeing="For every two neighbouring sentences of your text, three questions: the two as they stand, the "
    "first with a *stranger* from another text, and the two in the wrong order. BERT practised the first two "
    "kinds, half "
    "and half. A dot far to the right says: these belong together.",
    formula=r"\mathcal{L}_{\text{NSP}} = - \log \operatorname{softmax}(W \mathbf{s} + \mathbf{b})_{y}, "
    r"\quad y \in \{\text{is next}, \text{is not}\}",
    reading=r"$\mathbf{s}$ sums up the pair (see *Masked words*, *Next sentence*). Right of the dotted line "
    r"the "
    "model says *is next*. Neighbours belong right of it, strangers left of it.",
    limits="Pairs in the wrong order land where true neighbours land. The model learned to compare "
    "*topics*, which "
    "is enough to win this game, and hardly looks at order. Liu et al. (2019) trained RoBERTa without the "
    "game and "
    "lost nothing; Lan et al. (2020) replaced it by telling the right order from the wrong one.",
    papers=(
        DEVLIN,
        LIU,
        LAN,
    ),
    experiments=(
        Experiment(
            "Draw other strangers",
            "Press *Draw other strangers* a few times.",
            "Strangers on a near topic come closer to the line.",
        ),
        Experiment(
            "Make neighbours that are none",
            "Write a text whose second sentence is about something else.",
            "The model takes your true neighbours for strangers: it judges by topic.",
        ),
    ),
)

HISTORY_EXPLANATION = Explanation(
    seeing="The training of the bundled model, as it was written down while it went on. The loss is "
    "measured on the "
    "batches it learned from, the shares on documents that it never saw: 15 % of their tokens hidden behind "
    "[MASK], and pairs of which half are true neighbours.",
    formula=r"\mathcal{L} = \mathcal{L}_{\text{MLM}} + \mathcal{L}_{\text{NSP}}",
    reading="Steps to the left cost little and bring much. Where the learning rate falls to zero, at the "
    "end, the "
    "curves rise once more: small steps settle what large ones had shaken.",
    limits="The model read twenty-seven million tokens; the original BERT read 3.3 billion words, forty "
    "times over. What it knows of the world is accordingly little. The answers up to half a "
    "million tokens were recorded by repeating that part of the training. From 5.2 to 13.1 "
    "million tokens the held-out documents hold no novels: the steps at both ends are not the "
    "model's. After 13.1 million the rate rose once more, so that the model could learn on: that "
    "is the first dip. The second and the third, after 20.8 and 24.7 million, are steps back on "
    "purpose: a part of the weights was exchanged for those that the training began with, so that "
    "what they knew of meaning came back. From there on the loss holds the distance to a teacher "
    "as well; after the third that is most of it, and it is not drawn. At the very end the model "
    "was mixed with what it had been before the last step back, which won back a part of what "
    "that step had cost.",
    papers=(DEVLIN,),
    experiments=(
        Experiment(
            "Compare with the card",
            "Open `assets/models/explorer-bert/README.md`.",
            "It names the data, the recipe and every figure of the curve.",
        ),
        Experiment(
            "Train your own",
            "Run `.venv/bin/python -m bert_explorer pretrain run --help`.",
            "The command that made this model, with the options that you would change.",
        ),
    ),
)
