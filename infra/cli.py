"""The command `liuzhu`: one thin line per process and tool. What each needs is imported when it is called."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from infra.settings import settings
from infra.trouble import Trouble

app = typer.Typer(
    name="liuzhu",
    help="六助：居家养老派单。Home-care dispatch.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # it prints local values, and a log holds no name of a person
)


def _run(path: str, **given: object) -> None:
    from infra.wires import run_module

    raise typer.Exit(run_module(path, settings(), **given))


@app.command()
def up(
    fresh: Annotated[bool, typer.Option(help="清空本地数据重新开始 / begin anew, after asking")] = False,
    yes: Annotated[bool, typer.Option(help="不再询问 / do not ask")] = False,
    town: Annotated[bool, typer.Option(help="运行模拟城镇 / run the simulated town")] = True,
    desks: Annotated[int, typer.Option(min=1, help="派单台个数 / desk workers")] = 1,
    planners: Annotated[int, typer.Option(min=1, help="排班优化个数 / planner workers")] = 1,
) -> None:
    """启动全部 / Start everything in this terminal."""
    from infra.up import run

    raise typer.Exit(run(settings(), fresh=fresh, yes=yes, with_town=town, desks=desks, planners=planners))


@app.command()
def setup(
    browser: Annotated[bool, typer.Option(help="并准备测试用浏览器 / the tests' browser too")] = False,
) -> None:
    """准备部件 / Fetch and prepare all that is slow the first time."""
    from infra.prepare import run

    raise typer.Exit(run(settings(), with_browser=browser))


@app.command()
def serve() -> None:
    """网页 / Web pages."""
    _run("infra.serve:run")


@app.command()
def desk() -> None:
    """派单台 / A desk worker."""
    _run("dispatcher.desk_app:run")


@app.command()
def planner() -> None:
    """排班优化 / A planner worker."""
    _run("dispatcher.planner_app:run")


@app.command()
def planning(
    stop: Annotated[
        str | None, typer.Option(help="片区：就用现在的方案 / area whose plan to take as it is")
    ] = None,
) -> None:
    """排班进度 / How far the planners are."""
    _run("infra.planning:run", stop=stop)


@app.command(name="what-if")
def what_if(
    area: Annotated[str, typer.Argument(help="片区 / area")],
    sick: Annotated[list[str] | None, typer.Option(help="请假的人 / a caregiver who is not there")] = None,
    closed: Annotated[
        str | None, typer.Option(help="封路：纬度,经度,半径米[,倍数] / LAT,LON,RADIUS_M[,TIMES]")
    ] = None,
    more: Annotated[int, typer.Option(min=0, help="多几个人 / more caregivers")] = 0,
    like: Annotated[str | None, typer.Option(help="像谁 / whom they are like")] = None,
    plan_s: Annotated[float, typer.Option(help="排班秒数 / seconds for the plan")] = 10.0,
) -> None:
    """如果……会怎样 / What would change; nothing is published."""
    _run("infra.what_if:run", area=area, sick=sick or [], closed=closed, more=more, like=like, plan_s=plan_s)


@app.command()
def relay() -> None:
    """转发日志到 Kafka / Relay the journal to Kafka."""
    _run("dispatcher.relay:run")


@app.command()
def clock() -> None:
    """城市时钟 / The clock that says TimePassed."""
    _run("producers.clock.clock:run")


@app.command()
def consume(name: Annotated[str, typer.Argument(help="records | ledger | notices | wallboard")]) -> None:
    """消费者 / One consumer."""
    from infra.wires import consumer_path

    _run(consumer_path(name))


@app.command()
def speak(name: Annotated[str, typer.Argument(help="plans | rosters")]) -> None:
    """服务计划或排班表 / Who speaks ahead of the day: care plans or rosters."""
    from infra.wires import speaker_path

    _run(speaker_path(name))


@app.command()
def simulate() -> None:
    """模拟城镇 / The simulated town."""
    _run("producers.simulator.town:run")


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="服务对象名册 / recipients, CSV with a heading")],
    area: Annotated[str, typer.Option(help="片区 / their area")],
) -> None:
    """导入名册 / Enter recipients from a file; all lines or none."""
    _run("producers.registers.import_csv:run", file=file, area=area)


@app.command()
def place(
    kind: Annotated[str, typer.Argument(help="HOSPITAL 医院 | KITCHEN 食堂 | STATION 服务站")],
    name: Annotated[str, typer.Argument(help="名称 / its name")],
    area: Annotated[str, typer.Option(help="片区 / its area")],
    at: Annotated[str, typer.Option(help="纬度,经度 / LAT,LON in degrees")],
    datum: Annotated[str, typer.Option(help="WGS84 | GCJ02（高德、腾讯） | BD09（百度）")] = "WGS84",
    en: Annotated[str | None, typer.Option(help="英文名 / its name in English")] = None,
    telephone: Annotated[str | None, typer.Option(help="电话 / telephone")] = None,
    loading_s: Annotated[int, typer.Option(help="食堂：装一趟餐的秒数 / kitchen: to load a round")] = 300,
    cooked_before_s: Annotated[
        int, typer.Option(help="食堂：最早提前多少秒做好 / kitchen: cooked so long before the window at most")
    ] = 1_800,
    row: Annotated[
        int | None, typer.Option(help="食堂：在行程表中的行 / kitchen: row in the area's travel table")
    ] = None,
) -> None:
    """登记医院或食堂 / Enter a hospital or a kitchen."""
    from producers.registers.place import Cooking
    from schemas.places import Datum

    cooking = Cooking(loading_s, cooked_before_s, row)
    about = {"name": name, "area": area, "at": at, "datum": Datum(datum), "name_en": en}
    _run("producers.registers.place:run", kind=kind, telephone=telephone, cooking=cooking, **about)


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="公开算例 / a public day, .json or .json.gz")],
    solution: Annotated[Path | None, typer.Option(help="写出当日计划 / write the day as planned")] = None,
    plan_s: Annotated[float, typer.Option(help="排班秒数 / seconds for the plan")] = 20.0,
) -> None:
    """重放公开算例 / Run a public home-care day through the line."""
    _run("infra.replay:run", file=file, solution=solution, plan_s=plan_s)


@app.command()
def why(
    subject: Annotated[str, typer.Argument(help="服务单或请求编号 / id of a visit or request")],
    everyone: Annotated[bool, typer.Option(help="列出每个人的原因 / name everyone's reason")] = False,
) -> None:
    """为什么这样派 / Why it was decided so."""
    _run("infra.why:run", subject=subject, everyone=everyone)


@app.command()
def verify() -> None:
    """核对日志 / Check the journal, its chain and what was derived from it."""
    _run("infra.verify:run")


@app.command()
def forget(person: Annotated[str, typer.Argument(help="人员编号 / id of a person")]) -> None:
    """遗忘一个人 / Forget a person."""
    _run("infra.forget:run", person_id=person)


@app.command()
def topics() -> None:
    """建立主题 / Make the Kafka topics."""
    from infra.addresses import find_addresses
    from infra.topics import create_topics

    told = settings()
    made = create_topics(
        find_addresses(told).bootstrap_servers, prefix=told.topic_prefix, partitions=told.partitions
    )
    typer.echo(f"已新建 / made: {', '.join(made) or '–'}")


@app.command()
def migrate() -> None:
    """升级数据库 / Bring the database to the newest migration."""
    from infra.addresses import find_addresses
    from infra.migrate import upgrade

    before, after = upgrade(find_addresses(settings()).database_url)
    typer.echo(f"数据库版本 / database revision: {before or '–'} → {after}")


@app.command()
def doctor() -> None:
    """体检 / Say what is wrong, one line each."""
    from infra.doctor import run

    raise typer.Exit(run(settings()))


def main() -> None:
    """Run a command; what a person can mend is told in both languages, with exit code 2."""
    try:
        settings()
        app()
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
