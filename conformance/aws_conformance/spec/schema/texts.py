# SPDX-License-Identifier: Apache-2.0
"""The texts of a service's schemas, where many of them are written.

It owns how texts are put together of parts, and leaves what they say to write.py: a text is what
`dump_schema` makes of the side's schema, byte for byte. The shapes of a service are reached from many of
its operations, so each definition is written once and its text is put wherever it belongs: of the 249 MB
of all services' schemas 55 are made.
"""

from __future__ import annotations

from ..shapes import Operation, Service, reachable
from .vocabulary import Side
from .write import Definitions, dump_schema, side_frame

__all__ = ["ServiceTexts"]

_MARGIN = "\n    "


class ServiceTexts:
    """The texts of one service's schemas in one protocol; what they share is kept as long as this lives."""

    def __init__(self, service: Service, protocol: str) -> None:
        self._service = service
        self._protocol = protocol
        self._input = _DefinitionTexts(Definitions(service, protocol, advisory=False))
        self._answer = _DefinitionTexts(Definitions(service, protocol, advisory=True))
        self._reached: dict[str, frozenset[str]] = {}

    def text(self, operation: Operation, side: Side) -> str:
        """The text of the schema of one side of an operation, as `dump_schema` has it."""
        frame, roots = side_frame(self._service, operation, side, self._protocol)
        text = dump_schema(frame)
        if roots is None:
            return text
        names = frozenset[str]().union(*map(self._reach, roots))
        texts = self._input if side == "input" else self._answer
        members = f",{_MARGIN}".join([texts[name] for name in sorted(names)])
        definitions = f"{{{_MARGIN}{members}\n  }}" if members else "{}"
        return text.removesuffix("\n}\n") + f',\n  "$defs": {definitions}\n}}\n'

    def _reach(self, root: str) -> frozenset[str]:
        if root not in self._reached:
            self._reached[root] = frozenset(reachable(self._service, root))
        return self._reached[root]


class _DefinitionTexts(dict[str, str]):
    """The text of each definition as a member of `$defs`, written when it is first asked for."""

    def __init__(self, definitions: Definitions) -> None:
        super().__init__()
        self._definitions = definitions

    def __missing__(self, name: str) -> str:
        # Texts within JSON hold no line ends of their own, so all that there are can be indented.
        text = dump_schema({name: self._definitions.definition(name)})
        member = text.removeprefix("{\n  ").removesuffix("\n}\n").replace("\n", "\n  ")
        self[name] = member
        return member
