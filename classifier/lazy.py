"""A property that is computed on first use and kept.

`functools.cached_property` takes a lock each time before Python 3.12; most of what a reading holds is
computed in less time than that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")


class lazy(Generic[Value]):  # noqa: N801 - it is used like `property`
    """`@lazy` on a method without arguments; the instance needs a `__dict__`."""

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> lazy[Value]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Value: ...
    def __get__(self, instance: object | None, owner: type) -> lazy[Value] | Value:
        """The value; from the second time on the instance's own attribute is found instead."""
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._compute(instance)
        return value
