"""The way to one LMS: an address that a token may be sent to, over TLS that is verified."""

import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
from pydantic import SecretStr

from scormaudit.errors import SettingsError
from scormaudit.lms.redaction import redact_logs
from scormaudit.lms.transport import Join, SecretTransport

API = "/api/v1"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_HOST = re.compile(r"[\w.-]+|[\da-f:]+")
# Threads are limited by the pace; a pool that is smaller would fail them instead.
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=None)

redact_logs()


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the LMS is and how it is reached; `timeout` is in seconds."""

    base_url: str
    timeout: float
    trusted: ssl.SSLContext = field(repr=False)
    proxy: httpx.Proxy | None = field(default=None, repr=False)

    @classmethod
    def to(
        cls,
        base_url: str,
        *,
        timeout: float = 30,
        ca_file: Path | str | None = None,
        trust_env: bool = False,
    ) -> Self:
        """SettingsError where the address, the CA file or the proxy cannot be used.

        Certificates are always verified: against `ca_file` alone if it is given, else against
        the well-known ones. With `trust_env`, the environment's proxies and CA file are used;
        never for this machine itself, since a proxy would see that traffic unencrypted.
        """
        url = checked_url(base_url)
        trusted = _trusted(ca_file, trust_env)
        return cls(url, timeout, trusted, _proxy(url) if trust_env else None)

    @property
    def is_encrypted(self) -> bool:
        """False only on this machine."""
        return self.base_url.startswith("https:")

    def secrets(self) -> tuple[SecretStr, ...]:
        """The proxy's password, if it has one."""
        auth = self.proxy.auth if self.proxy else None
        return (SecretStr(auth[1]),) if auth else ()

    def open(self, join: Join) -> httpx.Client:
        """A client whose requests get their secret from `join` on their last step."""
        inner = httpx.HTTPTransport(
            verify=self.trusted, limits=_LIMITS, proxy=self.proxy, trust_env=False
        )
        return httpx.Client(
            base_url=f"{self.base_url}{API}",
            transport=SecretTransport(inner, join),
            timeout=self.timeout,
            follow_redirects=False,
            trust_env=False,
        )


def checked_url(base_url: str) -> str:
    """The base URL without a trailing slash, if it is one that a token may be sent to."""
    todo = "Give it as https://lms.example.org."
    try:
        parts = urlsplit(base_url.strip())
        host, port = parts.hostname or "", parts.port
        # A host in punycode is decoded when it is looked at, which may fail.
        _ = httpx.URL(base_url.strip()).host
    except (ValueError, httpx.InvalidURL):
        raise SettingsError("The base URL is not an address.", todo=todo) from None
    if parts.scheme not in ("http", "https"):
        raise SettingsError("The base URL is not an http(s) address.", todo=todo)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise SettingsError("The base URL holds more than scheme, host and path.", todo=todo)
    if not _HOST.fullmatch(host):
        raise SettingsError("The base URL has an odd host.", todo=todo)
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise SettingsError(
            f"The base URL http://{host} would send the token unencrypted.", todo=todo
        )
    if not re.fullmatch(r"(/(?!\.+(/|$))[\w.-]+)*/?", parts.path, re.ASCII) or ".." in parts.path:
        raise SettingsError("The base URL has an odd path.", todo=todo)
    place = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{place}{'' if port is None else f':{port}'}{parts.path.rstrip('/')}"


def _trusted(ca_file: Path | str | None, trust_env: bool) -> ssl.SSLContext:
    try:
        if ca_file is None:
            return httpx.create_ssl_context(trust_env=trust_env)
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        reason = getattr(error, "strerror", None) or "it holds no certificate"
    raise SettingsError(
        f"The CA file cannot be used ({reason}).",
        where=str(ca_file or "SSL_CERT_FILE"),
        todo="Give the certificates of the CA as PEM.",
    )


def _proxy(base_url: str) -> httpx.Proxy | None:
    """The environment's proxy for this address; none for loopback."""
    parts = urlsplit(base_url)
    proxies = getproxies()
    address = proxies.get(parts.scheme) or proxies.get("all")
    if not address or parts.hostname in _LOOPBACK or proxy_bypass(parts.netloc):
        return None
    try:
        proxy = httpx.Proxy(address if "://" in address else f"http://{address}")
        usable = proxy.url.scheme in ("http", "https") and bool(proxy.url.host)
    except (ValueError, httpx.InvalidURL):
        usable = False
    if not usable:
        raise SettingsError(
            "The environment's proxy cannot be used.",
            where=f"{parts.scheme}_proxy",
            todo="Name an http(s) proxy, or do not trust the environment.",
        )
    return proxy
