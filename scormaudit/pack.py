"""Rule packs: folders of plain Python files, loaded by path and collected."""

import hashlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType, new_class
from typing import Any, get_args

from scormaudit.errors import PackError, SettingsError
from scormaudit.outline import NotPlain, lightly
from scormaudit.rule import TABLES, Fix, Rule, Severity

TARGETS = ("strict", "moodle", "scorm-cloud", "scorm2004", "cmi5")
"""Where records may go; what each refuses, cuts or changes stands in `portability` beside the
shipped rules, in the files whose names begin with the target's."""
_PORTABILITY = "portability"
_CODE = re.compile(r"[A-Z]{2,4}\d{3}")
_LOOK_ALIKES = str.maketrans("OILSB", "01158")


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


def load(*folders: Path, shipped_too: bool = True, targets: Iterable[str] = ()) -> Pack:
    """The shipped rules, those of `targets` and those of `folders`, in one pack.

    PackError names a file that cannot be used, or a target that there is not.
    """
    files = [file for target in targets for file in _about(target)]
    files += [file for folder in folders for file in _files(folder)]
    if shipped_too:
        files = [*(f for f in _files(shipped()) if f.parent.name != _PORTABILITY), *files]
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


def outlined(*folders: Path, shipped_too: bool = True, targets: Iterable[str] = ()) -> Pack:
    """As `load`, in a third of the time: the rules tell of themselves and mend their examples,
    but their checks cannot be asked.

    A file that wants more of pandera than Check is loaded as it should be, with all the others.
    """
    targets = tuple(targets)
    try:
        with lightly():
            return load(*folders, shipped_too=shipped_too, targets=targets)
    except (PackError, NotPlain):
        return load(*folders, shipped_too=shipped_too, targets=targets)


def load_target(name: str, *folders: Path) -> Pack:
    """The shipped rules and those about one target, and those of `folders`."""
    return load(*folders, targets=[name])


def target_of(rule: type[Rule]) -> str:
    """The target that a rule is about, `""` for a rule about any record."""
    file = Path(inspect.getfile(rule))
    if file.parent.name != _PORTABILITY:
        return ""
    return next(name for name in TARGETS if file.stem.startswith(_stem(name)))


def choose(pack: Pack, select: Iterable[str] = (), ignore: Iterable[str] = ()) -> Pack:
    """The rules whose code begins with one of `select` (all if none) and none of `ignore`.

    PackError where none is left: an audit by no rule would pass for a clean one.
    """
    select = _prefixes(pack, select, "select")
    ignore = _prefixes(pack, ignore, "ignore")
    chosen = (rule for rule in pack.rules if rule.code.startswith(select or ("",)))
    left = tuple(rule for rule in chosen if not (ignore and rule.code.startswith(ignore)))
    if pack.rules and not left:
        raise PackError("Every rule that is selected is ignored too, so none is left.")
    return Pack(left, pack.digest)


def rated(pack: Pack, severity: Mapping[str, str]) -> Pack:
    """The pack with other severities, by code or its beginning; of several the longest wins.

    SettingsError names a code that no rule has, or a word that is no severity.
    """
    wanted: dict[str, Any] = {}
    for code, word in severity.items():
        where = f"severity.{code}"
        try:
            (prefix,) = _prefixes(pack, [code], "severity")
        except PackError as error:
            raise SettingsError(error.what, where=where, todo=error.todo) from None
        if word not in get_args(Severity):
            todo = f"Take {', '.join(get_args(Severity)[:-1])} or {get_args(Severity)[-1]}."
            raise SettingsError("This is not a severity.", where=where, todo=todo)
        wanted[prefix] = word
    return Pack(tuple(_rated(rule, wanted) for rule in pack.rules), pack.digest)


def declared(rule: type[Rule]) -> Severity:
    """The severity that the rule's own file gives it, whatever settings made of it."""
    own = (kind for kind in reversed(rule.__mro__) if vars(kind).get("code") == rule.code)
    return next(own).severity  # type: ignore[attr-defined,no-any-return]


def _rated(rule: type[Rule], wanted: Mapping[str, Severity]) -> type[Rule]:
    """The rule, or a subclass of it that differs in nothing but its severity."""
    prefix = max((p for p in wanted if rule.code.startswith(p)), key=len, default="")
    if not prefix or wanted[prefix] == rule.severity:
        return rule
    names = {
        "__module__": rule.__module__,
        "__qualname__": rule.__qualname__,
        "__doc__": rule.__doc__,
        "severity": wanted[prefix],
    }
    return new_class(rule.__name__, (rule,), {"code": rule.code}, lambda body: body.update(names))


def unknown(code: str, rules: Iterable[type[Rule]], where: str = "") -> PackError:
    """The error for a code that no rule has, with the nearest ones.

    A letter that looks like the digit it stands for is nearer than any other.
    """
    codes, digits = [rule.code for rule in rules], code.upper().translate(_LOOK_ALIKES)
    alike = [known for known in codes if known.translate(_LOOK_ALIKES) == digits]
    near = alike or get_close_matches(code.upper(), codes, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`scormaudit rules` lists them."
    return PackError(f"No rule has the code {code}.", where=where, todo=hint)


def _prefixes(pack: Pack, codes: Iterable[str], where: str) -> tuple[str, ...]:
    listed = [codes] if isinstance(codes, str) else codes
    wanted = tuple(code.strip().upper() for code in listed)
    for code in wanted:
        if not code or not any(rule.code.startswith(code) for rule in pack.rules):
            raise unknown(code, pack.rules, where)
    return wanted


def _about(target: str) -> list[Path]:
    """The files about a target."""
    if target not in TARGETS:
        near = get_close_matches(target, TARGETS, n=1)
        todo = f"Did you mean {near[0]}?" if near else f"There are {', '.join(TARGETS)}."
        raise PackError(f"There is no target {target}.", todo=todo)
    files = _files(shipped() / _PORTABILITY)
    return [file for file in files if file.stem.startswith(_stem(target))]


def _stem(target: str) -> str:
    return target.replace("-", "_")


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
    except (Exception, SystemExit) as error:
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
            "an element or needs": rule.element or rule.needs or rule.unique,
            "a check": rule.unique or hasattr(getattr(rule, "check", None), "get_backend"),
            "a severity": rule.severity in get_args(Severity),
            "a fix": rule.fix in get_args(Fix),
            "a table": rule.table in TABLES,
            "a repair": rule.fix == "manual" or rule.repair is not Rule.repair,
        }.items()
        if not there
    ]
    if lacks:
        raise PackError(f"The rule {rule.__name__} lacks {', '.join(lacks)}.", where=str(file))
