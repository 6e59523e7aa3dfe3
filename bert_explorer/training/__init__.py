"""Fine-tuning: from an uploaded file to a model folder, in a process of its own.

    what the user gives       tables/ (files -> rows), data (columns -> labelled texts), config, split
    what is remembered        schema, store (runs in a database), run (states), run_folder (files)
    who starts it             acceptance, queue, executor (processes), estimate (how long?)
    what the process does     worker, monitor, job, failures
    the training itself       text_classification, classifier, freezing, frozen_prefix, frozen_outputs,
                              sampling, trainer, callback
    what comes out            metrics, predictions, card, export

Up to ``estimate`` and in ``export``, ``predictions`` and ``metrics`` nothing imports torch. Another task is
a module with ``fine_tune(job)``, named in ``config.TASKS`` and ``worker.TASK_MODULES``. Workers need Unix:
file locks and process groups.
"""
