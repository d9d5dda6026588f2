"""Frozen values as JSON, and back: what a pair's figures are between two stages.

>>> from derive.model import Facts
>>> decoded(Facts, encoded(Facts(0.5, 0.25, 3)))
Facts(containment_of_a_in_b=0.5, containment_of_b_in_a=0.25, shared=3, relative=None)
"""

from __future__ import annotations

import json
import types
import typing
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

Value = TypeVar("Value")


def encoded(value: Any, leave_out: tuple[str, ...] = ()) -> str:
    """A dataclass of numbers, strings, tuples and other dataclasses as JSON, without some of its own fields."""
    return json.dumps(_plain(value, leave_out), ensure_ascii=False)


def _plain(value: Any, leave_out: tuple[str, ...] = ()) -> Any:
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name not in leave_out}
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    return value.item() if hasattr(value, "item") else value


def decoded(kind: type[Value], text: str, **given: Any) -> Value:
    """What was encoded; `given` are the fields that were left out."""
    return typing.cast(Value, _made(kind, json.loads(text), given))


def _made(kind: Any, value: Any, given: dict[str, Any] | None = None) -> Any:
    if value is None:
        return None
    if is_dataclass(kind):
        hints = _hints(typing.cast(type[Any], kind))
        return kind(**{name: _made(hints[name], inner) for name, inner in value.items()}, **(given or {}))  # type: ignore[operator]
    arguments = typing.get_args(kind)
    if isinstance(kind, types.UnionType):
        return _made(next(a for a in arguments if a is not type(None)), value)
    if typing.get_origin(kind) is tuple:
        each = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else arguments
        return tuple(_made(a, v) for a, v in zip(each, value, strict=True))
    return value


def _hints(kind: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(kind)
