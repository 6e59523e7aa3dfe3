"""What takes minutes to find out about a finished run: asked, measured by the queue's worker, kept.

    questions   what can be asked; each says what it measures and what its answer rests on
    work        what the worker does with a question
    kept        answers as JSON files in the folder of the run, and whether they still hold
    rows        texts of the run, and the model that it began from

This room joins training (runs, their rows, the queue) and analysis (the mathematics), which do not know each
other.
"""
