"""Fine-tuning: from an uploaded file to a model folder, in a process of its own.

    what the user gives       tables/ (files -> rows), config, split, and examples (any task), made of
                              data (classes), targets (label sets, numbers), tagged_texts, question_texts
    what is remembered        schema, records, journal, store (runs in a database), shelf (their bin),
                              run (states), run_folder (files)
    who starts it             acceptance, queue, analyses (of finished runs), supervisor (of workers),
                              executor (processes), estimate (how long?)
    what the process does     worker, monitor, job, failures
    the tasks                 text_classification, multi_label, regression, token_classification,
                              question_answering: a recipe each (recipe, encoder_head, classifier)
    the training itself       course, trainer, callback, freezing, savings (frozen_prefix, frozen_outputs,
                              first_token), rates, presets, sampling
    what comes out            metrics, scores, apply (new texts), predictions, card, export

Up to ``estimate`` and in ``export``, ``predictions`` and ``metrics`` nothing imports torch. Another task is
a module with ``fine_tune(job)``, most simply a Recipe for the course, named in ``config.TASKS`` and
``worker.TASK_MODULES``. Workers need Unix: file locks and process groups.
"""
