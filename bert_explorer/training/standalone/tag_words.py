"""Tag words: python predict.py FILE

FILE has one text a line. Prints what was tagged, and the text. Needs the packages transformers and torch.
"""

import sys
from pathlib import Path

from transformers import pipeline

if __name__ == "__main__":
    folder = str(Path(__file__).parent)
    tag = pipeline("token-classification", model=folder, aggregation_strategy="first")
    for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        found = [f"{line[item['start'] : item['end']]} [{item['entity_group']}]" for item in tag(line)]
        print("; ".join(found), line, sep="\t")
