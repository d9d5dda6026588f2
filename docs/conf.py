"""How `make docs` builds the pages: Sphinx with MyST, from the Markdown of this folder and of the project's root."""

import os
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
project = "derive"
copyright = "The derive contributors, Apache-2.0"
release = re.search(r'__version__ = "(.*)"', (ROOT / "derive" / "__init__.py").read_text(encoding="utf-8"))[1]
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"derive {release}"
html_show_sphinx = False
html_show_search_summary = False  # a page that is opened from disk may not fetch others
html_last_updated_fmt = None
os.environ.setdefault("SOURCE_DATE_EPOCH", "0")  # the same pages from the same sources
