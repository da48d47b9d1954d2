import socket
import threading

import pytest

from webstack_service import healthcheck


@pytest.fixture
def answer(tmp_path):
    """Run a server on a unix socket that gives one answer, whatever is asked."""
    address = str(tmp_path / "s.sock")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()

    def serve(text):
        peer, _ = listener.accept()
        with peer:
            assert peer.recv(1000).startswith(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
            peer.sendall(text)

    def start(text):
        thread = threading.Thread(target=serve, args=(text,))
        thread.start()
        return address

    yield start
    listener.close()


def test_200_is_healthy(answer):
    assert healthcheck.healthy(answer(b"HTTP/1.1 200 OK\r\n\r\n"))


def test_any_other_answer_is_not(answer):
    assert not healthcheck.healthy(answer(b"HTTP/1.1 503 Service Unavailable\r\n\r\n200 "))


def test_no_server_is_an_error(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        healthcheck.healthy(str(tmp_path / "nobody.sock"))
