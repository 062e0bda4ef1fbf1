"""A Chromium for the journeys: the system's, else Playwright's, else Debian's package."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from infra.parts.kafka_jars import Say
from infra.trouble import Trouble

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# No network of its own, an empty profile: a journey talks to our pages only.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
DOWNLOAD_WITHIN_S = 300.0
PACKAGE_WITHIN_S = 900.0


def find_chromium() -> Path | None:
    """A browser that is on this machine, or None; looks, and fetches nothing."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    return _playwrights()


def _playwrights() -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def ensure_chromium(say: Say = print) -> Path:
    """A browser, fetched when there is none; raises Trouble BROWSER_AWAY with what to do."""
    found = find_chromium()
    if found:
        return found
    say("正在获取测试用浏览器（仅首次） / fetching a browser for the tests (first time only)")
    told = _try([sys.executable, "-m", "playwright", "install", "chromium"], DOWNLOAD_WITHIN_S)
    found = _playwrights()
    if found:
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("改用系统软件包 / taking the system's package instead")
        told += _try(["apt-get", "update", "-q"], PACKAGE_WITHIN_S)
        packages = ["chromium", "fonts-noto-cjk"]
        told += _try(
            ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages], PACKAGE_WITHIN_S
        )
        found = find_chromium()
        if found:
            return found
    raise Trouble(
        "BROWSER_AWAY",
        "没有可用的 Chromium，浏览器测试无法进行。请安装 Chromium（Debian/Ubuntu：sudo apt-get install "
        "chromium fonts-noto-cjk），或在可联网时运行 .venv/bin/python -m playwright install chromium。",
        "there is no Chromium, so the browser journeys cannot run. Install one (Debian/Ubuntu: sudo apt-get "
        "install chromium fonts-noto-cjk), or run .venv/bin/python -m playwright install chromium where it "
        f"can be downloaded.\n{told[-800:]}",
    )


def _try(command: list[str], within_s: float) -> str:
    """Run a command that may fail; returns what it wrote."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=within_s,
            check=False,
            env=env,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{command[0]}: {error}\n"
    return "" if done.returncode == 0 else done.stdout.decode(errors="replace")
