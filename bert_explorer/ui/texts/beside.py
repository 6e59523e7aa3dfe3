"""Words of a second model below a page's own."""

HEADING = "Beside it: {name}"
ONE_MODEL = "Show one model"
TABLE = "Table and files of this figure"
FILES = "Files of this figure"
LACKS = "{name} has no part that {ability}, so there is nothing of it to show here."
OTHER_MEASURE = "This measure is not known of both models. Choose another one to compare them."
DIFFERENCE = "**Second minus first**"
CHANGED_MOST = "The pairs that change most come first in the table."
OTHER_LAYERS = "The two models have {first} and {second} layers, so no layer stands for another."
TURNED = (
    "Each layer of the second model is turned onto the same layer of the first, as far as that makes the two "
    "pictures alike. What stays different is below: 0, the same picture; 2, nothing in common."
)
OTHER_ROWS = "The two models were not measured on the same examples, so their figures are not compared."
OTHER_TOKENS = "The two models cut this text into different tokens: their numbers have no common places."
SAME_CELLS = "How far the numbers that you see above are from each other, matrix by matrix:"
OTHER_VIEW = "A second model is shown under *{view}* only."
