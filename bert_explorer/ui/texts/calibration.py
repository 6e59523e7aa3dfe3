"""Words of the page Calibration."""

from bert_explorer.ui.texts import Experiment, Explanation, PageText, Paper

PAGE = PageText(
    title="Can its percentages be believed?",
    lead="When BERT says 30 %, is it right in 30 of 100 cases? Measured on sentences that the bundled "
    "model never saw: two words of each are hidden, one at a time.",
)
EXPLANATION = Explanation(
    seeing="First guesses, sorted by the probability that the model gave to them. Each point is a tenth "
    "of the scale: to the right, how sure the model was; upwards, how often it was right. The bars are "
    "95 % intervals.",
    formula=r"\operatorname{ECE} = \sum_b \frac{n_b}{N} \, \big| \text{share right}_b - "
    r"\text{mean probability}_b \big|",
    reading="On the dotted line the percentages mean what they say. A point above it: the model is right "
    "more often than it says; below it: it is too sure. The *expected calibration error* is the mean "
    "distance from the line, weighted by the number of guesses.",
    limits="It holds for these sentences, from old novels and the World Factbook; on other texts the "
    "model may be less sure, or less right. Being well calibrated is not being good: a model that always "
    "says 1 % and is right once in a hundred is perfectly calibrated.",
    papers=(
        Paper("Guo, Pleiss, Sun and Weinberger", 2017, "On Calibration of Modern Neural Networks", "ICML"),
        Paper("Desai and Durrett", 2020, "Calibration of Pre-trained Transformers", "EMNLP"),
    ),
    experiments=(
        Experiment(
            "Another model",
            "Open another model in the bar above, one of your own or one of the hub.",
            "The curve moves. A model that was trained on these texts looks better than it is.",
        ),
        Experiment(
            "Sure guesses",
            "Look at the point farthest to the right in the table.",
            "Most of these guesses are right: where the model is sure, it has a reason.",
        ),
    ),
)
