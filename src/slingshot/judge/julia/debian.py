"""Julia from Debian's packages, unpacked in a folder of their own: no root, nothing installed, ten seconds.

Debian's bullseye release is the last one with Julia. Installing it on a newer Debian gives a Julia that
crashes on every exception, because it then runs with the newer release's libunwind; with every library it
needs taken from bullseye too, it is sound. Only libc, libgcc and libstdc++ are the machine's own. apt
verifies all packages by the keys that the machine trusts already.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from slingshot.commands import run_captured
from slingshot.errors import SlingshotError
from slingshot.files import cache_folder
from slingshot.folders import remove_folder, whole_folder
from slingshot.judge.julia.locate import DEBIAN_FOLDER, Candidate, Julia, check, debian_linker_path

_SUITE = "bullseye"
# Not reached through dependencies: the linear algebra that Julia loads when it is used.
_BESIDES = ("libopenblas0-pthread", "libblas3", "liblapack3")
# The machine's own are newer and must be the ones used (libc and the compiler's), or Julia has no use for them.
_LEFT_OUT = re.compile(
    r"libc6|libgcc-s1|libstdc\+\+6|gcc-.*-base|libcrypt1|debconf.*|perl.*|dpkg|tar|cdebconf"
    r"|libdebian-installer4|libnewt0\.52|libslang2|libtextwrap1"
)
_UPDATE_SECONDS = 180
_DOWNLOAD_SECONDS = 900


@dataclass(frozen=True)
class Source:
    """One package archive that this machine is set to use.

    Attributes:
        uri: the archive's address.
        signed_by: a keyring's path, or a whole key block as in a `.sources` file; empty for apt's default.
        trusted: whether the machine's owner switched the check of signatures off for it.
    """

    uri: str
    signed_by: str = ""
    trusted: bool = False

    def for_suite(self, suite: str, architecture: str) -> str:
        """The source as the text of a `.sources` file, for another release of Debian."""
        lines = ["Types: deb", f"URIs: {self.uri}", f"Suites: {suite}", "Components: main"]
        lines.append(f"Architectures: {architecture}")
        if self.signed_by:
            lines.append(f"Signed-By: {self.signed_by}")
        if self.trusted:
            lines.append("Trusted: yes")
        return "\n".join(lines) + "\n"


def has_apt() -> bool:
    """Whether this machine has the tools that Debian's packages need."""
    return all(shutil.which(tool) for tool in ("apt-get", "apt-cache", "dpkg"))


def configured_sources(apt: Path = Path("/etc/apt")) -> list[Source]:
    """The machine's archives that may also carry Debian's older releases, the likeliest first.

    Reads the one-line `.list` files and the `.sources` files; entries that are switched off, source
    packages and security archives are left out.
    """
    found: list[Source] = []
    parts = apt / "sources.list.d"
    for path in [apt / "sources.list", *sorted(parts.glob("*.list"))]:
        if path.is_file():
            found += _one_line_sources(path.read_text(encoding="utf-8", errors="replace"))
    for path in sorted(parts.glob("*.sources")):
        found += _paragraph_sources(path.read_text(encoding="utf-8", errors="replace"))
    return sorted(dict.fromkeys(found), key=lambda source: not source.uri.rstrip("/").endswith("/debian"))


def install_debian_julia(report: Callable[[str], None]) -> Julia:
    """Download Julia 1.5.3 and every library it needs, unpack them in the cache and test the result.

    Args:
        report: called with one line for each thing that is done.

    Raises:
        SlingshotError: no configured archive has the packages, or the Julia they make does not work.
    """
    target = cache_folder() / DEBIAN_FOLDER
    sources = configured_sources()
    reasons = []
    for source in sources[:3]:
        report(f"looking for Julia in Debian's {_SUITE} packages at {source.uri}")
        try:
            with whole_folder(target) as folder:
                prefix, work = folder, folder / "apt"
                for name in _download(source, work, report):
                    _run(["dpkg", "-x", str(name), str(prefix)], "unpacking", _DOWNLOAD_SECONDS)
                shutil.rmtree(work)
                unpacked = Candidate(prefix / "usr/bin/julia", "Debian packages", debian_linker_path(prefix))
                tried = check(unpacked, remember=False)
                if isinstance(tried, str):
                    raise SlingshotError(f"the Julia unpacked from {source.uri} {tried}")
                # Only now: what is there already, if anything, did not work, or nobody would have asked.
                remove_folder(target)
        except SlingshotError as error:
            reasons.append(str(error))
            continue
        installed = check(Candidate(target / "usr/bin/julia", "Debian packages", debian_linker_path(target)))
        if isinstance(installed, Julia):
            return installed
        reasons.append(f"{target} {installed}")
    raise SlingshotError("; ".join(reasons) or "apt is set to no archive of Debian packages")


def _download(source: Source, work: Path, report: Callable[[str], None]) -> list[Path]:
    """Fetch Julia's package and all it depends on into `work`; their files, checked by apt."""
    for name in ("lists/partial", "cache/archives/partial", "sources", "packages"):
        (work / name).mkdir(parents=True)
    # An empty status file: apt believes that nothing is installed, so the closure is complete.
    (work / "status").touch()
    architecture = _run(["dpkg", "--print-architecture"], "asking dpkg", 30).strip()
    text = source.for_suite(_SUITE, architecture)
    (work / "sources" / "bullseye.sources").write_text(text, encoding="utf-8")
    options = {
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": work / "sources",
        "Dir::Etc::Preferences": "/dev/null",
        "Dir::Etc::PreferencesParts": "/dev/null",
        "Dir::State": work,
        "Dir::State::Lists": work / "lists",
        "Dir::State::Status": work / "status",
        "Dir::Cache": work / "cache",
        "APT::Default-Release": "",
        "Acquire::Languages": "none",
        "Acquire::http::Timeout": 20,
        "Acquire::https::Timeout": 20,
        "Acquire::Retries": 2,
    }
    if os.geteuid() == 0:
        # apt would give its rights up for a user who cannot read the cache folder.
        options["APT::Sandbox::User"] = "root"
    flags = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    _run(
        ["apt-get", *flags, "update", "--error-on=any"],
        f"reading the package lists of {source.uri}",
        _UPDATE_SECONDS,
    )
    names = closure(_run(["apt-cache", *flags, *_CLOSURE, "julia"], f"asking {source.uri} for julia", 60))
    report(f"downloading {len(names)} packages (about 84 MB)")
    command = ["apt-get", *flags, "--quiet", "download", *names]
    _run(command, f"downloading from {source.uri}", _DOWNLOAD_SECONDS, folder=work / "packages")
    files = sorted((work / "packages").glob("*.deb"))
    if len(files) != len(names):
        raise SlingshotError(f"{source.uri} gave {len(files)} of {len(names)} packages")
    report("unpacking them, without installing anything")
    return files


_CLOSURE = [
    "depends",
    "--recurse",
    "--important",
    *(f"--no-{kind}" for kind in ("conflicts", "breaks", "replaces", "recommends", "suggests", "enhances")),
]


def closure(listing: str) -> list[str]:
    """The packages to take, from what `apt-cache depends --recurse` prints: its lines that are not indented."""
    names = {line.strip() for line in listing.splitlines() if re.match(r"[a-z0-9]", line)}
    return sorted({name for name in names if not _LEFT_OUT.fullmatch(name)} | set(_BESIDES))


def _run(command: list[str], doing: str, seconds: float, folder: Path | None = None) -> str:
    """Standard output of a command that must succeed.

    Raises:
        SlingshotError: it failed; the message holds its last error line.
    """
    environment = os.environ | {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = run_captured(command, seconds, environment, folder)
    except subprocess.TimeoutExpired as error:
        raise SlingshotError(f"{doing} took longer than {seconds:.0f} seconds") from error
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        errors = (
            [line for line in lines if line.startswith("E:")] or lines[-1:] or [f"exit {done.returncode}"]
        )
        raise SlingshotError(f"{doing} failed ({errors[0]})")
    return done.stdout


def _one_line_sources(text: str) -> list[Source]:
    found = []
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)", line)
        if match is None:
            continue
        options_text, uri, suite, components = match.groups()
        options = dict(part.split("=", 1) for part in (options_text or "").split() if "=" in part)
        if _may_carry(suite, components.split()):
            found.append(Source(uri, options.get("signed-by", ""), options.get("trusted", "") == "yes"))
    return found


def _paragraph_sources(text: str) -> list[Source]:
    found = []
    uncommented = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for paragraph in re.split(r"\n\s*\n", uncommented):
        fields = {
            name.lower(): value.strip()
            # A value goes on in the lines that are indented, as a whole key block in Signed-By does.
            for name, value in re.findall(r"^([A-Za-z-]+):((?:.*)(?:\n[ \t].*)*)", paragraph, re.MULTILINE)
        }
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() == "no":
            continue
        components = fields.get("components", "").split()
        if any(_may_carry(suite, components) for suite in fields.get("suites", "").split()):
            trusted = fields.get("trusted", "").lower() == "yes"
            found += [
                Source(uri, fields.get("signed-by", ""), trusted) for uri in fields.get("uris", "").split()
            ]
    return found


def _may_carry(suite: str, components: list[str]) -> bool:
    return "main" in components and "security" not in suite
