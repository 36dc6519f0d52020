"""Secrets from the system's keyring, where the environment and pyproject.toml give none."""

from typing import TYPE_CHECKING, Literal

from pydantic import SecretStr

from scormaudit.errors import SettingsError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "scormaudit"
_TODO = "Choose another one by PYTHON_KEYRING_BACKEND."

Kind = Literal["token", "write_token", "password"]


def account(base_url: str, kind: Kind) -> str:
    """The account that a secret is kept under; no base URL has a `#` of its own."""
    return f"{base_url}#{kind}"


def command(base_url: str, kind: Kind) -> str:
    """What a user types to keep a secret; it is asked for, so no shell remembers it."""
    return f"python -m keyring set {SERVICE} {account(base_url, kind)}"


def kept(base_url: str, kind: Kind) -> SecretStr | None:
    """The secret in the system's keyring; None where it has none or keyring is not installed.

    SettingsError where the keyring keeps secrets unencrypted or not at all, is locked, or fails.
    """
    backend = _backend()
    if backend is None:
        return None
    try:
        secret = backend.get_password(SERVICE, account(base_url, kind))
    except Exception as error:  # noqa: BLE001 - every backend has exceptions of its own
        reason = type(error).__name__
    else:
        return SecretStr(secret) if secret else None
    raise SettingsError(
        f"The keyring {_name(backend)} did not answer ({reason}).", todo="Unlock it, and try again."
    )


def standing() -> str:
    """In words: which keyring secrets may come from, or why none."""
    try:
        backend = _backend()
    except SettingsError as error:
        return f"not used: {error.what.removesuffix('.')}"
    if backend is None:
        return "not installed (pip install 'scormaudit[secrets]')"
    return _name(backend)


def _backend() -> "KeyringBackend | None":
    """The backend in use; SettingsError unless everything in it is fit for a secret."""
    try:
        import keyring
    except ImportError:
        return None
    try:
        backend = keyring.get_keyring()
    except Exception as error:  # noqa: BLE001 - a backend named by the user may fail in any way
        failed = type(error).__name__
    else:
        for part in _parts(backend) or [backend]:
            if why := _unfit(part):
                what = f"The keyring {_name(part)} is refused: {why}."
                raise SettingsError(what, todo=_TODO)
        return backend
    raise SettingsError(f"The keyring cannot be loaded ({failed}).", todo=_TODO)


def _parts(backend: "KeyringBackend") -> "list[KeyringBackend]":
    """The backend alone, or what it chains."""
    chained = getattr(backend, "backends", None)
    if chained is None:
        return [backend]
    return [inner for part in chained for inner in _parts(part)]


def _unfit(backend: "KeyringBackend") -> str:
    """Why a secret has no place in a backend, `""` where it has.

    keyring recommends what has a priority of 1 or more; the environment can change that of an
    object, so its class is asked. keyrings.alt is refused whole: most of it is not encrypted.
    """
    for kind in type(backend).__mro__:
        if kind.__module__.startswith("keyrings.alt") or "plaintext" in kind.__name__.lower():
            return "it may keep secrets unencrypted"
    try:
        recommended = type(backend).priority >= 1 and _parts(backend)
    except Exception:  # noqa: BLE001 - keyring's sign for a backend that cannot work here
        recommended = False
    return "" if recommended else "it keeps secrets not at all, or not safely"


def _name(backend: "KeyringBackend") -> str:
    return f"{type(backend).__module__}.{type(backend).__name__}"
