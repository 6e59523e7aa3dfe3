"""BERT Explorer: see how BERT understands text, on your own sentences and your own models."""

__version__ = "0.1.0"
