"""Give texts numbers: python predict.py FILE

FILE has one text a line; the two texts of a pair stand on one line with a tab between them.
Prints number and text. Needs the packages transformers and torch.
"""

import sys
from pathlib import Path

from transformers import pipeline

if __name__ == "__main__":
    folder = str(Path(__file__).parent)
    measure = pipeline("text-classification", model=folder, function_to_apply="none")
    for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        text, _, pair = line.partition("\t")
        (answer,) = measure([{"text": text, "text_pair": pair} if pair else text], truncation=True)
        print(f"{answer['score']:.4g}", line, sep="\t")
