"""Where a snapshot is kept: a folder of this machine, or one elsewhere that fsspec reads by URL."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from scormaudit.errors import SnapshotError

_SIGNED_IN = re.compile(r"(?<=://)[^/@]*@")


@dataclass(frozen=True, slots=True, repr=False)
class Remote:
    """A folder or a file by URL, as `s3://bucket/snapshot`; what it needs to sign in comes from
    the environment of whoever reads, never from the URL."""

    url: str

    def __truediv__(self, name: str) -> "Remote":
        first, chain, rest = self.url.partition("::")
        return Remote(f"{first.rstrip('/')}/{name}{chain}{rest}")

    def __str__(self) -> str:
        return _SIGNED_IN.sub("", self.url)

    def __repr__(self) -> str:
        return f"<Remote {self}>"

    def read_bytes(self) -> bytes:
        """All of a file; FileNotFoundError or another OSError that quotes no URL.

        SnapshotError where fsspec, or what it needs for this kind of URL, is not installed.
        """
        try:
            from fsspec.core import url_to_fs

            filesystem, path = url_to_fs(self.url)
            content: bytes = filesystem.cat_file(path)
        except (ImportError, ValueError) as error:
            raise SnapshotError(
                "A URL of this kind cannot be read here.",
                where=str(self),
                todo=_install(error, self.url.partition(":")[0]),
            ) from None
        except (FileNotFoundError, NotADirectoryError):
            raise FileNotFoundError from None
        except Exception as error:  # noqa: BLE001 - each kind of storage has errors of its own
            raise OSError(None, type(error).__name__) from None
        return content


Place = Path | Remote


def place(given: Place | str) -> Place:
    """A path, or what a URL names; `file://` goes through fsspec as any other."""
    if isinstance(given, Path | Remote):
        return given
    return Remote(given) if "://" in given else Path(given)


def content(file: Place, sha256: str) -> "Path | pa.BufferReader":
    """What Parquet is read from: a path as it is, bytes from elsewhere if they are as written."""
    if isinstance(file, Path):
        return file
    found = file.read_bytes()
    if hashlib.sha256(found).hexdigest() != sha256:
        raise OSError(None, "other bytes than were written")
    return pa.BufferReader(found)


def sha256_of(file: Place) -> str:
    """The digest of a file; OSError where it cannot be read."""
    if isinstance(file, Remote):
        return hashlib.sha256(file.read_bytes()).hexdigest()
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def verify(folder: Place, files: Mapping[str, Mapping[str, Any]]) -> None:
    """SnapshotError unless every file of a part is byte for byte what was written."""
    for part in files.values():
        file = folder / part["file"]
        try:
            found = sha256_of(file)
        except FileNotFoundError:
            found = ""
        except OSError as error:
            raise SnapshotError(f"It cannot be read ({why(error)}).", where=str(file)) from None
        if found != part["sha256"]:
            raise SnapshotError(
                "A part is not what was written.",
                where=str(file),
                todo="Fetch it anew; a plan needs the evidence intact.",
            )


@contextmanager
def replacing(file: Path) -> Iterator[IO[bytes]]:
    """Durably and whole or not at all: a new file that takes its name when it is on the disk."""
    temporary = file.with_suffix(".tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    except (OSError, pa.ArrowException) as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise SnapshotError(
            f"It cannot be written ({why(error)}).",
            where=str(file),
            todo="Make room, then go on with --resume.",
        ) from None


def why(error: Exception) -> str:
    """A word or two on why a file cannot be read or written, without its content."""
    return getattr(error, "strerror", None) or type(error).__name__


def _install(error: Exception, protocol: str) -> str:
    """What is missing; fsspec names the package of each kind of URL in its error."""
    if str(getattr(error, "name", "")).startswith("fsspec"):
        return "Install fsspec: pip install 'scormaudit[dask]'."
    packages = {"s3": "s3fs", "s3a": "s3fs", "http": "aiohttp", "https": "aiohttp",
                "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs"}  # fmt: skip
    if isinstance(error, ImportError) and protocol in packages:
        return f"Install {packages[protocol]}: pip install {packages[protocol]}."
    if isinstance(error, ImportError):
        return f"Install what fsspec needs for {protocol}://."
    return "Give a folder, or a URL that fsspec knows, as s3://bucket/snapshot."
