"""``python -m bert_explorer COMMAND``."""

import sys

from bert_explorer.cli import main

if __name__ == "__main__":
    sys.exit(main())
