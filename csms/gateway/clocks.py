"""How far a station's clock is off, judged by the times it writes beside the time its messages come (TR_95, TR_96).

A message may be late, never early: of several recent times the latest counts. A clock ahead shows at once, a clock
behind only when nothing that came lately was younger; one that was never set (1970, quirk 60) shows at once, too.
"""

from datetime import datetime

from csms.gateway.dispatch import Exchange
from csms.ocpp.timestamps import parse_timestamp
from csms.stations.remarks import Kind, Remark, note_clock_skew
from csms.stations.trouble import EARLIEST
from csms.work import Work

TOLERATED_S = 300.0
_SAMPLES = 5
_CHANGED_S = 60.0
_UNREADABLE = "It writes a time that cannot be read; when its message came was taken instead."


class ClockWatch:
    """The last few differences of one connection, in seconds ahead of us; and what was last noted."""

    __slots__ = ("_ahead", "noted")

    def __init__(self) -> None:
        self._ahead: list[float] = []
        self.noted: float | None = None

    def add(self, ahead_s: float, *, never_set: bool) -> float | None:
        """Take in one difference; returns the estimate, None while it may be lateness."""
        self._ahead = [*self._ahead[-(_SAMPLES - 1) :], ahead_s]
        estimate = max(self._ahead)
        is_certain = estimate > TOLERATED_S or len(self._ahead) == _SAMPLES or never_set
        return estimate if is_certain else None

    def note(self, ahead_s: float | None) -> None:
        """Remember what was kept with the station."""
        self.noted = ahead_s


def note_time(ctx: Exchange, text: object, work: Work, subject: str) -> None:
    """A message that tells of the present says it is `text`; note a clock that is wrong by minutes."""
    if text is None:
        return
    at = parse_timestamp(text)
    if at is None:
        if text != "":  # what tolerance puts for a missing time
            ctx.services.remarks.note(ctx.ref, Remark(Kind.UNREADABLE_TIME, subject, _UNREADABLE, str(text)))
        return
    ahead_s = (at - ctx.received_at).total_seconds()
    watch = ctx.station.clock
    if watch is None:
        if -TOLERATED_S < ahead_s < TOLERATED_S:
            return
        watch = ctx.station.clock = ClockWatch()
    estimate = watch.add(ahead_s, never_set=at < EARLIEST)
    if estimate is not None:
        _note_skew(ctx, watch, estimate, at, work)


def _note_skew(ctx: Exchange, watch: ClockWatch, ahead_s: float, at: datetime, work: Work) -> None:
    is_off = abs(ahead_s) > TOLERATED_S
    if not is_off and watch.noted is None:
        return
    if watch.noted is not None and abs(ahead_s - watch.noted) < _CHANGED_S:
        return
    work.after_commit(lambda: watch.note(ahead_s if is_off else None))
    note_clock_skew(work, ctx.ref, round(ahead_s))
    if is_off:
        ctx.services.remarks.note(ctx.ref, Remark(Kind.CLOCK, "clock", _words(ahead_s), at.isoformat()))


def _words(ahead_s: float) -> str:
    direction = "ahead" if ahead_s > 0 else "behind"
    return (
        f"Its clock is {round(abs(ahead_s))} s {direction}. Times in its messages are kept as sent, beside when they "
        "came. It should set its clock by BootNotification and Heartbeat; check its time source."
    )
