"""A Chromium for the browser tests: the system's, else Playwright's own, else Debian's.

python -m tests.e2e.chromium     install one where there is none, and print where it is
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DOWNLOAD_LIMIT_S = 300
NONE_FOUND = (
    "The browser tests need Chromium, and none could be installed. Install the package chromium "
    "(or Google Chrome) with your system's package manager, then run make test again."
)


def find_chromium() -> Path | None:
    """The system's browser, or the one that Playwright downloaded."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    return _playwrights_own()


def install_chromium() -> Path | None:
    """Try Playwright's download, then apt as root; None where neither works."""
    _attempt([sys.executable, "-m", "playwright", "install", "chromium"])
    found = find_chromium()
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        _attempt(["apt-get", "update", "-qq"])
        _attempt(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"])
        found = find_chromium()
    return found


def _playwrights_own() -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.is_file() else None


def _attempt(command: list[str]) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(command, env=environment, timeout=DOWNLOAD_LIMIT_S, capture_output=True, check=False)
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"gave up after {DOWNLOAD_LIMIT_S} s: {' '.join(command)}\n")


if __name__ == "__main__":
    browser = find_chromium() or install_chromium()
    if browser is None:
        sys.exit(NONE_FOUND)
    sys.stdout.write(f"browser for the tests: {browser}\n")
