"""Give texts any number of labels: python predict.py FILE

FILE has one text a line; the two texts of a pair stand on one line with a tab between them.
Prints labels and text. Needs the packages transformers and torch.
"""

import sys
from pathlib import Path

from transformers import pipeline

if __name__ == "__main__":
    folder = str(Path(__file__).parent)
    label = pipeline("text-classification", model=folder, top_k=None, function_to_apply="sigmoid")
    for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        text, _, pair = line.partition("\t")
        (scores,) = label([{"text": text, "text_pair": pair} if pair else text], truncation=True)
        print(", ".join(item["label"] for item in scores if item["score"] > 0.5), line, sep="\t")
