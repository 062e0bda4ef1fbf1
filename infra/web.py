"""The pages' frame: one application, one line for each page folder. Loopback only, until accounts exist."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from importlib import import_module
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, Response
from sqlalchemy import Engine
from starlette.staticfiles import StaticFiles

from infra.look import answers, first_page
from infra.look.guard import Guard, is_local
from infra.look.kit import LOOK, FrameKit
from infra.look.live import Pulse
from infra.trouble import Trouble
from schemas.ports import EventSink, Outlook
from schemas.web import Refused

PAGES = (
    "producers.console",
    "producers.caregiver",
    "producers.provider",
    "producers.devices",
    "consumers.finance",
    "consumers.wallboard",
    "consumers.notices",
    "consumers.supervisor",
)
MODULES = Path(__file__).parent / "browser" / "node_modules"
LIBRARIES = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "sse.js": "htmx-ext-sse/sse.js",
    "idb.js": "idb/build/umd.js",
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "echarts.js": "echarts/dist/echarts.min.js",
}
"""Only the files a page names are served."""

Lifespan = Callable[[], AbstractAsyncContextManager[None]]


def create_app(
    *,
    engine: Engine,
    sink: EventSink,
    outlook: Outlook,
    bootstrap_servers: str | None = None,
    beside: tuple[Lifespan, ...] = (),
) -> FastAPI:
    """The pages over handed-in stores; both may be away, now or later. `beside` runs as long as the pages."""
    pulse = Pulse(engine, bootstrap_servers)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for other in beside:
                await stack.enter_async_context(other())
            pulse.start()
            stack.callback(pulse.stop)
            yield

    app = FastAPI(title="六助 liuzhu", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_middleware(Guard)
    kit = FrameKit(app, engine, sink, outlook, pulse)
    answers.mount(app, kit)
    _mount_static(app)
    first_page.mount(app, kit)
    for name in PAGES:
        import_module(f"{name}.pages").mount(app, kit)
    return app


def _mount_static(app: FastAPI) -> None:
    @app.get("/static/lib/{name}", include_in_schema=False)
    async def library(name: str) -> Response:
        if name not in LIBRARIES or not (MODULES / LIBRARIES[name]).is_file():
            raise Refused("PAGE_UNKNOWN", status=404)
        return FileResponse(MODULES / LIBRARIES[name], headers={"cache-control": "no-cache"})

    app.mount("/static/look", StaticFiles(directory=LOOK / "static"), name="static-look")


def refuse_other_hosts(host: str) -> None:
    """Raise Trouble HOST_NOT_LOCAL unless `host` is this machine's loopback address."""
    if not is_local(f"[{host}]" if ":" in host else host):
        raise Trouble(
            "HOST_NOT_LOCAL",
            f"页面只在本机地址上提供（尚无账号），不能监听 {host}；请用 127.0.0.1。",
            f"pages are served on the loopback address only until accounts exist, not on {host}: "
            "use 127.0.0.1.",
        )
