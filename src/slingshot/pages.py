"""Pages: self-contained HTML, one file each, in the style that all of them share."""

from importlib.resources import files
from string import Template


def filled_page(package: str, **pieces: str) -> str:
    """The page `page.html` of a package with its `$names` filled in, and the shared style as `$style`.

    Pieces go in as they are: what is other people's text must be escaped before.
    """
    page, style = (files(where) / name for where, name in ((package, "page.html"), ("slingshot", "page.css")))
    template = Template(page.read_text(encoding="utf-8"))
    return template.substitute(style=style.read_text(encoding="utf-8"), **pieces)
