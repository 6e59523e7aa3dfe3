"""Sort texts: python predict.py FILE

FILE has one text a line; the two texts of a pair stand on one line with a tab between them.
Prints label, probability and text. Needs the packages transformers and torch.
"""

import sys
from pathlib import Path

from transformers import pipeline

if __name__ == "__main__":
    classify = pipeline("text-classification", model=str(Path(__file__).parent))
    for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        text, _, pair = line.partition("\t")
        (answer,) = classify([{"text": text, "text_pair": pair} if pair else text], truncation=True)
        print(answer["label"], f"{answer['score']:.4f}", line, sep="\t")
