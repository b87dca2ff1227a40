# SPDX-License-Identifier: Apache-2.0
"""A baseline as a YAML file: read strictly, and edited in place so that comments and order stay.

It owns the file's form and its published schema. It refuses to know what a baseline is held against.

The form is a strict part of YAML, because a file that people and a program both write must have one
reading: block lists of one entry each, values on one line, nothing anchored, tagged or given twice. Within
that part the places of all values in the text are known, and an edit replaces those characters alone; a
comment directly above an entry, or deeper than its dash below it, goes with the entry.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from ..errors import UsageError, did_you_mean
from ..files import read_text
from .known import Baseline, Known, names_target

__all__ = ["BASELINE_VERSION", "EMPTY", "baseline_schema", "edited", "parse_baseline", "read_baseline"]

BASELINE_VERSION = 1
EMPTY = f"""\
# Known violations, which don't fail a run, and the operations that were reached.
# `aws-conformance baseline update` adds to this file, `baseline prune` takes out what no longer applies;
# both leave comments where they are.
version: {BASELINE_VERSION}
"""

_TEXT = {"type": "string", "minLength": 1}
_NAMES = {"type": ["array", "null"], "items": {"type": "string", "pattern": r"^[^:\s]+:[^:\s]+$"}}
_LISTS = {"type": ["object", "null"], "additionalProperties": _NAMES}
_KEYS: Mapping[str, dict[str, Any]] = {
    "target": {**_TEXT, "description": "The target's name; `moto` means every `moto==VERSION` too."},
    "operation": {
        **_TEXT,
        "description": "`service:Operation`, or `service:*` for what every answer of a kind shows.",
    },
    "check": {**_TEXT, "description": "The id of the check."},
    "place": {**_TEXT, "description": "The violation's path."},
    "cause": {
        "type": "string",
        "description": "What tells apart violations that share a place, if anything.",
    },
    "cases": {
        "type": "array",
        "items": {"type": "string", "pattern": "^[0-9a-f]{12}$"},
        "description": "Enumerated cases that showed it; the entry is stale once all of them conform.",
    },
    "reason": {**_TEXT, "description": "Why it is known and not mended yet."},
    "link": {**_TEXT, "description": "Where it is followed up."},
    "expires": {
        "type": "string",
        "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        "description": "The last day (UTC) on which the entry covers anything.",
    },
}
_REQUIRED = ("target", "operation", "check", "place", "reason")
_PLAIN = re.compile(r"[A-Za-z$(/][\w$.:/(){}*=+@\[\]-]*(?: [\w$./(){}*=+@\[\]-]+)*", re.ASCII)
# What YAML reads as something else than text.
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})

_Edit: TypeAlias = tuple[int, int, str]
_Nodes: TypeAlias = dict[tuple[str | int, ...], yaml.Node]


def baseline_schema() -> dict[str, Any]:
    """The JSON Schema of a baseline, its dates read as text; published as schemas/baseline.json."""
    entry = {
        "type": "object",
        "properties": dict(_KEYS),
        "required": list(_REQUIRED),
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:aws-conformance:baseline",
        "title": "aws-conformance baseline",
        "type": "object",
        "properties": {
            "version": {"const": BASELINE_VERSION},
            "violations": {"type": ["array", "null"], "items": entry},
            "reached": {**_LISTS, "description": "By target, operations that must be reached."},
            "unreached": {**_LISTS, "description": "By target, operations known not to be reached."},
        },
        "required": ["version"],
        "additionalProperties": False,
    }


def read_baseline(path: Path) -> Baseline:
    """The baseline in a file. Raises UsageError, with the line, for one that is not in the form."""
    try:
        text = read_text(path)
    except OSError as error:
        hint = f"Make it with `aws-conformance baseline update {path}`."
        raise UsageError(f"The baseline {path} cannot be read: {error.strerror}.", hint) from None
    except UnicodeDecodeError:
        raise UsageError(f"The baseline {path} is not UTF-8.") from None
    return parse_baseline(text, source=str(path))


def parse_baseline(text: str, *, source: str) -> Baseline:
    """The baseline that a text is. Raises UsageError for the first thing that is wrong with it."""
    raw, nodes = _load(text, source)
    _validate(raw, nodes, source)
    known = []
    seen: dict[tuple[str, ...], int] = {}
    for index, entry in enumerate(raw.get("violations") or ()):
        line = nodes["violations", index].start_mark.line + 1
        violation = Known(**{**entry, "cases": tuple(entry.get("cases", ()))}, line=line)
        if violation.expires:
            _day(violation.expires, f"{source}:{_line(nodes['violations', index, 'expires'])}")
        first = seen.setdefault((violation.target, *violation.key), line)
        if first != line:
            raise UsageError(
                f"{source}:{line}: the same violation as in line {first}.", "Keep one of the two."
            )
        known.append(violation)
    lists = {side: _tupled(raw.get(side)) for side in ("reached", "unreached")}
    for target, names in lists["unreached"].items():
        for index, name in enumerate(names):
            if name in lists["reached"].get(target, ()):
                line = _line(nodes["unreached", target, index])
                raise UsageError(f"{source}:{line}: {name} is listed as reached too.", "Keep one of the two.")
    return Baseline(tuple(known), lists["reached"], lists["unreached"], source)


def _tupled(raw: Mapping[str, Sequence[str] | None] | None) -> dict[str, tuple[str, ...]]:
    return {target: tuple(names or ()) for target, names in (raw or {}).items()}


def _day(text: str, place: str) -> None:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{place}: {text} is no day.", "Write it as 2027-01-31.") from None


def _load(text: str, source: str) -> tuple[Any, _Nodes]:
    """The document, every scalar but the version as text, and the node of each place."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "it can't be read"
        raise UsageError(f"{source}{line}: not valid YAML: {problem}.") from None
    if root is None:
        raise UsageError(f"{source} is empty.", f"It begins with `version: {BASELINE_VERSION}`.")
    nodes: _Nodes = {}
    seen: set[int] = set()

    def value(node: yaml.Node, path: tuple[str | int, ...]) -> Any:
        place = f"{source}:{_line(node)}"
        if id(node) in seen or node.tag.startswith("!"):
            raise UsageError(
                f"{place}: anchors and tags have no place in a baseline.", "Write the value out."
            )
        seen.add(id(node))
        nodes[path] = node
        match node:
            case yaml.MappingNode():
                mapping: dict[str, Any] = {}
                for key, item in node.value:
                    if not isinstance(key, yaml.ScalarNode):
                        raise UsageError(f"{source}:{_line(key)}: a key must be text.")
                    if key.value in mapping:
                        raise UsageError(f"{source}:{_line(key)}: {key.value} is given twice.")
                    mapping[key.value] = value(item, (*path, key.value))
                return mapping
            case yaml.SequenceNode():
                return [value(item, (*path, index)) for index, item in enumerate(node.value)]
            case _:
                if getattr(node, "style", None) in ("|", ">"):
                    raise UsageError(f"{place}: a text of several lines.", "Write it on one line.")
                if node.tag.endswith(":null"):
                    return None
                return int(node.value) if node.tag.endswith(":int") and path == ("version",) else node.value

    document = value(root, ())
    _in_blocks(nodes, text, source)
    return document, nodes


def _in_blocks(nodes: _Nodes, text: str, source: str) -> None:
    """Raises UsageError unless list entries have lines of their own: they are taken out and added by line."""
    lines = text.splitlines()
    for path, node in nodes.items():
        if not path or not isinstance(path[-1], int) or path[-2:-1] == ("cases",):
            continue
        before = lines[node.start_mark.line][: node.start_mark.column]
        if before.strip() != "-":
            raise UsageError(
                f"{source}:{_line(node)}: an entry of a list must begin on a line of its own, after a dash."
            )


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _validate(raw: Any, nodes: _Nodes, source: str) -> None:
    from ..spec.schema.validate import compile_validator

    for finding in compile_validator(baseline_schema()).findings(raw):
        path = finding.path
        while path not in nodes:
            path = path[:-1]
        where = ".".join(str(step) for step in finding.path) or "it"
        place = f"{source}:{_line(nodes[path])}"
        match finding.keyword:
            case "additionalProperties":
                hint = (
                    did_you_mean(str(finding.path[-1]), finding.bound)
                    or f"There is {', '.join(finding.bound)}."
                )
                raise UsageError(f"{place}: unknown key {finding.path[-1]}.", hint)
            case "required":
                raise UsageError(f"{place}: {finding.bound} is missing.")
            case "type":
                raise UsageError(f"{place}: {where} must be of type {finding.bound}.")
            case "const":
                raise UsageError(f"{place}: version {finding.value}; this release reads {BASELINE_VERSION}.")
            case "pattern":
                raise UsageError(
                    f"{place}: {finding.value!r} is no {_FORMS.get(finding.bound, 'such value')}."
                )
            case _:
                raise UsageError(f"{place}: {where} must not be empty.")


_FORMS = {
    _NAMES["items"]["pattern"]: "operation (service:Operation)",  # type: ignore[index]
    _KEYS["cases"]["items"]["pattern"]: "id of a case (12 hexadecimal digits)",
    _KEYS["expires"]["pattern"]: "day (2027-01-31)",
}


def edited(text: str, baseline: Baseline, *, source: str, target: str) -> str:
    """The text changed to say what `baseline` does, and otherwise as it was.

    Entries are distinguished by target and key: those that `baseline` lacks are taken out, new ones are added
    behind the others, and of those that stay only `cases` is brought up to date. Lists of operations are
    those that are about `target`.
    """
    before = parse_baseline(text, source=source)
    _, nodes = _load(text, source)
    page = _BaselineText(text if text.endswith("\n") else f"{text}\n", nodes)
    remaining = {(known.target, *known.key): known for known in baseline.known}
    new = dict(remaining)
    for index, known in enumerate(before.known):
        stays = new.pop((known.target, *known.key), None)
        if stays is None:
            page.take_out(nodes["violations", index])
        elif stays.cases != known.cases:
            page.set_cases(("violations", index), stays.cases)
    page.add(("violations",), [_written(known) for known in new.values()])
    for side in ("reached", "unreached"):
        old, now = getattr(before, side), getattr(baseline, side)
        for named in dict.fromkeys((*old, *now)):
            if names_target(named, target):
                page.relist((side, named), old.get(named, ()), now.get(named, ()))
    result = page.text()
    after = parse_baseline(result, source=source)
    if {known.key: known.cases for known in after.known} != {
        known.key: known.cases for known in baseline.known
    }:
        raise UsageError(f"{source} can't be edited in place.", "Write it in the form of docs/gate.md.")
    return result


def _written(known: Known) -> list[str]:
    """The lines of an entry, without its dash."""
    values = {key: getattr(known, key) for key in _KEYS if key != "cases"}
    lines = [f"{key}: {_scalar(text)}" for key, text in values.items() if text]
    if known.cases:
        lines.insert(4 + bool(known.cause), _cases_line(known.cases))
    return lines


def _cases_line(cases: Iterable[str]) -> str:
    # Twelve digits without a letter would be a number.
    return f"cases: [{', '.join(_scalar(case) for case in cases)}]"


def _scalar(text: str) -> str:
    """A text as YAML; quoted wherever it could be read as anything else."""
    if re.fullmatch(_KEYS["expires"]["pattern"], text):
        return text
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS and not text.endswith(":"):
        return text
    dumped: str = yaml.safe_dump(text, default_style='"', width=2**30)
    return dumped.rstrip("\n")


class _BaselineText:
    """Edits to one text, gathered and carried out together, so that no place moves meanwhile."""

    def __init__(self, text: str, nodes: _Nodes) -> None:
        self._text = text
        self._nodes = nodes
        self._lines = text.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))
        self._edits: list[_Edit] = []
        self._tail: list[str] = []

    def take_out(self, node: yaml.Node) -> None:
        """Remove an entry of a list with its comments."""
        first, last = self._block(node)
        column = self._dash(node)
        while first > 0 and self._comment_column(first - 1) == column:
            first -= 1
        self._edits.append((self._starts[first], self._starts[last + 1], ""))

    def set_cases(self, path: tuple[str | int, ...], cases: Sequence[str]) -> None:
        entry, old = self._nodes[path], self._nodes.get((*path, "cases"))
        line = _cases_line(cases)
        if old is not None:
            written = line.partition(": ")[2]
            self._edits.append((old.start_mark.index, old.end_mark.index, written))
        else:
            at = self._starts[_last_line(entry) + 1]
            self._edits.append((at, at, f"{' ' * entry.start_mark.column}{line}\n"))

    def add(self, path: tuple[str, ...], entries: Sequence[list[str]]) -> None:
        """Add entries at the end of a list that may be empty or missing."""
        if not entries:
            return
        node = self._nodes.get(path)
        items = node.value if isinstance(node, yaml.SequenceNode) else []
        if items:
            column = self._dash(items[-1])
            at = self._starts[self._block(items[-1])[1] + 1]
            self._edits.append((at, at, _items(entries, column)))
            return
        parent = self._nodes.get(path[:-1])
        if node is not None:
            key = self._key(path)
            self._under(node, key, _items(entries, key.start_mark.column + 2))
        elif len(path) == 1:
            self._tail.append(f"\n{path[0]}:\n{_items(entries, 2)}")
        elif isinstance(parent, yaml.MappingNode) and parent.value:
            column, at = parent.start_mark.column, self._starts[_last_line(parent) + 1]
            self._edits.append((at, at, _keyed(path[-1], entries, column)))
        elif parent is not None:
            self._under(parent, self._key(path[:-1]), _keyed(path[-1], entries, 2))
        else:
            self._tail.append(f"\n{path[0]}:\n{_keyed(path[-1], entries, 2)}")

    def _under(self, node: yaml.Node, key: yaml.Node, lines: str) -> None:
        """Put lines below `key:`, `key: []` or `key: {}`."""
        if not isinstance(node, yaml.ScalarNode):
            self._edits.append((node.start_mark.index, node.end_mark.index, ""))
        at = self._starts[_last_line(node if not isinstance(node, yaml.ScalarNode) else key) + 1]
        self._edits.append((at, at, lines))

    def relist(self, path: tuple[str, str], old: Sequence[str], now: Sequence[str]) -> None:
        """Bring a list of operations up to date; what stays keeps its place."""
        for index, name in enumerate(old):
            if name not in now:
                self.take_out(self._nodes[(*path, index)])
        self.add(path, [[_scalar(name)] for name in now if name not in old])

    def text(self) -> str:
        parts, last = [], 0
        for start, end, new in sorted(self._edits, key=lambda edit: edit[0]):
            parts += [self._text[last:start], new]
            last = max(last, end)
        return "".join([*parts, self._text[last:], *self._tail])

    def _block(self, node: yaml.Node) -> tuple[int, int]:
        """First and last line of an entry, comments deeper than its dash included."""
        last, column = _last_line(node), self._dash(node)
        while last + 1 < len(self._lines) and self._comment_column(last + 1) > column:
            last += 1
        return node.start_mark.line, last

    def _dash(self, node: yaml.Node) -> int:
        return self._lines[node.start_mark.line].index("-")

    def _comment_column(self, line: int) -> int:
        text = self._lines[line]
        return len(text) - len(text.lstrip()) if text.lstrip().startswith("#") else -1

    def _key(self, path: tuple[str, ...]) -> yaml.Node:
        parent = self._nodes[path[:-1]]
        key: yaml.Node = next(key for key, _ in parent.value if key.value == path[-1])
        return key


def _last_line(node: yaml.Node) -> int:
    """The last line that anything of a node stands on; a block's own mark is behind it."""
    match node:
        case yaml.MappingNode(value=pairs) if pairs and not node.flow_style:
            return max(_last_line(part) for pair in pairs for part in pair)
        case yaml.SequenceNode(value=items) if items and not node.flow_style:
            return max(map(_last_line, items))
        case _:
            return int(node.end_mark.line)


def _items(entries: Iterable[list[str]], column: int) -> str:
    """Entries of a list whose dashes stand in that column."""
    lines = []
    for entry in entries:
        lines += [
            f"{' ' * column}{'- ' if number == 0 else '  '}{line}\n" for number, line in enumerate(entry)
        ]
    return "".join(lines)


def _keyed(name: str, entries: Iterable[list[str]], column: int) -> str:
    return f"{' ' * column}{_scalar(name)}:\n{_items(entries, column + 2)}"
