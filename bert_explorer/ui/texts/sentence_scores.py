"""Words of the page Sentence scores."""

from bert_explorer.ui.texts import KAUF, SALAZAR, Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="How expected is this sentence?",
    lead="Hide every word of a sentence in turn, and ask BERT how probable it finds the one that stands "
    "there. The sum tells which sentences it would rather read.",
)
ONE, SEVERAL, PAIRS = "One text", "Several sentences", "Right or wrong?"
TABS = (ONE, SEVERAL, PAIRS)
TOKENS, WORDS = "Tokens", "Whole words"
BY = (TOKENS, WORDS)
OWN_PAIRS, BENCH = "Your pairs", "The bundled bench"
SOURCES = (OWN_PAIRS, BENCH)

EXAMPLES = {
    "A surprise": "He drank a glass of cold volcano.",
    "Nothing new": "He drank a glass of cold water.",
    "A proverb": "The early bird catches the worm.",
    "Word order": "Worm the catches bird early the.",
    "A rare word": "He studied the paleontology of trilobites.",
}
SENTENCES = """\
-4.1\tit is hard to wreck a nice beach
-4.3\tit is hard to recognise speech
-4.9\tit is hard to recognise beach
-5.2\tit is hard to wreck an ice peach"""
OWN = """\
The keys are on the table.\tThe keys is on the table.
The keys to the cabinet are on the table.\tThe keys to the cabinet is on the table.
He gave her the book.\tHim gave she the book.
She has never seen a lion.\tShe has ever seen a lion."""

SCORE = Explanation(
    seeing="Each token of the text, coloured by its *surprisal*: how unexpected it is when it alone is "
    "hidden. Point at one to see what BERT would have written there.",
    formula=r"\begin{gathered} s_t = -\log_2 p(w_t \mid W_{\setminus t}) \qquad "
    r"\operatorname{PLL}(W) = \sum_t \ln p(w_t \mid W_{\setminus t}) \\ "
    r"\operatorname{PPPL}(W) = \exp\big(-\operatorname{PLL}(W) / |W|\big) \end{gathered}",
    reading="One bit means that the token had a chance of a half, ten bits of about one in a thousand. The "
    "**pseudo-log-likelihood** sums over the text, so long texts have lower ones; the **pseudo-perplexity** "
    "divides by the number of tokens: 5 means that the model was as unsure as between 5 equal choices. With "
    "**whole words**, the pieces to the right are hidden too, so that a word's surprisal is its own (Kauf & "
    "Ivanova 2023).",
    limits="It is not the probability of the text: a masked model has none. Each token is judged with "
    "all the others in sight, the later ones too, so that repeated or fixed phrases look very likely. "
    "And likely is not true.",
    papers=(SALAZAR, KAUF),
    experiments=(
        Experiment(
            "One word that does not belong",
            "Take the example *A surprise*, then *Nothing new*.",
            "`volcano` costs many more bits than `water`.",
        ),
        Experiment(
            "Turn the order around",
            "Take the example *A proverb*, then *Word order*.",
            "The same words cost far more: the pseudo-perplexity rises.",
        ),
        Experiment(
            "A word of pieces",
            "Take the example *A rare word* and change from tokens to whole words.",
            "The pieces seem cheap, since each betrays the others; the whole word is not.",
        ),
    ),
)

RANKING = Explanation(
    seeing="Sentences in the order of their total score. Paste the list of a speech recogniser or a "
    "translator, a sentence a line, with its own log-score before or after it and a tab between.",
    formula=r"\text{total} = (1 - w) \cdot \text{own score} + w \cdot \operatorname{PLL}",
    reading="With $w = 0$ the order is that of the own scores, with $w = 1$ that of BERT alone; between "
    "them, both count. Lists without scores are ordered by BERT.",
    limits="Own scores must be logarithms; on another scale, the best weight is another one. A good "
    "weight is found on sentences whose right answer is known. Sums favour short sentences.",
    papers=(SALAZAR,),
    experiments=(
        Experiment(
            "Trust the recogniser, then BERT",
            "Move the weight from 0 to 1.",
            "The first sentence changes: BERT prefers to *recognise speech*.",
        ),
        Experiment(
            "Three columns",
            "Add a third column to one line.",
            "You are told which line it is, and nothing is scored.",
        ),
    ),
)

MINIMAL_PAIRS = Explanation(
    seeing="Two sentences that differ in one place, one of them wrong. A pair is right where BERT finds "
    "the right sentence likelier. Each point is the share of right pairs for one phenomenon of grammar, "
    "the bar its 95 % interval.",
    formula=r"\text{right} \iff \operatorname{PLL}(\text{good}) > \operatorname{PLL}(\text{bad})",
    reading="The dotted line is guessing. Where the bar crosses it, the model may know nothing of the "
    "phenomenon; with few pairs, bars are wide. The interval is Wilson's.",
    limits="The bundled pairs are made by templates: they test grammar, not style, and some sound odd. A "
    "model may be right for another reason, such as a rare word in the wrong sentence.",
    papers=(
        Paper(
            "Warstadt et al.",
            2020,
            "BLiMP: The Benchmark of Linguistic Minimal Pairs for English",
            "TACL",
        ),
        SALAZAR,
    ),
    experiments=(
        Experiment(
            "A noun in between",
            "Judge your pairs, and look at the first two in the list of every pair.",
            "The first is right. In the second the nearer `cabinet` misleads the bundled model, as it "
            "misleads people who write in a hurry.",
        ),
        Experiment(
            "The whole bench",
            "Choose the bundled bench and run it.",
            "The bars tell for which phenomena the model does better than guessing.",
        ),
    ),
)
