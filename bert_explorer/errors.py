"""Every error that a user can meet, in one tree.

    BertExplorerError
    |-- InputError                what the user typed or chose
    |   |-- EmptyTextError        no words in the text
    |   |-- TextTooLongError      more tokens than the model can read at once
    |   |-- MaskError             no mask, or more masks than allowed
    |   +-- TargetError           a target word that cannot be scored
    |-- ModelError                a model that cannot be opened or cannot do what is asked
    |   |-- ModelReferenceError   not a reference at all: malformed, a path, a URL
    |   |-- ModelNotFoundError    a well-formed reference to nothing
    |   |-- UnsafeModelError      opening it could run somebody's code
    |   |-- UnsupportedModelError a model type outside the supported families
    |   |-- BrokenModelError      files missing, truncated or contradicting each other
    |   |-- CapabilityError       the model has no head for this question
    |   +-- HubUnreachableError   the hub did not answer
    |-- BusyError                 a bound was reached: queue, memory or deadline
    |   |-- QueueFullError
    |   |-- DeadlineError
    |   +-- OutOfMemoryError
    |-- DataError                 an uploaded file that cannot be used, with its line
    |-- RunError                  a fine-tuning run
    |   |-- RunNotFoundError
    |   +-- RunStateError         the run is not in a state that allows this
    +-- SettingsError             an environment variable with an impossible value

The message of each is shown to users as it is: what happened, the value, the limit, what to do.
Mistakes of a programmer are ``ValueError`` and ``TypeError``, never one of these.
"""


class BertExplorerError(Exception):
    """Base of all errors whose message is fit to show to a user."""


class InputError(BertExplorerError):
    """What the user typed or chose cannot be answered."""


class EmptyTextError(InputError):
    """The text has no words."""


class TextTooLongError(InputError):
    """The text has more tokens than the model can read at once."""


class MaskError(InputError):
    """The text has no mask, or more masks than allowed."""


class TargetError(InputError):
    """A target word cannot be scored by this model."""


class ModelError(BertExplorerError):
    """A model cannot be opened, or cannot do what is asked of it."""


class ModelReferenceError(ModelError):
    """The text is not a model reference: malformed, a path or a URL."""


class ModelNotFoundError(ModelError):
    """The reference is well formed, and nothing is there."""


class UnsafeModelError(ModelError):
    """Opening the model could run code that came with it."""


class UnsupportedModelError(ModelError):
    """The model type is outside the supported families."""


class BrokenModelError(ModelError):
    """Files of the model are missing, truncated or contradict each other."""


class CapabilityError(ModelError):
    """The model has no head for this question."""


class HubUnreachableError(ModelError):
    """The model hub did not answer."""


class BusyError(BertExplorerError):
    """A bound was reached: queue, memory or deadline."""


class QueueFullError(BusyError):
    """Too many requests are waiting."""


class DeadlineError(BusyError):
    """The answer did not come in time."""


class OutOfMemoryError(BusyError):
    """The device has too little memory for this request."""


class DataError(BertExplorerError):
    """An uploaded file cannot be used. ``line`` counts from 1 in the file, where it is known."""

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(message if line is None else f"Line {line}: {message}")
        self.line = line


class RunError(BertExplorerError):
    """A fine-tuning run cannot do what is asked."""


class RunNotFoundError(RunError):
    """No run of this owner has this id."""


class RunStateError(RunError):
    """The run is not in a state that allows this."""


class SettingsError(BertExplorerError):
    """An environment variable has an impossible value."""
