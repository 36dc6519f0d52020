"""Secrets from the system's keyring: asked last, trusted only where they are kept encrypted."""

import os
import subprocess
import sys

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.compat.properties import classproperty
from keyring.errors import KeyringLocked

from scormaudit.cli import main
from scormaudit.cli.shell import connect, with_keyring
from scormaudit.config import in_force, read_settings
from scormaudit.errors import ScormauditError, SettingsError
from scormaudit.keychain import SERVICE, account, command, kept, standing

URL = "https://lms.example.org"


class Safe(KeyringBackend):
    """Keeps secrets in memory, as a good backend would keep them encrypted."""

    priority = 9

    def __init__(self):
        super().__init__()
        self.secrets, self.asked = {}, []

    def get_password(self, service, username):
        self.asked.append((service, username))
        return self.secrets.get((service, username))

    def set_password(self, service, username, password):
        self.secrets[service, username] = password

    def delete_password(self, service, username):
        del self.secrets[service, username]


class Locked(Safe):
    """Nobody unlocks it."""

    def get_password(self, service, username):
        raise KeyringLocked(f"a secret reason about {service} {username}")


class PlaintextKeyring(Safe):
    """Named like the one that writes secrets into a file as they are."""


class Alternate(Safe):
    """Comes from the package of backends that nobody recommends, under a name of its own."""

    __module__ = "keyrings.alt.somewhere"


class Weak(Safe):
    """Does not recommend itself."""

    priority = 0.6


class Impossible(Safe):
    """Cannot work here."""

    @classproperty
    def priority(cls):  # noqa: N805 - keyring asks the class
        raise RuntimeError("not here")


class Chain(chainer.ChainerBackend):
    """A chain of chosen links; keyring's own finds what is installed, and recommends itself."""

    priority = 10
    backends = ()

    def __init__(self, *links):
        super().__init__()
        self.backends = links


# Every test class is known to keyring for good, so none may be found by chance.
for kind in (Safe, Locked, PlaintextKeyring, Alternate, Weak, Impossible, Chain):
    KeyringBackend._classes.discard(kind)


@pytest.fixture
def using(tmp_path, monkeypatch):
    """Makes a backend the system's, in an environment that says nothing of an LMS."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SCORMAUDIT_")]:
        monkeypatch.delenv(name)
    before = keyring.get_keyring()

    def use(backend, **secrets):
        keyring.set_keyring(backend)
        for kind, secret in secrets.items():
            backend.set_password(SERVICE, account(URL, kind), secret)
        return backend

    yield use
    keyring.set_keyring(before)


def signed(**options):
    """The secrets that a command would work with."""
    settings = with_keyring(read_settings(**{"base_url": URL} | options))
    secrets = (settings.token, settings.write_token, settings.password)
    return tuple(secret and secret.get_secret_value() for secret in secrets)


def test_a_secret_is_kept_by_service_and_address(using):
    """What `python -m keyring set` stores under the documented names is found."""
    using(Safe())
    *_, service, name = command(URL, "write_token").split()
    keyring.set_password(service, name, "kept")
    assert "kept" == kept(URL, "write_token").get_secret_value()
    assert kept(URL, "token") is None
    assert kept("https://other.example.org", "write_token") is None


def test_the_keyring_fills_what_the_settings_lack(using):
    """Token and write token come from the keyring where the settings have none."""
    using(Safe(), token="read", write_token="write")
    assert ("read", "write", None) == signed()
    assert ("given", "write", None) == signed(token="given")
    assert ("read", "given", None) == signed(write_token="given")


def test_a_password_comes_from_the_keyring(using):
    """Where a user name is set and there is no token, the password is asked for."""
    using(Safe(), password="pass")
    assert (None, None, "pass") == signed(username="someone")
    with pytest.raises(SettingsError, match="There is no token"):
        signed()


def test_settings_win_over_the_keyring(using):
    """Who is told how to sign in asks the keyring for no other token or password."""
    backend = using(Safe(), token="read", password="pass", write_token="write")
    assert (None, "given", "mine") == signed(username="u", password="mine", write_token="given")
    assert ("given", "given", None) == signed(token="given", write_token="given")
    assert [] == backend.asked


@pytest.mark.parametrize("given", [URL, f"{URL}/", "HTTPS://LMS.example.org", f" {URL} "])
def test_every_spelling_of_the_address_finds_its_secret(using, given):
    """The account is named by the address as it is used, not as it was typed."""
    using(Safe(), token="read")
    assert "read" == signed(base_url=given)[0]


def test_a_client_works_with_a_secret_of_the_keyring(using, fresh):
    """A command reads with the keyring's token, and logs in with its password."""
    server = fresh(records=1)
    backend = using(Safe())
    entry = server.worklist[0]
    for kind, secret, username in (
        ("token", server.token, ""),
        ("password", server.password, server.username),
    ):
        backend.secrets = {(SERVICE, account(server.base_url, kind)): secret}
        settings = read_settings(base_url=server.base_url, username=username)
        with connect(settings, 5) as client:
            names = ("cmi.core.lesson_status",)
            assert client.page(entry["enrollment_id"], entry["assignment_id"], names, 1)


REFUSED = {
    "plaintext": PlaintextKeyring,
    "alternate": Alternate,
    "weak": Weak,
    "impossible": Impossible,
    "fail": fail.Keyring,
    "null": null.Keyring,
    "chain-plaintext": lambda: Chain(Safe(), PlaintextKeyring()),
    "chain-first": lambda: Chain(Alternate(), Safe()),
    "chain-in-chain": lambda: Chain(Safe(), Chain(Safe(), PlaintextKeyring())),
    "chain-of-none": Chain,
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_keyring_that_is_not_safe_is_refused(using, name):
    """A backend that writes plain text, keeps nothing or chains such a one is named and refused."""
    backend = REFUSED[name]()
    for part in (backend, *getattr(backend, "backends", ())):
        if isinstance(part, Safe):
            part.secrets[SERVICE, account(URL, "token")] = "plain"
    using(backend)
    with pytest.raises(SettingsError, match=r"There is no token.*is refused.*KEYRING_BACKEND"):
        signed()
    with pytest.raises(SettingsError, match="is refused"):
        kept(URL, "token")
    assert standing().startswith("not used: The keyring ")


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_keyring_is_in_nobodys_way(using, name):
    """Who sets the token in the environment is not troubled about the keyring."""
    using(REFUSED[name]())
    assert ("given", None, None) == signed(token="given")


def test_nobody_can_recommend_a_backend_from_outside(using):
    """A priority that was lent to a weak backend does not count."""
    backend = using(Weak())
    backend.priority = 9
    with pytest.raises(SettingsError, match="is refused"):
        kept(URL, "token")


def test_a_chain_of_good_links_is_taken(using):
    """A chain in which every link is safe gives the first secret that it finds."""
    second = Safe()
    second.set_password(SERVICE, account(URL, "token"), "second")
    for chain in (Chain(Safe(), second), Chain(Safe(), Chain(second))):
        using(chain)
        assert "second" == signed()[0]


def test_a_locked_keyring_is_said_without_its_words(using):
    """A backend that fails is named by its kind; what it says may hold anything."""
    using(Locked())
    with pytest.raises(SettingsError, match=r"did not answer \(KeyringLocked\)") as caught:
        signed()
    assert "secret reason" not in f"{caught.value}{caught.value.__cause__}"
    assert ("given", None, None) == signed(token="given")


def test_without_the_package_nothing_is_missed(using, monkeypatch):
    """Where keyring is not installed settings are all there is, and the doctor's line says so."""
    using(Safe(), token="read")
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert kept(URL, "token") is None
    assert "not installed (pip install 'scormaudit[secrets]')" == standing()
    with pytest.raises(SettingsError, match="There is no token"):
        signed()


def test_no_secret_of_the_keyring_is_shown(using):
    """Settings that were filled from the keyring show stars."""
    using(Safe(), token="s3cret-token", write_token="s3cret-write")
    settings = with_keyring(read_settings(base_url=URL))
    assert "s3cret" not in f"{settings!r} {settings} {in_force(settings)} {standing()}"


@pytest.mark.parametrize(
    ("backend", "says"),
    [
        ("keyring.backends.fail.Keyring", "fail.Keyring is refused"),
        ("keyring.backends.null.Keyring", "null.Keyring is refused"),
        ("no.such.Backend", "cannot be loaded (ModuleNotFoundError)"),
    ],
)
def test_in_a_process_of_its_own(tmp_path, backend, says):
    """A command that needs a token tells what is wrong with the keyring, and where to set it."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("SCORMAUDIT_")}
    done = subprocess.run(
        [sys.executable, "-m", "scormaudit", "doctor"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
        env=plain | {"SCORMAUDIT_BASE_URL": URL, "PYTHON_KEYRING_BACKEND": backend},
    )  # fmt: skip
    assert 2 == done.returncode
    assert says in done.stderr
    assert "Set SCORMAUDIT_TOKEN" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_that_cannot_be_used_asks_no_keyring(using):
    """A token is not even looked for where it could not be sent."""
    backend = using(Safe())
    for url in ("", "http://lms.example.org", "https://user:pw@lms.example.org"):
        with pytest.raises(ScormauditError):
            signed(base_url=url)
    assert [] == backend.asked


def test_the_doctor_says_what_comes_from_the_keyring(using, fresh, monkeypatch, capsys):
    """Each setting is told with its origin, and which keyring there is or is not."""
    server = fresh(records=1)
    backend = using(Safe())
    backend.secrets = {(SERVICE, account(server.base_url, "token")): server.token}
    monkeypatch.setenv("SCORMAUDIT_BASE_URL", server.base_url)
    monkeypatch.setattr(sys, "argv", ["scormaudit", "doctor"])

    def told():
        with pytest.raises(SystemExit) as end:
            main()
        assert 0 == end.value.code
        printed = capsys.readouterr().out
        assert server.token not in printed
        return " ".join(printed.split())

    words = told()
    for part in (f"base_url is {server.base_url} (environment)", "token is set (keyring)",
                 "write_token is not set;", "trust_env is False (default)", "ca_file is not set",
                 "keyring is test_keychain.Safe"):  # fmt: skip
        assert part in words
    monkeypatch.setenv("SCORMAUDIT_TOKEN", server.token)
    monkeypatch.setitem(sys.modules, "keyring", None)
    words = told()
    assert "token is set (environment)" in words
    assert "keyring is not installed (pip install 'scormaudit[secrets]')" in words
