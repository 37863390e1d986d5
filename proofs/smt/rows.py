"""Checks that the table in README.md has a row for each row of `protocol.py`, with its rules and its functions of the core,
and that these functions exist. `python rows.py --print` prints the table."""

import re
import sys
from pathlib import Path

import protocol as P

HERE = Path(__file__).parent
CORE = HERE / "../../crates/kunobi-ha-core/src"


def line(name: str, row: P.Row) -> str:
    rules = ", ".join(str(rule) for rule in row.rules)
    functions = ", ".join(f"`{place}`" for place in row.core)
    return f"| {name} | {rules} | {functions} |"


def missing(place: str) -> bool:
    """Whether `file::function` is not there."""
    path, function = place.split("::")
    file = CORE / path
    return not file.is_file() or not re.search(rf"\bfn {function}\b", file.read_text(encoding="utf-8"))


def main(arguments: list[str]) -> int:
    table = [line(name, row) for name, row in P.ROWS.items()]
    if arguments == ["--print"]:
        print("\n".join(table))
        return 0
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    wrong = [f"README.md lacks: {row}" for row in table if row not in readme]
    wrong += [f"{name}: {place} does not exist" for name, row in P.ROWS.items() for place in row.core if missing(place)]
    print("\n".join(wrong) or f"  {len(table)} rows, {sum(len(row.core) for row in P.ROWS.values())} functions of the core")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
