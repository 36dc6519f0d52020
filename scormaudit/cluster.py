"""The audit on a Dask cluster: one task a part, and the verdicts merged as a tree."""

import inspect
import logging
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from importlib.metadata import version as version_of
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from scormaudit.errors import ClusterError, PackError, ScormauditError
from scormaudit.pack import Pack, load
from scormaudit.part import Rules, tables_of
from scormaudit.snapshot import Snapshot, read_snapshot
from scormaudit.verdict import Verdict, judge_part, line_up, looked, merged, settled, suspected

if TYPE_CHECKING:
    from distributed import Client, Future

PATIENCE = 10.0
"""Seconds to wait for a scheduler to answer, and for it to have a worker."""

Submit = Callable[..., "Future[Any]"]
_LOADING = Lock()


@dataclass(frozen=True, slots=True)
class Case:
    """All that a worker has to know, sent to the cluster once: the snapshot, the files of the
    rules as (folder, name, content), the codes of the chosen ones, and the version that asks."""

    snapshot: Snapshot
    files: tuple[tuple[str, str, bytes], ...]
    codes: tuple[str, ...]
    version: str

    def __repr__(self) -> str:
        return f"<Case of {len(self.codes)} rules over {self.snapshot!r}>"


def judged_on(client: "Client", snapshot: Snapshot, pack: Pack) -> Verdict:
    """The verdict on a snapshot, judged by the workers of a cluster.

    A worker that is lost loses nothing: its parts are judged anew by the others. What comes back
    is the findings, the counts and the names of parts that cannot be read. ClusterError where the
    cluster cannot be used: no worker, another version, a snapshot that a worker does not see, or
    a part that no worker survives.
    """
    from distributed import KilledWorker

    _agreed(client)
    if isinstance(snapshot.path, Path):
        snapshot = replace(snapshot, path=snapshot.path.resolve())
    case = Case(snapshot, _files(pack), tuple(r.code for r in pack.rules), _version())
    try:
        return _asked(client, case)
    except KilledWorker as error:
        raise ClusterError(
            f"Workers died again and again, and each had one task ({error.task}).",
            where=_address(client),
            todo="Give workers more memory, or look at their logs.",
        ) from None
    except (CancelledError, OSError, TimeoutError) as error:
        raise ClusterError(
            f"The cluster was lost ({type(error).__name__}).",
            where=_address(client),
            todo="Audit anew; nothing was changed.",
        ) from None


@contextmanager
def connected(scheduler: str = "", parts: int = 1) -> Iterator["Client"]:
    """A client of a scheduler, or else of workers on this machine that end with the context.

    Those are processes that listen on loopback alone, no more than there are `parts`; what does
    not fit in their memory goes to a folder that is removed with them. ClusterError where Dask is
    not installed or the scheduler does not answer.
    """
    distributed = _distributed()
    if scheduler:
        try:
            distributed.comm.get_address_host(scheduler)  # a client would tell it by a traceback
            client = distributed.Client(scheduler, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError, TypeError) as error:
            raise ClusterError(
                f"The scheduler does not answer ({type(error).__name__}).",
                where=scheduler,
                todo="Give an address such as tcp://host:8786 or tls://host:8786.",
            ) from None
        with client:
            yield client
        return
    with (
        TemporaryDirectory(prefix="scormaudit-") as folder,
        _workers(folder, parts) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


def _workers(folder: str, parts: int) -> Any:
    """A cluster of processes on loopback; its HTTP server has a free port and no page."""
    import dask
    from dask.system import CPU_COUNT
    from distributed import LocalCluster

    routes: dict[str, Any] = {
        f"distributed.{who}.http.routes": [] for who in ("scheduler", "worker")
    }
    with dask.config.set(routes):
        return LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=max(1, min(CPU_COUNT, parts)),
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
            local_directory=folder,
            silence_logs=logging.CRITICAL,
        )


def _asked(client: "Client", case: Case) -> Verdict:
    """Two rounds at most; the second only where a key may stand twice.

    The case and the suspects are results of tasks, not scattered data: when the worker that has
    them dies, the scheduler has them made again. Keys say which task it is and nothing else.
    """
    run = uuid4().hex

    def submit(name: str, task: Callable[..., Any], *given: Any) -> "Future[Any]":
        return client.submit(task, *given, key=f"scormaudit-{name}-{run}", pure=False)

    parts = range(len(case.snapshot.manifest.parts))
    kept = submit("case", _kept, case)
    firsts = [submit(f"judge-{n}", _judged, kept, n) for n in parts]
    whole = _tree(submit, "judged", firsts)
    suspects = submit("suspects", suspected, whole)
    asked = [submit("verdict", _plain, whole), submit("codes", list, suspects)]
    verdict: Verdict
    verdict, codes = _gathered(client, asked)
    if not codes:
        return verdict
    seconds = [submit(f"line-{n}", _lined, kept, suspects, n) for n in parts]
    (lined,) = _gathered(client, [_tree(submit, "lined", seconds)])
    return settled(verdict, lined)


def _gathered(client: "Client", futures: list["Future[Any]"]) -> Any:
    return client.gather(futures)  # type: ignore[no-untyped-call]


def _tree(submit: Submit, name: str, verdicts: Sequence["Future[Any]"]) -> "Future[Any]":
    """Neighbours merged until one is left, so that no worker holds them all before the last."""
    level = 0
    while len(verdicts) > 1:
        pairs = [verdicts[at : at + 2] for at in range(0, len(verdicts), 2)]
        verdicts = [
            submit(f"{name}-{level}-{n}", merged, *pair) if len(pair) > 1 else pair[0]
            for n, pair in enumerate(pairs)
        ]
        level += 1
    return verdicts[0] if verdicts else submit(f"{name}-none", Verdict)


def _kept(case: Case) -> Case:
    return case


def _plain(verdict: Verdict) -> Verdict:
    """The verdict without the hashes, which are of no use to the client."""
    return replace(verdict, hashes={})


def _judged(case: Case, part: int) -> Verdict:
    rules = _rules(case)
    read = partial(tables_of, case.snapshot, rules, part)
    return looked(rules, partial(judge_part, rules), read)


def _lined(case: Case, suspects: Mapping[str, np.ndarray], part: int) -> Verdict:
    rules = [rule for rule in _rules(case) if rule.code in suspects]
    look = partial(line_up, rules, suspected=suspects)
    return looked(rules, look, partial(tables_of, case.snapshot, rules, part))


def _rules(case: Case) -> Rules:
    """The rules of a case on a worker, which first makes sure that it can judge it at all."""
    if case.version != _version():
        raise _mismatch(case.version, {socket.gethostname(): _version()})
    _seen(case.snapshot.path, case.snapshot.manifest.id)
    with _LOADING:
        return _loaded(case.files, case.codes)


@lru_cache(maxsize=8)
def _seen(path: Any, identity: str) -> None:
    """ClusterError unless this worker finds the same snapshot where the client does."""
    try:
        found = read_snapshot(path).manifest.id
    except ScormauditError as error:
        why, todo = error.what, error.todo
    else:
        if found == identity:
            return
        why, todo = "Another snapshot is there.", ""
    raise ClusterError(
        f"A worker on {socket.gethostname()} does not find the snapshot: {why}",
        where=str(path),
        todo=f"{todo} Every worker has to see it: use a disk that all share, or a URL.".strip(),
    )


@lru_cache(maxsize=8)
def _loaded(files: tuple[tuple[str, str, bytes], ...], codes: tuple[str, ...]) -> Rules:
    """The rules as the pack loads them, from files of the same names."""
    with TemporaryDirectory(prefix="scormaudit-rules-") as folder:
        for number, (parent, name, content) in enumerate(files):
            file = Path(folder) / f"{number:04}" / parent / name
            file.parent.mkdir(parents=True)
            file.write_bytes(content)
        pack = load(Path(folder), shipped_too=False)
    return [pack[code] for code in codes]


def _files(pack: Pack) -> tuple[tuple[str, str, bytes], ...]:
    """The files that the rules stand in, each once, in the order of the rules."""
    try:
        files = dict.fromkeys(Path(inspect.getfile(rule)) for rule in pack.rules)
        return tuple((file.parent.name, file.name, file.read_bytes()) for file in files)
    except (OSError, TypeError):
        raise PackError(
            "A rule stands in no file, so it cannot be sent to a cluster.",
            todo="Write it into a folder of rules and give that as `rules`.",
        ) from None


def _agreed(client: "Client") -> None:
    """ClusterError unless there is a worker, and each has this version of scormaudit."""
    if client.asynchronous:
        raise ClusterError("The client is asynchronous.", todo="Give one that is not.")
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        raise ClusterError(
            "The scheduler has no worker.", where=_address(client), todo="Start one: dask worker."
        ) from None
    found = client.run(version_of, "scormaudit", on_error="return")
    others = {worker: version for worker, version in found.items() if version != _version()}
    if others:
        raise _mismatch(_version(), others)


def _mismatch(mine: str, others: Mapping[str, Any]) -> ClusterError:
    worker, found = next(iter(others.items()))
    has = f"scormaudit {found}" if isinstance(found, str) else "no scormaudit"
    more = f", and {len(others) - 1} more differ" if len(others) > 1 else ""
    return ClusterError(
        f"The worker has {has}, and this is {mine}{more}.",
        where=worker,
        todo=f"Install scormaudit=={mine} there.",
    )


def _version() -> str:
    return version_of("scormaudit")


def _address(client: "Client") -> str:
    scheduler = client.scheduler
    return str(scheduler.address) if scheduler is not None else ""


def _distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise ClusterError(
            "Dask is not installed.", todo="Install it: pip install 'scormaudit[dask]'."
        ) from None
    return distributed
