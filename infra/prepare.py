"""`liuzhu setup`: all that is slow the first time, done before anything is started."""

import subprocess

from dispatcher.kernels import are_compiled, compile_command
from infra.parts.browser_assets import install_browser_assets
from infra.parts.kafka import install_kafka
from infra.parts.postgres import programs_folder, server_user
from infra.settings import REPOSITORY, Settings


def run(settings: Settings, *, with_browser: bool) -> int:
    """Prepare Kafka, PostgreSQL, the pages' libraries and, on request, a browser; returns the exit code."""
    if settings.kafka_bootstrap_servers is None:
        install_kafka(settings.cache_dir)
    if settings.database_url is None:
        programs_folder(server_user())
    install_browser_assets()
    if not are_compiled():
        print(
            "正在编译排班内核（一两分钟，仅首次） / compiling the planners' kernels (a minute or two, once)"
        )
        subprocess.run(compile_command(), check=True, cwd=REPOSITORY)
    if with_browser:
        from infra.parts.chromium import ensure_chromium

        print(f"浏览器 / browser: {ensure_chromium()}")
    return 0
