"""No address that only this server reaches is ever connected to, however it is written or resolved."""

import ipaddress
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

import anyio
import pytest

from api.webhooks.addresses import Addresses, embedded, is_public, numeric
from api.webhooks.answer import Answer
from api.webhooks.client import WebhookClient
from tests.certificates import server_certificate
from tests.receiver import receiving

PUBLIC = "93.184.216.34"


def post(addresses: Addresses, url: str, timeout_s: float = 5.0) -> Answer:
    return anyio.run(WebhookClient(addresses, timeout_s).post, url, {}, b"{}")


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.9.1", "0.0.0.0", "::1", "::"),  # noqa: S104 - this machine
        *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd00::1"),  # private
        *("169.254.169.254", "fe80::1", "fd00:ec2::254"),  # link-local, and what clouds keep there
        "168.63.129.16",  # Azure's, which looks public
        *("100.64.0.0", "100.64.0.1", "100.100.100.200", "100.127.255.255"),  # of carriers, and a cloud's
        *("192.0.0.0", "192.0.0.9", "192.0.0.192", "192.0.0.255"),  # of protocols, and a cloud's
        *("fec0::1", "feff:ffff::1"),  # site-local
        *("3fff::1", "3fff:fff:ffff::1"),  # for documents
        *("224.0.0.1", "239.1.2.3", "ff02::1", "ff0e::1"),  # many at once
        *("192.0.2.1", "198.18.0.1", "203.0.113.9", "240.0.0.1", "255.255.255.255", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"),  # mapped
        *("::ffff:192.0.0.192", "::ffff:100.64.0.1", "::ffff:168.63.129.16"),
        *("::127.0.0.1", "::10.0.0.1"),  # compatible
        *("64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::a00:1"),  # NAT64
        *("64:ff9b::c000:c0", "64:ff9b::6440:1", "64:ff9b::a9fe:a9fe", "64:ff9b::a83f:8110"),
        *("2002:7f00:1::", "2002:a00:1::1", "2002:c000:c0::1"),  # 6to4
        "2001:0:7f00:1::",  # Teredo
    ],
)
def test_what_is_not_anybodys_is_no_public_address(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    assert not Addresses().may_be_called(ipaddress.ip_address(address), encrypted=True)


@pytest.mark.parametrize(
    "address",
    [
        *(PUBLIC, "2606:2800:220:1::1", f"::ffff:{PUBLIC}", "64:ff9b::5db8:d822"),
        *("100.63.255.255", "100.128.0.0", "192.0.1.1", "192.1.0.192", "2fff::1"),  # beside those above
    ],
)
def test_what_is_anybodys_is(address: str) -> None:
    found = ipaddress.ip_address(address)
    assert is_public(found)
    assert Addresses().may_be_called(found, encrypted=True)
    assert not Addresses().may_be_called(found, encrypted=False)
    assert embedded(ipaddress.ip_address("64:ff9b::5db8:d822")) == ipaddress.ip_address(PUBLIC)


def test_a_named_network_is_allowed_in_all_its_writings_and_no_other() -> None:
    addresses = Addresses(["10.1.0.0/16", "fd00::/8"])
    for named in ("10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203", "fd00::7"):
        assert addresses.may_be_called(ipaddress.ip_address(named), encrypted=False), named
    for other in ("10.2.0.1", "127.0.0.1", "::ffff:10.2.0.1", "fe80::1"):
        assert not addresses.may_be_called(ipaddress.ip_address(other), encrypted=True), other


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1"])
def test_an_address_is_known_in_each_of_its_writings(host: str) -> None:
    assert numeric(host) == ipaddress.ip_address("127.0.0.1")
    assert "no public address" in str(Addresses().fault(f"https://{host}/hook"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://example.org/hook", None),
        ("http://example.org/hook", "write https"),
        (f"http://{PUBLIC}/hook", "write https"),
        ("https://localhost/hook", "no public address"),
        ("https://me.localhost./hook", "no public address"),
        ("https://[::1]/hook", "no public address"),
        ("https://[fe80::1%25eth0]/hook", "no public address"),
    ],
)
def test_an_address_is_judged_when_it_is_named(url: str, said: str | None) -> None:
    fault = Addresses().fault(url)
    assert fault is None if said is None else said in str(fault)


def test_a_name_that_resolves_to_this_machine_is_not_connected_to() -> None:
    with receiving() as receiver:
        addresses = Addresses(resolve=lambda _host, _port: ["127.0.0.1", "::1"])
        answer = post(addresses, f"https://innocent.example:{receiver.port}/hook")
        assert answer.status is None
        assert "innocent.example is at 127.0.0.1, ::1, which is no public address" in str(answer.error)
        assert receiver.received.empty()


def test_a_name_is_asked_for_once_and_what_was_judged_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name server that answers otherwise the second time (DNS rebinding) is not asked a second time."""
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    def nobody(host: str, *_: object, **__: object) -> Sequence[object]:
        assert host == "127.0.0.1", f"{host} was asked for anew"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", receiver.port))]

    with receiving() as receiver:
        monkeypatch.setattr(socket, "getaddrinfo", nobody)
        answer = post(Addresses(["127.0.0.1"], resolve), f"http://rebound.example:{receiver.port}/hook")
        assert answer.error is None
        assert asked == ["rebound.example"]
        assert receiver.next().headers["host"] == f"rebound.example:{receiver.port}"
        # Next time it is judged anew.
        again = post(Addresses(["127.0.0.1"], resolve), f"http://rebound.example:{receiver.port}/hook")
        assert "10.0.0.1, which is no public address" in str(again.error)


def test_of_several_addresses_only_those_that_may_be_called_are() -> None:
    with receiving() as receiver:
        addresses = Addresses(["127.0.0.1"], lambda _host, _port: ["10.0.0.1", "127.0.0.1"])
        assert post(addresses, f"http://both.example:{receiver.port}/hook").error is None


def test_plain_http_goes_to_named_networks_alone() -> None:
    addresses = Addresses(["127.0.0.1"], lambda _host, _port: [PUBLIC])
    assert "write https" in str(post(addresses, "http://public.example/hook").error)


def test_a_redirect_is_not_followed() -> None:
    with receiving() as inside, receiving() as outside:
        outside.answer = lambda _: (307, {"Location": inside.url})
        answer = post(Addresses(["127.0.0.1"]), outside.url)
        assert (answer.status, answer.error) == (307, "it answered 307, and redirects are not followed")
        assert inside.received.empty()


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert post(Addresses(["127.0.0.1"]), receiver.url).error is None
        assert proxy.received.empty()


def test_a_certificate_is_that_of_the_name_not_of_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = server_certificate(tmp_path, "hook.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    seen: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: seen.append(name)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with receiving(context) as receiver:
        addresses = Addresses(["127.0.0.1"], lambda _host, _port: ["127.0.0.1"])
        answer = post(addresses, f"https://hook.example:{receiver.port}/hook")
        assert (answer.status, answer.error) == (204, None)
        assert seen == ["hook.example"]
        other = post(addresses, f"https://other.example:{receiver.port}/hook")
        assert other.status is None
        assert "certificate" in str(other.error).lower()
