"""What ``autoretry_for`` retries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded, WorkerShutdown
from harness import finished, make_app, notes, send, until, worker, worker_process, write_project

ORDERS = [SystemExit(1), KeyboardInterrupt(), WorkerShutdown(0)]
CAUSES = [KeyError("currency"), TypeError("bug"), SoftTimeLimitExceeded(), ConnectionError("away")]


def attempts(cause: BaseException, *, limit: int = 2, **options: Any) -> tuple[int, Any, list[str]]:
    """How often a task that always raises ``cause`` ran, what its result is, and the states its handlers heard of."""
    app = make_app()
    runs: list[int] = []
    heard: list[str] = []

    @app.task(
        name="shop.fetch_rates", bind=True, max_retries=limit, default_retry_delay=0,
        on_retry=lambda self, *_: heard.append("retry"), on_failure=lambda self, *_: heard.append("failure"), **options,
    )  # fmt: skip
    def fetch_rates(self: Any) -> None:
        runs.append(self.request.retries)
        raise cause

    result = fetch_rates.delay()
    with worker(app):
        outcome = finished(result)
        until(lambda: heard and heard[-1] == "failure")
    assert runs == list(range(len(runs)))
    return len(runs), outcome, heard


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: type(cause).__name__)
@pytest.mark.parametrize("broad", [Exception, BaseException])
def test_every_cause_is_retried(cause: Exception, broad: type[BaseException]) -> None:
    runs, outcome, heard = attempts(cause, autoretry_for=(broad,))
    assert runs == 3
    assert isinstance(outcome, type(cause))
    assert heard == ["retry", "retry", "failure"], "the error is reported only after the last attempt"


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: type(cause).__name__)
def test_a_narrow_tuple_lets_the_others_fail_at_once(cause: Exception) -> None:
    runs, outcome, heard = attempts(cause, autoretry_for=(ConnectionError,))
    assert runs == (3 if isinstance(cause, ConnectionError) else 1)
    assert isinstance(outcome, type(cause))
    assert heard[-1] == "failure"


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: type(cause).__name__)
def test_what_is_spared_fails_at_once(cause: Exception) -> None:
    spared = (KeyError, TypeError, SoftTimeLimitExceeded)
    runs, _, _ = attempts(cause, autoretry_for=(Exception,), dont_autoretry_for=spared)
    assert runs == (1 if isinstance(cause, spared) else 3)


def test_the_default_of_three_retries_runs_a_bug_four_times() -> None:
    runs, _, _ = attempts(KeyError("currency"), limit=3, autoretry_for=(Exception,))
    assert runs == 4
    assert make_app().Task.max_retries == 3


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: type(order).__name__)
@pytest.mark.parametrize("broad", [BaseException, Exception, "its own class"])
def test_an_order_to_exit_is_swallowed_by_base_exception_and_by_its_own_class(order: BaseException, broad: Any) -> None:
    """Traced as a worker does it: the exception leaves the task, or a retry is published in its place."""
    app = make_app()
    listed = type(order) if broad == "its own class" else broad

    @app.task(name="shop.fetch_rates", autoretry_for=(listed,), default_retry_delay=0)
    def fetch_rates() -> None:
        raise order

    fetch_rates.push_request(called_directly=False, id="1", args=(), kwargs={}, retries=0, delivery_info={})
    try:
        with pytest.raises(BaseException) as left:
            fetch_rates.run()
    finally:
        fetch_rates.pop_request()
    assert (type(left.value).__name__ == "Retry") is (listed is not Exception)
    assert (left.value is order) is (listed is Exception)


def test_the_soft_time_limit_of_a_prefork_worker_starts_the_task_again(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        """
@app.task(soft_time_limit=0.2, autoretry_for=(Exception,), max_retries=1, default_retry_delay=0, bind=True)
def broad(self):
    note(f"attempt {self.request.retries}")
    time.sleep(20)
""",
    )
    with worker_process(tmp_path, "-P", "prefork", "-c", "1"):
        send(tmp_path, "broad.delay()")
        until(lambda: notes(tmp_path) == ["attempt 0", "attempt 1"])
