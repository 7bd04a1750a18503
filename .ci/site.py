"""A hook of ProperDocs: pages that lie outside docs/, the menu, and the links between both.

On GitHub the front page is README.md and the list of all pages docs/README.md. On the site they
are ``index.html`` and ``pages.html``; every link is written anew for where its page lies there.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from properdocs.config.defaults import ProperDocsConfig
from properdocs.structure.files import File, Files
from properdocs.structure.pages import Page

REPOSITORY = Path(__file__).parents[1]
LIST = "docs/README.md"
#: Path on the site by path in the repository; all else below docs/ keeps its path.
MOVED = {
    "README.md": "index.md",
    LIST: "pages.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
}
SOURCE = {site: source for source, site in MOVED.items()}
LINK = re.compile(r"(\]\()([^)\s#]+)(#[^)\s]*)?(\))")
ENTRY = re.compile(r"^- \[([^\]]+)\]\(([^)#]+)", re.MULTILINE)


def site_path(source: str) -> str:
    return MOVED.get(source, source.removeprefix("docs/"))


def linked_anew(text: str, source: str) -> str:
    """Return a page's text with its links as they have to be on the site."""
    here = posixpath.dirname(site_path(source)) or "."

    def link(match: re.Match[str]) -> str:
        begin, target, heading, end = match.groups(default="")
        if "://" in target:
            return match[0]
        there = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        return f"{begin}{posixpath.relpath(site_path(there), here)}{heading}{end}"

    return LINK.sub(link, text)


def on_config(config: ProperDocsConfig) -> ProperDocsConfig:
    """Make the menu of the list in docs/README.md."""
    text = (REPOSITORY / LIST).read_text(encoding="utf-8")
    menu: list[dict[str, object]] = [{"Start": "index.md"}, {"Tutorial": "tutorial.md"}]
    for section in text.split("\n## ")[1:]:
        entries = [{title.replace("`", ""): path} for title, path in ENTRY.findall(section)]
        menu.append({section.splitlines()[0]: entries})
    rest = [{"Contributing": "contributing.md"}, {"Changes": "changelog.md"}]
    menu.append({"Project": [{"All pages": "pages.md"}, *rest, {"Security": "security.md"}]})
    config.nav = menu
    return config


def on_files(files: Files, config: ProperDocsConfig) -> Files:
    """Take the pages that lie elsewhere, or under another name."""
    listed = files.get_file_from_path("README.md")
    if listed:
        files.remove(listed)
    for source, site in MOVED.items():
        text = (REPOSITORY / source).read_text(encoding="utf-8")
        files.append(File.generated(config, site, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: ProperDocsConfig, files: Files) -> str:
    path = page.file.src_uri
    return linked_anew(markdown, SOURCE.get(path, f"docs/{path}"))
