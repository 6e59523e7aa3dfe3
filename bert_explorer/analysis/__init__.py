"""What the pages ask of a model, one topic a module.

Each module has its mathematics as pure functions on numpy arrays, and one thin entry that asks an
``Engine`` for exactly the numbers that they need. Nothing here imports torch or transformers.
"""
