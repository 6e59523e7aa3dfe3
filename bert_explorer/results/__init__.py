"""What crosses from one layer to another: frozen dataclasses of plain values and numpy arrays.

No torch tensor ever leaves ``models/``, ``training/`` or ``pretraining/``. Axes are named in the
order in which they are stored. Layers, heads and positions count from 0 here; pages print from 1.

Words used throughout:
    position    the index of a token in the sequence that the model reads, [CLS] and [SEP] included
    word        a piece of text between blanks or punctuation; one or several tokens
    special     a token that the tokenizer added ([CLS], [SEP], <s>, </s>)
"""

from bert_explorer.results.anatomy import (
    Blueprint,
    Disentangled,
    PartSteps,
    PartWeights,
)
from bert_explorer.results.arrays import FloatArray, IntArray
from bert_explorer.results.attention import (
    Attention,
    AttentionGradients,
    AttentionSummaries,
    CompactAttention,
    HeadAtlas,
    HeadRelations,
    HeadsComparison,
    PruningCurve,
    RelationHead,
    ValueNorms,
    WithoutHeads,
)
from bert_explorer.results.explanations import (
    Attributions,
    ClassSummary,
    ClassWords,
    FaithfulnessCurves,
    Flip,
    PathGradients,
    Shortcut,
    ShortcutReport,
    Target,
    WordPush,
)
from bert_explorer.results.guesses import (
    Calibration,
    ConfidenceBin,
    CopyScores,
    LayerGuess,
    LayerLogits,
    MaskedWords,
    MaskLogits,
    MaskPrediction,
    NextSentence,
    TextScore,
    TokenProbability,
    WordScore,
)
from bert_explorer.results.model import (
    Capability,
    ModelInfo,
    Tokens,
)
from bert_explorer.results.pretraining import (
    CorruptedText,
    PairVerdict,
    PairVerdicts,
    Restoration,
)
from bert_explorer.results.training import (
    GRADIENT_PREFIX,
    Classification,
    FilmItem,
    ModelMoves,
    ProbePair,
    ProbeRow,
    TrainingFilm,
    TrainingMetric,
    WeightMoves,
)
from bert_explorer.results.vectors import (
    Embeddings,
    HiddenStates,
    LayerFilm,
    ProbeReport,
    Projection,
    WordSenses,
)

__all__ = [
    "GRADIENT_PREFIX",
    "Attention",
    "AttentionGradients",
    "AttentionSummaries",
    "Attributions",
    "Blueprint",
    "Calibration",
    "Capability",
    "ClassSummary",
    "ClassWords",
    "Classification",
    "CompactAttention",
    "ConfidenceBin",
    "CopyScores",
    "CorruptedText",
    "Disentangled",
    "Embeddings",
    "FaithfulnessCurves",
    "FilmItem",
    "Flip",
    "FloatArray",
    "HeadAtlas",
    "HeadRelations",
    "HeadsComparison",
    "HiddenStates",
    "IntArray",
    "LayerFilm",
    "LayerGuess",
    "LayerLogits",
    "MaskLogits",
    "MaskPrediction",
    "MaskedWords",
    "ModelInfo",
    "ModelMoves",
    "NextSentence",
    "PairVerdict",
    "PairVerdicts",
    "PartSteps",
    "PartWeights",
    "PathGradients",
    "ProbePair",
    "ProbeReport",
    "ProbeRow",
    "Projection",
    "PruningCurve",
    "RelationHead",
    "Restoration",
    "Shortcut",
    "ShortcutReport",
    "Target",
    "TextScore",
    "TokenProbability",
    "Tokens",
    "TrainingFilm",
    "TrainingMetric",
    "ValueNorms",
    "WeightMoves",
    "WithoutHeads",
    "WordPush",
    "WordScore",
    "WordSenses",
]
