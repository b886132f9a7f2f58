"""The Hugging Face hub: a folder becomes one commit of a model's repository there.

The address is `HF_ENDPOINT`'s, the public hub by default; the token is `HF_TOKEN`'s, or that of `hf auth login`.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from slingshot.errors import RequestError, SlingshotError
from slingshot.progress import stderr

_PUBLIC_HUB = "https://huggingface.co"
_NO_ROOM = re.compile(r"quota|storage|limit reached|exceed", re.IGNORECASE)  # what hubs say with 403, too
_IN_XET = re.compile(r"HTTP status \w+ error \((\d{3})")  # how the Xet client words an answer of the hub


def hub_address() -> str:
    """Where the hub is: `HF_ENDPOINT`, else the public one."""
    return (os.environ.get("HF_ENDPOINT") or _PUBLIC_HUB).rstrip("/")


def check_name(repo: str) -> None:
    """Check that `repo` is a name that hubs take, without asking one.

    Raises:
        RequestError: it is no OWNER/NAME.
    """
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]  # public, but not said to be

    try:
        validate_repo_id(repo)
    except HFValidationError as error:
        raise RequestError(f"{_line(str(error))}; write OWNER/NAME") from None
    if repo.count("/") != 1:
        raise RequestError(f"{repo!r} names no owner; write OWNER/NAME, as in my-account/{repo}")


def check_hub(repo: str, *, private: bool = False) -> str:
    """Check before work starts that a folder could be uploaded to `repo`; return the account's name.

    Asked are the name, the token, whether it may write for this owner, and whether a repository that must be private
    is public. What only an upload can show, such as a full account, is not.

    Raises:
        RequestError: the name is no OWNER/NAME, there is no token, it may only read, the owner is somebody else, or
            the repository is public and `private` is asked.
        SlingshotError: the hub refuses the token, or cannot be reached.
    """
    check_name(repo)
    with _in_one_sentence(repo):
        api = _api()
        account = api.whoami()
        _check_owner(repo.split("/")[0], account)
        if private and api.repo_exists(repo) and not api.repo_info(repo).private:
            raise RequestError(
                f"{repo} is public on {hub_address()}, and private was asked; make it private there, or take another name"
            )
    return str(account["name"])


def upload_folder(
    folder: Path,
    repo: str,
    *,
    private: bool,
    message: str,
    report: Callable[[str], None] = lambda text: None,
) -> str:
    """Upload every file below `folder` to the model repository `repo`; return its address.

    The repository is made if it is not there. All files enter in one commit, so that nobody sees half of them; what the
    repository already holds under other names stays, and what has not changed is not sent again. Files and folders
    whose name begins with a dot are left out.

    Args:
        folder: what to upload.
        repo: `OWNER/NAME`.
        private: whether a new repository is private; an existing one that is public is then refused.
        message: of the commit, one line.
        report: called with a line of prose before the files are sent.

    Raises:
        RequestError: see `check_hub`; or there is no file in the folder.
        SlingshotError: the hub refuses, has no room, or cannot be reached; no file of the repository has changed.
    """
    files = files_to_upload(folder)
    if not files:
        raise RequestError(f"{folder}: there is no file to upload; name the folder that was written")
    account = check_hub(repo, private=private)
    from huggingface_hub import CommitOperationAdd
    from huggingface_hub.utils.tqdm import disable_progress_bars

    # The client draws its own bars while it sends; in a log file they would be noise.
    bars = nullcontext() if stderr.is_terminal else disable_progress_bars()
    with _in_one_sentence(repo), bars:
        api = _api()
        size = sum(file.stat().st_size for file in files) / 1e6
        report(f"uploading {len(files)} files, {size:,.1f} MB, to {repo} as {account}")
        address = str(api.create_repo(repo, private=private, exist_ok=True))
        additions = [CommitOperationAdd(file.relative_to(folder).as_posix(), file) for file in files]
        api.create_commit(repo, additions, commit_message=message)
    return address


def files_to_upload(folder: Path) -> list[Path]:
    """The files below a folder that an upload sends, sorted; hidden ones are not among them."""
    return sorted(
        file
        for file in folder.rglob("*")
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    )


def _api() -> Any:
    """The hub's client, at the address that the environment names now."""
    from huggingface_hub import HfApi

    return HfApi(endpoint=hub_address(), library_name="slingshot")


def _check_owner(owner: str, account: dict[str, Any]) -> None:
    """Raise a RequestError if the token that says `account` can be seen to have no right to write for `owner`."""
    me, where = account["name"], hub_address()
    role = account.get("auth", {}).get("accessToken", {}).get("role")
    if role == "read":
        raise RequestError(
            f"the token of {me} at {where} may only read; make one that may write, and set HF_TOKEN"
        )
    owners = [me, *(organization["name"] for organization in account.get("orgs", []))]
    # Of a fine-grained token this is not known: it need not list the organizations that it may write for.
    if role == "write" and owner.lower() not in [name.lower() for name in owners]:
        raise RequestError(
            f"{owner} is neither {me}, whose token this is at {where}, nor an organization of it; take as OWNER one of:"
            f" {', '.join(owners)}"
        )


@contextmanager
def _in_one_sentence(repo: str) -> Iterator[None]:
    """Turn the errors of the hub, and of the way there, into one sentence."""
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError

    # The error of the HTTP library, whichever one this version of the client is built on.
    unreachable = (HfHubHTTPError.__bases__[0], ConnectionError)
    where = hub_address()
    try:
        yield
    except SlingshotError:
        raise
    except LocalTokenNotFoundError:
        raise RequestError(
            f"there is no token for {where}; set HF_TOKEN to one that may write, or run `hf auth login`"
        ) from None
    except Exception as error:
        causes = list(_causes(error))
        refused = next((cause for cause in causes if isinstance(cause, HfHubHTTPError)), None)
        if refused is not None:
            said = refused.server_message or refused.response.reason_phrase
            raise SlingshotError(_refusal(refused.response.status_code, _line(said), repo)) from error
        if by_xet := _IN_XET.search(str(error)):
            raise SlingshotError(_refusal(int(by_xet[1]), _line(str(error)), repo)) from error
        if any(isinstance(cause, unreachable) for cause in causes):
            raise SlingshotError(
                f"{where} cannot be reached ({_line(str(causes[-1]))}); check the network, HF_ENDPOINT and HF_HUB_OFFLINE,"
                " then run again"
            ) from error
        if not isinstance(error, OSError | ValueError | RuntimeError):
            raise
        status = 413 if _NO_ROOM.search(str(error)) else 400
        raise SlingshotError(_refusal(status, _line(str(error)), repo)) from error


def _refusal(status: int, said: str, repo: str) -> str:
    """What an error of the hub means, with what it `said`, and what to do."""
    where = hub_address()
    if status == 401:
        return (
            f"{where} refuses the token ({said}); set HF_TOKEN to a valid one, or run `hf auth login --force`"
        )
    if status in (402, 413, 507) or (status == 403 and _NO_ROOM.search(said)):
        return f"{repo}: {where} has no room for it ({said}); free space there, or upload fewer files"
    if status == 403:
        return f"{repo}: the token may not write there ({said}); set HF_TOKEN to one that may"
    if status == 404:
        return f"{repo}: {where} does not know it ({said}); check OWNER and HF_ENDPOINT"
    if status == 429 or status >= 500:
        return f"{repo}: {where} is busy or broken ({said}); wait, then run again"
    return f"{repo}: {where} did not take the upload ({said}); see what it says, then run again"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what caused it, what caused that, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _line(text: str) -> str:
    """Somebody else's words in one line of bearable length, to go on after."""
    return " ".join(text.split())[:300].rstrip(".;: ")
