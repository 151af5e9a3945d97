"""The command line of Celery 5.6.3: what each command accepts and whether it takes a value.

Made by ``tools/make_knowledge_cli.py`` from the click commands of the installed Celery; do not edit by hand.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CliOption:
    """One option. ``name`` is its long name without dashes, the key used in ``Process.options``.

    ``type``: flag, text, integer, float, choice, list (separated by commas). ``environment`` is the variable that
    supplies the option when it is not written.
    """

    name: str
    flags: tuple[str, ...]
    type: str
    choices: tuple[str, ...] = ()
    environment: str | None = None

    @property
    def takes_value(self) -> bool:
        return self.type != "flag"


CELERY_VERSION = "5.6.3"

SUBCOMMANDS: frozenset[str] = frozenset({
    "amqp", "beat", "call", "control", "events", "flower", "graph", "inspect", "list", "logtool", "migrate",
    "multi", "purge", "report", "result", "shell", "status", "upgrade", "worker",
})
"""Every word that can follow ``celery``; ``flower`` comes with the package of that name."""

FREE_FORM: frozenset[str] = frozenset({"flower"})
"""Commands that read ``--name=value`` by themselves (Flower hands them to Tornado), so any name is an option."""

GLOBAL_OPTIONS: tuple[CliOption, ...] = (
    CliOption("app", ("-A", "--app"), "text", environment="APP"),
    CliOption("broker", ("-b", "--broker"), "text", environment="BROKER_URL"),
    CliOption("result-backend", ("--result-backend",), "text", environment="RESULT_BACKEND"),
    CliOption("loader", ("--loader",), "text", environment="LOADER"),
    CliOption("config", ("--config",), "text", environment="CONFIG_MODULE"),
    CliOption("workdir", ("--workdir",), "text"),
    CliOption("no-color", ("-C", "--no-color"), "flag", environment="NO_COLOR"),
    CliOption("quiet", ("-q", "--quiet"), "flag"),
    CliOption("version", ("--version",), "flag"),
    CliOption("skip-checks", ("--skip-checks",), "flag", environment="SKIP_CHECKS"),
)
"""Options of ``celery`` itself: before the command in Celery 5, after it too in Celery 4."""

COMMAND_OPTIONS: dict[str, tuple[CliOption, ...]] = {
    "worker": (
        CliOption("hostname", ("-n", "--hostname"), "text"),
        CliOption("detach", ("-D", "--detach"), "flag"),
        CliOption("statedb", ("-S", "--statedb"), "text"),
        CliOption(
            "loglevel", ("-l", "--loglevel"), "choice",
            ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "FATAL"),
        ),
        CliOption(
            "optimization", ("-O", "--optimization"), "choice",
            ("default", "fair"),
        ),
        CliOption("prefetch-multiplier", ("--prefetch-multiplier",), "integer"),
        CliOption("disable-prefetch", ("--disable-prefetch",), "flag"),
        CliOption("concurrency", ("-c", "--concurrency"), "integer"),
        CliOption(
            "pool", ("-P", "--pool"), "choice",
            ("prefork", "eventlet", "gevent", "solo", "processes", "threads", "custom"),
        ),
        CliOption("task-events", ("-E", "--events", "--task-events"), "flag"),
        CliOption("time-limit", ("--time-limit",), "float"),
        CliOption("soft-time-limit", ("--soft-time-limit",), "float"),
        CliOption("max-tasks-per-child", ("--max-tasks-per-child",), "integer"),
        CliOption("max-memory-per-child", ("--max-memory-per-child",), "integer"),
        CliOption("purge", ("--discard", "--purge"), "flag"),
        CliOption("queues", ("-Q", "--queues"), "list"),
        CliOption("exclude-queues", ("-X", "--exclude-queues"), "list"),
        CliOption("include", ("-I", "--include"), "list"),
        CliOption("without-gossip", ("--without-gossip",), "flag"),
        CliOption("without-mingle", ("--without-mingle",), "flag"),
        CliOption("without-heartbeat", ("--without-heartbeat",), "flag"),
        CliOption("heartbeat-interval", ("--heartbeat-interval",), "integer"),
        CliOption("autoscale", ("--autoscale",), "text"),
        CliOption("beat", ("-B", "--beat"), "flag"),
        CliOption("schedule-filename", ("-s", "--schedule", "--schedule-filename"), "text"),
        CliOption("scheduler", ("--scheduler",), "text"),
        CliOption("logfile", ("-f", "--logfile"), "text"),
        CliOption("pidfile", ("--pidfile",), "text"),
        CliOption("uid", ("--uid",), "text"),
        CliOption("gid", ("--gid",), "text"),
        CliOption("umask", ("--umask",), "text"),
        CliOption("executable", ("--executable",), "text"),
    ),
    "beat": (
        CliOption("detach", ("--detach",), "flag"),
        CliOption("schedule", ("-s", "--schedule"), "text"),
        CliOption("scheduler", ("-S", "--scheduler"), "text"),
        CliOption("max-interval", ("--max-interval",), "integer"),
        CliOption(
            "loglevel", ("-l", "--loglevel"), "choice",
            ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "FATAL"),
        ),
        CliOption("logfile", ("-f", "--logfile"), "text"),
        CliOption("pidfile", ("--pidfile",), "text"),
        CliOption("uid", ("--uid",), "text"),
        CliOption("gid", ("--gid",), "text"),
        CliOption("umask", ("--umask",), "text"),
        CliOption("executable", ("--executable",), "text"),
    ),
    "events": (
        CliOption("dump", ("-d", "--dump"), "flag"),
        CliOption("camera", ("-c", "--camera"), "text"),
        CliOption("detach", ("-d", "--detach"), "flag"),
        CliOption("frequency", ("-F", "--freq", "--frequency"), "float"),
        CliOption("maxrate", ("-r", "--maxrate"), "text"),
        CliOption(
            "loglevel", ("-l", "--loglevel"), "choice",
            ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "FATAL"),
        ),
        CliOption("logfile", ("-f", "--logfile"), "text"),
        CliOption("pidfile", ("--pidfile",), "text"),
        CliOption("uid", ("--uid",), "text"),
        CliOption("gid", ("--gid",), "text"),
        CliOption("umask", ("--umask",), "text"),
        CliOption("executable", ("--executable",), "text"),
    ),
    "migrate": (
        CliOption("limit", ("-n", "--limit"), "integer"),
        CliOption("timeout", ("-t", "--timeout"), "float"),
        CliOption("ack-messages", ("-a", "--ack-messages"), "flag"),
        CliOption("tasks", ("-T", "--tasks"), "text"),
        CliOption("queues", ("-Q", "--queues"), "text"),
        CliOption("forever", ("-F", "--forever"), "flag"),
    ),
}

OLDER_WORKER_OPTIONS: tuple[CliOption, ...] = (
    CliOption("max-tasks-per-child", ("--maxtasksperchild",), "integer"),
    CliOption("autoreload", ("--autoreload",), "flag"),
    CliOption("no-execv", ("--no-execv",), "flag"),
    CliOption("force-execv", ("--force-execv",), "flag"),
)
"""Spellings that only older workers knew (Celery 3 and 4)."""
