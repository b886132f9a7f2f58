"""Pages: self-contained HTML, one file each, in the style that all of them share."""

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from string import Template


def filled_page(package: str, **pieces: str) -> str:
    """The page `page.html` of a package with its `$names` filled in, and the shared style as `$style`.

    A package with a `page.js` has it as `$script`, and as `$script_hash` its source for a content security
    policy. Pieces go in as they are: what is other people's text must be escaped before.
    """
    own, style = files(package), files("slingshot") / "page.css"
    template = Template((own / "page.html").read_text(encoding="utf-8"))
    if (own / "page.js").is_file():
        pieces["script"] = script = (own / "page.js").read_text(encoding="utf-8")
        pieces["script_hash"] = f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}"
    return template.substitute(style=style.read_text(encoding="utf-8"), **pieces)
