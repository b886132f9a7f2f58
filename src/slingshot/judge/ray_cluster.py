"""Joining a Ray cluster: addresses, and what Ray says when it does not work in one sentence."""

import importlib.util
import logging
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from slingshot.errors import MissingTool, RequestError, SlingshotError, first_line

# What Ray does unasked and nobody here needs: reports of its use, a copy of the working folder under `uv run`.
_SETTINGS = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"}
_GREETING_SECONDS = 5.0
# How an HTTP/2 connection begins: the client's preface and an empty SETTINGS frame, which the server answers with
# a SETTINGS frame of its own, whose type is its fourth byte (RFC 9113, sections 3.4 and 6.5).
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
_HEADER_LENGTH, _TYPE, _IS_SETTINGS = 9, 3, 4


def address_problem(address: str) -> str | None:
    """What is wrong with an address as a text; None if it could be one: `auto`, or `HOST:PORT`."""
    if address.startswith("ray://"):
        return f"{address} is for Ray's client, which is not used; give HOST:PORT of the head, or auto, on a node"
    host, _, port = address.rpartition(":")
    if address == "auto" or (host and port.isdecimal() and 0 < int(port) < 1 << 16):
        return None
    return f"{address!r} is no address; give HOST:PORT of the cluster's head, such as 10.0.0.5:6379, or auto"


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """The module `ray`, connected to a cluster while the block runs; a connection of the caller's is used and kept.

    Raises:
        MissingTool: Ray is not installed.
        RequestError: the text is no address.
        SlingshotError: no cluster is there, it is of another Ray or Python, or this machine is none of its nodes.
    """
    if problem := address_problem(address):
        raise RequestError(problem)
    if importlib.util.find_spec("ray") is None:
        raise MissingTool("the package ray is missing; install it with `pip install 'slingshot[ray]'`")
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    import ray

    if ray.is_initialized():
        yield ray
        return
    from ray._private.services import find_node_ids

    try:
        place = _look_up(address)
        _greet(place, place if address == "auto" else address)
        if not find_node_ids():  # Ray would look for a minute
            raise SlingshotError(_no_node(address))
        ray.init(place, log_to_driver=False, logging_level=logging.CRITICAL)
    except SlingshotError:
        raise
    except Exception as error:
        ray.shutdown()
        raise SlingshotError(_in_words(error, address)) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _look_up(address: str) -> str:
    """Host and port, of `auto` those of the cluster that runs on this machine or that `$RAY_ADDRESS` names.

    Raises:
        ConnectionError: none runs here.
        RequestError: `$RAY_ADDRESS` is no such address.
    """
    from ray._private.services import canonicalize_bootstrap_address

    named = os.environ.get("RAY_ADDRESS", "auto") if address == "auto" else address
    if problem := address_problem(named):
        raise RequestError(f"$RAY_ADDRESS: {problem}")
    return str(canonicalize_bootstrap_address(named))


def _greet(place: str, called: str) -> None:
    """Find out whether the head of a cluster may listen there: Ray itself would try for minutes.

    Args:
        place: host and port; of this machine, under the address that others know it by.
        called: the same, as it was given.

    Raises:
        SlingshotError: nothing listens there, or something that does not speak HTTP/2, as a head does.
    """
    host, _, port = place.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), _GREETING_SECONDS) as connection:
            if os.environ.get("RAY_USE_TLS", "0") not in ("", "0"):
                return
            connection.settimeout(_GREETING_SECONDS)
            connection.sendall(_PREFACE)
            answer = b""
            while len(answer) < _HEADER_LENGTH and (more := connection.recv(_HEADER_LENGTH - len(answer))):
                answer += more
    except OSError as error:
        reason = error.strerror or str(error)
        raise SlingshotError(
            f"no Ray cluster answers at {called} ({reason}); start one there with `ray start --head`, or give its address"
        ) from error
    if len(answer) < _HEADER_LENGTH or answer[_TYPE] != _IS_SETTINGS:
        raise SlingshotError(
            f"what answers at {called} is no Ray cluster; give the address that `ray start --head` printed"
        )


def _in_words(error: Exception, address: str) -> str:
    """One sentence on why Ray could not connect."""
    text = " ".join(str(part) for part in (error, error.__cause__ or ""))
    versions = re.findall(r"Ray: (\S+)\s+Python: (\S+)", text)
    if len(versions) == 2:
        (their_ray, their_python), (our_ray, our_python) = versions
        return (
            f"the Ray cluster at {address} has Ray {their_ray} and Python {their_python}, this machine Ray {our_ray} and"
            f" Python {our_python}; all must have the same"
        )
    if "find any running Ray instance" in text:
        return "no Ray cluster runs on this machine; start one with `ray start --head`, or give its address"
    if re.search("authentication", text, re.IGNORECASE):
        return f"the Ray cluster at {address} wants a token: give this machine the one of its head (`ray get-auth-token`)"
    if "resolve node to connect to" in text:
        return _no_node(address)
    return f"Ray could not connect to {address} ({first_line(error)}); `ray status` may say more"


def _no_node(address: str) -> str:
    return (
        f"this machine is no node of the Ray cluster at {address}; join it with `ray start --address={address}`"
        " (and --num-cpus=0 if it shall not judge)"
    )
