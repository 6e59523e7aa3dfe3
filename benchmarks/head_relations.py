"""All heads against all dependency relations, beside a plain loop: sentence by sentence, head by head.

The loop is what one writes first: transformers' eager model on one sentence at a time, and for each head
the sums and means over word pieces and the arg-max (as in the code of Clark et al. 2019, in numpy). The same
weights, one process, the same numbers of hits checked; the two take turns on parts of the treebank.

    python benchmarks/head_relations.py [--sentences 1000]
"""

import argparse
import time
from collections import Counter

import numpy as np
import torch
from _model import open_both
from transformers import AutoModel, AutoTokenizer

from bert_explorer.analysis.relations import FORWARD, REVERSE, evaluate_relations
from bert_explorer.analysis.treebank import ROOT, Sentence, read_bundled_treebank
from bert_explorer.settings import Settings

GOAL, GOAL_S = 5.0, 60.0
PARTS = 5
TOLERANCE = 1e-3  # share of cases that rounding may decide otherwise in a padded batch


class PlainLoop:
    """One sentence, one layer, one head at a time."""

    def __init__(self, folder: str) -> None:
        self.model = AutoModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32)
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.hits: Counter[tuple[int, str, int, int]] = Counter()

    @torch.no_grad()
    def run(self, sentences: list[Sentence]) -> None:
        for sentence in sentences:
            inputs = self.tokenizer(list(sentence.words), is_split_into_words=True, return_tensors="pt")
            of_word: dict[int, list[int]] = {}
            for token, word in enumerate(inputs.word_ids()):
                if word is not None:
                    of_word.setdefault(word, []).append(token)
            attentions = self.model(**inputs, output_attentions=True).attentions
            for layer, heads in enumerate(attentions):
                for head, weights in enumerate(heads[0].numpy()):
                    self.score(sentence, list(of_word.values()), weights, layer, head)

    def score(
        self, sentence: Sentence, pieces: list[list[int]], weights: np.ndarray, layer: int, head: int
    ) -> None:
        to_words = np.stack([weights[:, tokens].sum(axis=1) for tokens in pieces], axis=1)
        words = np.stack([to_words[tokens].mean(axis=0) for tokens in pieces])
        np.fill_diagonal(words, -1)
        for word, (right, relation) in enumerate(zip(sentence.heads, sentence.relations, strict=True)):
            if right != ROOT:
                self.hits[FORWARD, relation, layer, head] += words[word].argmax() == right
                self.hits[REVERSE, relation, layer, head] += words[:, word].argmax() == right


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sentences", type=int, default=1000)
    sentences = list(read_bundled_treebank(Settings())[: parser.parse_args().sentences])
    with open_both() as (engine, pipeline):
        loop = PlainLoop(pipeline.model.name_or_path)
        evaluate_relations(engine, sentences[:5])  # warm-up of both
        PlainLoop(pipeline.model.name_or_path).run(sentences[:5])
        ours_s = loop_s = 0.0
        hits: Counter[tuple[int, str, int, int]] = Counter()
        for part in range(PARTS):
            chosen = sentences[part::PARTS]
            began = time.perf_counter()
            found = evaluate_relations(engine, chosen)
            ours_s += time.perf_counter() - began
            for (direction, relation, layer, head), number in np.ndenumerate(found.hits):
                hits[direction, found.relations[relation], layer, head] += int(number)
            began = time.perf_counter()
            loop.run(chosen)
            loop_s += time.perf_counter() - began
    different = sum(abs(hits[key] - loop.hits[key]) for key in hits | loop.hits)
    assert different <= TOLERANCE * sum(hits.values()), f"{different} hits differ"
    heads = engine.info.num_layers * engine.info.num_heads
    print(f"{len(sentences)} sentences, {heads} heads; {different} of {sum(hits.values()):,} hits differ")
    print(
        f"engine      {ours_s:8.1f} s" + ("" if ours_s < GOAL_S else f"   above the goal of {GOAL_S:.0f} s")
    )
    print(f"plain loop  {loop_s:8.1f} s")
    ratio = loop_s / ours_s
    print(f"ratio       {ratio:8.2f}x" + ("" if ratio >= GOAL else f"   below the goal of {GOAL}x"))


if __name__ == "__main__":
    main()
