"""The way to an LMS: which addresses are taken, whose certificates, which proxies."""

import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme
from hypothesis import given
from strategies import anything

from scormaudit.cli.shell import connect
from scormaudit.config import read_settings
from scormaudit.errors import SettingsError, Unreachable
from scormaudit.lms.client import Client
from scormaudit.lms.connection import Connection, checked_url

KEY = ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222")
NAMES = ("cmi.core.lesson_status",)
PROXIES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
NO_PROXIES = ("NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture
def environment(monkeypatch):
    """Names proxies or a CA file in an environment that names nothing else."""
    for name in PROXIES + NO_PROXIES:
        monkeypatch.delenv(name, raising=False)
    return lambda **names: [monkeypatch.setenv(name, value) for name, value in names.items()]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://lms.example.org", "https://lms.example.org"),
        (" https://lms.example.org/ \n", "https://lms.example.org"),
        ("HTTPS://LMS.Example.org:8443/a/b-c_d.e/", "https://lms.example.org:8443/a/b-c_d.e"),
        ("http://127.0.0.1:8765", "http://127.0.0.1:8765"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:80/", "http://[::1]:80"),
    ],
)
def test_good_base_urls(given, expected):
    """An https address, or http on this machine is taken, in one spelling."""
    assert expected == checked_url(given)


BAD_URLS = (
    "", "lms.example.org", "ftp://lms.example.org", "file:///etc/passwd", "https://", "https:///a",
    "http://lms.example.org", "http://127.0.0.1.example.org", "http://localhost.example.org",
    "http://10.0.0.1", "http://0.0.0.0", "https://user@h.org", "https://user:pw@h.org",
    "https://:pw@h.org", "https://@h.org", "https://:@h.org", "https://h.org\\@evil.org",
    "https://h.org?a=b", "https://h.org/#x", "https://h.org?access_token=x", "https://h.org:abc",
    "https://h.org:99999", "https://h.org:-1", "https://h.org:٤٤٣", "https://[::1",
    "https://[v1.x]", "https://1.2.3.999", "https://☃..org", "https://h\0.org", "https://h .org",
    "https://h|x.org", "https://h.org/a/../b", "https://h.org/a%2fb", "https://h.org//x",
    "https://h.org/a b", "javascript:alert(1)", "https://h.org/ü?x",
    "https://h.org/./x", "https://h.org/x/.", "https://xn--a", "https://xn--é.org",
)  # fmt: skip


@pytest.mark.parametrize("url", BAD_URLS)
def test_bad_base_urls_are_refused(url):
    """An address that a token may not be sent to, or that is none, is a SettingsError."""
    with pytest.raises(SettingsError):
        checked_url(url)


def test_refused_base_urls_do_not_show_their_secrets():
    """A password that someone put into the address is not repeated in the error."""
    with pytest.raises(SettingsError) as caught:
        checked_url("https://user:hunter2@h.org")
    assert "hunter2" not in repr(caught.value) + str(caught.value)


@given(anything.map("https://{}".format) | anything)
def test_any_base_url_is_usable_or_refused(url):
    """Whatever is given as an address, there is a client for it or a SettingsError."""
    try:
        checked = checked_url(url)
    except SettingsError:
        return
    assert checked == checked_url(checked)
    with Client(checked, "t") as client:
        assert checked == client.base_url


# --- TLS ---------------------------------------------------------------------------------


class Empty(BaseHTTPRequestHandler):
    """Answers every read with no SCOs."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_):
        """Say nothing."""


class Quiet(ThreadingHTTPServer):
    """Has nothing to say of clients that do not trust it."""

    daemon_threads = True

    def handle_error(self, *_):
        """A client that breaks off a handshake is what is tested."""


@contextmanager
def served(certificate):
    """The base URL of an LMS on this machine with a certificate of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    with Quiet(("127.0.0.1", 0), Empty) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        loop = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        loop.start()
        yield f"https://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        loop.join()


@pytest.fixture
def authority(tmp_path):
    """A CA that nobody knows, and the file that makes it known."""
    made = trustme.CA()
    made.cert_pem.write_to_path(tmp_path / "ca.pem")
    return made, tmp_path / "ca.pem"


def test_an_unknown_certificate_is_refused(authority):
    """A certificate of a CA that nobody knows is refused at once, and the error says why."""
    refusal = pytest.raises(Unreachable, match="certificate is not trusted")
    certificate = authority[0].issue_cert("127.0.0.1")
    with served(certificate) as url, Client(url, "token") as client, refusal as caught:
        client.page(*KEY, NAMES, 1)
    assert (False, True) == (caught.value.passing, caught.value.ends_run)


def test_a_ca_file_makes_a_certificate_known(authority):
    """With the CA's file the same server is read; a path and its text are the same."""
    ca, file = authority
    with served(ca.issue_cert("127.0.0.1")) as url:
        for given in (file, str(file)):
            with Client(url, "token", ca_file=given) as client:
                assert [] == client.page(*KEY, NAMES, 1)


def test_a_certificate_of_another_host_is_refused(authority):
    """A CA file makes a CA known; whose certificate it is, is still looked at."""
    ca, file = authority
    refusal = pytest.raises(Unreachable, match="certificate is not trusted")
    certificate = ca.issue_cert("lms.example.org")
    with served(certificate) as url, Client(url, "token", ca_file=file) as client, refusal:
        client.page(*KEY, NAMES, 1)


def test_a_ca_file_alone_is_trusted(authority):
    """Who names a CA trusts that one, and no longer those that everybody trusts."""
    assert 1 == len(Connection.to("https://h.org", ca_file=authority[1]).trusted.get_ca_certs())
    assert 1 < len(Connection.to("https://h.org").trusted.get_ca_certs())


def test_the_environment_names_a_ca_only_when_asked(authority, environment):
    """`SSL_CERT_FILE` counts with `trust_env`, and without it does not."""
    ca, file = authority
    environment(SSL_CERT_FILE=str(file))
    with served(ca.issue_cert("127.0.0.1")) as url:
        with Client(url, "token") as client, pytest.raises(Unreachable):
            client.page(*KEY, NAMES, 1)
        with Client(url, "token", trust_env=True) as client:
            assert [] == client.page(*KEY, NAMES, 1)


@pytest.mark.parametrize("where", ["environment", "pyproject"])
def test_settings_name_a_ca(authority, environment, monkeypatch, where):
    """A command trusts the CA file that the environment or pyproject.toml names, and that alone."""
    ca, file = authority
    monkeypatch.chdir(file.parent)
    environment(SCORMAUDIT_TOKEN="token")
    if where == "environment":
        environment(SCORMAUDIT_CA_FILE="ca.pem")
    else:
        file.with_name("pyproject.toml").write_text('[tool.scormaudit]\nca_file = "ca.pem"\n')
    with served(ca.issue_cert("127.0.0.1")) as url:
        with connect(read_settings(base_url=url), 5) as client:
            assert [] == client.page(*KEY, NAMES, 1)
        settings = read_settings(base_url=url).model_copy(update={"ca_file": None})
        with connect(settings, 5) as client, pytest.raises(Unreachable, match="not trusted"):
            client.page(*KEY, NAMES, 1)


@pytest.mark.parametrize(("given", "asked"), [("", 0), ("false", 0), ("true", 1), ("1", 1)])
def test_settings_trust_the_environment(environment, stub, given, asked):
    """`SCORMAUDIT_TRUST_ENV` lets proxies count; unset they do not."""
    proxy = stub((502, b""))
    environment(https_proxy=proxy.url, SCORMAUDIT_TRUST_ENV=given, SCORMAUDIT_TOKEN="token")
    settings = read_settings(base_url="https://lms.invalid")
    with connect(settings, 5) as client, pytest.raises(Unreachable):
        client.page(*KEY, NAMES, 1)
    assert asked == bool(proxy.targets)


def test_no_connection_goes_unverified(authority):
    """Whatever is asked for, certificates and host names are verified."""
    for options in ({}, {"ca_file": authority[1]}, {"trust_env": True}):
        context = Connection.to("https://h.org", **options).trusted
        assert (ssl.CERT_REQUIRED, True) == (context.verify_mode, context.check_hostname)


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_ca_file_that_is_none_is_refused(tmp_path, content):
    """A CA file that is missing or holds nothing is named before anything is sent."""
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"ca\.pem: The CA file cannot be used"):
        Client("https://h.org", "token", ca_file=file)


# --- proxies -----------------------------------------------------------------------------


def test_proxies_of_the_environment_get_nothing(environment, stub):
    """A proxy named by the environment is not asked unless the environment is trusted."""
    proxy = stub((502, b""))
    environment(**dict.fromkeys(PROXIES, proxy.url))
    with Client("https://lms.invalid", "token") as client, pytest.raises(Unreachable):
        client.page(*KEY, NAMES, 1)
    assert [] == proxy.targets


@pytest.mark.parametrize("name", ["https_proxy", "ALL_PROXY"])
def test_a_trusted_proxy_is_asked_for_a_tunnel(environment, stub, name):
    """With `trust_env` the proxy is asked for a tunnel, and sees no token."""
    proxy = stub((502, b""))
    environment(**{name: proxy.url})
    refusal = pytest.raises(Unreachable, match="ProxyError")
    with Client("https://lms.invalid", "token", trust_env=True) as client, refusal:
        client.page(*KEY, NAMES, 1)
    assert {"lms.invalid:443"} == {*proxy.targets}


def test_this_machine_is_never_reached_by_proxy(fresh, environment, stub):
    """A proxy would see what goes to this machine unencrypted, so none is asked."""
    proxy, server = stub((502, b"")), fresh(records=1)
    environment(**dict.fromkeys(PROXIES, proxy.url))
    entry = server.worklist[0]
    with Client(server.base_url, server.token, trust_env=True) as client:
        assert client.page(entry["enrollment_id"], entry["assignment_id"], NAMES, 1)
    assert [] == proxy.targets


def test_an_exception_to_the_proxy_counts(environment):
    """A host in `no_proxy` is reached directly."""
    environment(https_proxy="http://proxy.example.org:3128", no_proxy="lms.example.org")
    assert Connection.to("https://lms.example.org", trust_env=True).proxy is None
    assert Connection.to("https://other.example.org", trust_env=True).proxy is not None


@pytest.mark.parametrize("address", ["socks5://h:1", "http://h:no", "ftp://h"])
def test_a_proxy_that_cannot_be_used_is_refused(environment, address):
    """A proxy of another kind, or one that is no address, is named before anything is sent."""
    environment(https_proxy=address)
    with pytest.raises(SettingsError, match="proxy cannot be used"):
        Connection.to("https://h.org", trust_env=True)


def test_a_proxy_may_need_a_password_that_nobody_sees(environment):
    """A password in the proxy's address is no part of what the connection shows."""
    environment(https_proxy="user:hunter22@proxy.example.org:3128")
    connection = Connection.to("https://h.org", trust_env=True)
    assert ["hunter22"] == [secret.get_secret_value() for secret in connection.secrets()]
    assert "hunter22" not in repr(connection)
