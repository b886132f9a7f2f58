"""A small hub on loopback: what huggingface_hub calls to put files into a model's repository, and what it was sent.

Large files travel by the LFS protocol (`HF_HUB_DISABLE_XET=1`), in several parts above `part_bytes`; or by the one that
the public hub prefers, Xet, into a folder that its client writes as if it were the storage.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

TOKEN = "hf_of_a_test"


@dataclass
class Repository:
    """What a repository holds: its files by path, and the messages of its commits."""

    private: bool
    files: dict[str, bytes] = field(default_factory=dict)
    commits: list[str] = field(default_factory=list)


@dataclass
class Hub:
    """A hub's state, for tests to set and to look at.

    Attributes:
        url: where it is.
        role: of the token: read, write or fineGrained.
        repositories: by OWNER/NAME.
        refuses: a status and words for every request whose path contains the key.
        objects: the large files that it was sent, by SHA-256.
        sent: how many bytes of large files came in.
        part_bytes: larger files must come in parts of this size.
        storage: where files go by Xet; a commit then holds `xet SHA256` in their place.
    """

    url: str = ""
    role: str = "write"
    repositories: dict[str, Repository] = field(default_factory=dict)
    refuses: dict[str, tuple[int, str]] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    sent: int = 0
    part_bytes: int = 1 << 20
    storage: Path | None = None
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)

    def environment(self, **changes: str) -> dict[str, str]:
        """What to set so that a command talks to this hub."""
        return {"HF_ENDPOINT": self.url, "HF_TOKEN": TOKEN, "HF_HUB_DISABLE_XET": "1", **changes}


@contextmanager
def loopback_hub() -> Iterator[Hub]:
    """Serve a hub while the block runs. The account is `ada`, with the organization `engines`."""
    hub = Hub()

    class Handler(_Handler):
        state = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: Hub

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, value: object, status: int = 200, **headers: str) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {**headers, "Content-Type": "application/json"}.items():
            self.send_header(name.replace("_", "-"), text)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _refused(self, path: str) -> bool:
        """Whether this request is answered with an error already."""
        for part, (status, words) in self.state.refuses.items():
            if part in path:
                self._answer({"error": words}, status)
                return True
        if path.startswith("/parts/") or self.headers.get("Authorization") == f"Bearer {TOKEN}":
            return False
        self._answer({"error": "Invalid username or password."}, 401)
        return True

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if self._refused(path):
            return
        if path == "/api/whoami-v2":
            token = {"displayName": "test", "role": self.state.role}
            self._answer({"name": "ada", "orgs": [{"name": "engines"}], "auth": {"accessToken": token}})
        elif "/xet-write-token/" in path and self.state.storage:
            storage = f"local://{self.state.storage}"
            self._answer({"casUrl": storage, "accessToken": "test", "exp": int(time.time()) + 3600})
        elif path.startswith("/api/models/"):
            name = "/".join(path.split("/")[3:5])
            if repository := self.state.repositories.get(name):
                self._answer({"id": name, "private": repository.private, "sha": "a" * 40, "siblings": []})
            else:
                self._answer({"error": "Repository not found"}, 404, X_Error_Code="RepoNotFound")
        else:
            self._answer({"error": f"no such page: {path}"}, 404)

    def do_PUT(self) -> None:
        url, content = urlsplit(self.path), self._body()
        if self._refused(url.path):
            return
        self.state.sent += len(content)
        oid = url.path.split("/")[2]
        part = int(parse_qs(url.query).get("part", ["1"])[0])
        self.state.parts.setdefault(oid, {})[part] = content
        self._answer({}, ETag=hashlib.md5(content).hexdigest())

    def do_POST(self) -> None:
        path, content = urlsplit(self.path).path, self._body()
        if self._refused(path):
            return
        body = json.loads(content) if content and not path.endswith("/commit/main") else {}
        if path == "/api/repos/create":
            name = f"{body['organization'] or 'ada'}/{body['name']}"
            known = name in self.state.repositories
            private = body.get("visibility") == "private" or body.get("private") is True
            self.state.repositories.setdefault(name, Repository(private))
            self._answer({"url": f"{self.state.url}/{name}", "name": name}, 409 if known else 200)
        elif path == "/api/validate-yaml":
            self._answer({"errors": [], "warnings": []})
        elif path.endswith("/preupload/main"):
            name = "/".join(path.split("/")[3:5])
            held = self.state.repositories[name].files
            self._answer({"files": [_upload_mode(file, held.get(file["path"])) for file in body["files"]]})
        elif path.endswith("/info/lfs/objects/batch"):
            self._answer({"transfer": "basic", "objects": [self._actions(one) for one in body["objects"]]})
        elif path.startswith("/parts/"):  # all parts of a large file are there
            self._keep(path.split("/")[2])
        elif path.startswith("/verify"):
            self._keep(body["oid"])
        elif path.endswith("/commit/main"):
            self._commit(path, [json.loads(line) for line in content.splitlines()])
        else:
            self._answer({"error": f"no such page: {path}"}, 404)

    def _actions(self, asked: dict) -> dict:
        """Where to put a large file: nowhere if it is there, in parts if it is larger than one."""
        oid, size = asked["oid"], asked["size"]
        if oid in self.state.objects:
            return {"oid": oid, "size": size}
        href = f"{self.state.url}/parts/{oid}"
        if size <= self.state.part_bytes:
            verify = {"href": f"{self.state.url}/verify"}
            return {"oid": oid, "size": size, "actions": {"upload": {"href": href}, "verify": verify}}
        count = -(-size // self.state.part_bytes)
        header = {str(number): f"{href}?part={number}" for number in range(1, count + 1)}
        header["chunk_size"] = str(self.state.part_bytes)
        return {"oid": oid, "size": size, "actions": {"upload": {"href": href, "header": header}}}

    def _keep(self, oid: str) -> None:
        """Put the parts of a large file together, and check that it is the one that was promised."""
        parts = self.state.parts.pop(oid)
        content = b"".join(parts[number] for number in sorted(parts))
        if hashlib.sha256(content).hexdigest() != oid:
            self._answer({"error": "other bytes than promised"}, 400)
            return
        self.state.objects[oid] = content
        self._answer({})

    def _commit(self, path: str, lines: list[dict]) -> None:
        name = "/".join(path.split("/")[3:5])
        repository = self.state.repositories[name]
        for line in lines:
            value = line["value"]
            if line["key"] == "header":
                repository.commits.append(value["summary"])
            elif line["key"] == "file":
                repository.files[value["path"]] = base64.b64decode(value["content"])
            else:
                by_xet = f"xet {value['oid']}".encode() if self.state.storage else None
                repository.files[value["path"]] = by_xet or self.state.objects[value["oid"]]
        self._answer({"commitUrl": f"{self.state.url}/{name}/commit/{'b' * 40}", "commitOid": "b" * 40})


def _upload_mode(file: dict, held: bytes | None) -> dict:
    """As the public hub decides: text goes into the commit, what is large or not text by LFS."""
    large = file["size"] > 10 << 20 or file["path"].endswith((".gguf", ".safetensors", ".png"))
    oid = None
    if held is not None:
        git = hashlib.sha1(f"blob {len(held)}\0".encode() + held)
        oid = hashlib.sha256(held).hexdigest() if large else git.hexdigest()
    mode = "lfs" if large else "regular"
    return {"path": file["path"], "uploadMode": mode, "shouldIgnore": False, "oid": oid}
