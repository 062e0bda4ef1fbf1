"""`liuzhu setup`: all that is slow the first time, done before anything is started."""

from infra.parts.browser_assets import install_browser_assets
from infra.parts.kafka import install_kafka
from infra.parts.postgres import programs_folder, server_user
from infra.settings import Settings


def run(settings: Settings, *, with_browser: bool) -> int:
    """Prepare Kafka, PostgreSQL, the pages' libraries and, on request, a browser; returns the exit code."""
    if settings.kafka_bootstrap_servers is None:
        install_kafka(settings.cache_dir)
    if settings.database_url is None:
        programs_folder(server_user())
    install_browser_assets()
    if with_browser:
        from infra.parts.chromium import ensure_chromium

        print(f"浏览器 / browser: {ensure_chromium()}")
    return 0
