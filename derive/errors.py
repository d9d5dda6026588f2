"""What can go wrong, as a small tree.

    DeriveError
    |-- ParamsError        a setting that makes no sense (the message names it and the range)
    |-- ArchiveError       an archive is damaged, has another format, or is none
    |-- InputError         nothing could be read, or an id that does not exist
    |-- MissingExtra       an optional package is needed; the message names the extra
    `-- Cancelled          a progress callback asked to stop

One damaged article is never an error: it becomes a `Skipped` entry and the work goes on. Where nobody collects those
entries, each is a `DeriveWarning`.
"""


class DeriveError(Exception):
    """Base of every error that derive raises on purpose; its text is one line for a person."""


class ParamsError(DeriveError, ValueError):
    """A setting is out of range."""


class InputError(DeriveError):
    """The input as a whole cannot be used."""


class ArchiveError(DeriveError):
    """The file is no archive, is damaged, or was made by another version."""


class MissingExtra(DeriveError, ImportError):
    """A package of an optional extra is not installed."""


class Cancelled(DeriveError):
    """The progress callback returned False."""


class DeriveWarning(UserWarning):
    """Something was left out that nobody asked to be told of otherwise."""
