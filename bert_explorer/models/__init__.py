"""The cached model layer: from a model's name to numbers, safely and from any thread.

    from bert_explorer.models.cache import open_model

    with open_model("bundled") as engine:
        answer = engine.mask_logits("Paris is the [MASK] of France.")

Nothing here imports torch until a model is opened: ``catalog`` lists and describes models from their
small files alone.
"""
