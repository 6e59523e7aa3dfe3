"""Every key of Streamlit's session state, in one place.

The keys of the first group belong to widgets bound to the address bar (``bind="query-params"``):
the key is also the name of the query parameter, so renaming one breaks links that people shared.
Keys never hold a torch object, and no key of the first group ever holds a secret.
"""

from typing import Any, cast

# Controls whose value is in the link.
TEXT = "text"
MASKED_TOP_K = "top"
MASKED_TARGETS = "targets"
MASKED_TAB = "tab"
MASKED_VIEW = "show"
MASKED_LIST = "only"
MASKED_LAYER_MASK = "at_mask"
NEXT_FIRST = "first"
NEXT_SECOND = "second"
SCORE_TAB = "view_of"
SCORE_TEXT = "scored"
SCORE_BY = "by"
SCORE_SENTENCES = "sentences"
SCORE_WEIGHT = "weight"
PAIRS_SOURCE = "pairs"
PAIRS_TEXT = "own_pairs"
TEMPLATE_FIRST = "first_template"
TEMPLATE_SECOND = "second_template"
WRITE_PROMPT = "prompt"
WRITE_PLACES = "length"
WRITE_PASSES = "passes"
WRITE_TEMPERATURE = "temperature"
WRITE_TOP_K = "among"
WRITE_ORDER = "order"
WRITE_SEED = "draws"
WRITE_STEP = "step"
ATTENTION_TEXT = "sentence"
ATTENTION_PAIR = "pair"
ATTENTION_VIEW = "view"
ATTENTION_LAYER = "layer"
ATTENTION_HEAD = "head"
ATTENTION_TAB = "look"
ATTENTION_MEAN = "average"
ATTENTION_LAYERS = "layers"
ATTENTION_HEADS = "heads"
ATTENTION_UNITS = "units"
ATTENTION_SPECIAL = "special"
ATTENTION_THRESHOLD = "threshold"
ATTENTION_BLOCK = "block"
SUMMARY_MASK = "mask"
SUMMARY_TARGET = "target"
COMPARE_WHAT = "compare"
COMPARE_TEXT = "other"
COMPARE_VIEW = "as"
COMPARE_MODEL = "othermodel"
ATLAS_TEXTS = "sample"
ATLAS_STATISTIC = "statistic"
ATLAS_PICTURE = "picture"
ATLAS_LAYER = "row"
ATLAS_HEAD = "column"
RELATIONS_SOURCE = "treebank"
RELATIONS_COUNT = "sentences"
RELATIONS_DIRECTION = "direction"
RELATIONS_NAME = "relation"
ABLATION_TAB = "experiment"
ABLATION_TEXT = "input"
ABLATION_OFF = "off"
PRUNING_COUNT = "measured"
INSIDE_TEXT = "walk"
INSIDE_PAIR = "walkpair"
INSIDE_STOP = "step"
INSIDE_LAYER = "in_layer"
INSIDE_HEAD = "in_head"
INSIDE_TOKEN = "token"
INSIDE_FROM_TOKEN = "from_token"
INSIDE_FROM_DIMENSION = "from_dimension"
EMBED_SOURCE = "source"
COLLECTION = "from"
EMBED_TEXTS = "texts"
EMBED_POINTS = "points"
EMBED_NUM_LAYERS = "averaged"
EMBED_CORRECTION = "correction"
EMBED_SEED = "seed"
EMBED_TOKENS_TEXT = "words"
EMBED_LAYER = "depth"
EMBED_POOLING = "pooling"
EMBED_METHOD = "method"
EMBED_DIMENSIONS = "dimensions"
SIMILAR_TEXTS = "rows"
SIMILAR_OTHERS = "columns"
SIMILAR_CENTRE = "centred"
SEARCH_QUERY = "query"
SEARCH_COUNT = "found"
CLUSTER_METHOD = "grouping"
CLUSTER_COUNT = "groups"
CLUSTER_SIZE = "smallest"
SENSES_SET = "word"
SENSES_TEXTS = "occurrences"
SENSES_WORD = "own"
SENSES_ROW = "follow"
PRETRAIN_TAB = "task"
PRETRAIN_TEXT = "passage"
GAME_SHARE = "share"
GAME_SEED = "draw"
PAIRS_SEED = "strangers"
CLOZE_STEP = "checkpoint"
TRAIN_TAB = "part"
TRAIN_SOURCE = "data"

# Query parameters that are no widget's key: these two choices show names to people and references
# in the link, so their modules keep the two in step (model_bar, run_choice).
MODEL_PARAMETER = "model"
RUN_PARAMETER = "run"
ATTENTION_PICK = "pick"  # the token picked on the canvas, from 1

# Widgets whose value stays out of the link: files, texts of the user's own classifier, choices of a run.
MODEL = "model_choice"
MASKED_STRIP = "masked_strip"
MASKED_FILE = "masked_file"
SCORE_STRIP = "score_strip"
WRITE_STRIP = "write_strip"
OWNER_COMPONENT = "owner"
RELATIONS_FILE = "relations_file"
ABLATION_GRID = "ablation_grid"
INSIDE_STRIP = "inside_strip"
INSIDE_MATRICES = "inside_matrices"
EMBED_FILE = "embed_file"
VECTORS_FILE = "vectors_file"
VECTORS_LABELS = "vectors_labels"
STOP = "stop"
TRAIN_FILE = "train_file"
TRAIN_EXAMPLE = "train_example"
TRAIN_TEXT_COLUMN = "train_text_column"
TRAIN_LABEL_COLUMN = "train_label_column"
TRAIN_PAIR_COLUMN = "train_pair_column"
TRAIN_EPOCHS = "train_epochs"
TRAIN_RATE = "train_learning_rate"
TRAIN_BATCH = "train_batch"
TRAIN_FREEZE = "train_freeze"
TRAIN_LENGTH = "train_length"
TRAIN_NAME = "train_name"
TRY_TEXT = "try_text"
TRY_PAIR = "try_pair"
RUN_CHOICE = "run_choice"
GAME_GUESS = "game_guess_"  # and the number of the mask
GAME_STRIP = "game_strip"
GAME_SOLUTION = "game_solution"

# Not widgets.
BENCH = "_bench"
HIDDEN_WORDS = "_hidden_words"
OWNER = "_owner"
MODEL_IN_LINK = "_model_in_link"
MODEL_INFO = "_model_info"
RUN_TO_SHOW = "_run_to_show"
FIXES = "_fixes"
ANSWERS = "_answers"
GAME_ROUNDS = "_game_rounds"
STOPPED = "_stopped"
UPLOADED = "_uploaded_texts"
PRUNING = "_pruning"


def remembered_answers() -> dict[str, Any]:
    """The last answer of each page of this session, by the page's name (see answers)."""
    import streamlit as st

    return cast(dict[str, Any], st.session_state.setdefault(ANSWERS, {}))


def chosen_fixes() -> dict[str, list[str]]:
    """Names of the fixes asked for, in order, by the hash of the file and its columns (see doctor_views)."""
    import streamlit as st

    return cast(dict[str, list[str]], st.session_state.setdefault(FIXES, {}))


def game_rounds() -> dict[Any, tuple[int, int, int]]:
    """The finished rounds of the pretraining game of this session (see pretraining_game)."""
    import streamlit as st

    return cast(dict[Any, tuple[int, int, int]], st.session_state.setdefault(GAME_ROUNDS, {}))
