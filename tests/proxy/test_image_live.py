"""The image has commands, answers signals, and may do little."""

import os
import re
import socket
import time
from dataclasses import replace

import pytest
from docker.models.containers import Container

from proxy import RoutedService, Site, paths, render
from tests.proxy.containers import DESK, HARDENED, PROXY_UID, Town, put, run
from tests.proxy.sites import SITES
from tests.proxy.wire import PORT, request

pytestmark = pytest.mark.docker


@pytest.fixture
def place(engine, proxy_image):
    """Give room for the containers of one test."""
    made = Town(engine, proxy_image)
    yield made
    made.clear()


@pytest.fixture
def starting(place: Town) -> Container:
    """Start a holder, and an nginx that has not been told of any service."""
    place.holder()
    return place.nginx(SITES["nothing"])


def seconds_to_stop(container: Container) -> float:
    began = time.monotonic()
    container.stop(timeout=20)
    return time.monotonic() - began


@pytest.mark.parametrize("name", SITES)
def test_nginx_takes_every_golden_file(nginx, name):
    put(nginx, "/etc/webstack/golden.conf", render(SITES[name]).encode())
    said = run(nginx, "nginx -t -c /etc/webstack/golden.conf 2>&1")
    assert "test is successful" in said
    assert "warn" not in said


def test_nginx_takes_many_services_with_long_names_and_many_replicas(nginx):
    host = ".".join(["h" * 60] * 4)
    backends = (
        RoutedService(
            f"{'s' * 60}{n:02}", 64, f"/{'p' * 200}{n:02}", (f"h{n:02}.{host}",), static=True
        )
        for n in range(30)
    )
    site = Site(hosts=tuple(f"{n:02}.{host}" for n in range(30)), backends=tuple(backends))
    put(nginx, "/etc/webstack/large.conf", render(site).encode())
    said = run(nginx, "nginx -t -c /etc/webstack/large.conf 2>&1")
    assert "test is successful" in said
    assert "warn" not in said


def test_before_the_first_release_every_request_is_503(place, starting):
    answer = request(place.address(), host="anything.test")
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")


def test_docker_calls_it_healthy(place, starting):
    deadline = time.monotonic() + 60
    starting.reload()
    while starting.attrs["State"]["Health"]["Status"] != "healthy":
        assert time.monotonic() < deadline
        time.sleep(0.3)
        starting.reload()


def test_health_is_not_served_to_the_network(address):
    assert request(address, "/healthz").json()["target"] == "/healthz"
    assert request(address, "/status").json()["target"] == "/status"


@pytest.mark.parametrize("path", ["/.webstack/", "/.webstack/error.html", "/.webstack/x"])
def test_the_pages_of_the_proxy_are_not_served_by_name(address, path):
    answer = request(address, path)
    assert answer.status == 404
    assert b"Page not found" in answer.body


def test_it_runs_without_any_right(nginx):
    status = run(nginx, "cat /proc/1/status")
    assert "CapEff:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    assert run(nginx, "id -u").strip() == "10100"
    assert nginx.exec_run(["touch", "/usr/here"])[0] != 0
    assert run(nginx, "ls /sys/class/net").split() == ["lo"]


def test_probe_says_what_it_was_answered_last(nginx):
    socket_path = f"{paths.sockets('plain')}/one-0.sock"
    code, said = nginx.exec_run(["webstack-probe", socket_path, "/failing", "localhost", "1"])
    assert code == 1
    assert b"503 Not Now" in said
    assert b'{"mine": true}' in said


def test_probe_gives_up_where_nobody_listens(nginx):
    began = time.monotonic()
    code, said = nginx.exec_run(["webstack-probe", "/nowhere.sock", "/", "localhost", "1"])
    assert (code, b"no socket" in said) == (1, True)
    assert 0.9 < time.monotonic() - began < 8


def test_probe_gives_up_where_the_answer_takes_too_long(nginx):
    socket_path = f"{paths.sockets('plain')}/one-0.sock"
    began = time.monotonic()
    code, _ = nginx.exec_run(["webstack-probe", socket_path, "/?seconds=9", "localhost", "1"])
    assert code == 1
    assert time.monotonic() - began < 8


def test_probe_sends_the_host_and_waits_for_200(nginx):
    run(nginx, f"webstack-probe {paths.sockets('plain')}/one-0.sock /any localhost 5")


def test_a_configuration_that_is_wrong_is_refused_and_the_old_one_serves_on(place, starting):
    good = run(starting, f"cat {paths.CONFIGURATION}")
    put(starting, paths.CONFIGURATION, b"events {} http { nonsense; }")
    code, said = starting.exec_run(["webstack-reload"])
    assert code != 0
    assert b'unknown directive "nonsense"' in said
    assert request(place.address()).status == 503
    put(starting, paths.CONFIGURATION, good.encode())
    run(starting, "webstack-reload")


def test_a_reload_that_passes_the_check_but_is_refused_says_why(place, starting):
    site = SITES["nothing"]
    zone = "limit_req_zone {} zone=own:64k rate=1r/s;".format
    place.configure(starting, replace(site, http_words=zone("$binary_remote_addr")))
    put(starting, paths.CONFIGURATION, render(replace(site, http_words=zone("$host"))).encode())
    code, said = starting.exec_run(["webstack-reload"])
    assert (code, said.count(b"\n")) == (1, 1)
    assert b'into use: limit_req "own" uses the "$host" key while previously' in said
    assert request(place.address()).status == 503
    place.configure(starting, site)


def test_a_reload_without_clients_takes_no_time(starting):
    began = time.monotonic()
    run(starting, "webstack-reload")
    assert time.monotonic() - began < 2.8  # with clients, they get three seconds


def test_the_borrowed_socket_does_not_block(starting):
    """A worker that waits in accept() would now and then keep all its clients waiting."""
    number = re.search(rb'inherited sockets from "(\d+);"', starting.logs())[1].decode()
    flags = run(starting, f"grep flags /proc/$(cat /run/nginx/nginx.pid)/fdinfo/{number}").split()[
        1
    ]
    assert int(flags, 8) & os.O_NONBLOCK


def test_nginx_stops_at_once_without_clients(starting):
    assert seconds_to_stop(starting) < 2.8
    assert starting.wait()["StatusCode"] == 0


def test_nginx_stops_in_good_time_with_idle_clients(place, starting):
    with socket.create_connection((place.address(), PORT)) as idle:
        idle.sendall(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        idle.recv(100)
        assert 3 < seconds_to_stop(starting) < 15
    assert starting.wait()["StatusCode"] == 0


# A folder in memory belongs to root after a restart unless it says whose it is.
OWNED = f"uid={PROXY_UID},gid={PROXY_UID}"


def early(place: Town) -> Container:
    """Start an nginx without a holder."""
    nginx = place.client.containers.create(
        place.image,
        name=f"{place.prefix}-early",
        environment={"WEBSTACK_DESK": DESK},
        network_mode="none",
        restart_policy={"Name": "always"},
        mounts=[place.front(read_only=True)],
        tmpfs={
            "/tmp": "",
            **dict.fromkeys(
                (paths.RUNTIME_DIRECTORY, paths.SPOOL_DIRECTORY, paths.LOG_DIRECTORY), OWNED
            ),
        },
        **{name: value for name, value in HARDENED.items() if name != "detach"},
    )
    place.containers.append(nginx)
    nginx.start()
    return nginx


def test_nginx_that_waits_for_the_holder_stops_at_once(place):
    nginx = early(place)
    # The first process of a container hears no signal before it has said which ones it takes.
    run(nginx, "until grep -q 'SigBlk:.*[1-9a-f]' /proc/1/status; do sleep 0.05; done")
    assert seconds_to_stop(nginx) < 2


def test_nginx_waits_for_the_holder_and_follows_the_next_one(place):
    nginx = early(place)
    holder = place.holder()
    probe = f"webstack-probe {paths.HEALTH_SOCKET} {paths.HEALTH_PATH} localhost 10"
    run(nginx, probe)
    assert request(place.address()).status == 503
    holder.restart(timeout=5)
    holder.reload()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        nginx.reload()
        if nginx.attrs["RestartCount"] and nginx.status == "running":
            break
        time.sleep(0.1)
    run(nginx, probe)
    assert request(place.address()).status == 503


def test_the_holder_stops_at_once(place, starting):
    holder = place.client.containers.get(f"{place.prefix}-holder")
    assert seconds_to_stop(holder) < 10
