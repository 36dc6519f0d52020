"""Rule packs: folders of plain Python files, loaded by path and collected."""

import hashlib
import importlib.util
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType

from scormaudit.errors import PackError
from scormaudit.rule import Rule

_CODE = re.compile(r"[A-Z]{2,4}\d{3}")


@dataclass(frozen=True, slots=True)
class Pack:
    """Rules in the order of their codes, and the SHA-256 over the files they came from."""

    rules: tuple[type[Rule], ...]
    digest: str

    def __getitem__(self, code: str) -> type[Rule]:
        for rule in self.rules:
            if rule.code == code.upper():
                return rule
        raise unknown(code, self.rules)


def shipped() -> Path:
    """The folder of the shipped pack: inside the wheel, or beside the package in a checkout."""
    package = Path(__file__).parent
    folders = (package / "rules", package.parent / "rules")
    return next(folder for folder in folders if folder.is_dir())


def load(*folders: Path, shipped_too: bool = True) -> Pack:
    """The shipped rules and those of `folders`; PackError names a file that cannot be used."""
    files = [file for folder in folders for file in _files(folder)]
    if shipped_too:
        files = [*_files(shipped()), *files]
    digest = hashlib.sha256()
    rules: dict[str, type[Rule]] = {}
    for number, file in enumerate(files):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
        for rule in _collect(_module(file, number)):
            _checked(rule, file)
            if rule.code in rules:
                raise PackError(f"The code {rule.code} is used twice.", where=str(file))
            rules[rule.code] = rule
    return Pack(tuple(rules[code] for code in sorted(rules)), digest.hexdigest())


def choose(pack: Pack, select: Iterable[str] = (), ignore: Iterable[str] = ()) -> Pack:
    """The rules whose code begins with one of `select` (all if none) and none of `ignore`."""
    select, ignore = _prefixes(pack, select), _prefixes(pack, ignore)
    chosen = (rule for rule in pack.rules if rule.code.startswith(select or ("",)))
    return Pack(tuple(r for r in chosen if not (ignore and r.code.startswith(ignore))), pack.digest)


def unknown(code: str, rules: Iterable[type[Rule]]) -> PackError:
    """The error for a code that no rule has, with the nearest ones."""
    near = get_close_matches(code.upper(), [rule.code for rule in rules], n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`scormaudit rules` lists them."
    return PackError(f"No rule has the code {code}.", todo=hint)


def _prefixes(pack: Pack, codes: Iterable[str]) -> tuple[str, ...]:
    wanted = tuple(code.strip().upper() for code in codes)
    for code in wanted:
        if not code or not any(rule.code.startswith(code) for rule in pack.rules):
            raise unknown(code, pack.rules)
    return wanted


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise PackError("There is no such folder of rules.", where=str(folder))
    return sorted(file for file in folder.rglob("*.py") if not file.name.startswith("_"))


def _module(file: Path, number: int) -> ModuleType:
    name = f"scormaudit_rules_{number}.{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise PackError(
            f"The file cannot be loaded: {type(error).__name__}: {error}", where=str(file)
        ) from error
    return module


def _collect(module: ModuleType) -> list[type[Rule]]:
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Rule)
        and value.__module__ == module.__name__
        and value.code
    ]


def _checked(rule: type[Rule], file: Path) -> None:
    """Refuse a rule that lacks what a finding, a page or a plan will need of it."""
    lacks = [
        word
        for word, there in {
            "a code such as ST103": _CODE.fullmatch(rule.code),
            "a docstring": rule.__doc__,
            "an element or needs": rule.element or rule.needs,
            "a check": hasattr(rule, "check"),
            "a repair": rule.fix == "manual" or rule.repair is not Rule.repair,
        }.items()
        if not there
    ]
    if lacks:
        raise PackError(f"The rule {rule.__name__} lacks {', '.join(lacks)}.", where=str(file))
