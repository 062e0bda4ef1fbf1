"""Whether a reader of an older JSON Schema would break on a newer one of the same word."""

from typing import Any

Schema = dict[str, Any]


def breaks(old: Schema, new: Schema) -> list[str]:
    """What `new` refuses that `old` allowed: grown required sets, lost fields, narrowed types, enums, bounds.

    Both are whole documents with `$defs`. Returns one line per break, empty when compatible.
    """
    found: list[str] = []
    _compare(old, new, old, new, "", found, frozenset())
    return found


def _resolve(node: Schema, root: Schema) -> Schema:
    while "$ref" in node:
        target: Schema = root
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def _compare(
    old: Schema,
    new: Schema,
    old_root: Schema,
    new_root: Schema,
    at: str,
    found: list[str],
    seen: frozenset[str],
) -> None:
    if "$ref" in old:
        if old["$ref"] in seen:
            return
        seen = seen | {old["$ref"]}
    old, new = _resolve(old, old_root), _resolve(new, new_root)
    found.extend(f"{at or '/'}: {line}" for line in _narrowed(old, new))
    for name, part in old.get("properties", {}).items():
        if name in new.get("properties", {}):
            _compare(part, new["properties"][name], old_root, new_root, f"{at}/{name}", found, seen)
        else:
            found.append(f"{at}/{name}: field is gone")
    for key in ("items", "additionalProperties"):
        if isinstance(old.get(key), dict) and isinstance(new.get(key), dict):
            _compare(old[key], new[key], old_root, new_root, f"{at}/{key}", found, seen)
    for key in ("anyOf", "oneOf"):
        _compare_choices(old.get(key), new.get(key), old_root, new_root, f"{at}/{key}", found, seen)


def _compare_choices(
    old: list[Schema] | None,
    new: list[Schema] | None,
    old_root: Schema,
    new_root: Schema,
    at: str,
    found: list[str],
    seen: frozenset[str],
) -> None:
    for index, choice in enumerate(old or []):
        attempts = []
        for other in new or []:
            attempt: list[str] = []
            _compare(choice, other, old_root, new_root, f"{at}/{index}", attempt, seen)
            attempts.append(attempt)
        if new is not None and all(attempts):
            found.extend(sorted(attempts, key=len)[0] if attempts else [f"{at}/{index}: choice is gone"])


def _narrowed(old: Schema, new: Schema) -> list[str]:
    lines = []
    grown = set(new.get("required", [])) - set(old.get("required", []))
    if grown:
        lines.append(f"required set grew by {sorted(grown)}")
    if "type" in new and old.get("type") != new["type"] and not ("anyOf" in new or "oneOf" in new):
        lines.append(f"type {old.get('type')} became {new['type']}")
    if "enum" in new and ("enum" not in old or set(old["enum"]) - set(new["enum"])):
        lines.append("enum narrowed")
    if "const" in new and old.get("const") != new["const"]:
        lines.append("constant changed")
    if "pattern" in new and old.get("pattern") != new["pattern"]:
        lines.append("pattern changed")
    for low in ("minimum", "exclusiveMinimum", "minLength", "minItems"):
        if new.get(low, float("-inf")) > old.get(low, float("-inf")):
            lines.append(f"{low} rose")
    for high in ("maximum", "exclusiveMaximum", "maxLength", "maxItems"):
        if new.get(high, float("inf")) < old.get(high, float("inf")):
            lines.append(f"{high} fell")
    return lines
