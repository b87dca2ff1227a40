# SPDX-License-Identifier: Apache-2.0
"""What was sent beside what is shown of it, member by member.

It owns what counts as the same, and where another form of the same may stand. It refuses to know in which
answer it was shown (reading.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...cases.oracles.places import structures
from ...protocols.findings import Path
from ...spec.shapes import (
    BooleanShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Operation,
    Service,
    Shape,
    StringShape,
    StructureShape,
)

__all__ = ["ShownDifference", "member_differences", "nearest_structure"]

# Members whose text a service may write in a form of its own.
_REWRITTEN = re.compile(
    r"(?i)(?:arn|policy|document|template|definition|body|content|url|uri|endpoint|version|statement|domain"
    r"|email|phone|number|address|path|prefix|expression|cron|window|zone|timezone|username|date|time|json"
    r"|engine|etag|keyid|key_id|source|target|id)s?$"
)
# Members that a service changes by itself.
_CHANGING = re.compile(r"(?i)(?:status|state)$")
_HIDDEN = re.compile(r"(?i)(?:password|secret|token|credential|privatekey|passphrase|keymaterial)")
# Words on how a request is carried out, which nobody keeps.
_INSTRUCTION = re.compile(r"(?i)(?:merge|overwrite|force\w*|dry_?run)$")
_SWITCH = re.compile(r"(?i)enabled?$")
# Values of enumerations by which something is switched off: nothing may be as good.
_OFF = re.compile(r"(?i)disabled|off|none")
_DEEPEST = 6
_CLOSE = 1e-6
# A text of fewer characters may be in another by chance.
_PART = 8


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """A place of an answer where something else stands than was sent.

    `doubtful` tells that a service may have its reasons.
    """

    path: Path
    sent: Any
    shown: Any
    doubtful: bool


def member_differences(
    service: Service,
    sent: Mapping[str, Any],
    shown: Mapping[str, Any],
    ours: StructureShape,
    theirs: StructureShape,
    path: Path = (),
    *,
    doubtful: bool = False,
) -> Iterator[ShownDifference]:
    """Where a document shows other values than were sent, in the members that its structure shares."""
    # What is switched off may be silent about the rest.
    off, typed = _is_switched_off(sent), any(_is_of_a_type(service, shape) for shape in (ours, theirs))
    for name, value in sent.items():
        if name not in ours.members or name not in theirs.members or _HIDDEN.search(name):
            continue
        if _INSTRUCTION.match(name):
            continue
        asked, target = ours.members[name].target, theirs.members[name].target
        # A header that says what is said of everything is often left out; what is free text says more.
        meaning = service.shapes.get(asked)
        free = isinstance(meaning, StringShape) and not meaning.enum
        unsaid = theirs.members[name].location is not None and shown.get(name) is None and not free
        useless = typed and name != "Type" and shown.get(name) is None
        comparison = _ShownComparison(service, name, doubtful or asked != target or unsaid or off or useless)
        yield from comparison.between(value, shown.get(name), asked, target, (*path, name))


@dataclass(frozen=True, slots=True)
class _ShownComparison:
    """The comparison of two values; `name` is the nearest member or key above them."""

    service: Service
    name: str
    doubtful: bool

    def between(
        self, sent: Any, shown: Any, asked: str, target: str, path: Path
    ) -> Iterator[ShownDifference]:
        """Where the values differ; both shapes are named."""
        ours, theirs = self.service.shapes.get(asked), self.service.shapes.get(target)
        if len(path) > _DEEPEST or ours is None or theirs is None or ours.sensitive or theirs.sensitive:
            return
        if shown is None:
            if _says_something(sent) and type(ours) is type(theirs):
                off = isinstance(sent, str) and _OFF.fullmatch(sent) is not None
                yield ShownDifference(path, sent, None, off or _is_nameless(sent) or self._loose(ours, sent))
            elif _is_wrapped(ours, theirs):
                yield ShownDifference(path, sent, None, _CHANGING.search(self.name) is not None)
            return
        match ours, theirs, sent, shown:
            case StructureShape(), StructureShape(), Mapping(), Mapping():
                yield from member_differences(
                    self.service, sent, shown, ours, theirs, path, doubtful=self.doubtful
                )
            case MapShape(), MapShape(), Mapping(), Mapping():
                for key, value in sent.items():
                    inner = _ShownComparison(self.service, str(key), self.doubtful)
                    targets = ours.value.target, theirs.value.target
                    yield from inner.between(value, shown.get(key), *targets, (*path, str(key)))
            case ListShape(), ListShape(), list(), list():
                yield from self._in_list(sent, shown, ours, theirs, path)
            case _ if self._scalars_differ(ours, theirs, sent, shown):
                yield ShownDifference(path, sent, shown, self._loose(ours, sent) or _is_extended(sent, shown))
            case _:
                return

    def _scalars_differ(self, ours: Shape, theirs: Shape, sent: Any, shown: Any) -> bool:
        """Whether two scalars are not the same. Times, bytes and documents have many forms."""
        match ours, theirs, sent, shown:
            case (BooleanShape(), BooleanShape(), _, _) | (IntegerShape(), IntegerShape(), _, _):
                return bool(sent != shown)
            case FloatShape(), FloatShape(), int() | float(), int() | float():
                return abs(sent - shown) > _CLOSE
            case StringShape(), StringShape(), str(), str():
                # A name of a domain may be shown with the dot that makes it a whole one.
                return shown not in (sent, f"{sent}.", _named_by(sent)) and _named_by(shown) != sent
            case _:
                return False

    def _in_list(
        self, sent: list[Any], shown: list[Any], ours: ListShape, theirs: ListShape, path: Path
    ) -> Iterator[ShownDifference]:
        """Differences of lists: what is empty has lost all; order means nothing, and duplicates may go."""
        if _says_something(sent) and not shown:
            yield ShownDifference(path, sent, shown, self.doubtful or _is_nameless(sent))
        elif all(isinstance(item, str | int) for item in sent):
            if any(item not in shown for item in sent):
                yield ShownDifference(path, sent, shown, True)
        elif len(sent) == len(shown) == 1:
            targets = ours.member.target, theirs.member.target
            yield from self.between(sent[0], shown[0], *targets, (*path, 0))

    def _loose(self, shape: Shape, sent: Any) -> bool:
        """Whether a service may show another text than it was sent."""
        if self.doubtful or _CHANGING.search(self.name) or sent == "":
            # A text without a character may be as good as none, for which there is a default.
            return True
        free = isinstance(shape, StringShape) and not shape.enum
        return free and _REWRITTEN.search(self.name) is not None


def _is_of_a_type(service: Service, structure: StructureShape) -> bool:
    """Whether a structure has to say of which type it is, so that it may have no use for the rest of it."""
    kind = structure.members.get("Type")
    shape = service.shapes.get(kind.target) if kind is not None else None
    return isinstance(shape, StringShape) and len(shape.enum) > 2 and "Type" in structure.required


def _named_by(text: str) -> str:
    """The name at the end of an ARN, which is of the same thing; else the text itself."""
    return re.split("[:/]", text)[-1] if text.startswith("arn:") else text


def _is_wrapped(ours: Shape, theirs: Shape) -> bool:
    """Whether a text is shown as a structure that names it: an ARN with what it is."""
    return (
        isinstance(ours, StringShape)
        and isinstance(theirs, StructureShape)
        and any(name.endswith(("Arn", "ARN", "Id", "Name")) for name in theirs.members)
    )


def nearest_structure(
    service: Service, asked: StructureShape, read: Operation
) -> tuple[tuple[str, ...], StructureShape] | None:
    """The structure of an answer that shares most members with what was asked for; None if none does."""
    best: tuple[int, tuple[tuple[str, ...], StructureShape]] | None = None
    for path, holder in structures(service, read.output):
        shared = len(asked.members.keys() & holder.members.keys())
        if shared and (best is None or shared > best[0]):
            best = shared, (path, holder)
    return best[1] if best else None


def _is_nameless(sent: Any) -> bool:
    """Whether a list holds nothing but texts without a character, which may be dropped."""
    return isinstance(sent, list) and all(item == "" for item in sent)


def _is_extended(sent: Any, shown: Any) -> bool:
    """Whether a text is shown with something added: a place within the place that was sent."""
    return isinstance(sent, str) and isinstance(shown, str) and len(sent) >= _PART and sent in shown


def _is_switched_off(settings: Mapping[str, Any]) -> bool:
    """Whether settings say that what they are of is not to be."""
    return any(value is False and _SWITCH.search(name) for name, value in settings.items())


def _says_something(value: Any) -> bool:
    """Whether a value is more than nothing: what says nothing may be left out."""
    if isinstance(value, Mapping):
        said = (item for name, item in value.items() if not _INSTRUCTION.match(name))
        return not _is_switched_off(value) and any(map(_says_something, said))
    if isinstance(value, list):
        # Structures without a member are nothing, however many; a text without a character is one of several.
        return any(_says_something(item) or not isinstance(item, Mapping) for item in value)
    return value not in (None, False, 0, "", [])
