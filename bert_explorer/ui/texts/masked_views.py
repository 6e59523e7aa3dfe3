"""Words of the page Masked words for its closer looks: masks together, layer by layer."""

from bert_explorer.ui.texts import SALAZAR, WANG, Experiment, Explanation, Paper

TOGETHER = Explanation(
    seeing="Whole fillings of all masks, best first. Each is judged as a whole: every word is scored "
    "while the others already stand in their places. Beside them, in orange, what comes out when each "
    "mask is guessed on its own.",
    formula=r"\operatorname{PLL}(w_1 \dots w_m) = \sum_{i=1}^{m} \log p(w_i \mid \text{text with all "
    r"masks but "
    r"the } i\text{-th filled in})",
    reading="Scores are natural logarithms: $-1$ is a factor of $e \\approx 2.7$ more likely than $-2$. The "
    "fillings are searched for by beams which fill the masks in any order, then improved one word at a time. "
    "Where the orange point lies far below, independent guesses contradict each other.",
    limits="It is not the probability of the filling: a masked model has none, since it never learned to "
    "order its words (Wang & Cho 2019). The search is not complete, so a better filling may "
    "exist. Two equal words confirm each other: repetitions score high. Tokens that cannot stand alone at "
    "a mask, such as endings after a blank, are left out.",
    papers=(SALAZAR, WANG),
    experiments=(
        Experiment(
            "Two words that depend on each other",
            "Write `We flew to [MASK] [MASK] in June.`",
            "The best fillings as a whole score higher than the two words that are best on their own.",
        ),
        Experiment(
            "One mask only",
            "Take an example with one mask.",
            "Nothing changes: with one mask the joint score is the probability itself.",
        ),
    ),
)

BY_LAYER = Explanation(
    seeing="The same question put to every layer: what would the model answer if it stopped there? The "
    "line is the rank that each layer gives to the word which the last layer finds likeliest; 1 is the "
    "first guess.",
    formula=r"p_\ell(w) = \operatorname{softmax}\big(\operatorname{head}(\mathbf{h}^{(\ell)}_m)\big)_w",
    reading=r"$\mathbf{h}^{(\ell)}_m$ is the output of layer $\ell$ at the mask, layer 0 the input "
    r"vectors. The "
    "axis of ranks is logarithmic, with the first place on top: a line that climbs late shows an answer "
    "that is only found in the last layers.",
    limits="The head was trained to read the last layer only. What it reads earlier is a hint: a layer "
    "may know the answer in a form that this head cannot read (Belrose et al. 2023).",
    papers=(
        Paper("nostalgebraist", 2020, "interpreting GPT: the logit lens", "LessWrong"),
        Paper(
            "Belrose et al.",
            2023,
            "Eliciting Latent Predictions from Transformers with the Tuned Lens",
            "arXiv:2303.08112",
        ),
    ),
    experiments=(
        Experiment(
            "Before the first layer",
            "Look at the guesses of layer 0, in any example.",
            "They ignore your text: layer 0 knows only that there is a mask, and where.",
        ),
        Experiment(
            "Grammar before meaning",
            "Compare the examples *Grammar* and *A drink*.",
            "See from which layer on the final answer is among the first ten.",
        ),
    ),
)
