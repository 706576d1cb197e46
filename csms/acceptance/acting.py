"""Steps that do something at the station: a session started and stopped from here, a restart. Only while it is idle."""

from csms.acceptance.steps import FailedError, SkippedError
from csms.acceptance.trial import Trial
from csms.bus.events import StationBooted, StationConnected, StationDisconnected, TransactionEnded, TransactionStarted


async def try_session(trial: Trial) -> str:
    """F01 to F03: a session begins and ends on request."""
    wishes = trial.wishes
    if not wishes.id_token:
        raise SkippedError("Not asked for.")
    await trial.require_idle()
    since, began = trial.watch.now, trial.clock.monotonic()
    result = await trial.commands.request_start(
        trial.actor, trial.ref.id, wishes.evse_number, wishes.id_token, wishes.id_token_type
    )
    if result.error is not None:
        raise FailedError(f"The session could not be started. {result.error}")

    def is_ours(event: TransactionStarted) -> bool:
        return event.remote_start_id == result.remote_start_id or event.evse_number == wishes.evse_number

    started = await trial.watch.wait(TransactionStarted, is_ours, trial.limits.session_s, since=since)
    if started is None:
        raise FailedError(
            f"It accepted the start, but no session began within {trial.limits.session_s:.0f} s. Was a car, or a test "
            "plug, connected?"
        )
    started_after = trial.clock.monotonic() - began
    stopping, number = trial.clock.monotonic(), started.transaction_id
    stop = await trial.commands.request_stop(trial.actor, number)
    if stop.error is not None:
        raise FailedError(f"Session {number} began, but could not be stopped from here. {stop.error} Stop it there.")
    ended = await trial.watch.wait(
        TransactionEnded, lambda event: event.transaction_id == number, trial.limits.session_s, since=since
    )
    if ended is None:
        raise FailedError(f"It accepted to stop session {number}, but has not ended it. Stop it at the station.")
    stopped_after = trial.clock.monotonic() - stopping
    return f"Session {number} began after {started_after:.0f} s and ended {stopped_after:.0f} s after it was asked to."


async def try_reset(trial: Trial) -> str:
    """B11: it restarts in good order, comes back and boots."""
    if not trial.wishes.reset:
        raise SkippedError("Not asked for.")
    await trial.require_idle()
    since, began = trial.watch.now, trial.clock.monotonic()
    result = await trial.commands.reset(trial.actor, trial.ref.id, immediate=False)
    if result.error is not None:
        raise FailedError(f"It did not restart. {result.error}")
    limit = trial.limits.reset_s
    gone = await trial.watch.wait(StationDisconnected, lambda _: True, limit, since=since)
    back = await trial.watch.wait(StationConnected, lambda _: True, limit, since=since)
    if gone is None and back is None:
        raise FailedError(f"It accepted to restart, but stayed connected for {limit:.0f} s: it has not restarted.")
    if back is None:
        raise FailedError(f"It went offline to restart and was not back within {limit:.0f} s. Look at it on site.")
    back_after = trial.clock.monotonic() - began
    if await trial.watch.wait(StationBooted, lambda _: True, trial.limits.boot_s, since=since) is None:
        raise FailedError("It came back after the restart, but sent no BootNotification.")
    return f"It was back {back_after:.0f} s after it was asked, and booted."
